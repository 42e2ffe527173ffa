// The chain of the audit on vigil.db: whatever somebody without the key does to the file is found.

#include "store/audit_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <random>

#include "store/audit_subject.hpp"
#include "store/faulty_vfs.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 100 lines; checkpoints at 40 and at 100.
class AuditCheckTest : public testing::Test {
protected:
    AuditCheckTest() {
        EXPECT_TRUE(subject.write(25));
        EXPECT_TRUE(subject.write(15));
        first = encode(subject.checkpoint());
        EXPECT_TRUE(subject.write(60));
        second = encode(subject.checkpoint());
        subject.close();
    }
    std::vector<std::string> after(const std::string& harm) {
        subject.harm(harm);
        return findings(subject.verify());
    }

    AuditSubject subject;
    std::string first, second;
};

constexpr const char* numbers_follow =
    "UPDATE sqlite_sequence SET seq = (SELECT max(number) FROM audit) WHERE name = 'audit';";

TEST_F(AuditCheckTest, an_audit_that_nobody_touched_is_sound) {
    const auto report = subject.verify();
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_THAT(report.notes, IsEmpty());
    EXPECT_EQ(report.lines, 100U);
    EXPECT_EQ(report.last, 100U);
    EXPECT_EQ(report.checkpoints, 2U);
    EXPECT_EQ(report.newest->end.number, 100U);
    EXPECT_THAT(findings(subject.verify({first}, {second})), IsEmpty());
}

TEST_F(AuditCheckTest, an_audit_goes_on_over_restarts) {
    subject.open();
    ASSERT_TRUE(subject.write(3));
    subject.close();
    subject.open();
    ASSERT_TRUE(subject.write(2));
    subject.checkpoint();
    ASSERT_TRUE(subject.write(1));
    const auto report = subject.verify();  // beside the open file
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_EQ(report.lines, 106U);
    EXPECT_EQ(report.newest->end.number, 105U);
}

struct Harm {
    const char *name, *sql, *found;
};

class Harmed : public AuditCheckTest, public testing::WithParamInterface<Harm> {};

TEST_P(Harmed, is_found_where_it_was_done) {
    const auto found = after(GetParam().sql);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front(), GetParam().found);
    EXPECT_LE(found.size(), 2U) << "what fits is left in peace";
}

