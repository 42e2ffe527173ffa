// Damage found and read past, verify, backup and restore, retention of the log.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/series_subject.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/verify.hpp"

namespace vigil::store {
namespace {

using namespace test;
using testing::HasSubstr;

struct Upkeep : testing::Test {
    TemporaryFolder folder, other;
    FlippingSealer sealer;
    Catalogue catalogue;
    std::int64_t now = 1'000;
    std::unique_ptr<Commits> commits;
    std::unique_ptr<sqlite::LogFile> log;
    std::unique_ptr<sqlite::StoreFile> file;
    std::unique_ptr<SeriesStore> series;
    const Metric& metric = *catalogue.find("heart_rate");
    const SeriesKey key{DeviceId{1}, metric.id, 0};

    Upkeep() { open(folder); }
    ~Upkeep() override { close(); }

    void open(const TemporaryFolder& where) {
        commits = std::make_unique<Commits>();
        auto opened = sqlite::open_log({.path = where.file(sqlite::log_name),
                                        .sealer = &sealer,
                                        .clock = [this] { return from_unix_ns(now); },
                                        .committed = commits->sink()});
        ASSERT_TRUE(opened) << opened.error().message;
        log = std::move(*opened);
        auto store_file =
            sqlite::StoreFile::open({.path = where.file(sqlite::store_name), .sealer = &sealer});
        ASSERT_TRUE(store_file) << store_file.error().message;
        file = std::move(*store_file);
        series = std::move(*sqlite::open_series(*file, catalogue));
    }
    void close() {
        log.reset();
        if (file) file->finish();
        series.reset();
        file.reset();
    }
    void append(const std::string& body) {
        ASSERT_TRUE(
            commits->wait_for(log->append(EntryKind::batch, PatientId{1}, {}, body)).outcome);
    }
    void fill() {
        for (int i = 1; i <= 20; ++i) {
            append(std::to_string(i));
            series->put(key, PatientId{1}, numeric(noon + hours(i), 60 + i, 0, metric.unit));
        }
        series->advance({0, 20});
        ASSERT_TRUE(await<void>([&](Done d) { series->flush(std::move(d)); }));
        ASSERT_TRUE(await<bool>(
            [&](DoneWith<bool> d) { series->compact(noon + hours(24 * 3), std::move(d)); }));
    }
    sqlite::VerifyReport verified(const TemporaryFolder& where) {
        auto report = sqlite::verify({.log_path = where.file(sqlite::log_name),
                                      .store_path = where.file(sqlite::store_name)},
                                     sealer, catalogue);
        EXPECT_TRUE(report) << report.error().message;
        return report ? *report : sqlite::VerifyReport{};
    }
    // As a failing disk would, behind the back of whoever has the file open.
    void damage(const char* name, const std::string& sql) {
        auto database = sqlite::Database::open(folder.file(name), sqlite::OpenMode::read_write);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(sql));
        ASSERT_EQ(sqlite3_changes(database->handle()), 1);
    }
};

TEST_F(Upkeep, a_damaged_commit_is_an_error_and_reading_goes_on_after_it) {
    for (const auto* body : {"a", "b", "c", "d"}) append(body);
    damage("log.db", "UPDATE commits SET body = zeroblob(length(body)) WHERE first_offset = 3");
    std::string seen;
    const auto visit = [&](const Entry& entry) {
        seen += entry.body;
        return true;
    };
    const auto stopped = log->read({}, visit);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, Error::Kind::malformed);
    EXPECT_EQ(stopped.error().place, "0:3");
    EXPECT_EQ(seen, "ab");
    const auto rest = log->read(log->after_damage({0, 3}), visit);
    ASSERT_TRUE(rest);
    EXPECT_EQ(seen, "abd");
}

TEST_F(Upkeep, verify_finds_nothing_where_all_is_well) {
    fill();
    const auto report = verified(folder);
    EXPECT_THAT(report.problems, testing::IsEmpty());
    EXPECT_EQ(report.entries, 20U);
    EXPECT_EQ(report.samples, 20U);
    EXPECT_GT(report.rolled_up_days, 0U);
}

TEST_F(Upkeep, verify_names_what_is_damaged) {
    fill();
    damage("log.db", "UPDATE commits SET commit_time = 7 WHERE first_offset = 3");
    damage("log.db", "DELETE FROM commits WHERE first_offset = 9");
    damage("vigil.db",
           "UPDATE chunks SET body = zeroblob(60) WHERE id = (SELECT max(id) FROM chunks)");
    damage("vigil.db", "UPDATE consumers SET log_offset = 99 WHERE name = 'series'");
    const auto all = testing::PrintToString(verified(folder).problems);
    EXPECT_THAT(all, HasSubstr("commit at 0:3 is damaged"));
    EXPECT_THAT(all, HasSubstr("entries 0:9 to 0:9 are missing"));
    EXPECT_THAT(all, HasSubstr("chunk"));
    EXPECT_THAT(all, HasSubstr("consumer 'series' has applied 0:99"));
}

