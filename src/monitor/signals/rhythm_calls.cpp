#include "monitor/signals/rhythm_calls.hpp"

namespace vigil::monitor {
namespace {

// What detectors that begin anew need before what they do not find is not there: fibrillation of
// the atria has windows of 127 intervals, a count is of a minute, all else of some seconds.
double learning_s(rhythm::Condition condition) {
    if (condition == rhythm::Condition::atrial_fibrillation) return 180;
    return condition == rhythm::Condition::frequent_ventricular_beats ? 60 : 15;
}

}  // namespace

void RhythmCalls::note(const rhythm::RhythmEvent& event, Timestamp at) {
    auto& call = calls_[static_cast<std::size_t>(event.condition)];
    call.present = event.begins;
    if (event.begins) {
        call.happened = true;
        if (!call.told) call.since = at;
    } else {
        call.until = at;
    }
}

void RhythmCalls::lost() {
    for (auto& call : calls_) {
        call.present = call.happened = false;
        call.carried = call.told;
    }
}

bool RhythmCalls::ends(const Call& call, rhythm::Condition condition, const Judge& by) const {
    if (by.now - call.seen_at < away_for) return false;
    return !call.carried || by.learnt_s >= learning_s(condition);
}

std::optional<std::string> RhythmCalls::judge(const Judge& by, const SignalTables& tables,
                                              std::vector<Finding>& found) {
    if (by.learnt_s > 0)
        unknown_since_.reset();
    else if (!unknown_since_)
        unknown_since_ = by.now;
    std::optional<std::string> contradicted;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        auto& call = calls_[i];
        const auto condition = static_cast<rhythm::Condition>(i);
        const bool is_there = std::exchange(call.happened, false) || call.present;
        if (!is_there && !call.told) continue;
        const bool wanted = is_there && !by.leaves_out(condition);
        Finding finding{.condition = tables.rhythms[i], .device = by.device, .at = call.since};
        if (wanted && !call.told) {
            if (auto words = by.contradicts(condition, call.since)) {
                contradicted = std::move(words);
                continue;
            }
            call.told = true;
            call.seen_at = by.now;
        } else if (wanted) {
            call.seen_at = by.now;
            call.carried = false;
            if (!std::exchange(call.stale, false)) continue;
        } else if (ends(call, condition, by)) {
            finding.present = false;
            finding.at = call.carried ? by.now : call.until;
            call.told = call.carried = call.stale = false;
        } else {
            const bool is_unknown = unknown_since_ && by.now - *unknown_since_ >= unknown_after;
            if (!call.carried || !is_unknown || std::exchange(call.stale, true)) continue;
            finding.stale = true;
        }
        found.push_back(std::move(finding));
    }
    return contradicted;
}

std::vector<RhythmCalls::Told> RhythmCalls::told() const {
    std::vector<Told> all;
    for (std::size_t i = 0; i < calls_.size(); ++i)
        if (calls_[i].told)
            all.push_back({.condition = static_cast<std::uint8_t>(i),
                           .since = calls_[i].since,
                           .seen_at = calls_[i].seen_at,
                           .stale = calls_[i].stale});
    return all;
}

bool RhythmCalls::restore(const std::vector<Told>& told) {
    for (const auto& each : told) {
        if (each.condition >= calls_.size()) return false;
        calls_[each.condition] = {.since = each.since,
                                  .until = each.since,
                                  .told = true,
                                  .seen_at = each.seen_at,
                                  .carried = true,
                                  .stale = each.stale};
    }
    return true;
}

}  // namespace vigil::monitor
