#include "monitor/signals/ecg_watch.hpp"

#include <algorithm>
#include <cmath>
#include <ranges>

namespace vigil::monitor {
namespace {

// Leads come one by one: so long is waited for the other before the best are chosen.
constexpr Nanoseconds choosing = std::chrono::seconds(1);
// A choice holds at least so long: detectors that begin anew have lost what they learnt.
constexpr Nanoseconds chosen_for = std::chrono::seconds(10);
constexpr Nanoseconds apart_for = std::chrono::minutes(1);
constexpr Nanoseconds heard_lately = std::chrono::seconds(3);
// Quality is told each second: two of them without anything attached, ten without a good lead.
constexpr double off_s = 1, noisy_s = 10, clear_s = 5;

// Valid or not, what a device flags so are no samples of this patient.
constexpr std::uint32_t no_samples =
    status::invalid | status::not_available | status::calibration_ongoing | status::implausible;

bool is_read(double hz) {
    return hz >= ecg::sample_hz_min && hz <= ecg::sample_hz_max;
}

}  // namespace

EcgWatch::Seen* EcgWatch::note(const EcgLead& lead, std::size_t place, Nanoseconds period,
                               Timestamp now) {
    auto found = std::ranges::find(seen_, lead, &Seen::lead);
    if (found == seen_.end()) {
        if (seen_.size() >= seen_max) return nullptr;
        if (seen_.empty()) first_seen_ = now;
        seen_.push_back({.lead = lead, .place = place});
        found = seen_.end() - 1;
    }
    found->period = period;
    found->heard = now;
    return &*found;
}

void EcgWatch::take(const FiledReading& filed, const Metric& metric, std::size_t place,
                    Timestamp now) {
    const auto* block = std::get_if<WaveformBlock>(&filed.reading.value);
    if (block == nullptr || block->samples.empty()) return;
    const auto hz = sample_hz(*block);
    const auto scale = sample_scale(*block, metric);
    if (!hz || !scale || !is_read(*hz)) {
        unreadable_ = now;
        return;
    }
    const EcgLead lead{.metric = filed.reading.metric, .channel = filed.reading.channel};
    if (note(lead, place, block->period, now) == nullptr) return;
    const auto found = std::ranges::find(chosen_, lead);
    if (found == chosen_.end()) return;
    const auto number = static_cast<std::size_t>(found - chosen_.begin());
    if (line_ && line_->period != block->period) {
        if (number > 0) return;  // it is chosen anew
        end_line();
    }
    WaveformBlock none;
    const bool is_valid = (filed.reading.status & no_samples) == 0;
    if (!is_valid) {
        none = *block;
        std::ranges::fill(none.samples, WaveformBlock::missing);
    }
    const bool is_receipt_time = (filed.reading.status & status::clock) != 0;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!line_ && !begin_line(filed.filed_time, block->period)) return;
        auto& timeline = line_->timelines[number];
        if (!timeline) timeline.emplace(line_->begin, line_->period, line_->fed);
        if (timeline->take(filed.filed_time, is_valid ? *block : none, *scale, is_receipt_time))
            return;
        end_line();
        // The other one goes on: they are of two clocks, and cannot be read together.
        if (number > 0 && now - heard(chosen_.front()) <= heard_lately) {
            std::ranges::find(seen_, lead, &Seen::lead)->apart_until = now + apart_for;
            chosen_.pop_back();
            chosen_at_ = now;
            return;
        }
    }
}

bool EcgWatch::begin_line(Timestamp begin, Nanoseconds period) {
    auto watch =
        rhythm::RhythmWatch::make(1e9 / static_cast<double>(period.count()), chosen_.size());
    if (!watch) return false;
    line_.emplace(Line{.begin = begin, .period = period, .watch = std::move(*watch)});
    return true;
}

void EcgWatch::end_line() {
    if (!line_) return;
    line_.reset();
    calls_.lost();
}

Timestamp EcgWatch::heard(const EcgLead& lead) const {
    const auto found = std::ranges::find(seen_, lead, &Seen::lead);
    return found == seen_.end() ? Timestamp{} : found->heard;
}