TEST_F(Upkeep, a_backup_of_a_running_store_is_restored_to_the_same) {
    fill();
    TemporaryFolder copy;
    const auto report = sqlite::backup(*log, *file, copy.path().string());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->log_end, (Position{0, 21}));
    append("after the backup");
    EXPECT_EQ(sqlite::backup(*log, *file, copy.path().string()).error().kind,
              Error::Kind::conflict);
    close();
    ASSERT_TRUE(sqlite::restore(copy.path().string(), other.path().string()));
    EXPECT_FALSE(sqlite::restore(copy.path().string(), other.path().string()));
    EXPECT_THAT(verified(other).problems, testing::IsEmpty());
    open(other);
    EXPECT_EQ(log->end(), (Position{0, 21}));
    EXPECT_EQ(series->applied(), (Position{0, 20}));
    EXPECT_EQ(series->list(identity::AccessDesk::to_everyone(), PatientId{1})->front().count, 20U);
}

TEST_F(Upkeep, the_log_is_kept_by_age_and_by_size_and_never_down_to_nothing) {
    for (int i = 1; i <= 10; ++i) {
        now = i * 100;
        append(std::string(1'000, 'x'));
    }
    EXPECT_EQ(*log->retained_from(from_unix_ns(501), UINT64_MAX), (Position{0, 6}));
    EXPECT_EQ(*log->retained_from(from_unix_ns(0), 3'500), (Position{0, 8}));
    EXPECT_EQ(*log->retained_from(from_unix_ns(5'000), 0), (Position{0, 10}));
    EXPECT_EQ(*log->retained_from(from_unix_ns(0), UINT64_MAX), (Position{0, 1}));
}

TEST_F(Upkeep, the_bounds_of_a_long_log_are_found_where_it_has_been_trimmed_too) {
    for (int i = 1; i <= 300; ++i) {
        now = i * 10;
        append(std::string(static_cast<std::size_t>(50 + i), 'x'));
    }
    ASSERT_TRUE(log->trim({0, 101}));
    EXPECT_EQ(log->first(), (Position{0, 101}));
    for (const int kept_since : {1, 1'000, 1'010, 1'500, 2'555, 2'990, 3'000}) {
        const auto expected = std::max(101, (kept_since + 9) / 10);
        EXPECT_EQ(*log->retained_from(from_unix_ns(kept_since), UINT64_MAX),
                  (Position{0, static_cast<std::uint64_t>(expected)}))
            << kept_since;
    }
    EXPECT_EQ(log->commit_time({0, 250}), from_unix_ns(2'500));
    EXPECT_THAT(verified(folder).problems, testing::IsEmpty());
}

TEST_F(Upkeep, what_retention_leaves_of_a_message_is_put_in_its_place) {
    for (int i = 1; i <= 10; ++i) {
        now = i * 100;
        append("raw " + std::to_string(i));
    }
    const auto shorten = [](const Entry& entry, std::string& body) {
        if (!entry.body.starts_with("raw")) return false;
        body = "digest";
        return true;
    };
    Position from;
    for (auto next = *log->rewrite({0, 1}, from_unix_ns(501), shorten); next != from;
         next = *log->rewrite(from, from_unix_ns(501), shorten))
        from = next;
    EXPECT_EQ(from, (Position{0, 6}));
    std::vector<std::string> bodies;
    ASSERT_TRUE(log->read({0, 4}, [&](const Entry& entry) {
        EXPECT_EQ(entry.subject, PatientId{1});
        bodies.emplace_back(entry.body);
        return bodies.size() < 3;
    }));
    EXPECT_THAT(bodies, testing::ElementsAre("digest", "digest", "raw 6"));
    EXPECT_THAT(verified(folder).problems, testing::IsEmpty());
    append("after");
    EXPECT_EQ(log->end(), (Position{0, 12}));
}

TEST_F(Upkeep, files_of_the_first_version_are_brought_up) {
    close();
    TemporaryFolder old;
    {
        auto database = sqlite::Database::open(old.file("log.db"), sqlite::OpenMode::read_write);
        ASSERT_TRUE(database->execute(
            "CREATE TABLE commits(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, "
            "commit_time INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
            "CREATE TABLE trimmed(first_offset INTEGER PRIMARY KEY, end_offset INTEGER NOT NULL, "
            "first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;"
            "PRAGMA application_id=1447513137; PRAGMA user_version=1"));
    }
    open(old);
    append("new");
    EXPECT_EQ(*log->retained_from(from_unix_ns(0), UINT64_MAX), (Position{0, 1}));
    EXPECT_THAT(verified(old).problems, testing::IsEmpty());
}

TEST_F(Upkeep, a_file_of_another_program_is_refused_with_a_clear_word) {
    close();
    auto database = sqlite::Database::open(other.file("log.db"), sqlite::OpenMode::read_write);
    ASSERT_TRUE(database->execute("CREATE TABLE t(a)"));
    const auto opened = sqlite::open_log({.path = other.file("log.db"),
                                          .sealer = &sealer,
                                          .clock = [] { return Timestamp(); },
                                          .committed = [](std::vector<Commit>) {}});
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("not a Vigil log"));
    const auto nowhere = sqlite::open_log({.path = other.file("no/such/log.db"),
                                           .sealer = &sealer,
                                           .clock = [] { return Timestamp(); },
                                           .committed = [](std::vector<Commit>) {}});
    EXPECT_FALSE(nowhere);
}

}  // namespace
}  // namespace vigil::store
