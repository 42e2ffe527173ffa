#include "monitor/signals/rhythm_strip.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "monitor/alarms/monitor_tables.hpp"

namespace vigil::monitor {
namespace {

constexpr Nanoseconds second = std::chrono::seconds(1);

// A device sends a block when it is over.
Timestamp end_of(const FiledReading& filed) {
    const auto* block = std::get_if<WaveformBlock>(&filed.reading.value);
    if (block == nullptr) return filed.filed_time;
    return filed.filed_time + static_cast<std::int64_t>(block->samples.size()) * block->period;
}

// Plays the blocks second by second, as messages of a second bring them.
class StripPlayer {
public:
    StripPlayer(const MonitorTables& tables, const StripQuestion& question)
        : tables_(tables), question_(question), signals_(tables) {}

    void take(PastReading past) {
        auto& filed = past.filed;
        filed.reading.status &= ~status::late;
        if (!begun_) {
            begun_ = true;
            now_ = filed.filed_time;
        }
        // Whatever is still to come ends later than this one begins.
        play(filed.filed_time);
        if (!strip_.read_from && past.device == question_.ecg &&
            tables_.signals.ecg_place(filed.reading.metric))
            strip_.read_from = filed.filed_time;
        waiting_.emplace(end_of(filed), std::move(past));
    }

    RhythmStrip finish() {
        if (!waiting_.empty()) play(waiting_.rbegin()->first + EcgWatch::behind_max + 2 * second);
        const auto& span = question_.span;
        std::erase_if(strip_.rhythms, [&](const RhythmSpan& each) {
            return each.from >= span.to || (each.to && *each.to <= span.from);
        });
        std::ranges::sort(strip_.rhythms, {}, [](const RhythmSpan& each) {
            return std::tuple(each.from, each.rhythm);  // of one time those that say most first
        });
        return std::move(strip_);
    }

private:
    void play(Timestamp to) {
        for (; now_ + second <= to; now_ += second) play_second(now_ + second);
    }

    void play_second(Timestamp now) {
        std::map<DeviceId, std::vector<FiledReading>> messages;
        const auto over = waiting_.upper_bound(now);
        for (auto each = waiting_.begin(); each != over; ++each)
            messages[each->second.device].push_back(std::move(each->second.filed));
        waiting_.erase(waiting_.begin(), over);
        signals_.on_time(now, question_.limits);
        for (const auto& [device, readings] : messages)
            signals_.on_readings(device, readings, now, question_.limits);
        std::vector<Finding> found;
        signals_.judge(now, question_.age_class, found);
        for (const auto& finding : found) note(finding);
        for (const auto& ecg : signals_.ecgs()) note(ecg);
    }

    void note(const Finding& finding) {
        const auto& all = tables_.signals.rhythms;
        const auto found = std::ranges::find(all, finding.condition);
        if (found == all.end()) return;
        const auto rhythm = static_cast<rhythm::Condition>(found - all.begin());
        const auto open = std::ranges::find_if(strip_.rhythms, [&](const RhythmSpan& each) {
            return each.rhythm == rhythm && !each.to;
        });
        if (finding.present && open == strip_.rhythms.end())
            strip_.rhythms.push_back({.rhythm = rhythm, .from = finding.at});
        else if (!finding.present && open != strip_.rhythms.end())
            open->to = finding.at;
    }

    void note(const EcgView& ecg) {
        for (const auto& lead : ecg.leads)
            if (std::ranges::find(strip_.leads, lead.lead) == strip_.leads.end())
                strip_.leads.push_back(lead.lead);
        for (const auto& beat : ecg.beats)
            if (beat.at > last_beat_) {
                last_beat_ = beat.at;
                if (is_asked(beat.at)) strip_.beats.push_back(beat);
            }
        if (ecg.up_to <= rated_) return;
        rated_ = ecg.up_to;
        if (ecg.heart_rate && is_asked(ecg.up_to))
            strip_.heart_rate.push_back({.time = ecg.up_to, .per_minute = *ecg.heart_rate});
    }

    bool is_asked(Timestamp at) const {
        return at >= question_.span.from && at < question_.span.to;
    }

    const MonitorTables& tables_;
    const StripQuestion& question_;
    PatientSignals signals_;
    RhythmStrip strip_;
    std::multimap<Timestamp, PastReading> waiting_;  // by when each is over
    bool begun_ = false;
    Timestamp now_{}, last_beat_ = Timestamp::min(), rated_ = Timestamp::min();
};

}  // namespace

RhythmStrip read_strip(const MonitorTables& tables, const StripQuestion& question,
                       const NextReading& next) {
    StripPlayer player(tables, question);
    while (auto reading = next()) player.take(std::move(*reading));
    return player.finish();
}

}  // namespace vigil::monitor
