#include "monitor/scores/feed_state.hpp"

#include <algorithm>

#include "metric/unit.hpp"
#include "monitor/scores/steps.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::seconds;

constexpr Nanoseconds run_window = seconds(60);
constexpr Nanoseconds run_valid_min = seconds(30);
// A source that sends at least this often is a monitor's run (the catalogue's expected interval of
// live metrics); one that paused longer is not, once nothing followed for `alone_after`.
constexpr Nanoseconds run_gap_max = seconds(2);
constexpr Nanoseconds alone_after = seconds(3);

// In the metric's own unit; none where the reading holds no number of it.
std::optional<Decimal> number_of(const Metric& metric, const Reading& reading) {
    const auto* numeric = std::get_if<NumericValue>(&reading.value);
    if (numeric == nullptr || numeric->special != SpecialValue::none) return std::nullopt;
    const auto unit = numeric->unit ? numeric->unit : metric.unit;
    const auto value = converted(numeric->value, unit, metric.unit);
    if (!value) return std::nullopt;
    if ((metric.plausible_min && *value < *metric.plausible_min) ||
        (metric.plausible_max && *metric.plausible_max < *value))
        return std::nullopt;
    return *value;
}

std::string word_of(const Reading& reading) {
    if (const auto* coded = std::get_if<CodedValue>(&reading.value))
        return coded->code.empty() ? coded->display : coded->code;
    if (const auto* event = std::get_if<EventValue>(&reading.value))
        return event->code.empty() ? event->text : event->code;
    if (const auto* text = std::get_if<TextValue>(&reading.value)) return text->text;
    return {};
}

std::optional<std::variant<Measurement::Number, std::string>> value_of(const Metric& metric,
                                                                       const Reading& reading) {
    if (std::holds_alternative<NumericValue>(reading.value)) {
        const auto number = number_of(metric, reading);
        if (!number) return std::nullopt;
        return Measurement::Number{*number, metric.unit};
    }
    constexpr std::size_t word_bytes_max = 64;
    auto word = word_of(reading);
    if (word.empty() || word.size() > word_bytes_max) return std::nullopt;
    return word;
}

bool same_steps(const Measurement& a, const Measurement& b, std::int8_t exponent) {
    const auto* left = std::get_if<Measurement::Number>(&a.value);
    const auto* right = std::get_if<Measurement::Number>(&b.value);
    if (left == nullptr || right == nullptr) return a.value == b.value;
    return rounded_steps(left->value, exponent) == rounded_steps(right->value, exponent);
}

// The mean of two, exact: half of it has one digit more.
Decimal mean_of(const Decimal& a, const Decimal& b) {
    const auto exponent = std::min(a.exponent, b.exponent);
    const auto left = rescaled(a, exponent);
    const auto right = rescaled(b, exponent);
    constexpr std::int64_t mantissa_max = std::int64_t{1} << 58;
    const auto fits = [](const Result<Decimal>& value) {
        return value && value->mantissa < mantissa_max && value->mantissa > -mantissa_max;
    };
    if (!fits(left) || !fits(right) || exponent == INT8_MIN) return a;
    const auto sum = left->mantissa + right->mantissa;
    if (sum % 2 == 0) return {sum / 2, exponent};
    return {sum * 5, static_cast<std::int8_t>(exponent - 1)};
}

}  // namespace

FeedState::Taken FeedState::take(const Metric& metric, DeviceId device, const FiledReading& filed,
                                 std::int8_t exponent) {
    return making_ == Making::median ? take_sample(metric, device, filed, exponent)
                                     : take_kept(metric, device, filed, exponent);
}

FeedState::Taken FeedState::take_sample(const Metric& metric, DeviceId device,
                                        const FiledReading& filed, std::int8_t exponent) {
    const auto& reading = filed.reading;
    const auto number = number_of(metric, reading);
    const bool counts = number && (reading.status & status_not_counted) == 0;
    const Sample sample{filed.filed_time, number.value_or(Decimal{}), counts};
    Taken taken;
    if ((reading.status & status::corrected) != 0) {
        const auto held = std::ranges::find(samples_, sample.time, &Sample::time);
        taken.superseded = {sample.time, sample.time + run_window};
        if (held == samples_.end()) return taken;
        const bool by_person = made_ && made_->by_person;
        *held = sample;
        made_.reset();
        if (make(exponent)) made_->by_person = by_person;
        taken.changed = true;
        return taken;
    }
    const bool of_run = device == device_ && reading.channel == channel_;
    if (!samples_.empty() && !of_run) {
        // Two oximeters on one patient: the run that is there goes on, the other does not mix in.
        if (sample.time - samples_.back().time <= run_window) return taken;
        samples_.clear();
        alone_ = false;
    }
    if (!samples_.empty() && sample.time < samples_.back().time) return taken;
    device_ = device;
    channel_ = reading.channel;
    if ((reading.status & status::manual) != 0) {
        // What a person writes down is the value; it is part of no run.
        if (!counts) return taken;
        samples_.assign(1, sample);
        alone_ = false;
        taken.changed = make(exponent);
        made_->by_person = true;
        return taken;
    }
    const bool apart = samples_.empty() || sample.time - samples_.back().time > run_gap_max;
    if (alone_ && apart) taken.changed = make(exponent);
    if (!samples_.empty() && std::chrono::floor<seconds>(sample.time) ==
                                 std::chrono::floor<seconds>(samples_.back().time))
        samples_.back() = sample;
    else
        samples_.push_back(sample);
    std::erase_if(samples_,
                  [&](const Sample& each) { return each.time <= sample.time - run_window; });
    alone_ = apart;
    if (!apart && covered() >= run_valid_min) taken.changed = make(exponent) || taken.changed;
    return taken;
}

