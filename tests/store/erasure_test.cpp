// A person is erased from both files: nothing of them is left to be read, nobody else is touched.

#include "store/sqlite/erasure.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

#include "store/records_contract.hpp"
#include "store/sqlite/log.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr PatientId ada{7}, bo{8};

// As identity/'s does once a key was destroyed.
class ErasingSealer final : public Sealer {
public:
    void seal(PatientId subject, std::string_view clear, std::string& out) override {
        flipping_.seal(subject, clear, out);
    }
    Result<void> open(PatientId subject, std::string_view sealed, std::string& out) override {
        if (erased.contains(subject)) return fail(Error::Kind::not_found, "erased");
        return flipping_.open(subject, sealed, out);
    }
    std::set<PatientId> erased;

private:
    FlippingSealer flipping_;
};

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

struct ErasedRecords : RecordContract {
    SqliteRecordsSubject& sqlite() { return dynamic_cast<SqliteRecordsSubject&>(*subject); }
    Result<sqlite::ErasedRows> erase(PatientId who) {
        return sqlite::erase_rows(sqlite().file(), store(), everyone, who);
    }
    static RecordPut told(const std::string& id, const std::string& family, PatientId whose) {
        auto put = patient(id, family, whose);
        put.narrative = family + " says";
        put.content = family + " content";
        return put;
    }
    std::string on_disk() { return bytes_of(sqlite().path()) + bytes_of(sqlite().path() + "-wal"); }
};

TEST_P(ErasedRecords, leave_neither_bodies_nor_what_they_were_found_by) {
    ASSERT_TRUE(put({told("a", "quagmire", ada), told("b", "remains", bo)}));
    ASSERT_TRUE(put({told("a", "zyxwvut", ada)}));
    ASSERT_THAT(on_disk(), HasSubstr("zyxwvut")) << "the index is in clear";

    const auto erased = erase(ada);
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->resources, 1U);
    EXPECT_EQ(erased->versions, 2U);
    ASSERT_TRUE(sqlite::wipe_deleted(sqlite().file()));
    for (const auto* secret : {"quagmire", "zyxwvut"})
        EXPECT_THAT(on_disk(), Not(HasSubstr(secret)));

    EXPECT_TRUE(get("Patient", "a")->deleted);
    EXPECT_THAT(
        versions(history({.type = "Patient", .id = "a", .since = {}, .at = {}, .after = {}})),
        ElementsAre("a/3 deleted", "a/2 deleted", "a/1 deleted"));
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "zyxwvut"}}),
                IsEmpty());
    EXPECT_THAT(found("Patient", {TextMatch{.narrative_only = false, .words = "zyxwvut"}}),
                IsEmpty());
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "remains"}}),
                ElementsAre("b"));
    EXPECT_THAT(found("Patient", {TextMatch{.narrative_only = false, .words = "remains"}}),
                ElementsAre("b"));
    EXPECT_EQ(erase(ada)->resources, 0U) << "done again it finds nothing";
    EXPECT_EQ(erase(ada)->versions, 0U);
}

// Connections that read beside each other keep what they saw, until something changes.
TEST_P(ErasedRecords, are_gone_from_the_disk_while_readers_are_idle) {
    ASSERT_TRUE(put({told("a", "quagmire", ada)}));
    ASSERT_TRUE(erase(ada));
    const auto found_by = [&](const std::function<Result<void>()>& meanwhile) {
        return store().read(everyone, [&](RecordReader& reader) -> Result<void> {
            VIGIL_CHECK(reader.get("Patient", "a"));
            return meanwhile();
        });
    };
    ASSERT_TRUE(found_by([&] { return found_by([] { return Result<void>(); }); }));
    const auto wiped = sqlite::wipe_deleted(sqlite().file());
    ASSERT_TRUE(wiped) << wiped.error().message;
    EXPECT_THAT(on_disk(), Not(HasSubstr("quagmire")));
}

