#include "app/audit_checkpoints.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/folder.hpp"
#include "store/sqlite/audit_lines.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct AuditCheckpointsTest : testing::Test {
    test::Folder data;

    AuditCheckpoints& checkpoints() { return data.folder->audit_checkpoints(); }
    void write(std::size_t lines) {
        ASSERT_TRUE(store::await<void>([&](store::Done done) {
            data.folder->audit().append(std::vector<store::AuditLine>(lines), std::move(done));
        }));
    }
    void harm(const std::string& sql) {
        auto database = store::sqlite::Database::open(data.path.file("vigil.db"),
                                                      store::sqlite::OpenMode::read_write);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(sql));
    }
    void lose_database() {
        data.close();
        for (const auto* name : {"vigil.db", "vigil.db-wal", "vigil.db-shm"})
            std::filesystem::remove(data.path.file(name));
        data.open();
    }
    // As somebody would who knows how the chain is made; on the closed file.
    void compute_anew() {
        auto database = store::sqlite::Database::open(data.path.file("vigil.db"),
                                                      store::sqlite::OpenMode::read_write);
        ASSERT_TRUE(database);
        store::ChainHash hash;
        Sha256Digest before{};
        std::string sql;
        const auto done =
            store::sqlite::each_line(*database, 0, [&](const store::StoredLine& line) {
                before = hash.of(before, line.number, line.time, line.body);
                sql += fmt::format("UPDATE audit SET hash = x'{}' WHERE number = {};",
                                   hex_of(before), line.number);
            });
        ASSERT_TRUE(done);
        ASSERT_TRUE(database->execute(sql));
    }
    std::vector<std::string> findings() {
        const auto report = checkpoints().verify({}, [] { return true; });
        std::vector<std::string> found;
        EXPECT_TRUE(report);
        for (const auto& each : report->findings) found.push_back(each.message);
        return found;
    }
    void nightly() {
        ASSERT_TRUE(checkpoints().check_nightly(data.now(), [] { return true; }));
    }
};

TEST_F(AuditCheckpointsTest, lines_wait_so_long_for_one_or_until_there_are_many) {
    EXPECT_FALSE(checkpoints().due(data.now(), minutes(10))) << "there is nothing to sign";
    write(1);
    ASSERT_EQ(checkpoints().make("interval")->end.number, 1U);
    write(1);
    const auto signed_at = data.now();
    EXPECT_FALSE(checkpoints().due(signed_at + minutes(9), minutes(10)));
    EXPECT_TRUE(checkpoints().due(signed_at + minutes(10), minutes(10)));
    write(AuditCheckpoints::lines_max);
    EXPECT_FALSE(checkpoints().due(signed_at + std::chrono::seconds(59), minutes(10)));
    EXPECT_TRUE(checkpoints().due(signed_at + minutes(1), minutes(10)));
    EXPECT_EQ(checkpoints().make("interval")->end.number, AuditCheckpoints::lines_max + 2);
    EXPECT_FALSE(checkpoints().due(signed_at + hours(1), minutes(10)));
}

TEST_F(AuditCheckpointsTest, an_orderly_stop_leaves_no_line_without_one) {
    write(3);
    data.close();
    data.open();
    EXPECT_EQ(checkpoints().newest()->end.number, 3U);
    EXPECT_EQ(checkpoints().newest()->why, "stop");
    EXPECT_EQ(checkpoints().newest()->sequence, 1U) << "a start without new lines makes none";
    EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(AuditCheckpointsTest, whoever_has_the_database_only_cannot_take_lines_away) {
    write(10);
    data.close();
    harm(
        "DELETE FROM audit_checkpoints; DELETE FROM audit WHERE number > 7;"
        "UPDATE sqlite_sequence SET seq = 7 WHERE name = 'audit'");
    testing::internal::CaptureStderr();
    data.open();
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("the audit ends at line 7, but at 2026-03-01T12:00:00Z it had 10 lines"));
    EXPECT_THAT(findings(), ElementsAre(HasSubstr("lines 8 to 10 are missing")));
}

