// Records in backups, under `vigil verify`, and on a disk whose power goes.

#include "store/sqlite/record_upkeep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <map>
#include <random>
#include <sstream>

#include "store/faulty_vfs.hpp"
#include "store/records_subject.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const auto everyone = identity::AccessDesk::to_everyone();

RecordPut patient(const std::string& id, const std::string& family) {
    return {.type = "Patient",
            .id = id,
            .subject = PatientId{3},
            .method = "PUT",
            .body = "body of " + id,
            .rows = {{.parameter = "family", .value = StringValue{family, family}},
                     {.parameter = "identifier", .value = TokenValue{"urn:mrn", "mrn-" + id}}},
            .narrative = family,
            .content = family + " in words"};
}

Result<void> put(RecordStore& store, const RecordPut& put) {
    return write(store, everyone, [&](RecordTransaction& transaction) -> Result<void> {
        VIGIL_CHECK(transaction.put(put));
        return {};
    });
}

std::vector<std::string> problems(sqlite::StoreFile& file) {
    std::vector<std::string> found;
    const auto checked = file.read<sqlite::RecordCounts>([&](sqlite::Database& database) {
        return sqlite::check_records(
            file, database, [&](std::string sentence) { found.push_back(std::move(sentence)); });
    });
    EXPECT_TRUE(checked) << checked.error().message;
    return found;
}

