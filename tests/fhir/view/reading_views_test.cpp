// The views of random readings, looked for in every way, against a plain list of them.
// Compiled by itself: its AccessDesk gives away what others ask for.
#include "fhir/view/reading_views.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "store/memory_series.hpp"
#include "store/test_access.hpp"

namespace vigil::fhir {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp noon = from_unix_ns(1'772'366'400'000'000'000);
const auto everyone = identity::AccessDesk::to_everyone();

struct Expected {
    ViewId id;
    PatientId patient;
    std::int64_t value = 0;  // of a single number
    bool is_number = false;
};

class Ward {
public:
    explicit Ward(unsigned seed) : random_(seed) {
        for (std::uint32_t i = 1; i <= 5; ++i) numbers_.add("p" + std::to_string(i), PatientId{i});
        for (std::uint32_t i = 1; i <= 5; ++i) fill(PatientId{i}, DeviceId{i});
        fill(PatientId{1}, DeviceId{9});  // a second monitor
        fill(PatientId{}, DeviceId{8});   // on nobody
        std::ranges::sort(all_, {}, order);
    }

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }

    ViewScan any_scan() {
        ViewScan scan;
        for (const auto& group : views.groups())
            if (below(3) != 0) scan.groups.push_back(&group);
        if (below(2) == 0) {
            scan.patients.emplace();
            for (std::uint32_t i = 0; i <= 5; ++i)
                if (below(2) == 0) scan.patients->push_back(PatientId{i});
        }
        if (below(4) == 0) scan.devices = std::set{DeviceId{1}, DeviceId{8}, DeviceId{9}};
        scan.span = {Timestamp::min(), Timestamp::max()};
        // Waveforms are cut at whole minutes.
        if (below(2) == 0) scan.span.from = noon + minutes(below(300));
        if (below(2) == 0) scan.span.to = noon + minutes(below(300));
        scan.descending = below(2) == 0;
        if (!scan.descending && below(2) == 0) {
            scan.by_patient = true;
            if (below(2) == 0)
                scan.resume.emplace(PatientId{static_cast<std::uint32_t>(below(6))},
                                    noon + minutes(below(300)));
        }
        scan.views_wanted = static_cast<std::size_t>(1 + below(below(2) == 0 ? 5 : 400));
        if (below(3) == 0)
            scan.values.push_back({"value-quantity",
                                   store::Comparison::greater,
                                   {"", static_cast<double>(below(100)), 0}});
        for (auto& one : scan.values) one.value.high = one.value.low;
        return scan;
    }

    static bool is_before(const ViewScan& scan, const Expected& one) {
        if (!scan.resume || one.patient > scan.resume->first) return false;
        return one.patient < scan.resume->first || one.id.time < scan.resume->second;
    }
    std::vector<ViewId> expected(const ViewScan& scan) const {
        std::vector<Expected> found;
        for (const auto& one : all_) {
            const auto wanted_group = [&](const ViewGroup* group) {
                return group->id == one.id.metric;
            };
            const bool wanted = std::ranges::any_of(scan.groups, wanted_group) &&
                                scan.span.from <= one.id.time && one.id.time < scan.span.to &&
                                (!scan.devices || scan.devices->contains(one.id.device)) &&
                                (!scan.patients || std::ranges::find(*scan.patients, one.patient) !=
                                                       scan.patients->end());
            const bool has_value =
                std::ranges::all_of(scan.values, [&](const store::NumberMatch& asked) {
                    return one.is_number && static_cast<double>(one.value) > asked.value.high;
                });
            if (wanted && has_value && !is_before(scan, one)) found.push_back(one);
        }
        if (scan.descending) std::ranges::reverse(found);
        if (scan.by_patient)
            std::ranges::sort(
                found, {}, [](const Expected& one) { return std::pair(one.patient, order(one)); });
        std::vector<ViewId> ids;
        for (const auto& one : found) ids.push_back(one.id);
        return ids;
    }

    const Catalogue catalogue;
    store::test::MemorySeries store{catalogue};
    PatientNumbers numbers_;
    ReadingViews views{catalogue, store, numbers_};

private:
    static std::pair<Timestamp, ViewId> order(const Expected& one) { return {one.id.time, one.id}; }

