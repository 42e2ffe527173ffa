#include "store/merge.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace vigil::store {

namespace {

// As sent, to the digit: 1.0 and 1.00 are two readings.
bool same_value(const Sample& a, const Sample& b) {
    const auto* number = std::get_if<NumericValue>(&a.value);
    if (number == nullptr || a.value.index() != b.value.index()) return a.value == b.value;
    const auto& other = std::get<NumericValue>(b.value);
    return number->special == other.special && number->unit == other.unit &&
           number->value.same_as(other.value);
}

bool repeats(const Sample& sample, const Sample& earlier) {
    return sample.sequence == earlier.sequence && sample.device_time == earlier.device_time &&
           same_value(sample, earlier);
}

bool same_place(const Sample& a, const Sample& b) {
    return a.filed_time == b.filed_time && a.sequence == b.sequence;
}

bool in_order(const Sample& a, const Sample& b) {
    return std::tie(a.filed_time, a.sequence) < std::tie(b.filed_time, b.sequence);
}

// A stable sort that moves the wide samples once: most runs are in order and are not moved at all.
void sort(std::vector<Sample>& samples) {
    if (std::ranges::is_sorted(samples, in_order)) return;
    std::vector<std::size_t> order(samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return in_order(samples[a], samples[b]) || (!in_order(samples[b], samples[a]) && a < b);
    });
    std::vector<Sample> sorted;
    sorted.reserve(samples.size());
    for (const auto index : order) sorted.push_back(std::move(samples[index]));
    samples.swap(sorted);
}

// What was filed at receive time because the device's clock was off may stand elsewhere when it is
// sent again: device times tell.
void drop_repeats_filed_elsewhere(std::vector<Sample>& samples) {
    const auto clock_was_off = [](const Sample& s) { return (s.status & status::clock) != 0; };
    if (std::ranges::none_of(samples, clock_was_off)) return;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < samples.size(); ++i)
        if (samples[i].device_time) order.push_back(i);
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return std::tie(*samples[a].device_time, samples[a].sequence, a) <
               std::tie(*samples[b].device_time, samples[b].sequence, b);
    });
    std::vector<bool> repeated(samples.size());
    for (std::size_t i = 1; i < order.size(); ++i)
        repeated[order[i]] = repeats(samples[order[i]], samples[order[i - 1]]);
    std::size_t index = 0;
    std::erase_if(samples, [&](const Sample&) { return repeated[index++]; });
}

}  // namespace

void settle(std::vector<Sample>& samples) {
    sort(samples);
    auto kept = samples.begin();
    for (auto sample = samples.begin(); sample != samples.end(); ++sample) {
        auto place = kept;
        while (place != samples.begin() && same_place(*std::prev(place), *sample)) --place;
        const bool corrects = (sample->status & status::corrected) != 0;
        const bool repeated = std::any_of(place, kept, [&](const Sample& earlier) {
            return repeats(*sample, earlier) && (!corrects || sample->status == earlier.status);
        });
        if (repeated) continue;
        if (corrects) kept = place;
        if (kept != sample) *kept = std::move(*sample);
        ++kept;
    }
    samples.erase(kept, samples.end());
    drop_repeats_filed_elsewhere(samples);
}

}  // namespace vigil::store