TEST_P(ErasedRecords, take_no_write_that_comes_late) {
    ASSERT_TRUE(put({told("a", "quagmire", ada)}));
    ASSERT_TRUE(erase(ada));
    EXPECT_EQ(put({told("late", "quagmire", ada)}).error().kind, Error::Kind::not_found);
    EXPECT_FALSE(get("Patient", "late"));
    EXPECT_TRUE(put({told("b", "remains", bo)}));
}

TEST_P(ErasedRecords, are_counted_from_when_they_were_last_written) {
    EXPECT_FALSE(*sqlite::last_written(sqlite().file(), ada));
    ASSERT_TRUE(put({told("a", "quagmire", ada), told("b", "remains", bo)}));
    EXPECT_EQ(*sqlite::last_written(sqlite().file(), ada), get("Patient", "a")->updated);
}

TEST_P(ErasedRecords, are_many_where_a_person_was_here_for_long) {
    std::vector<RecordPut> many;
    for (int i = 0; i < 300; ++i) many.push_back(told(std::to_string(i), "quagmire", ada));
    ASSERT_TRUE(put(many));
    ASSERT_TRUE(put(many));
    const auto erased = erase(ada);
    EXPECT_EQ(erased->resources, 300U);
    EXPECT_EQ(erased->versions, 600U);
    EXPECT_THAT(found("Patient", {AllOf{}}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, ErasedRecords, record_stores(), store_name);

struct ErasedLog : testing::Test {
    ErasedLog() {
        auto opened = sqlite::open_log({.path = folder.file("log.db"),
                                        .sealer = &sealer,
                                        .clock = [] { return from_unix_ns(1'000); },
                                        .committed = commits.sink()});
        EXPECT_TRUE(opened);
        log = std::move(*opened);
        for (const auto& [who, body] :
             {std::pair{ada, "a1"}, std::pair{bo, "b1"}, std::pair{PatientId{}, "site"},
              std::pair{bo, "b2"}, std::pair{ada, "a2"}})
            last = log->append(EntryKind::batch, who, {}, body);
        commits.wait_for(last);
        sealer.erased.insert(ada);
    }
    std::vector<std::string> read() {
        std::vector<std::string> all;
        const auto done = log->read({}, [&](const Entry& entry) {
            all.push_back(fmt::format("{}:{}{}", entry.position.offset, entry.body,
                                      entry.kind == EntryKind::tick ? "tick" : ""));
            return true;
        });
        EXPECT_TRUE(done) << done.error().message;
        return all;
    }

    TemporaryFolder folder;
    ErasingSealer sealer;
    Commits commits;
    std::unique_ptr<sqlite::LogFile> log;
    Ticket last = 0;
};

TEST_F(ErasedLog, reads_on_with_ticks_in_the_places_of_what_was_theirs) {
    EXPECT_THAT(read(), ElementsAre("1:tick", "2:b1", "3:site", "4:b2", "5:tick"));
}

TEST_F(ErasedLog, keeps_places_where_retention_writes_a_commit_anew) {
    ASSERT_TRUE(log->rewrite({}, from_unix_ns(2'000), [](const Entry& entry, std::string& body) {
        if (entry.body != "b1") return false;
        body = "short";
        return true;
    }));
    EXPECT_THAT(read(), ElementsAre("1:tick", "2:short", "3:site", "4:b2", "5:tick"));
}

TEST_F(ErasedLog, is_damaged_where_a_key_is_only_lost) {
    class Losing final : public Sealer {
    public:
        void seal(PatientId, std::string_view, std::string&) override {}
        Result<void> open(PatientId, std::string_view, std::string&) override {
            return fail(Error::Kind::malformed, "the key is not there");
        }
    } losing;
    log.reset();
    auto opened = sqlite::open_log({.path = folder.file("log.db"),
                                    .sealer = &losing,
                                    .clock = [] { return from_unix_ns(1'000); },
                                    .committed = commits.sink()});
    ASSERT_TRUE(opened);
    EXPECT_FALSE((*opened)->read({}, [](const Entry&) { return true; }));
}

}  // namespace
}  // namespace vigil::store::test
