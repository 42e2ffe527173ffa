// What the log and the store keep on a disk that fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "store/fakes.hpp"
#include "store/faulty_vfs.hpp"
#include "store/series_subject.hpp"
#include "store/sqlite/log.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::test {

namespace {

using testing::HasSubstr;

struct LogOnFaultyDisk : testing::Test {
    TemporaryFolder folder;
    FlippingSealer sealer;
    FaultyVfs disk;

    Result<std::unique_ptr<sqlite::LogFile>> open(Commits& commits, FaultyVfs& vfs) {
        return sqlite::open_log({.path = folder.file("log.db"),
                                 .sealer = &sealer,
                                 .clock = [] { return from_unix_ns(5); },
                                 .committed = commits.sink(),
                                 .vfs = vfs.name()});
    }
    static std::vector<std::string> bodies(Log& log) {
        std::vector<std::string> found;
        const auto read = log.read({}, [&](const Entry& entry) {
            found.emplace_back(entry.body);
            return true;
        });
        EXPECT_TRUE(read) << read.error().message;
        return found;
    }
};

TEST_F(LogOnFaultyDisk, a_full_disk_is_reported_and_later_entries_are_kept_again) {
    Commits commits;
    auto log = open(commits, disk);
    ASSERT_TRUE(log) << log.error().message;
    const auto append = [&](std::string_view body) {
        return commits.wait_for((*log)->append(EntryKind::batch, {}, {}, body)).outcome;
    };
    ASSERT_TRUE(append("before"));
    disk.fail_writes(SQLITE_FULL);
    const auto refused = append("lost");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::busy);
    EXPECT_THAT(refused.error().message, HasSubstr("disk is full"));
    EXPECT_EQ((*log)->pending_bytes(), 0U);
    EXPECT_THAT(bodies(**log), testing::ElementsAre("before"));
    disk.fail_writes(0);
    ASSERT_TRUE(append("after"));
    EXPECT_THAT(bodies(**log), testing::ElementsAre("before", "after"));
    EXPECT_EQ((*log)->end(), (Position{0, 3}));
}

TEST_F(LogOnFaultyDisk, an_error_of_the_disk_is_reported_as_one) {
    Commits commits;
    auto log = open(commits, disk);
    ASSERT_TRUE(log);
    disk.fail_writes(SQLITE_IOERR_WRITE);
    const auto refused = commits.wait_for((*log)->append(EntryKind::batch, {}, {}, "lost")).outcome;
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("disk reported an error"));
}

// What was reported durable is there after the power went at any moment, in order and whole.
TEST_F(LogOnFaultyDisk, what_was_reported_survives_a_power_cut) {
    for (unsigned seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(seed);
        TemporaryFolder fresh;
        FaultyVfs vfs(seed);
        std::mt19937 random(seed);
        const auto options = [&](Commits& commits) {
            return sqlite::LogOptions{.path = fresh.file("log.db"),
                                      .sealer = &sealer,
                                      .clock = [] { return from_unix_ns(5); },
                                      .committed = commits.sink(),
                                      .commit_bytes_max = 4'096,
                                      .vfs = vfs.name()};
        };
        std::vector<std::string> appended;
        Ticket reported = 0;
        for (int life = 0; life < 2; ++life) {
            Commits commits;
            auto log = sqlite::open_log(options(commits));
            ASSERT_TRUE(log) << log.error().message;
            const auto before = bodies(**log);
            ASSERT_GE(before.size(), reported);
            ASSERT_LE(before.size(), appended.size());
            for (std::size_t i = 0; i < before.size(); ++i) ASSERT_EQ(before[i], appended[i]);
            appended = before;  // what was never reported may be gone: then it never was
            const auto base = appended.size();
            vfs.cut_after(random() % 100);
            Ticket last = 0;
            for (int i = 0; i < 150; ++i) {
                appended.push_back(std::to_string(i) + std::string(random() % 400, '-'));
                last = (*log)->append(EntryKind::batch,
                                      PatientId{static_cast<std::uint32_t>(random() % 5)}, {},
                                      appended.back());
                if (random() % 4 == 0) commits.wait_for(last);
            }
            commits.wait_for(last);
            log->reset();
            bool failed = false;
            for (const auto& commit : commits.all()) {
                if (commit.outcome && !failed) reported = base + commit.last;
                failed |= !commit.outcome;
            }
            vfs.bring_back();
        }
        Commits commits;
        auto log = sqlite::open_log(options(commits));
        ASSERT_TRUE(log) << log.error().message;
        const auto found = bodies(**log);
        ASSERT_GE(found.size(), reported);
        for (std::size_t i = 0; i < reported; ++i) ASSERT_EQ(found[i], appended[i]);
    }
}