INSTANTIATE_TEST_SUITE_P(
    AuditCheck, Harmed,
    testing::Values(
        Harm{
            "a_byte_of_a_body",
            "UPDATE audit SET body = CAST(substr(body, 1, 9) || x'5A' || substr(body, 11) AS BLOB) "
            "WHERE number = 37",
            "changed 37"},
        Harm{"a_body_cut_short",
             "UPDATE audit SET body = substr(body, 1, length(body) - 1) WHERE number = 37",
             "changed 37"},
        Harm{"a_time", "UPDATE audit SET time = time + 1 WHERE number = 1", "changed 1"},
        Harm{"a_hash",
             "UPDATE audit SET hash = CAST(substr(hash, 1, 31) || x'00' AS BLOB) WHERE number = 99",
             "changed 99"},
        Harm{"a_hash_gone", "UPDATE audit SET hash = x'' WHERE number = 40", "changed 40"},
        Harm{"the_last_hash", "UPDATE audit SET hash = zeroblob(32) WHERE number = 100",
             "changed 100"},
        Harm{"a_number", "UPDATE audit SET number = 5000 WHERE number = 37", "reordered 37"},
        Harm{"a_number_below_all", "UPDATE audit SET number = -5 WHERE number = 37",
             "reordered 37"},
        Harm{"the_first_line_dropped", "DELETE FROM audit WHERE number = 1", "missing 1"},
        Harm{"a_line_dropped", "DELETE FROM audit WHERE number = 50", "missing 50"},
        Harm{"lines_dropped", "DELETE FROM audit WHERE number BETWEEN 30 AND 60", "missing 30"},
        Harm{"the_last_line_dropped", "DELETE FROM audit WHERE number = 100", "cut-off 100"},
        Harm{"the_end_dropped", "DELETE FROM audit WHERE number > 70", "cut-off 71"},
        Harm{"all_dropped", "DELETE FROM audit", "cut-off 1"},
        Harm{"neighbours_swapped",
             "UPDATE audit SET number = -1 WHERE number = 20;"
             "UPDATE audit SET number = 20 WHERE number = 21;"
             "UPDATE audit SET number = 21 WHERE number = -1",
             "reordered 20"},
        Harm{"lines_far_apart_swapped",
             "UPDATE audit SET number = -1 WHERE number = 12;"
             "UPDATE audit SET number = 12 WHERE number = 88;"
             "UPDATE audit SET number = 88 WHERE number = -1",
             "reordered 12"},
        Harm{"what_they_say_swapped",
             "CREATE TEMP TABLE held AS SELECT * FROM audit WHERE number IN (12, 88);"
             "UPDATE audit SET body = (SELECT body FROM held WHERE number = 88), "
             "time = (SELECT time FROM held WHERE number = 88) WHERE number = 12;"
             "UPDATE audit SET body = (SELECT body FROM held WHERE number = 12), "
             "time = (SELECT time FROM held WHERE number = 12) WHERE number = 88",
             "reordered 12"},
        Harm{"a_line_dropped_and_the_rest_renumbered",
             "DELETE FROM audit WHERE number = 50;"
             "UPDATE audit SET number = -number WHERE number > 50;"
             "UPDATE audit SET number = -number - 1 WHERE number < 0;"
             "DELETE FROM audit WHERE number > 50",
             "changed 50"},
        Harm{"a_checkpoint",
             "UPDATE audit_checkpoints SET body = replace(body, 'line 100', 'line 99') "
             "WHERE id = 2",
             "checkpoint 99"},
        Harm{"a_word_in_place_of_a_checkpoint",
             "UPDATE audit_checkpoints SET body = 'x' WHERE id = 1", "checkpoint 0"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(AuditCheckTest, a_chain_that_was_computed_anew_does_not_fit_its_checkpoints) {
    subject.harm("UPDATE audit SET body = x'00' WHERE number = 50");
    subject.compute_anew(50);
    const auto report = subject.verify();
    ASSERT_THAT(findings(report), ElementsAre("rewritten 41"));
    EXPECT_THAT(report.findings[0].message, HasSubstr("lines 41 to 100"));
    EXPECT_EQ(report.newest->end.number, 40U);
}

TEST_F(AuditCheckTest, a_line_put_in_between_is_found_though_the_chain_was_computed_anew) {
    subject.harm(
        "UPDATE audit SET number = -number WHERE number > 20;"
        "UPDATE audit SET number = 1 - number WHERE number < 0;"
        "INSERT INTO audit SELECT 21, time, body, hash FROM audit WHERE number = 3");
    subject.compute_anew(1);
    EXPECT_THAT(findings(subject.verify()), ElementsAre("rewritten 1"));
}

TEST_F(AuditCheckTest, checkpoints_beside_the_file_count_where_those_in_it_are_gone) {
    subject.harm("DELETE FROM audit_checkpoints; DELETE FROM audit WHERE number > 95;" +
                 std::string(numbers_follow));
    EXPECT_THAT(findings(subject.verify()), IsEmpty()) << "the file alone cannot know";
    EXPECT_THAT(findings(subject.verify({first, second})), ElementsAre("cut-off 96"));
    EXPECT_THAT(findings(subject.verify({}, {second})), ElementsAre("cut-off 96"));
}

TEST_F(AuditCheckTest, what_was_cut_off_is_found_after_the_audit_went_on) {
    subject.harm("DELETE FROM audit WHERE number > 95");
    subject.open();
    ASSERT_TRUE(subject.write(20));
    subject.checkpoint();
    EXPECT_THAT(findings(subject.verify()), ElementsAre("missing 96"));
}

TEST_F(AuditCheckTest, what_was_cut_off_is_found_though_its_numbers_were_given_again) {
    subject.harm("DELETE FROM audit WHERE number > 95;" + std::string(numbers_follow));
    subject.open();
    ASSERT_TRUE(subject.write(20));
    subject.checkpoint();
    const auto report = subject.verify();
    EXPECT_THAT(findings(report), ElementsAre("rewritten 41"));
    EXPECT_EQ(report.last, 115U);
}

TEST_F(AuditCheckTest, a_line_forged_at_the_end_of_an_open_file_is_found_and_the_audit_goes_on) {
    subject.open();
    subject.harm("INSERT INTO audit SELECT 101, time, body, hash FROM audit WHERE number = 7");
    ASSERT_TRUE(subject.write(5));
    subject.checkpoint();
    const auto report = subject.verify();
    EXPECT_THAT(findings(report).front(), "changed 101");
    EXPECT_EQ(report.last, 106U);
}

TEST_F(AuditCheckTest, a_checkpoint_with_another_key_vouches_for_nothing) {
    const auto right = subject.signer;
    subject.signer = {.secret = "a thief's", .key = {2}};
    subject.open();
    const auto forged = encode(subject.checkpoint());
    subject.signer = {.secret = right.secret, .key = right.key};
    // Here a signature is only told by the key it names: the thief's is good for the thief's.
    const auto report = sqlite::verify_audit(subject.path(),
                                             {.key = right.key,
                                              .signature_holds = [](const auto&) { return true; },
                                              .beside = {},
                                              .kept = {forged}},
                                             [] { return true; });
    ASSERT_TRUE(report);
    EXPECT_THAT(findings(*report), ElementsAre("checkpoint 100"));
    EXPECT_EQ(report->checkpoints, 2U);
    EXPECT_THAT(report->notes, ElementsAre(HasSubstr("signed with another key")));
}

TEST_F(AuditCheckTest, a_backup_verifies_and_what_its_restore_gives_up_is_said) {
    subject.open();
    ASSERT_TRUE(subject.file().backup(subject.path("copy.db")));
    ASSERT_TRUE(subject.write(30));
    const auto later = encode(subject.checkpoint());
    subject.close();
    EXPECT_THAT(findings(subject.verify({}, {}, subject.path("copy.db"))), IsEmpty());
    std::filesystem::remove(subject.path() + "-wal");
    std::filesystem::remove(subject.path() + "-shm");
    std::filesystem::rename(subject.path("copy.db"), subject.path());
    EXPECT_THAT(findings(subject.verify({later})), ElementsAre("cut-off 101"))
        << "put back by hand, nobody answers for it";
    subject.open();
    subject.checkpoint("restore");
    ASSERT_TRUE(subject.write(50));
    subject.checkpoint();
    const auto report = subject.verify({later});
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_THAT(report.notes, ElementsAre(HasSubstr("lines 101 to 130")));
    EXPECT_THAT(findings(subject.verify({}, {later})), ElementsAre("restored 101"))
        << "whoever kept a checkpoint of lines that are gone is told";
}

// Monday's backup ends at line 100, Tuesday's at 140: Monday's is restored and used up to line 110,
// then Tuesday's.
class AuditRestoredTwice : public AuditCheckTest {
protected:
    AuditRestoredTwice() {
        sign(0);
        EXPECT_TRUE(subject.file().backup(subject.path("monday.db")));
        early = sign(20);
        sign(20);
        EXPECT_TRUE(subject.file().backup(subject.path("tuesday.db")));
        sign(10);
        restore("monday.db");
        abandoned = sign(10);
        restore("tuesday.db");
    }
    std::string sign(int lines, const std::string& why = "interval") {
        if (subject.closed()) subject.open();
        if (lines != 0) EXPECT_TRUE(subject.write(lines));
        beside.push_back(encode(subject.checkpoint(why)));
        return beside.back();
    }
    void restore(const std::string& copy) {
        subject.close();
        subject.put_back(subject.path(copy));
        sign(0, "restore");
    }
    AuditReport verify(std::vector<std::string> kept = {}) {
        return subject.verify(beside, std::move(kept));
    }

    std::vector<std::string> beside;
    std::string early, abandoned;
};

TEST_F(AuditRestoredTwice,
       what_was_written_between_is_given_up_and_nothing_is_taken_for_tampering) {
    sign(30);
    const auto report = verify();
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_THAT(report.notes,
                ElementsAre(HasSubstr("lines 101 to 150"), HasSubstr("lines 101 to 110")));
    EXPECT_EQ(report.newest->end.number, 170U);
    EXPECT_THAT(findings(verify({early})), IsEmpty()) << "it is there again";
    EXPECT_THAT(findings(verify({abandoned})), ElementsAre("restored 101"));
}

TEST_F(AuditRestoredTwice, a_chain_that_was_computed_anew_is_found_all_the_same) {
    sign(30);
    subject.close();
    subject.harm("UPDATE audit SET body = x'00' WHERE number = 105");
    subject.compute_anew(105);
    EXPECT_THAT(findings(verify()), ElementsAre("rewritten 101"));
}

TEST_F(AuditCheckTest, what_is_computed_anew_after_lines_were_lost_is_a_finding_of_its_own) {
    std::vector<std::string> beside{first, second};
    subject.harm("DELETE FROM audit WHERE number > 30;" + std::string(numbers_follow));
    subject.open();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(subject.write(30));
        beside.push_back(encode(subject.checkpoint()));  // of lines 60, 90, 120
    }
    subject.close();
    EXPECT_THAT(findings(subject.verify(beside)), ElementsAre("rewritten 1"));
    subject.harm("UPDATE audit SET body = x'00' WHERE number = 95");
    subject.compute_anew(95);
    EXPECT_THAT(findings(subject.verify(beside)), ElementsAre("rewritten 1", "rewritten 91"));
}

TEST_F(AuditCheckTest, an_auditor_is_told_of_a_restore_though_numbers_were_given_twice) {
    subject.open();
    ASSERT_TRUE(subject.file().backup(subject.path("copy.db")));
    ASSERT_TRUE(subject.write(30));
    subject.checkpoint();
    const auto later = encode(subject.checkpoint());
    subject.close();
    subject.put_back(subject.path("copy.db"));
    subject.open();
    subject.number_from(2);  // the keys came back as they were at the backup
    subject.checkpoint("restore");
    EXPECT_THAT(findings(subject.verify({}, {later})), ElementsAre("restored 101")) << "too short";
    ASSERT_TRUE(subject.write(50));
    subject.checkpoint();
    EXPECT_THAT(findings(subject.verify({}, {later})), ElementsAre("restored 101"));
    EXPECT_THAT(findings(subject.verify()), IsEmpty());
    // What the installation still has is ordered by its number.
    EXPECT_THAT(findings(subject.verify({later}, {later})), ElementsAre("rewritten 101"));
}

TEST_F(AuditCheckTest, a_walk_can_be_ended_wherever_it_takes_long) {
    subject.open();
    ASSERT_TRUE(subject.write(20'000));
    subject.checkpoint();
    subject.close();
    int asked = 0, looked_at = 0;
    std::vector<std::string> beside;
    const auto verify = [&](int until) {
        asked = looked_at = 0;
        const sqlite::AuditTrust trust{.key = subject.signer.key,
                                       .signature_holds =
                                           [&](const auto& each) {
                                               ++looked_at;
                                               return subject.signer.holds(each);
                                           },
                                       .beside = beside,
                                       .kept = {}};
        return sqlite::verify_audit(subject.path(), trust, [&] { return ++asked != until; });
    };
    ASSERT_TRUE(verify(0));
    const auto pages = asked;
    EXPECT_GT(pages, 1);
    // Another line is looked for in its place: among all.
    subject.harm("UPDATE audit SET time = time + 1 WHERE number = 1");
    EXPECT_THAT(findings(*verify(0)), ElementsAre("changed 1"));
    EXPECT_GE(asked, 2 * pages);
    ASSERT_FALSE(verify(2));
    EXPECT_EQ(asked, 2) << "within that search; once it was told, it asks no more";
    for (std::uint64_t i = 0; i < 1'000; ++i)
        beside.push_back(encode(subject.signer.sign({.sequence = 10 + i,
                                                     .end = {},
                                                     .time = {},
                                                     .why = "interval",
                                                     .key = {},
                                                     .signature = {}})));
    const auto ended = verify(1);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, Error::Kind::busy);
    EXPECT_LT(looked_at, 300);
}

TEST_F(AuditCheckTest, lines_from_before_the_chain_are_chained_at_the_upgrade) {
    subject.harm(
        "DROP TABLE audit_checkpoints; DROP TABLE audit_origin; ALTER TABLE audit DROP COLUMN hash;"
        "ALTER TABLE quarantine DROP COLUMN subject; DROP TABLE events;"
        "PRAGMA user_version = 5");
    subject.open();
    subject.checkpoint("upgrade");
    ASSERT_TRUE(subject.write(10));
    subject.close();
    const auto report = subject.verify();
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_EQ(report.lines, 110U);
    EXPECT_THAT(report.notes, ElementsAre(HasSubstr("lines 1 to 100 were written before")));
    EXPECT_THAT(after("UPDATE audit SET time = 0 WHERE number = 9"), ElementsAre("changed 9"));
}

// Jobs that share a commit and of which some fail after they have written: the chain holds all the
// same.
TEST_F(AuditCheckTest, what_was_undone_leaves_no_trace_in_the_chain) {
    subject.open();
    std::mt19937 random(11);
    std::vector<std::future<void>> done;
    for (int i = 0; i < 400; ++i) {
        auto told = std::make_shared<std::promise<void>>();
        done.push_back(told->get_future());
        subject.file().write(
            [this, bad = random() % 20 == 0](sqlite::Database& database) -> Result<void> {
                for (int line = 0; line < 2; ++line)
                    VIGIL_CHECK(sqlite::append_line(subject.file(), database, AuditLine()));
                if (bad) return fail(Error::Kind::conflict, "no");
                return {};
            },
            [told](const Result<void>&) { told->set_value(); });
    }
    for (auto& each : done) each.get();
    subject.checkpoint();
    const auto report = subject.verify();
    EXPECT_THAT(findings(report), IsEmpty());
    EXPECT_GT(report.lines, 800U);
    EXPECT_LT(report.lines, 900U);
}

// Checkpoints whose commit was reported are beside the file, as in the key folder.
TEST(AuditOnFaultyDisk, a_power_cut_is_never_taken_for_tampering) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        FaultyVfs vfs(seed);
        std::mt19937 random(seed);
        AuditSubject subject(vfs.name());
        std::vector<std::string> beside;
        for (int life = 0; life < 3; ++life) {
            vfs.cut_after(20 + random() % 200);
            for (int i = 0; i < 40; ++i) {
                if (!subject.write(1 + static_cast<int>(random() % 20))) break;
                if (random() % 5 != 0) continue;
                if (const auto made = subject.try_checkpoint()) beside.push_back(encode(*made));
            }
            subject.close();
            vfs.bring_back();
            subject.open();
            EXPECT_THAT(findings(subject.verify(beside)), IsEmpty());
            if (const auto made = subject.try_checkpoint("start")) beside.push_back(encode(*made));
        }
        EXPECT_THAT(findings(subject.verify(beside)), IsEmpty());
        EXPECT_FALSE(beside.empty());
        subject.close();
    }
}

// One harm of any kind to any line: it is found, and no line before it is blamed.
TEST_F(AuditCheckTest, any_harm_to_any_line_is_found_where_it_was_done) {
    const auto clean = subject.path("clean.db");
    subject.harm("VACUUM INTO '" + clean + "'");
    for (unsigned seed = 0; seed < 150; ++seed) {
        std::filesystem::copy_file(clean, subject.path(),
                                   std::filesystem::copy_options::overwrite_existing);
        std::mt19937 random(seed);
        const auto line = 1 + random() % 100, other = 1 + (line + random() % 98) % 100;
        const auto byte = 1 + random() % 20;
        const std::vector<std::string> harms{
            fmt::format("UPDATE audit SET body = CAST(substr(body, 1, {0}) || x'00' || "
                        "substr(body, {0} + 2) AS BLOB) WHERE number = {1}",
                        byte + 4, line),
            fmt::format("UPDATE audit SET time = time + {} WHERE number = {}", byte, line),
            fmt::format(
                "UPDATE audit SET hash = CAST(substr(hash, 2) || x'00' AS BLOB) WHERE number = {}",
                line),
            fmt::format("DELETE FROM audit WHERE number = {}", line),
            fmt::format("DELETE FROM audit WHERE number >= {}", line),
            fmt::format("UPDATE audit SET number = {} WHERE number = {}", 200 + byte, line),
            fmt::format("UPDATE audit SET number = -1 WHERE number = {0};"
                        "UPDATE audit SET number = {0} WHERE number = {1};"
                        "UPDATE audit SET number = {1} WHERE number = -1",
                        line, other)};
        const auto which = random() % harms.size();
        subject.harm(harms[which]);
        const auto report = subject.verify();
        ASSERT_FALSE(report.sound()) << seed << ": " << harms[which];
        const auto touched = which == 6 ? std::min(line, other) : line;
        EXPECT_EQ(report.findings.front().line, touched) << seed << ": " << harms[which];
        subject.compute_anew(1);
        // The hashes themselves are right again then.
        EXPECT_EQ(subject.verify().sound(), which == 2) << seed << ": " << harms[which];
    }
}

}  // namespace
}  // namespace vigil::store::test
