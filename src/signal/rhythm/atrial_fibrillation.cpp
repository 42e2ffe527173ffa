#include "signal/rhythm/atrial_fibrillation.hpp"

#include <algorithm>
#include <bit>

namespace vigil::rhythm {

AtrialFibrillation::AtrialFibrillation(const Settings& settings) : settings_(settings) {}

bool AtrialFibrillation::usable(const RrInterval& interval) {
    using enum ecg::BeatClass;
    supraventricular_ = supraventricular_ << 1 | (interval.to == supraventricular ? 1U : 0U);
    const bool many = std::popcount(supraventricular_) > 64 * settings_.supraventricular_share_max;
    const auto fit = [many](ecg::BeatClass beat) {
        return beat == normal || (many && beat == supraventricular);
    };
    return fit(interval.from) && fit(interval.to) && interval.length_s >= rr_s_min &&
           interval.length_s <= rr_s_max;
}

void AtrialFibrillation::add(const RrInterval& interval, std::vector<RhythmEvent>& out) {
    if (!interval.follows) take_held(out);
    newest_s_ = std::max(newest_s_, interval.end_s);
    held_[held_count_++] = {.interval = interval};
    if (held_count_ < held_.size()) return;
    if (starts_premature_beat()) held_[0].left_out = held_[1].left_out = true;
    if (!held_[0].left_out) take(held_[0].interval, out);
    before_s_ = {before_s_[1], held_[0].interval.length_s};
    std::ranges::rotate(held_, held_.begin() + 1);
    --held_count_;
}

// Of those held the first is short, the second its pause.
bool AtrialFibrillation::starts_premature_beat() const {
    constexpr double pause_min = 0.95, both_max = 2.3;  // of the mean: no beat is missing there
    const double early = held_[0].interval.length_s, pause = held_[1].interval.length_s;
    const std::array around{before_s_[0], before_s_[1], held_[2].interval.length_s};
    const auto [least, most] = std::ranges::minmax(around);
    const double mean = (around[0] + around[1] + around[2]) / 3;
    return least > 0 && most - least <= settings_.regular_share_max * mean &&
           early < settings_.premature_share_max * mean && pause > pause_min * mean &&
           early + pause < both_max * mean;
}

void AtrialFibrillation::take_held(std::vector<RhythmEvent>& out) {
    for (std::size_t i = 0; i < held_count_; ++i)
        if (!held_[i].left_out) take(held_[i].interval, out);
    held_count_ = 0;
    before_s_ = {};
}

void AtrialFibrillation::take(const RrInterval& interval, std::vector<RhythmEvent>& out) {
    if (!usable(interval)) return;
    if (count_ > 0 && !(interval.end_s - at(count_ - 1).end_s < settings_.off_s)) {
        if (!(interval.end_s > at(count_ - 1).end_s)) return;
        settle(out);
    }
    at(count_) = {.end_s = interval.end_s, .length_s = interval.length_s};
    ++count_;
    long_.add(interval.length_s);
    short_.add(interval.length_s);
    measure();
    decide_known(out);
}

// Writes what the newest interval completes to the intervals in the middle of the windows.
void AtrialFibrillation::measure() {
    constexpr std::size_t size = 2 * half_coefficient + 1;
    const auto newest = count_ - 1;
    if (newest >= half_short) at(newest - half_short).short_entropy = short_.value();
    if (count_ < size) return;
    std::array<double, size> rr{};
    for (std::size_t i = 0; i < size; ++i) rr[i] = at(newest - i).length_s;
    const double coefficient = coefficient_of_sample_entropy(rr);
    at(newest - half_coefficient).coefficient = coefficient;
    if (count_ > size) return;
    for (std::uint64_t i = 0; i < half_coefficient; ++i) at(i).coefficient = coefficient;
}

bool AtrialFibrillation::surely(const Interval& interval) const {
    return interval.short_entropy >= settings_.short_entropy_min &&
           interval.coefficient >= settings_.coefficient_min;
}

// With the window round it full.
AtrialFibrillation::Verdict AtrialFibrillation::verdict(const Interval& interval) const {
    const bool yes = surely(interval) || (long_.value() >= settings_.entropy_min &&
                                          interval.coefficient >= settings_.coefficient_min);
    return yes ? Verdict::yes : Verdict::no;
}

double AtrialFibrillation::usable_share() const {
    const auto held = std::min<std::uint64_t>(count_, 2 * half_long + 1);
    double usable = 0;
    for (std::uint64_t i = 0; i < held; ++i) usable += intervals_[(count_ - 1 - i) % kept].length_s;
    const auto& first = intervals_[(count_ - held) % kept];
    const auto& last = intervals_[(count_ - 1) % kept];
    return usable / (last.end_s - (first.end_s - first.length_s));
}

// Each interval in turn: yes as soon as the short window says so, else when the long one is full.
void AtrialFibrillation::decide_known(std::vector<RhythmEvent>& out) {
    constexpr std::uint64_t coefficient_window = 2 * half_coefficient + 1;
    if (count_ < coefficient_window) return;
    const auto newest = count_ - 1;
    const bool enough = usable_share() >= settings_.usable_share_min;
    for (; decided_ + half_short <= newest; ++decided_) {
        const auto& interval = at(decided_);
        const bool settled = decided_ + half_long <= newest;
        if (!settled && !(enough && surely(interval))) return;
        decide(interval, enough ? verdict(interval) : Verdict::undecided, out);
    }
}

void AtrialFibrillation::decide(const Interval& interval, Verdict verdict,
                                std::vector<RhythmEvent>& out) {
    if (verdict != Verdict::undecided) decided_s_ += interval.length_s;
    if (verdict == Verdict::yes)
        said_yes(interval, out);
    else
        said_no(interval, out);
}

void AtrialFibrillation::said_yes(const Interval& interval, std::vector<RhythmEvent>& out) {
    if (!present_ && onset_s_ && interval.end_s - last_yes_s_ >= settings_.merge_s) {
        onset_s_.reset();
        pending_s_ = 0;
    }
    if (!onset_s_) onset_s_ = interval.end_s - interval.length_s;
    last_yes_s_ = interval.end_s;
    (present_ ? fibrillating_s_ : pending_s_) += interval.length_s;
    if (present_ || interval.end_s - *onset_s_ < settings_.on_s) return;
    present_ = true;
    fibrillating_s_ += pending_s_;
    pending_s_ = 0;
    out.push_back({.condition = Condition::atrial_fibrillation,
                   .begins = true,
                   .at_s = *onset_s_,
                   .known_s = newest_s_});
}

void AtrialFibrillation::said_no(const Interval& interval, std::vector<RhythmEvent>& out) {
    if (present_ && interval.end_s - last_yes_s_ >= settings_.off_s) end(out);
}

void AtrialFibrillation::end(std::vector<RhythmEvent>& out) {
    if (present_)
        out.push_back({.condition = Condition::atrial_fibrillation,
                       .begins = false,
                       .at_s = last_yes_s_,
                       .known_s = newest_s_});
    present_ = false;
    onset_s_.reset();
    pending_s_ = 0;
}

void AtrialFibrillation::finish(std::vector<RhythmEvent>& out) {
    take_held(out);
    settle(out);
}

// What is left by the last window.
void AtrialFibrillation::settle(std::vector<RhythmEvent>& out) {
    if (count_ > 2 * half_coefficient) {
        const auto newest = count_ - 1;
        const bool enough = usable_share() >= settings_.usable_share_min;
        for (; decided_ < count_; ++decided_) {
            auto interval = at(decided_);
            if (decided_ + half_short > newest) interval.short_entropy = short_.value();
            if (decided_ + half_coefficient > newest)
                interval.coefficient = at(newest - half_coefficient).coefficient;
            decide(interval, enough ? verdict(interval) : Verdict::undecided, out);
        }
    }
    if (count_ > 0) end(out);
    count_ = decided_ = 0;
    long_.clear();
    short_.clear();
}

std::optional<double> AtrialFibrillation::burden() const {
    if (decided_s_ <= 0) return std::nullopt;
    return fibrillating_s_ / decided_s_;
}

}  // namespace vigil::rhythm
