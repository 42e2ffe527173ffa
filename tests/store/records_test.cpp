// Documents, snapshots, audit and quarantine on vigil.db.

#include "store/sqlite/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "store/fakes.hpp"
#include "store/sqlite/audit_passage.hpp"
#include "store/test_access.hpp"

namespace vigil::store {
namespace {

using testing::ElementsAre;

const auto everyone = identity::AccessDesk::to_everyone();

struct Records : testing::Test {
    test::TemporaryFolder folder;
    test::FlippingSealer sealer;
    std::unique_ptr<sqlite::StoreFile> file = open();

    std::unique_ptr<sqlite::StoreFile> open() {
        auto opened = sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    void restart() {
        file.reset();
        file = open();
    }
};

struct DocumentsTest : Records {
    Result<void> change(std::vector<DocumentChange> changes, std::optional<Applied> applied = {}) {
        auto documents = sqlite::open_documents(*file);
        return await<void>([&](Done done) {
            documents->change(std::move(changes), std::move(applied), std::move(done));
        });
    }
    std::vector<std::string> all(std::string_view kind) {
        std::vector<std::string> found;
        EXPECT_TRUE(sqlite::open_documents(*file)->each(
            kind, [&](std::string_view id, std::string_view body) {
                found.push_back(std::string(id) + "=" + std::string(body));
                return true;
            }));
        return found;
    }
};

TEST_F(DocumentsTest, are_there_after_a_restart_with_the_position_they_came_with) {
    ASSERT_TRUE(change({{.kind = "device", .id = "b", .subject = {}, .body = "two"},
                        {.kind = "device", .id = "a", .subject = PatientId{3}, .body = "one"},
                        {.kind = "account", .id = "a", .subject = {}, .body = "x"}},
                       Applied{"identity", {0, 9}}));
    restart();
    EXPECT_THAT(all("device"), ElementsAre("a=one", "b=two"));
    EXPECT_EQ(file->applied("identity"), (Position{0, 9}));
    ASSERT_TRUE(change({{.kind = "device", .id = "b", .subject = {}, .body = std::nullopt},
                        {.kind = "device", .id = "a", .subject = {}, .body = "new"}}));
    EXPECT_THAT(all("device"), ElementsAre("a=new"));
    EXPECT_EQ(*sqlite::open_documents(*file)->get("account", "a"), "x");
    EXPECT_EQ(*sqlite::open_documents(*file)->get("account", "b"), std::nullopt);
}

TEST_F(Records, a_snapshot_is_replaced_and_moves_its_consumer) {
    auto snapshots = sqlite::open_snapshots(*file);
    for (const std::uint64_t offset : {5U, 8U})
        ASSERT_TRUE(await<void>([&](Done done) {
            snapshots->keep("monitor", {{0, offset}, std::string("state\0!", 7)}, std::move(done));
        }));
    const auto latest = snapshots->latest("monitor");
    ASSERT_TRUE(latest && *latest);
    EXPECT_EQ((*latest)->up_to, (Position{0, 8}));
    EXPECT_EQ((*latest)->bytes, std::string("state\0!", 7));
    EXPECT_EQ(file->applied("monitor"), (Position{0, 8}));
    EXPECT_EQ(*snapshots->latest("other"), std::nullopt);
}

TEST_F(Records, the_audit_is_read_newest_first_and_by_administrators_only) {
    auto audit = sqlite::open_audit(*file);
    for (const auto* what : {"one", "two", "three"})
        ASSERT_TRUE(await<void>([&](Done done) {
            AuditLine line;
            line.time = from_unix_ns(1);
            line.principal = "nina";
            line.act = Act::write;
            line.patients = {PatientId{4}, PatientId{}};
            line.permitted = false;
            line.reason = "because";
            line.what = what;
            if (line.what == "two") line.written_late = from_unix_ns(7);
            audit->append({line}, std::move(done));
        }));
    std::vector<std::string> seen;
    const auto read = [&](const Access& access, std::uint64_t before) {
        return audit->read(access, before, [&](std::uint64_t number, const AuditLine& line) {
            seen.push_back(std::to_string(number) + line.what);
            EXPECT_EQ(line.principal, "nina");
            EXPECT_THAT(line.patients, ElementsAre(PatientId{4}, PatientId{}));
            EXPECT_FALSE(line.permitted);
            EXPECT_EQ(line.time, from_unix_ns(1));
            EXPECT_EQ(line.written_late.has_value(), line.what == "two");
            if (line.written_late) EXPECT_EQ(*line.written_late, from_unix_ns(7));
            return true;
        });
    };
    EXPECT_EQ(read(everyone, 0).error().kind, Error::Kind::forbidden);
    ASSERT_TRUE(read(identity::AccessDesk::of_administrator(), 0));
    ASSERT_TRUE(read(identity::AccessDesk::of_administrator(), 2));
    EXPECT_THAT(seen, ElementsAre("3three", "2two", "1one", "1one"));
}

// For what passes lines on: in order, and where somebody has damaged one, that it was there.
TEST_F(Records, the_audit_is_followed_in_order_over_lines_that_cannot_be_read) {
    const auto audit = sqlite::open_audit(*file);
    const auto passage = sqlite::open_audit_passage(*file);
    for (const auto* what : {"one", "two", "three"})
        ASSERT_TRUE(await<void>([&](Done done) {
            AuditLine line;
            line.what = what;
            audit->append({line}, std::move(done));
        }));
    ASSERT_TRUE(await<void>([&](Done done) {
        file->write(
            [](sqlite::Database& database) {
                return database.execute("UPDATE audit SET body = x'00' WHERE number = 2");
            },
            std::move(done));
    }));
    std::vector<std::string> seen;
    const auto follow = [&](const Access& access, std::uint64_t after) {
        return passage->follow(access, after, [&](std::uint64_t number, const AuditLine& line) {
            seen.push_back(std::to_string(number) + line.what);
            return true;
        });
    };
    EXPECT_EQ(follow(everyone, 0).error().kind, Error::Kind::forbidden);
    ASSERT_TRUE(follow(identity::AccessDesk::of_administrator(), 0));
    ASSERT_TRUE(follow(identity::AccessDesk::of_administrator(), 2));
    EXPECT_THAT(seen, ElementsAre("1one", "2unreadable line of the audit", "3three", "3three"));
    EXPECT_FALSE(audit->read(identity::AccessDesk::of_administrator(), 0,
                             [](std::uint64_t, const AuditLine&) { return true; }));
}

// A search over readings reads the record and, within that, the series: as many at once as there
// are connections must not wait for each other.
TEST_F(Records, reads_within_reads_do_not_wait_for_each_other) {
    constexpr int connections = 3;
    std::barrier each_has_one(connections);
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < connections; ++i)
        threads.emplace_back([&] {
            (void)file->read<int>([&](sqlite::Database&) -> Result<int> {
                each_has_one.arrive_and_wait();
                return file->read<int>([&](sqlite::Database&) -> Result<int> { return ++done; });
            });
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(done, connections);
}

struct QuarantineTest : Records {
    Quarantine::Held held(std::uint64_t offset, const std::string& device) {
        Quarantine::Held held;
        held.item.position = {0, offset};
        held.item.receive_time = from_unix_ns(static_cast<std::int64_t>(offset) * 10);
        held.item.protocol = "mqtt";
        held.item.sender = "gateway";
        held.item.device = device;
        held.item.topic = "vigil/d/x";
        held.item.reason = {Error::Kind::malformed, "no JSON", "byte 3"};
        held.item.size = 4;
        held.raw = std::string("\0raw", 4);
        return held;
    }
    Result<void> add(std::vector<Quarantine::Held> all) {
        const auto last = all.back().item.position;
        return await<void>([&](Done done) {
            quarantine->add(std::move(all), {"quarantine", last}, std::move(done));
        });
    }
    Result<void> decide(const QuarantineDecision& decision) {
        return await<void>(
            [&](Done done) { quarantine->decide(decision, std::nullopt, std::move(done)); });
    }
    std::vector<std::uint64_t> listed(const QuarantineQuery& query) {
        std::vector<std::uint64_t> offsets;
        const auto items = quarantine->list(everyone, query);
        for (const auto& item : *items) offsets.push_back(item.position.offset);
        return offsets;
    }
    std::unique_ptr<Quarantine> quarantine = sqlite::open_quarantine(*file);
};

TEST_F(QuarantineTest, keeps_raw_bytes_and_reason_and_is_added_to_once) {
    ASSERT_TRUE(add({held(4, "pump"), held(7, "")}));
    ASSERT_TRUE(add({held(7, "")}));
    EXPECT_EQ(quarantine->counts()->open, 2U);
    EXPECT_EQ(*quarantine->open_of("gateway"), 2U);
    const auto found = quarantine->get(everyone, {0, 4});
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->raw, std::string("\0raw", 4));
    EXPECT_EQ((*found)->item.reason.message, "no JSON");
    EXPECT_EQ((*found)->item.reason.place, "byte 3");
    EXPECT_EQ((*found)->item.device, "pump");
    EXPECT_EQ((*found)->item.receive_time, from_unix_ns(40));
    EXPECT_EQ(*quarantine->get(everyone, {0, 5}), std::nullopt);
    EXPECT_EQ(file->applied("quarantine"), (Position{0, 7}));
}

TEST_F(QuarantineTest, lists_newest_first_by_page_state_and_device) {
    ASSERT_TRUE(add({held(1, "a"), held(2, "b"), held(3, "a"), held(4, "b")}));
    ASSERT_TRUE(decide({.position = {0, 2},
                        .state = QuarantineState::dismissed,
                        .decided_by = "nina",
                        .decided_at = from_unix_ns(9),
                        .note = "noise",
                        .reason = {}}));
    QuarantineQuery query;
    EXPECT_THAT(listed(query), ElementsAre(4, 3, 2, 1));
    query.limit = 2;
    query.before = Position{0, 4};
    EXPECT_THAT(listed(query), ElementsAre(3, 2));
    query.before.reset();
    query.state = QuarantineState::open;
    query.device = "b";
    EXPECT_THAT(listed(query), ElementsAre(4));
    EXPECT_EQ(quarantine->counts()->dismissed, 1U);
}

TEST_F(QuarantineTest, a_decision_is_made_once_and_a_failed_replay_leaves_it_open) {
    ASSERT_TRUE(add({held(1, "a")}));
    QuarantineDecision decision{.position = {0, 1},
                                .state = QuarantineState::open,
                                .decided_by = "nina",
                                .decided_at = from_unix_ns(9),
                                .note = "",
                                .reason = Error{Error::Kind::unsupported, "still unread", ""}};
    ASSERT_TRUE(decide(decision));
    EXPECT_EQ((*quarantine->get(everyone, {0, 1}))->item.reason.message, "still unread");
    decision.state = QuarantineState::replayed;
    decision.reason.reset();
    ASSERT_TRUE(decide(decision));
    EXPECT_EQ((*quarantine->get(everyone, {0, 1}))->item.decided_by, "nina");
    EXPECT_EQ(decide(decision).error().kind, Error::Kind::conflict);
    decision.position = {0, 2};
    EXPECT_EQ(decide(decision).error().kind, Error::Kind::not_found);
}

TEST_F(QuarantineTest, needs_an_access_to_what_is_filed_under_nobody) {
    const auto access = identity::AccessDesk::to({PatientId{1}});
    EXPECT_EQ(quarantine->list(access, {}).error().kind, Error::Kind::forbidden);
    EXPECT_EQ(quarantine->get(access, {0, 1}).error().kind, Error::Kind::forbidden);
}

TEST_F(Records, a_second_process_is_kept_out) {
    const auto second =
        sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Error::Kind::conflict);
    EXPECT_THAT(second.error().message, testing::HasSubstr("already in use by process"));
}

}  // namespace
}  // namespace vigil::store