    void put(PatientId patient, const store::SeriesKey& key, Timestamp time,
             decltype(Reading::value) value, std::uint32_t sequence = 0, std::uint32_t status = 0) {
        store.put(key, patient,
                  {.filed_time = time,
                   .device_time = time,
                   .receive_time = time,
                   .sequence = sequence,
                   .status = status,
                   .value = std::move(value)});
    }
    NumericValue number(const Metric& metric, std::int64_t value) {
        return {.value = {value, 0}, .unit = metric.unit};
    }
    Timestamp some_time() {
        // Dense at one end, sparse at the other: no window suits both.
        return below(2) == 0 ? noon + milliseconds(below(120'000))
                             : noon + seconds(below(5 * 3'600));
    }

    void fill(PatientId patient, DeviceId device) {
        std::set<Timestamp> taken;
        const auto fresh = [&] {
            auto time = some_time();
            while (!taken.insert(time).second) time = some_time();
            return time;
        };
        const auto& rate = *catalogue.find("heart_rate");
        for (int i = 0; i < 60; ++i) {
            const ViewId id{device, rate.id, static_cast<std::uint16_t>(below(2)), fresh()};
            const auto repeats = below(8) == 0 ? 2U : 1U;  // several at one time are several views
            if (below(8) == 0)                             // an Observation of the record shows it
                put(patient, {device, rate.id, id.channel}, id.time, number(rate, 50), 7,
                    status::of_record);
            for (std::uint32_t ordinal = 0; ordinal < repeats; ++ordinal) {
                const auto value = below(100);
                put(patient, {device, rate.id, id.channel}, id.time, number(rate, value), ordinal);
                all_.push_back(
                    {{id.device, id.metric, id.channel, id.time, ordinal}, patient, value, true});
            }
        }
        const auto& panel = *catalogue.find("nibp");
        for (int i = 0; i < 20; ++i) {
            const auto time = fresh();
            bool any = false;
            for (const auto* part : {"nibp_sys", "nibp_dia", "nibp_mean"}) {
                if (below(4) == 0) continue;
                const auto& metric = *catalogue.find(part);
                put(patient, {device, metric.id, 0}, time, number(metric, 80));
                any = true;
            }
            if (any) all_.push_back({{device, panel.id, 0, time, 0}, patient});
        }
        const auto& lead = *catalogue.find("ecg_ii");
        auto time = noon + seconds(below(10'000));
        std::set<Timestamp> in;
        for (int i = 0; i < 90; ++i, time += seconds(1)) {
            put(patient, {device, lead.id, 0}, time,
                WaveformBlock{.period = milliseconds(100),
                              .scale = {1, 0},
                              .offset = {0, 0},
                              .unit = lead.unit,
                              .samples = std::vector<std::int32_t>(10, 1)});
            in.insert(std::chrono::floor<minutes>(time));
        }
        for (const auto minute : in) all_.push_back({{device, lead.id, 0, minute, 0}, patient});
    }

    std::mt19937_64 random_;
    std::vector<Expected> all_;
};

TEST(ReadingViews, are_all_found_once_and_in_order_however_they_are_looked_for) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        Ward ward(seed);
        for (int round = 0; round < 25; ++round) {
            const auto scan = ward.any_scan();
            const auto expected = ward.expected(scan);
            std::vector<ViewId> found;
            ASSERT_TRUE(ward.views.scan(everyone, scan, [&](View&& view) {
                found.push_back(view.id);
                return true;
            }));
            ASSERT_EQ(found, expected) << "seed " << seed << ", round " << round;
            auto whole = scan;
            whole.resume.reset();
            const auto count = ward.views.count(everyone, whole);
            ASSERT_TRUE(count);
            ASSERT_EQ(*count, ward.expected(whole).size())
                << "seed " << seed << ", round " << round;
        }
    }
}

TEST(ReadingViews, a_page_of_all_patients_opens_no_more_series_than_it_has_views) {
    // What is opened is told by the work: each series opened is 50.
    const Catalogue catalogue;
    store::test::MemorySeries store(catalogue);
    PatientNumbers numbers;
    const ReadingViews views(catalogue, store, numbers);
    const auto& rate = *catalogue.find("heart_rate");
    for (std::uint32_t i = 1; i <= 500; ++i) {
        const auto time = noon + milliseconds(i * 37);
        store.put({DeviceId{i}, rate.id, 0}, PatientId{i},
                  {.filed_time = time,
                   .device_time = time,
                   .receive_time = time,
                   .value = NumericValue{.value = {70, 0}, .unit = rate.unit}});
    }
    ViewScan scan;
    for (const auto& group : views.groups())
        if (group.id == rate.id) scan.groups.push_back(&group);
    scan.span = {Timestamp::min(), Timestamp::max()};
    scan.views_wanted = 10;
    scan.work_max = 500 + 13 * (50 + 1 + 20);  // all are named, few are opened and shown
    for (const bool descending : {true, false}) {
        scan.descending = descending;
        std::vector<DeviceId> found;
        const auto scanned = views.scan(everyone, scan, [&](View&& view) {
            found.push_back(view.id.device);
            return found.size() < 10;
        });
        ASSERT_TRUE(scanned) << scanned.error().message;
        EXPECT_EQ(found.front(), DeviceId{descending ? 500U : 1U});
        EXPECT_EQ(found.back(), DeviceId{descending ? 491U : 10U});
    }
    scan.work_max = 400;
    const auto refused = views.scan(everyone, scan, [](View&&) { return true; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::too_large);
}

TEST(ReadingViews, of_those_that_an_access_does_not_cover_nothing_is_seen) {
    Ward ward(3);
    ViewScan scan;
    scan.span = {Timestamp::min(), Timestamp::max()};
    for (const auto& group : ward.views.groups()) scan.groups.push_back(&group);
    const auto access = identity::AccessDesk::to({PatientId{2}});
    auto of_one = scan;
    of_one.patients = {PatientId{2}};
    EXPECT_EQ(*ward.views.count(access, scan), ward.expected(of_one).size());
    ASSERT_TRUE(ward.views.scan(access, scan, [&](View&& view) {
        EXPECT_EQ(view.record.subject, PatientId{2});
        return true;
    }));
}

}  // namespace
}  // namespace vigil::fhir