std::vector<EcgLead> EcgWatch::best(Timestamp now) const {
    std::vector<const Seen*> live;
    for (const auto& each : seen_)
        if (now - each.heard <= heard_lately && now >= each.apart_until) live.push_back(&each);
    std::ranges::sort(live, [](const Seen* a, const Seen* b) {
        return std::tuple(a->place, a->lead.channel) < std::tuple(b->place, b->lead.channel);
    });
    std::vector<EcgLead> out;
    for (const auto* each : live) {
        if (out.size() == ecg::leads_max) break;
        if (each->period == live.front()->period) out.push_back(each->lead);
    }
    return out;
}

void EcgWatch::choose(Timestamp now) {
    if (seen_.empty() || now - first_seen_ < choosing) return;
    if (!chosen_.empty() && now - chosen_at_ < chosen_for) return;
    const auto candidates = best(now);
    if (candidates.empty() || candidates == chosen_) return;
    const bool is_one_silent = std::ranges::any_of(
        chosen_, [&](const EcgLead& lead) { return now - heard(lead) > silent_after; });
    if (!chosen_.empty() && !is_one_silent && candidates.size() <= chosen_.size()) return;
    chosen_ = candidates;
    chosen_at_ = now;
    end_line();
}

// As far as the leads reach that are not too far behind; of none is waited for ever.
std::int64_t EcgWatch::readable_up_to(Timestamp now) const {
    std::int64_t farthest = line_->fed;
    std::optional<std::int64_t> common;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        const bool is_waited_for = now - heard(chosen_[i]) <= behind_max;
        const auto end = line_->timelines[i] ? line_->timelines[i]->end() : line_->fed;
        farthest = std::max(farthest, end);
        if (is_waited_for) common = std::min(common.value_or(end), end);
    }
    return common.value_or(farthest);
}

void EcgWatch::read(Timestamp now, const rhythm::ArrhythmiaSettings& settings) {
    choose(now);
    if (!line_) return;
    line_->watch.change(settings);
    feed(static_cast<std::size_t>(std::max<std::int64_t>(0, readable_up_to(now) - line_->fed)));
    if (std::ranges::all_of(chosen_,
                            [&](const EcgLead& lead) { return now - heard(lead) > silent_after; }))
        end_line();
}

// Second by second, so that the quality of each is seen however much comes at once.
void EcgWatch::feed(std::size_t count) {
    const auto hz = 1e9 / static_cast<double>(line_->period.count());
    std::array<std::vector<float>, ecg::leads_max> samples;
    std::vector<ecg::Beat> beats;
    std::vector<rhythm::RhythmEvent> events;
    while (count > 0) {
        const auto piece = std::min(count, static_cast<std::size_t>(std::lround(hz)));
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            auto& timeline = line_->timelines[i];
            if (!timeline) timeline.emplace(line_->begin, line_->period, line_->fed);
            samples[i].clear();
            timeline->read(piece, samples[i]);
        }
        line_->watch.feed(samples[0], samples[1], beats, events);
        line_->fed += static_cast<std::int64_t>(piece);
        count -= piece;
        note_quality();
    }
    const auto time_of = [&](double seconds) {
        return line_->begin + Nanoseconds(std::llround(seconds * 1e9));
    };
    for (const auto& event : events) calls_.note(event, time_of(event.at_s));
    for (const auto& beat : beats) {
        beats_.push_back({.at = time_of(ecg::seconds(beat, hz)),
                          .beat_class = beat.beat_class,
                          .quality = beat.quality});
        if (beats_.size() > beats_kept) beats_.pop_front();
    }
}

void EcgWatch::note_quality() {
    const double now_s = line_->watch.seconds_fed();
    bool is_off = now_s >= 1;
    for (std::size_t i = 0; i < line_->watch.lead_count(); ++i)
        is_off = is_off && line_->watch.lead(i).is_off;
    const auto follow = [&](std::optional<double>& since, bool holds) {
        if (!holds)
            since.reset();
        else if (!since)
            since = now_s;
    };
    const bool usable = line_->watch.usable();
    follow(line_->off_since_s, is_off);
    follow(line_->noisy_since_s, !is_off && !usable);
    follow(line_->clear_since_s, usable);
}

