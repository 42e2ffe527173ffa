#include "monitor/scores/feed_state.hpp"

#include <algorithm>
#include <cstdlib>

#include "metric/unit.hpp"
#include "monitor/scores/steps.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::seconds;

constexpr Nanoseconds run_window = seconds(60);
constexpr Nanoseconds run_valid_min = seconds(30);
// A source that sends at least this often is a monitor's run (the catalogue's expected interval of
// live metrics). What is not long enough to have 30 s of a run counts once nothing followed for
// `alone_after`: the value of a spot check, a short burst.
constexpr Nanoseconds run_gap_max = seconds(2);
constexpr Nanoseconds alone_after = seconds(3);

// To the digits that a decimal is read with (parse_decimal), which a snapshot holds; what is cut
// off lies far below every chart's step and cannot round a value up.
Decimal shortened(Decimal value) {
    constexpr std::int64_t mantissa_max = 1'000'000'000'000'000'000;
    for (; std::abs(value.mantissa / 2) >= mantissa_max / 2; ++value.exponent) value.mantissa /= 10;
    return value;
}

// In the metric's own unit; none where the reading holds no number of it.
std::optional<Decimal> number_of(const Metric& metric, const Reading& reading) {
    const auto* numeric = std::get_if<NumericValue>(&reading.value);
    if (numeric == nullptr || numeric->special != SpecialValue::none) return std::nullopt;
    const auto unit = numeric->unit ? numeric->unit : metric.unit;
    const auto value = converted(numeric->value, unit, metric.unit);
    return value ? std::optional(shortened(*value)) : std::nullopt;
}

