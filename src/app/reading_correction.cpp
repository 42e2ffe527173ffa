#include "app/reading_correction.hpp"

#include <algorithm>
#include <vector>

namespace vigil::app {
namespace {

// What this server noted when the reading came, which no correction takes away.
constexpr std::uint32_t noted =
    status::clock | status::possible_duplicate | status::late | status::of_record;
// Judged anew from the value, or said by the correction itself.
constexpr std::uint32_t not_compared = status::corrected | status::implausible | noted;

bool same_value(const decltype(Reading::value)& a, const decltype(Reading::value)& b) {
    const auto* number = std::get_if<NumericValue>(&a);
    const auto* other = std::get_if<NumericValue>(&b);
    if (number == nullptr || other == nullptr) return a == b;
    return *number == *other && number->value.same_as(other->value);
}

bool is_of_record(const store::Sample& sample) {
    return (sample.status & status::of_record) != 0;
}

// A series keeps receive times to the millisecond, once compacted as whole seconds after the filed
// time (store/series.hpp): two records of one second with one device and time are then alike.
bool was_received(const store::Sample& sample, Timestamp written) {
    const auto apart = std::chrono::abs(sample.receive_time - written);
    const bool whole =
        (sample.receive_time - sample.filed_time) % std::chrono::seconds(1) == Nanoseconds(0);
    return apart < std::chrono::milliseconds(1) ||
           (whole && apart <= std::chrono::milliseconds(500));
}

// A device's own has views, of the others each is of the record that said it.
bool may_be(const store::Sample& sample, const ReadingPlace& place) {
    if (place.view) return !is_of_record(sample);
    return is_of_record(sample) && std::ranges::any_of(place.written, [&](Timestamp time) {
               return was_received(sample, time);
           });
}

// The one that is meant among those of one time, in order.
const store::Sample* meant(const std::vector<const store::Sample*>& alike,
                           const ReadingPlace& place) {
    if (place.view) return alike[place.view->ordinal];
    const auto same = std::ranges::find_if(alike, [&](const store::Sample* sample) {
        return same_value(sample->value, place.was.value);
    });
    if (same != alike.end()) return *same;
    return alike.size() == 1 ? alike.front() : nullptr;
}

Reading reading_of(const store::Sample& sample) {
    return {.metric = {},
            .channel = 0,
            .status = sample.status,
            .device_time = sample.device_time,
            .value = sample.value};
}

}  // namespace

Result<FiledThere> filed_reading(store::SeriesStore& series, const store::Access& access,
                                 const ReadingPlace& place) {
    if (place.view && std::holds_alternative<WaveformBlock>(place.was.value))
        return FiledThere{.is_there = true, .sample = {}};
    std::vector<store::Sample> samples;
    VIGIL_CHECK(series.scan(access, place.patient, place.key.metric,
                            {place.time, place.time + Nanoseconds(1)},
                            [&](const store::SeriesKey& key, const store::Sample& sample) {
                                if (key == place.key) samples.push_back(sample);
                                return true;
                            }));
    std::vector<const store::Sample*> alike;
    for (const auto& sample : samples)
        if (may_be(sample, place)) alike.push_back(&sample);
    if (alike.size() <= (place.view ? place.view->ordinal : 0)) return FiledThere{};
    FiledThere found{.is_there = true, .sample = {}};
    const auto* sample = meant(alike, place);
    if (sample != nullptr &&
        std::ranges::count(samples, sample->sequence, &store::Sample::sequence) == 1)
        found.sample = *sample;
    return found;
}

std::optional<Reading> amended(const store::Sample& sample, const Reading& now) {
    auto reading = reading_of(sample);
    reading.status = (sample.status & noted) | (now.status & ~noted) | status::corrected;
    reading.value = now.value;
    const bool same = same_value(sample.value, now.value) &&
                      ((reading.status ^ sample.status) & ~not_compared) == 0;
    return same ? std::nullopt : std::optional(std::move(reading));
}

std::optional<Reading> withdrawn(const store::Sample& sample) {
    auto reading = reading_of(sample);
    reading.status |= status::invalid | status::corrected;
    if (reading.status == sample.status) return std::nullopt;
    return reading;
}

}  // namespace vigil::app