TEST_F(AuditCheckpointsTest, after_lines_were_lost_the_chain_that_is_there_is_signed) {
    write(10);
    lose_database();
    write(3);
    EXPECT_TRUE(checkpoints().due(data.now() + minutes(10), minutes(10)));
    const auto asked = checkpoints().make("asked");
    EXPECT_EQ(asked->end.number, 3U);
    EXPECT_EQ(asked->sequence, 2U) << "numbers are not given twice";
    EXPECT_FALSE(checkpoints().due(data.now() + hours(1), minutes(10)));
    EXPECT_THAT(findings(), ElementsAre(HasSubstr("lines 4 to 10 are missing")));
    write(7);
    EXPECT_EQ(checkpoints().make("interval")->sequence, 3U);
    lose_database();
    write(10);
    EXPECT_EQ(checkpoints().make("interval")->sequence, 4U) << "the same number, another hash";
    data.close();
    data.open();
    EXPECT_EQ(checkpoints().newest()->sequence, 4U) << "a start without new lines makes none";
}

TEST_F(AuditCheckpointsTest, what_is_forged_after_lines_were_lost_is_found) {
    write(10);
    lose_database();
    write(3);
    data.close();
    harm("UPDATE audit SET body = x'00' WHERE number = 2");
    compute_anew();
    data.open();
    EXPECT_THAT(findings(), testing::Contains(HasSubstr("lines 1 to 3 are not those that")));
}

TEST_F(AuditCheckpointsTest,
       a_restore_that_was_killed_before_it_was_signed_is_signed_at_the_next_start) {
    write(3);
    ASSERT_TRUE(data.folder->keys().mark_restored());
    data.close();  // a process that did not know of it
    data.open();
    EXPECT_EQ(checkpoints().newest()->why, store::why_restored);
    const auto sequence = checkpoints().newest()->sequence;
    data.close();
    data.open();
    EXPECT_EQ(checkpoints().newest()->sequence, sequence) << "once";
}

TEST_F(AuditCheckpointsTest, a_restore_that_the_disk_did_not_take_is_signed_later) {
    write(3);
    ASSERT_TRUE(data.folder->keys().mark_restored());
    data.close();
    harm(
        "CREATE TRIGGER full BEFORE INSERT ON audit_checkpoints "
        "BEGIN SELECT RAISE(FAIL, 'full'); END");
    testing::internal::CaptureStderr();
    data.open();
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("no checkpoint of the audit"));
    EXPECT_EQ(checkpoints().newest()->why, "stop");
    harm("DROP TRIGGER full");
    EXPECT_FALSE(checkpoints().due(data.now(), minutes(10))) << "it was just tried";
    EXPECT_TRUE(checkpoints().due(data.now() + minutes(1), minutes(10)));
    EXPECT_EQ(checkpoints().make("interval")->why, store::why_restored);
    EXPECT_FALSE(*data.folder->keys().is_marked_restored());
    EXPECT_FALSE(checkpoints().due(data.now() + hours(1), minutes(10)));
}

TEST_F(AuditCheckpointsTest, each_night_the_audit_is_looked_through) {
    write(5);
    EXPECT_FALSE(checkpoints().last_check());
    nightly();
    EXPECT_TRUE(checkpoints().last_check()->sound);
    EXPECT_EQ(checkpoints().last_check()->lines, 5U);
    harm("UPDATE audit SET time = 1 WHERE number = 3");
    data.at(data.now() + hours(13));  // one in the morning
    nightly();
    EXPECT_TRUE(checkpoints().last_check()->sound) << "the night's hour has not come";
    data.at(data.now() + hours(1));
    testing::internal::CaptureStderr();
    nightly();
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("the audit does not hold: line 3 is not what was written"));
    EXPECT_FALSE(checkpoints().last_check()->sound);
    // It is known after a restart too, and not looked for again before the next night.
    const auto at = data.now();
    data.close();
    data.open();
    ASSERT_TRUE(checkpoints().last_check()) << "before the first round, too";
    EXPECT_FALSE(checkpoints().last_check()->sound);
    data.at(at + hours(1));
    nightly();
    EXPECT_FALSE(checkpoints().last_check()->sound);
    EXPECT_EQ(checkpoints().last_check()->at, at);
}

TEST_F(AuditCheckpointsTest, a_check_that_a_stop_ended_is_no_outcome) {
    write(5'000);
    ASSERT_TRUE(checkpoints().check_nightly(data.now(), [] { return false; }));
    EXPECT_FALSE(checkpoints().last_check());
}

}  // namespace
}  // namespace vigil::app