// How many seconds the samples that count stand for: each until the next, two at most.
Nanoseconds FeedState::covered() const {
    Nanoseconds sum{};
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        if (!samples_[i].counts) continue;
        sum += i + 1 == samples_.size()
                   ? Nanoseconds(seconds(1))
                   : std::min(run_gap_max, samples_[i + 1].time - samples_[i].time);
    }
    return sum;
}

std::optional<Decimal> FeedState::median() const {
    std::vector<Decimal> values;
    for (const auto& sample : samples_)
        if (sample.counts) values.push_back(sample.value);
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return mean_of(*std::max_element(values.begin(), middle), *middle);
}

bool FeedState::make(std::int8_t exponent) {
    alone_ = false;
    const auto value = median();
    if (!value) return false;
    Measurement made{.metric = {},
                     .value = Measurement::Number{*value, {}},
                     .time = {},
                     .device = device_,
                     .readings = 0};
    for (const auto& sample : samples_)
        if (sample.counts) {
            made.time = sample.time;
            ++made.readings;
        }
    const bool changed = !made_ || made_->by_person || !same_steps(*made_, made, exponent);
    made_ = std::move(made);
    return changed;
}

bool FeedState::settle(Timestamp now, std::int8_t exponent) {
    const auto at = settles_at();
    return at && *at <= now && make(exponent);
}

std::optional<Timestamp> FeedState::settles_at() const {
    if (!alone_ || samples_.empty()) return std::nullopt;
    return samples_.back().time + alone_after;
}

FeedState::Taken FeedState::take_kept(const Metric& metric, DeviceId device,
                                      const FiledReading& filed, std::int8_t exponent) {
    const auto& reading = filed.reading;
    auto value = value_of(metric, reading);
    Kept made;
    made.counts = value && (reading.status & status_not_counted) == 0;
    // A level is what a person says, however it was sent (clinical_scores §10: consciousness is
    // entered by a person only).
    made.measurement.by_person = (reading.status & status::manual) != 0 ||
                                 (value && std::holds_alternative<std::string>(*value));
    made.measurement.value = value ? std::move(*value) : std::string();
    made.measurement.time = filed.filed_time;
    made.measurement.device = device;
    Taken taken;
    const auto same = [&](const Kept& each) { return each.measurement.time == filed.filed_time; };
    if ((reading.status & status::corrected) != 0) {
        const auto held = std::ranges::find_if(kept_, same);
        const auto next = std::ranges::find_if(
            kept_, [&](const Kept& each) { return each.measurement.time > filed.filed_time; });
        taken.superseded = {filed.filed_time, next == kept_.end() || making_ == Making::window
                                                  ? Timestamp::max()
                                                  : next->measurement.time};
        if (held == kept_.end()) return taken;
        *held = std::move(made);
        taken.changed = true;
        return taken;
    }
    if (!made.counts) return taken;  // the last that does stays
    // What a person enters may complete a set, though it be the same again.
    taken.changed = making_ == Making::window || made.measurement.by_person || kept_.empty() ||
                    !kept_.back().counts ||
                    !same_steps(kept_.back().measurement, made.measurement, exponent);
    const auto after = std::ranges::upper_bound(
        kept_, filed.filed_time, {}, [](const Kept& each) { return each.measurement.time; });
    if (after != kept_.begin() && same(*(after - 1)))
        *(after - 1) = std::move(made);
    else if (after != kept_.end() && making_ == Making::last)
        return {};
    else
        kept_.insert(after, std::move(made));  // laboratories answer in any order
    if (kept_.size() > (making_ == Making::window ? window_kept : last_kept))
        kept_.erase(kept_.begin());
    return taken;
}

void FeedState::measurements(MetricId metric, std::vector<Measurement>& out) const {
    const auto add = [&](const Measurement& measurement) {
        out.push_back(measurement);
        out.back().metric = metric;
    };
    if (made_) add(*made_);
    if (making_ == Making::window) {
        for (const auto& each : kept_)
            if (each.counts) add(each.measurement);
        return;
    }
    const auto newest = std::ranges::find_if(kept_.rbegin(), kept_.rend(), &Kept::counts);
    if (newest == kept_.rend()) return;
    add(newest->measurement);
    // The longer of the last two pauses: a second try of a cuff shortens one of them only.
    if (newest->measurement.by_person || kept_.size() < 3) return;
    const auto n = kept_.size();
    for (std::size_t i = n - 2; i < n; ++i)
        if (!kept_[i].measurement.by_person && !kept_[i - 1].measurement.by_person)
            out.back().repeats = std::max(
                out.back().repeats, kept_[i].measurement.time - kept_[i - 1].measurement.time);
}

void FeedState::end_run(DeviceId device) {
    if (device_ != device) return;
    samples_.clear();
    alone_ = false;
}

}  // namespace vigil::monitor
