#include "identity/associations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

constexpr PatientId nobody_there{};
constexpr PatientId ada{1}, bo{2};
constexpr DeviceId monitor{7};

DeviceAssociated on(PatientId patient, Timestamp from, Timestamp to,
                    AssociationRank rank = AssociationRank::manual) {
    return {monitor, patient, from, to, rank};
}
DeviceAssociated correct(PatientId patient, Timestamp from, Timestamp to = end_of_time) {
    return {monitor, patient, from, to, AssociationRank::manual, true};
}

struct Case {
    const char* said;
    std::vector<DeviceAssociated> acts;
    std::vector<PatientId> on_from_eight;  // at 8:30, 9:30, 10:30, 11:30
};

TEST(DeviceAssociations, who_a_device_was_on) {
    using enum AssociationRank;
    const auto noon = at(12);
    const std::vector<Case> cases{
        {"never attached: on nobody", {}, {{}, {}, {}, {}}},
        {"attached at nine and never taken off",
         {on(ada, at(9), end_of_time)},
         {{}, ada, ada, ada}},
        {"attached from nine to eleven", {on(ada, at(9), at(11))}, {{}, ada, ada, {}}},
        {"moved to the next patient by hand: the later act wins",
         {on(ada, at(8), noon), on(bo, at(10), noon)},
         {ada, ada, bo, bo}},
        {"a wristband scan beats what was entered by hand, also if entered later",
         {on(ada, at(9), at(11), scan), on(bo, at(8), noon, manual)},
         {bo, ada, ada, bo}},
        {"a bed that ADT names gives way to a person",
         {on(ada, at(8), noon, manual), on(bo, at(10), noon, bed)},
         {ada, ada, ada, ada}},
        {"a bed that ADT names fills what nobody has said",
         {on(ada, at(8), at(10), manual), on(bo, at(8), noon, bed)},
         {ada, ada, bo, bo}},
        {"an account's own device is the weakest word",
         {on(ada, at(8), noon, account), on(bo, at(9), at(10), bed)},
         {ada, bo, ada, ada}},
        {"taken off at ten, whatever put it on",
         {on(ada, at(8), noon, bed), on(ada, at(9), noon, scan), correct(nobody_there, at(10))},
         {ada, ada, {}, {}}},
        {"taken off at nine; at eleven the bed's next patient comes",
         {on(ada, at(8), end_of_time, scan), correct(nobody_there, at(9)),
          on(bo, at(11), end_of_time, bed)},
         {ada, {}, {}, bo}},
        {"scanned on the wrong patient, put right for an hour",
         {on(ada, at(8), noon, scan), correct(bo, at(9), at(10))},
         {ada, bo, ada, ada}},
    };
    for (const auto& [said, acts, expected] : cases) {
        DeviceAssociations device;
        for (const auto& act : acts) device.apply(act, at(7), "admin");
        for (std::size_t i = 0; i < expected.size(); ++i)
            EXPECT_EQ(device.patient_at(at(8 + static_cast<int>(i), 30)), expected[i])
                << said << ", at " << 8 + i << ":30";
    }
}

TEST(DeviceAssociations, a_span_begins_with_its_first_instant_and_ends_before_its_last) {
    DeviceAssociations device;
    device.apply(on(ada, at(9), at(10)), at(7), "admin");
    EXPECT_EQ(device.patient_at(at(9) - Nanoseconds(1)), nobody_there);
    EXPECT_EQ(device.patient_at(at(9)), ada);
    EXPECT_EQ(device.patient_at(at(10) - Nanoseconds(1)), ada);
    EXPECT_EQ(device.patient_at(at(10)), nobody_there);
}

TEST(DeviceAssociations, readings_that_stay_where_they_are_are_not_refiled) {
    DeviceAssociations device;
    EXPECT_EQ(device.apply(on(ada, at(9), at(10)), at(7), "admin").size(), 1U);
    EXPECT_TRUE(device.apply(on(ada, at(9), at(10)), at(7), "admin").empty()) << "said twice";
    const auto refiles = device.apply(on(ada, at(8), at(12)), at(7), "admin");
    ASSERT_EQ(refiles.size(), 2U) << "only what was on nobody";
    EXPECT_EQ(refiles[0].span.from, at(8));
    EXPECT_EQ(refiles[0].span.to, at(9));
    EXPECT_EQ(refiles[1].span.from, at(10));
    EXPECT_EQ(refiles[1].span.to, at(12));
}

// The rule of docs/architecture.md, Words, as it is written, for one second: of what was said about
// it since it was last put right, the highest rank, and of equal ones the last.
PatientId by_the_rule(const std::vector<DeviceAssociated>& acts, Timestamp second) {
    const DeviceAssociated* best = nullptr;
    for (const auto& act : acts) {
        if (second < act.from || act.to <= second) continue;
        if (act.correction || !best || act.rank >= best->rank) best = &act;
        if (!act.patient) best = nullptr;  // taken off: nothing is said any more
    }
    return best ? best->patient : nobody_there;
}

TEST(DeviceAssociations, agree_with_the_rule_second_by_second_whatever_was_said) {
    constexpr int seconds = 60;
    constexpr int rounds = 400;
    std::mt19937 random(20261123);
    const auto pick = [&](int below) {
        return std::uniform_int_distribution<int>(0, below - 1)(random);
    };
    for (int round = 0; round < rounds; ++round) {
        DeviceAssociations device;
        std::vector<DeviceAssociated> said;
        std::vector<PatientId> filed(seconds);
        const auto second = [](int i) { return at(8) + std::chrono::seconds(i); };
        for (int n = 0; n < 15; ++n) {
            const int from = pick(seconds - 1);
            DeviceAssociated act{.device = monitor,
                                 .patient = PatientId{static_cast<std::uint32_t>(1 + pick(4))},
                                 .from = second(from),
                                 .to = second(from + 1 + pick(seconds - from))};
            act.rank = static_cast<AssociationRank>(1 + pick(4));
            act.correction = pick(5) == 0;
            if (act.correction && pick(2) == 0) act.patient = nobody_there;
            if (pick(4) == 0) act.to = end_of_time;
            said.push_back(act);
            for (const auto& refile : device.apply(act, at(7), "admin"))
                for (int i = 0; i < seconds; ++i) {
                    if (second(i) < refile.span.from || refile.span.to <= second(i)) continue;
                    EXPECT_EQ(filed[i], refile.from) << "round " << round << ", second " << i;
                    filed[i] = refile.to;
                }
            for (int i = 0; i < seconds; ++i) {
                ASSERT_EQ(device.patient_at(second(i)), by_the_rule(said, second(i)))
                    << "round " << round << ", act " << n << ", second " << i;
                ASSERT_EQ(filed[i], device.patient_at(second(i)))
                    << "readings left behind in round " << round << ", second " << i;
            }
        }
        for (std::size_t i = 1; i < device.standing().size(); ++i)
            ASSERT_LE(device.standing()[i - 1].to, device.standing()[i].from);
    }
}

}  // namespace
}  // namespace vigil::identity