// Chunks and their position are there together or not at all; documents as they were reported.
TEST(StoreOnFaultyDisk, chunks_and_position_survive_a_power_cut_together) {
    const auto everyone = identity::AccessDesk::to_everyone();
    const Catalogue catalogue;
    const auto& metric = *catalogue.find("heart_rate");
    const SeriesKey key{DeviceId{1}, metric.id, 0};
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        TemporaryFolder folder;
        FlippingSealer sealer;
        FaultyVfs vfs(seed);
        std::mt19937 random(seed);
        std::uint64_t acknowledged = 0;
        const sqlite::StoreOptions options{
            .path = folder.file("vigil.db"), .sealer = &sealer, .vfs = vfs.name()};
        {
            auto file = sqlite::StoreFile::open(options);
            ASSERT_TRUE(file) << file.error().message;
            auto store = sqlite::open_series(**file, catalogue);
            ASSERT_TRUE(store);
            vfs.cut_after(random() % 150);
            for (std::uint64_t i = 1; i <= 200; ++i) {
                (*store)->put(
                    key, PatientId{1},
                    numeric(noon + seconds(i), static_cast<std::int64_t>(i), 0, metric.unit));
                (*store)->advance({0, i});
                if (random() % 10 != 0) continue;
                if (await<void>([&](Done done) { (*store)->flush(std::move(done)); }))
                    acknowledged = i;
                if (random() % 5 == 0)
                    static_cast<void>(await<bool>([&](DoneWith<bool> done) {
                                          (*store)->compact(noon + hours(30), std::move(done));
                                      }).has_value());
            }
            (*file)->finish();
        }
        vfs.bring_back();
        auto file = sqlite::StoreFile::open(options);
        ASSERT_TRUE(file) << file.error().message;
        auto store = sqlite::open_series(**file, catalogue);
        ASSERT_TRUE(store);
        const auto applied = (*store)->applied().offset;
        EXPECT_GE(applied, acknowledged);
        std::uint64_t next = 1;
        ASSERT_TRUE((*store)->scan(everyone, PatientId{1}, metric.id, {noon, noon + hours(24)},
                                   [&](const SeriesKey&, const Sample& sample) {
                                       EXPECT_EQ(
                                           std::get<NumericValue>(sample.value).value.mantissa,
                                           static_cast<std::int64_t>(next++));
                                       return true;
                                   }));
        EXPECT_EQ(next, applied + 1);
        (*file)->finish();
    }
}

TEST(StoreOnFaultyDisk, a_flush_that_failed_is_made_up_for_by_the_next) {
    const Catalogue catalogue;
    const auto& metric = *catalogue.find("heart_rate");
    TemporaryFolder folder;
    FlippingSealer sealer;
    FaultyVfs vfs;
    auto file = sqlite::StoreFile::open(
        {.path = folder.file("vigil.db"), .sealer = &sealer, .vfs = vfs.name()});
    ASSERT_TRUE(file);
    auto store = sqlite::open_series(**file, catalogue);
    ASSERT_TRUE(store);
    const auto flush = [&] { return await<void>([&](Done d) { (*store)->flush(std::move(d)); }); };
    const auto count = [&] {
        return (*store)->list(identity::AccessDesk::to_everyone(), PatientId{1})->front().count;
    };
    for (std::uint64_t i = 1; i <= 3; ++i) {
        (*store)->put({DeviceId{1}, metric.id, 0}, PatientId{1},
                      numeric(noon + seconds(i), 70, 0, metric.unit));
        (*store)->advance({0, i});
        vfs.fail_writes(i == 2 ? SQLITE_FULL : 0);
        EXPECT_EQ(flush().has_value(), i != 2);
        EXPECT_EQ(count(), i);
        EXPECT_EQ((*store)->applied().offset, i == 2 ? 1 : i);
    }
    (*file)->finish();
}

}  // namespace
}  // namespace vigil::store::test
