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
