// What the monitor concluded, on vigil.db.
#include "store/events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/fakes.hpp"
#include "store/sqlite/rebuild.hpp"
#include "store/sqlite/records.hpp"
#include "store/test_access.hpp"

namespace vigil::store {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const auto everyone = identity::AccessDesk::to_everyone();

class Events : public testing::Test {
protected:
    Events() {
        auto opened = sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});
        EXPECT_TRUE(opened) << opened.error().message;
        file = std::move(*opened);
        events = sqlite::open_events(*file);
    }
    static Timestamp at(std::int64_t second) { return from_unix_ns(second * 1'000'000'000); }
    static KeptEvent event(std::uint64_t offset, std::uint32_t patient, std::int64_t second) {
        return {.position = {0, offset},
                .subject = {patient},
                .time = at(second),
                .body = std::string("of \0 ", 5) + std::to_string(offset)};
    }
    Result<void> keep(std::vector<KeptEvent> all) {
        const auto last = all.back().position;
        return await<void>(
            [&](Done done) { events->keep(std::move(all), {"events", last}, std::move(done)); });
    }
    std::vector<std::uint64_t> read(const EventQuery& query, const Access& access = everyone,
                                    std::size_t limit = 100) {
        std::vector<std::uint64_t> offsets;
        EXPECT_TRUE(events->read(access, query, [&](const KeptEvent& each) {
            offsets.push_back(each.position.offset);
            EXPECT_EQ(each, event(each.position.offset, each.subject.value,
                                  unix_ns(each.time) / 1'000'000'000));
            return offsets.size() < limit;
        }));
        return offsets;
    }
    EventQuery all() const { return {.subject = {}, .span = {at(0), at(1000)}, .before = {}}; }

    test::TemporaryFolder folder;
    test::FlippingSealer sealer;
    std::unique_ptr<sqlite::StoreFile> file;
    std::unique_ptr<EventStore> events;
};

TEST_F(Events, are_kept_once_and_told_newest_first) {
    ASSERT_TRUE(keep({event(4, 1, 10), event(5, 2, 20)}));
    ASSERT_TRUE(keep({event(5, 2, 20), event(6, 0, 20), event(9, 1, 30)}));
    EXPECT_THAT(read(all()), ElementsAre(9, 6, 5, 4));
    EXPECT_EQ(file->applied("events"), (Position{0, 9}));
}

TEST_F(Events, are_found_by_patient_span_and_page) {
    ASSERT_TRUE(keep({event(1, 1, 10), event(2, 2, 10), event(3, 1, 20), event(4, 1, 30)}));
    auto query = all();
    query.subject = PatientId{1};
    EXPECT_THAT(read(query), ElementsAre(4, 3, 1));
    query.span = {at(10), at(30)};
    EXPECT_THAT(read(query), ElementsAre(3, 1)) << "from inclusive, to exclusive";
    EXPECT_THAT(read(query, everyone, 1), ElementsAre(3));
    query.before = {at(20), {0, 3}};
    EXPECT_THAT(read(query), ElementsAre(1));
    query.subject.reset();
    query.before = {at(10), {0, 2}};
    EXPECT_THAT(read(query), ElementsAre(1)) << "of the same time, by position";
}

TEST_F(Events, are_shown_to_whoever_sees_the_patient) {
    ASSERT_TRUE(keep({event(1, 1, 10), event(2, 2, 10), event(3, 0, 10)}));
    EXPECT_THAT(read(all(), identity::AccessDesk::to({PatientId{2}})), ElementsAre(2));
}

TEST_F(Events, are_forgotten_with_their_time_and_made_again_from_the_log) {
    ASSERT_TRUE(keep({event(1, 1, 10), event(2, 2, 20), event(3, 1, 30)}));
    const auto more =
        await<bool>([&](DoneWith<bool> done) { events->forget(at(20), std::move(done)); });
    ASSERT_TRUE(more);
    EXPECT_FALSE(*more);
    EXPECT_THAT(read(all()), ElementsAre(3, 2));
    ASSERT_TRUE(sqlite::forget_derived(*file));
    EXPECT_THAT(read(all()), IsEmpty());
}

}  // namespace
}  // namespace vigil::store