std::string bytes_of(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

TEST(RecordUpkeep, a_backup_holds_no_word_that_a_resource_is_found_by) {
    SqliteRecordsSubject subject;
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(put(subject.store(), patient("p" + std::to_string(i), "zebedee")));
    TemporaryFolder folder;
    const auto copy = folder.file("copy.db");
    ASSERT_TRUE(subject.file().backup(copy));
    for (const auto& file : {copy, copy + "-wal"}) {
        EXPECT_THAT(bytes_of(file), testing::Not(HasSubstr("zebedee")));
        EXPECT_THAT(bytes_of(file), testing::Not(HasSubstr("mrn-p1")));
    }
    // What it was made of is all there: it is indexed anew.
    FlippingSealer sealer;
    auto file = sqlite::StoreFile::open({.path = copy, .sealer = &sealer});
    ASSERT_TRUE(file);
    auto store = sqlite::open_records(**file, [] { return from_unix_ns(5); });
    EXPECT_FALSE(*store->index_is_whole());
    EXPECT_THAT(problems(**file), IsEmpty());
    std::vector<std::string> ids;
    ASSERT_TRUE(store->each_current(everyone, 0, [&](std::uint64_t, const Record& record) {
        EXPECT_EQ(record.body, "body of " + record.id);
        ids.push_back(record.id);
        return true;
    }));
    EXPECT_EQ(ids.size(), 200U);
    ASSERT_TRUE(write(*store, everyone, [&](RecordTransaction& transaction) -> Result<void> {
        for (const auto& id : ids)
            VIGIL_CHECK(transaction.reindex("Patient", id, patient(id, "zebedee").rows));
        return transaction.declare_index_whole();
    }));
    EXPECT_TRUE(*store->index_is_whole());
    EXPECT_THAT(problems(**file), IsEmpty());
}

TEST(RecordUpkeep, what_does_not_fit_is_told) {
    const auto after = [](const char* harm) {
        SqliteRecordsSubject subject;
        for (const auto* id : {"a", "b", "a"}) EXPECT_TRUE(put(subject.store(), patient(id, "x")));
        EXPECT_THAT(problems(subject.file()), IsEmpty());
        EXPECT_TRUE(await<void>([&](Done done) {
            subject.file().write([&](sqlite::Database& database) { return database.execute(harm); },
                                 std::move(done));
        }));
        return problems(subject.file());
    };
    EXPECT_THAT(after("UPDATE record_versions SET body = x'0102' WHERE number = 2"),
                ElementsAre(HasSubstr("resource 2: version 1")));
    EXPECT_THAT(after("DELETE FROM record_versions WHERE number = 1"),
                testing::Contains(HasSubstr("changes 1 to 1 are missing")));
    EXPECT_THAT(after("UPDATE records SET latest = 1 WHERE record = 1"),
                ElementsAre(HasSubstr("not the last one kept")));
    EXPECT_THAT(after("DELETE FROM record_rows WHERE record = 2"),
                testing::Contains(HasSubstr("resource 2: it is not in the search index")));
}

// Three requests of one commit, the second of which fails after it has written: all are run again.
TEST(RecordUpkeep, a_line_of_the_audit_is_there_once_with_what_it_is_about_or_not_at_all) {
    SqliteRecordsSubject subject;
    std::promise<void> started, begin;
    subject.file().write(
        [&started, begun = begin.get_future().share()](sqlite::Database&) -> Result<void> {
            started.set_value();
            begun.wait();
            return {};
        },
        [](const Result<void>&) {});
    started.get_future().wait();  // what follows shares the next commit
    std::map<std::string, int> runs;
    std::vector<std::future<bool>> kept;
    for (const std::string id : {"a", "b", "c"}) {
        auto told = std::make_shared<std::promise<bool>>();
        kept.push_back(told->get_future());
        subject.store().write(
            everyone,
            [&runs, id](RecordTransaction& transaction) -> Result<void> {
                ++runs[id];
                VIGIL_CHECK(transaction.put(patient(id, "smith")));
                AuditLine line;
                line.what = "fhir.create " + id;
                VIGIL_CHECK(transaction.put_on_record(line));
                if (id == "b") return fail(Error::Kind::conflict, "no");
                return {};
            },
            [told](const Result<void>& done) { told->set_value(done.has_value()); });
    }
    begin.set_value();
    EXPECT_TRUE(kept[0].get());
    EXPECT_FALSE(kept[1].get());
    EXPECT_TRUE(kept[2].get());
    EXPECT_EQ(runs["a"], 2);
    std::vector<std::string> lines;
    const auto audit = sqlite::open_audit(subject.file());
    ASSERT_TRUE(audit->read(identity::AccessDesk::of_administrator(), 0,
                            [&](std::uint64_t, const AuditLine& line) {
                                lines.push_back(line.what);
                                return true;
                            }));
    EXPECT_THAT(lines, ElementsAre("fhir.create c", "fhir.create a"));
    EXPECT_THAT(problems(subject.file()), IsEmpty());
}

// A disk error may end the transaction under a job that passes over it.
TEST(RecordUpkeep, what_shared_a_commit_with_a_job_that_lost_the_transaction_is_not_kept) {
    SqliteRecordsSubject subject;
    std::promise<void> started, begin;
    subject.file().write(
        [&started, begun = begin.get_future().share()](sqlite::Database&) -> Result<void> {
            started.set_value();
            begun.wait();
            return {};
        },
        [](const Result<void>&) {});
    started.get_future().wait();
    std::promise<bool> first, second;
    const auto put_one = [&](const char* id, std::promise<bool>& told) {
        subject.store().write(
            everyone,
            [id](RecordTransaction& transaction) -> Result<void> {
                VIGIL_CHECK(transaction.put(patient(id, "smith")));
                return {};
            },
            [&told](const Result<void>& done) { told.set_value(done.has_value()); });
    };
    put_one("a", first);
    subject.file().write(
        [](sqlite::Database& database) -> Result<void> {
            static_cast<void>(database.execute("ROLLBACK"));
            return {};
        },
        [](const Result<void>&) {});
    put_one("b", second);
    begin.set_value();
    EXPECT_FALSE(first.get_future().get());
    EXPECT_FALSE(second.get_future().get());
    EXPECT_TRUE(subject.store().read(everyone, [](RecordReader& reader) -> Result<void> {
        for (const auto* id : {"a", "b"}) {
            VIGIL_TRY(found, reader.get("Patient", id));
            EXPECT_FALSE(found) << id;
        }
        return {};
    }));
    EXPECT_TRUE(put(subject.store(), patient("c", "smith")));
    EXPECT_THAT(problems(subject.file()), IsEmpty());
}

// What was reported committed is there after the power went, whole; the rest is whole or not there.
TEST(RecordUpkeep, what_was_reported_survives_a_power_cut) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        FaultyVfs disk(seed);
        SqliteRecordsSubject subject(disk.name());
        std::mutex mutex;
        std::vector<int> reported;
        disk.cut_after(10 + random() % 100);
        for (int i = 0; i < 120; ++i)
            subject.store().write(
                everyone,
                [i](RecordTransaction& transaction) -> Result<void> {
                    for (const auto* part : {"x", "y"})
                        VIGIL_CHECK(transaction.put(patient(part + std::to_string(i), "smith")));
                    return {};
                },
                [&, i](const Result<void>& done) {
                    const std::lock_guard guard(mutex);
                    if (done) reported.push_back(i);
                });
        subject.close();
        disk.bring_back();
        subject.open();
        EXPECT_THAT(problems(subject.file()), IsEmpty());
        ASSERT_TRUE(subject.store().read(everyone, [&](RecordReader& reader) -> Result<void> {
            for (int i = 0; i < 120; ++i) {
                VIGIL_TRY(x, reader.get("Patient", "x" + std::to_string(i)));
                VIGIL_TRY(y, reader.get("Patient", "y" + std::to_string(i)));
                EXPECT_EQ(x.has_value(), y.has_value()) << i;
                if (std::ranges::count(reported, i) > 0) EXPECT_TRUE(x.has_value()) << i;
            }
            return {};
        }));
    }
}

}  // namespace
}  // namespace vigil::store::test