void EcgWatch::tell(Told& told, bool present, ConditionId condition,
                    std::optional<AlarmPriority> priority, std::string detail, Timestamp now,
                    std::vector<Finding>& found) const {
    const auto wanted = priority.value_or(AlarmPriority{});
    if (present == told.present && (!present || wanted == told.priority)) return;
    told = {.present = present, .priority = wanted};
    found.push_back({.condition = condition,
                     .device = device_,
                     .present = present,
                     .at = now,
                     .detail = std::move(detail),
                     .priority = priority});
}

void EcgWatch::judge(RhythmCalls::Judge by, bool pulse_stopped, const SignalTables& tables,
                     std::vector<Finding>& found) {
    by.device = device_;
    by.learnt_s = line_ ? line_->watch.seconds_fed() : 0;
    const auto contradiction = calls_.judge(by, tables, found);
    const auto lasts = [&](const std::optional<double>& since, double for_s) {
        return since && by.learnt_s - *since >= for_s;
    };
    // A line that does not move at all is no asystole: it may be one beneath, and where the pulse
    // has gone too people are called at once.
    const bool is_off = line_ && lasts(line_->off_since_s, off_s);
    tell(leads_off_, is_off, tables.leads_off,
         is_off && pulse_stopped ? std::optional(AlarmPriority::high) : std::nullopt,
         pulse_stopped ? "the leads are off, and no pulse is seen" : "", by.now, found);
    const bool was_noisy =
        noise_.present && line_ && !is_off && !lasts(line_->clear_since_s, clear_s);
    tell(noise_, line_ && (was_noisy || lasts(line_->noisy_since_s, noisy_s)), tables.noise, {}, "",
         by.now, found);
    const bool is_unreadable = unreadable_ && by.now - *unreadable_ <= silent_after && !line_;
    tell(
        cannot_analyse_, contradiction || is_unreadable, tables.cannot_analyse,
        contradiction ? std::optional(AlarmPriority::medium) : std::nullopt,
        contradiction ? *contradiction : "an ECG is read at 100 to 2000 samples a second, in volts",
        by.now, found);
}

std::optional<Timestamp> EcgWatch::up_to() const {
    if (!line_) return std::nullopt;
    return line_->begin + line_->fed * line_->period;
}

std::optional<double> EcgWatch::heart_rate() const {
    if (!line_ || !line_->watch.usable()) return std::nullopt;
    return line_->watch.heart_rate();
}

std::optional<double> EcgWatch::rate_since(Timestamp since) const {
    const auto first =
        std::ranges::find_if(beats_, [&](const EcgBeat& beat) { return beat.at >= since; });
    const auto count = beats_.end() - first;
    if (count < 2) return std::nullopt;
    const auto span = std::chrono::duration<double>(beats_.back().at - first->at).count();
    if (!(span > 0)) return std::nullopt;
    return 60 * static_cast<double>(count - 1) / span;
}

EcgView EcgWatch::view() const {
    EcgView out{.device = device_, .beats = {beats_.begin(), beats_.end()}};
    out.heart_rate = heart_rate();
    for (std::size_t i = 0; i < rhythm::condition_count; ++i)
        if (calls_.told(static_cast<rhythm::Condition>(i)))
            out.rhythms.push_back(static_cast<rhythm::Condition>(i));
    if (!line_) return out;
    out.up_to = *up_to();
    out.usable = line_->watch.usable();
    for (std::size_t i = 0; i < chosen_.size(); ++i)
        out.leads.push_back({.lead = chosen_[i],
                             .grade = line_->watch.lead(i).grade,
                             .is_off = line_->watch.lead(i).is_off});
    return out;
}

EcgWatch::Stored EcgWatch::stored() const {
    return {.device = device_,
            .chosen = chosen_,
            .told = calls_.told(),
            .leads_off = leads_off_.present,
            .noise = noise_.present,
            .cannot_analyse = cannot_analyse_.present};
}

std::optional<EcgWatch> EcgWatch::restore(const Stored& stored) {
    EcgWatch out(stored.device);
    if (stored.chosen.size() > ecg::leads_max || !out.calls_.restore(stored.told))
        return std::nullopt;
    out.chosen_ = stored.chosen;
    out.leads_off_.present = stored.leads_off;
    out.noise_.present = stored.noise;
    out.cannot_analyse_.present = stored.cannot_analyse;
    return out;
}

}  // namespace vigil::monitor