bool is_plausible(const Metric& metric, const Decimal& value) {
    return (!metric.plausible_min || value >= *metric.plausible_min) &&
           (!metric.plausible_max || value <= *metric.plausible_max);
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
        if (!number || !is_plausible(metric, *number)) return std::nullopt;
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

// A value that comes after one that was too old is news, though it be the same.
bool is_change(const Measurement& before, const Measurement& now, const FeedRule& rule) {
    return !same_steps(before, now, rule.exponent) || now.time - before.time > rule.fresh;
}

// The mean of two, exact: half of it has one digit more.
Decimal mean_of(const Decimal& a, const Decimal& b) {
    const auto exponent = std::min(a.exponent, b.exponent);
    const auto left = rescaled(a, exponent);
    const auto right = rescaled(b, exponent);
    // With one digit more it has 18, as parse_decimal allows and a snapshot holds.
    constexpr std::int64_t mantissa_max = 100'000'000'000'000'000;
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
                                 const FeedRule& rule) {
    auto taken = take_valid(metric, device, filed, rule);
    taken.changed |= note_implausible(metric, device, filed, rule);
    return taken;
}

// It does not count, but is shown where nothing newer does.
bool FeedState::note_implausible(const Metric& metric, DeviceId device, const FiledReading& filed,
                                 const FeedRule& rule) {
    const auto number = number_of(metric, filed.reading);
    constexpr auto refused = status_not_counted & ~status::implausible;
    if (!number || is_plausible(metric, *number) || (filed.reading.status & refused) != 0)
        return false;
    if (implausible_ && filed.filed_time < implausible_->time) return false;
    const bool is_news = !implausible_ || filed.filed_time - implausible_->time > rule.fresh;
    implausible_ = Measurement{.metric = {},
                               .value = Measurement::Number{*number, metric.unit},
                               .time = filed.filed_time,
                               .device = device,
                               .by_person = (filed.reading.status & status::manual) != 0};
    return is_news;
}

FeedState::Taken FeedState::take_valid(const Metric& metric, DeviceId device,
                                       const FiledReading& filed, const FeedRule& rule) {
    const auto& reading = filed.reading;
    const bool is_valid = (reading.status & status_not_counted) == 0;
    auto value = value_of(metric, reading);
    if (making_ == Making::median) {
        const auto* number = value ? std::get_if<Measurement::Number>(&*value) : nullptr;
        const Sample sample{filed.filed_time, number ? number->value : Decimal{},
                            number && is_valid};
        if (is_of_run(device, filed)) return take_sample(device, filed, sample, rule);
        if (!number) value.reset();
    }
    Kept made{.measurement = {}, .channel = reading.channel, .counts = value && is_valid};
    // A level is never inferred (clinical_scores §10: consciousness is entered by a person only).
    if ((reading.status & status::estimated) != 0 && value &&
        std::holds_alternative<std::string>(*value))
        made.counts = false;
    made.measurement.by_person = (reading.status & status::manual) != 0;
    made.measurement.value = value ? std::move(*value) : std::string();
    made.measurement.time = filed.filed_time;
    made.measurement.device = device;
    return take_kept(device, filed, std::move(made), rule);
}

// Not what a person wrote down, nor the correction of that.
bool FeedState::is_of_run(DeviceId device, const FiledReading& filed) {
    const bool is_manual = (filed.reading.status & status::manual) != 0;
    if ((filed.reading.status & status::corrected) == 0) return !is_manual;
    if (find_kept(device, filed) != kept_.end()) return false;
    return !is_manual ||
           std::ranges::find(samples_, filed.filed_time, &Sample::time) != samples_.end();
}

FeedState::Taken FeedState::take_sample(DeviceId device, const FiledReading& filed,
                                        const Sample& sample, const FeedRule& rule) {
    Taken taken;
    if ((filed.reading.status & status::corrected) != 0 && corrects_sample(sample))
        return correct_sample(sample, rule);
    const bool of_run = device == device_ && filed.reading.channel == channel_;
    if (!samples_.empty() && !of_run) {
        // Two oximeters on one patient: the run that is there goes on, the other does not mix in.
        // A run of which nothing counted for a minute gives way.
        const bool goes_on = std::ranges::any_of(samples_, [&](const Sample& each) {
            return each.counts && sample.time - each.time <= run_window;
        });
        if (goes_on || !sample.counts) return taken;
        samples_.clear();
        waits_ = false;
    }
    if (!samples_.empty() && sample.time < samples_.back().time) return taken;
    device_ = device;
    channel_ = filed.reading.channel;
    const bool paused = !samples_.empty() && sample.time - samples_.back().time >= alone_after;
    if (waits_ && paused && counts_mostly()) taken.changed = make(rule);
    const bool same_second =
        !samples_.empty() && std::chrono::floor<seconds>(sample.time) ==
                                 std::chrono::floor<seconds>(samples_.back().time);
    if (!same_second)
        samples_.push_back(sample);
    else if (sample.counts || !samples_.back().counts)
        samples_.back() = sample;
    std::erase_if(samples_,
                  [&](const Sample& each) { return each.time <= sample.time - run_window; });
    waits_ = waits_ || sample.counts;
    if (covered() >= run_valid_min) taken.changed = make(rule) || taken.changed;
    return taken;
}

// Whether it is about something that was counted, or may have been.
bool FeedState::corrects_sample(const Sample& sample) const {
    if (made_ && sample.time <= made_->time) return true;
    return !samples_.empty() && sample.time <= samples_.back().time;
}

FeedState::Taken FeedState::correct_sample(const Sample& sample, const FeedRule& rule) {
    // The medians of a minute had it, and each of them may have counted until it was too old.
    Taken taken{.changed = false,
                .superseded = std::pair(sample.time, sample.time + run_window + rule.held)};
    const auto held = std::ranges::find(samples_, sample.time, &Sample::time);
    if (held != samples_.end())
        *held = sample;
    else if (!samples_.empty())
        return taken;
    else
        samples_.push_back(sample);  // of a run that ended
    const bool counted =
        made_ && made_->time >= sample.time && made_->time - sample.time < run_window;
    if (counted) made_.reset();
    waits_ = false;
    if (covered() >= run_valid_min || counts_mostly()) make(rule);
    taken.changed = true;
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

// A burst that is too short to have 30 s counts all the same if most of it does.
bool FeedState::counts_mostly() const {
    const auto count = std::ranges::count(samples_, true, &Sample::counts);
    return count > 0 && 2 * static_cast<std::size_t>(count) >= samples_.size();
}

bool FeedState::make(const FeedRule& rule) {
    waits_ = false;
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
    if (made_ && made.time < made_->time) return false;
    const bool changed = !made_ || is_change(*made_, made, rule);
    made_ = std::move(made);
    return changed;
}

bool FeedState::settle(Timestamp now, const FeedRule& rule) {
    const auto at = settles_at();
    return at && *at <= now && make(rule);
}

std::optional<Timestamp> FeedState::settles_at() const {
    if (!waits_ || !counts_mostly()) return std::nullopt;
    return samples_.back().time + alone_after;
}

// That of this device and channel, else, for who corrects what another entered, that of the time.
std::vector<FeedState::Kept>::iterator FeedState::find_kept(DeviceId device,
                                                            const FiledReading& filed) {
    const auto at = [&](const Kept& each) { return each.measurement.time == filed.filed_time; };
    const auto same = std::ranges::find_if(kept_, [&](const Kept& each) {
        return at(each) && each.measurement.device == device &&
               each.channel == filed.reading.channel;
    });
    if (same != kept_.end() || (filed.reading.status & status::corrected) == 0) return same;
    return std::ranges::find_if(kept_, at);
}

FeedState::Taken FeedState::take_kept(DeviceId device, const FiledReading& filed, Kept made,
                                      const FeedRule& rule) {
    Taken taken;
    const auto time = filed.filed_time;
    const auto held = find_kept(device, filed);
    const auto after = std::ranges::upper_bound(
        kept_, time, {}, [](const Kept& each) { return each.measurement.time; });
    const bool is_late = after != kept_.end() && making_ != Making::window;
    if ((filed.reading.status & status::corrected) != 0 && (held != kept_.end() || is_late)) {
        const auto until = time + rule.held;
        taken.superseded = {time, is_late ? std::min(until, after->measurement.time) : until};
        if (held == kept_.end()) return taken;
        made.measurement.by_person |= held->measurement.by_person;
        *held = std::move(made);
        taken.changed = true;
        return taken;
    }
    if (!made.counts) return taken;  // the last that does stays
    if (held == kept_.end() && is_late) return taken;
    // What a person enters may complete a set, though it be the same again.
    taken.changed = making_ == Making::window || made.measurement.by_person || kept_.empty() ||
                    !kept_.back().counts ||
                    is_change(kept_.back().measurement, made.measurement, rule);
    if (held != kept_.end())
        *held = std::move(made);
    else
        kept_.insert(after, std::move(made));  // laboratories answer in any order
    shrink(rule);
    return taken;
}

// What may still be the worst of a window stays: all but values that newer ones outdo on both
// sides.
void FeedState::shrink(const FeedRule& rule) {
    if (making_ != Making::window) {
        if (kept_.size() > last_kept) kept_.erase(kept_.begin());
        return;
    }
    if (kept_.size() <= window_kept) return;
    const auto newest = kept_.back().measurement.time;
    const auto value = [](const Kept& each) {
        const auto* number = std::get_if<Measurement::Number>(&each.measurement.value);
        return number ? number->value : Decimal{};
    };
    const auto outdone = [&](std::size_t i) {
        bool by_less = false;
        bool by_more = false;
        for (std::size_t n = i + 1; n < kept_.size(); ++n) {
            by_less |= kept_[n].counts && value(kept_[n]) <= value(kept_[i]);
            by_more |= kept_[n].counts && value(kept_[n]) >= value(kept_[i]);
        }
        return !kept_[i].counts || (by_less && by_more);
    };
    std::size_t leaves = 0;
    while (leaves + 1 < kept_.size() && newest - kept_[leaves].measurement.time <= rule.held &&
           !outdone(leaves))
        ++leaves;
    // All are in one row, up or down: one out of the middle of it changes least.
    if (leaves + 1 == kept_.size()) leaves = kept_.size() / 2;
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(leaves));
}

void FeedState::measurements(MetricId metric, std::vector<Measurement>& out) const {
    const auto add = [&](const Measurement& measurement) {
        out.push_back(measurement);
        out.back().metric = metric;
    };
    const auto newest = std::ranges::find_if(kept_.rbegin(), kept_.rend(), &Kept::counts);
    if (implausible_ && (!made_ || made_->time < implausible_->time) &&
        (newest == kept_.rend() || newest->measurement.time < implausible_->time))
        add(*implausible_);
    if (made_) add(*made_);
    if (making_ == Making::window) {
        for (const auto& each : kept_)
            if (each.counts) add(each.measurement);
        return;
    }
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

void FeedState::end_run(DeviceId device, const FeedRule& rule) {
    if (device_ != device) return;
    if (waits_ && counts_mostly()) make(rule);
    samples_.clear();
    waits_ = false;
}

}  // namespace vigil::monitor
