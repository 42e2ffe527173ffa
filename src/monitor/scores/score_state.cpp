#include "monitor/scores/score_state.hpp"

#include <algorithm>
#include <cstdlib>

#include "monitor/scores/snapshot_values.hpp"

namespace vigil::monitor {
namespace {

// Readings further from the log's time are of no use to any score, and would not add up.
constexpr Nanoseconds reading_age_max = std::chrono::hours(24 * 31);
constexpr Nanoseconds ahead_max = std::chrono::seconds(60);

// A ratio moves with each beat: it is told anew when it moved by 0.05 or to another band.
constexpr std::int64_t ratio_told_steps = 5;

// What people see of a result, but for ages and numbers that change no point. `told`: the total of
// a ratio as it was told last.
std::string shown_of(const ScoreTable& table, const ScoreResult& result,
                     std::optional<std::int64_t> told) {
    std::string shown;
    ByteWriter out(shown);
    out.u8(static_cast<std::uint8_t>(result.occasion));
    out.u8(static_cast<std::uint8_t>(result.applicability));
    for (const auto& setting : result.settings) {
        out.u8(setting.value);
        out.sized(setting.chosen ? setting.chosen->by : std::string());
    }
    for (std::size_t i = 0; i < result.inputs.size(); ++i) {
        const auto& input = result.inputs[i];
        out.u8(static_cast<std::uint8_t>(input.state));
        out.varint(input.measurement ? input.measurement->metric.value : 0);
        // "Unresponsive" is news after "voice", though both have 3 points.
        if (table.inputs[i].is_level) out.signed_varint(input.value.value_or(-1));
    }
    for (const auto& points : result.tally.inputs) {
        out.u8(points.least);
        out.u8(points.most);
    }
    const auto near = [&](std::optional<std::int64_t> now) {
        return now && told && std::abs(*now - *told) < ratio_told_steps ? told : now;
    };
    out.signed_varint(near(result.tally.least).value_or(-1));
    out.signed_varint(near(result.tally.most).value_or(-1));
    out.u8(result.tally.band_least.value_or(0xFF));
    out.u8(result.tally.band_most.value_or(0xFF));
    out.u8(result.complete() ? 1 : 0);
    return shown;
}

// To what a snapshot holds. A decision of no century that anyone lives in, or of a key or value
// that no table has, decides nothing; of the others the newest count.
void bound(std::vector<ChosenSetting>& settings) {
    std::erase_if(settings, [](const ChosenSetting& each) {
        return each.key.size() > score_text_bytes_max || each.value.size() > score_text_bytes_max ||
               each.at < time_min || each.at > time_max;
    });
    for (auto& each : settings)
        if (each.by.size() > score_text_bytes_max) {
            auto end = score_text_bytes_max;  // not within a character
            while (end > 0 && (static_cast<unsigned char>(each.by[end]) & 0xC0U) == 0x80) --end;
            each.by.resize(end);
        }
    if (settings.size() <= chosen_settings_max) return;
    std::vector<Timestamp> times;
    for (const auto& each : settings) times.push_back(each.at);
    const auto oldest = times.end() - static_cast<std::ptrdiff_t>(chosen_settings_max);
    std::ranges::nth_element(times, oldest);
    std::erase_if(settings, [&](const ChosenSetting& each) { return each.at < *oldest; });
    settings.erase(settings.begin(),  // those of one time
                   settings.end() - static_cast<std::ptrdiff_t>(chosen_settings_max));
}

bool overlap(const AgeRange& a, const AgeRange& b) {
    const auto ends_before = [](const AgeRange& one, const AgeRange& other) {
        return one.before && other.from && *one.before <= *other.from;
    };
    return !ends_before(a, b) && !ends_before(b, a);
}

bool has_any(const ScoreResult& result) {
    return std::ranges::any_of(
        result.inputs, [](const InputResult& input) { return input.measurement.has_value(); });
}

}  // namespace

std::size_t rank_of(const ScoreTable& table, std::uint8_t band) {
    std::size_t rank = 0;
    for (std::size_t i = 0; i < band; ++i)
        if (overlap(table.bands[i].age, table.bands[band].age)) ++rank;
    return rank;
}

ScoreState::ScoreState(const ScoreSet& set) : set_(&set), scores_(set.tables().size()) {
    feeds_.reserve(set.feeds().size());
    for (const auto& feed : set.feeds()) feeds_.emplace_back(feed.making);
}

std::vector<ScoreUpdate> ScoreState::apply(DeviceId device, std::span<const FiledReading> readings,
                                           Timestamp now) {
    std::vector<ScoreUpdate> updates;
    auto changed = settle(now);
    std::uint32_t corrected = 0;
    const auto feeds = set_->feeds();
    for (const auto& filed : readings) {
        if (filed.filed_time > now + ahead_max || filed.filed_time < now - reading_age_max)
            continue;
        for (const auto& feed : set_->feeds_of(filed.reading.metric)) {
            auto& state = feeds_[static_cast<std::size_t>(&feed - feeds.data())];
            const auto taken =
                state.take(set_->catalogue().at(feed.metric), device, filed, feed.rule);
            if (taken.changed) changed |= feed.tables;
            if (taken.superseded) {
                supersede(feed.tables, *taken.superseded);
                corrected |= feed.tables;
            }
            if (const auto at = state.settles_at()) deadline_ = std::min(deadline_, *at);
        }
    }
    if (deadline_ <= now) changed = ~0U;
    refresh(changed | corrected, corrected, now, updates);
    return updates;
}

std::vector<ScoreUpdate> ScoreState::set_patient(PatientFacts patient, Timestamp now) {
    bound(patient.settings);
    patient_ = std::move(patient);
    std::vector<ScoreUpdate> updates;
    settle(now);
    refresh(~0U, 0, now, updates);
    return updates;
}

std::vector<ScoreUpdate> ScoreState::advance(Timestamp now) {
    std::vector<ScoreUpdate> updates;
    if (now < deadline_) return updates;
    settle(now);
    refresh(~0U, 0, now, updates);
    return updates;
}

void ScoreState::end_association(DeviceId device) {
    for (std::size_t i = 0; i < feeds_.size(); ++i)
        feeds_[i].end_run(device, set_->feeds()[i].rule);
}

ScoreResult ScoreState::current(std::size_t table, Timestamp now) const {
    const auto& asked = set_->tables()[table];
    return evaluate(asked, set_->catalogue(), measurements(asked), patient_, now,
                    Occasion::continuous);
}

std::uint32_t ScoreState::settle(Timestamp now) {
    std::uint32_t changed = 0;
    const auto feeds = set_->feeds();
    for (std::size_t i = 0; i < feeds.size(); ++i)
        if (feeds_[i].settle(now, feeds[i].rule)) changed |= feeds[i].tables;
    return changed;
}

std::vector<Measurement> ScoreState::measurements(const ScoreTable& table) const {
    std::vector<Measurement> all;
    const auto feeds = set_->feeds();
    for (const auto& input : table.inputs)
        for (const auto& source : input.sources)
            for (const auto& feed : set_->feeds_of(source.metric))
                if (feed.making == source.making)
                    feeds_[static_cast<std::size_t>(&feed - feeds.data())].measurements(feed.metric,
                                                                                        all);
    return all;
}

void ScoreState::refresh(std::uint32_t tables, std::uint32_t corrected, Timestamp now,
                         std::vector<ScoreUpdate>& out) {
    if (tables == 0) return;
    // What is not looked at now keeps the deadline that it has.
    if (deadline_ <= now) {
        deadline_ = Timestamp::max();
        for (const auto& feed : feeds_)
            if (const auto at = feed.settles_at()) deadline_ = std::min(deadline_, *at);
        tables = ~0U;
    }
    for (std::size_t i = 0; i < scores_.size(); ++i)
        if ((tables >> i & 1U) != 0) refresh_one(i, (corrected >> i & 1U) != 0, now, out);
}

void ScoreState::refresh_one(std::size_t table, bool corrected, Timestamp now,
                             std::vector<ScoreUpdate>& out) {
    const auto& asked = set_->tables()[table];
    auto& score = scores_[table];
    const auto given = measurements(asked);
    auto result = evaluate(asked, set_->catalogue(), given, patient_, now, Occasion::continuous);
    shorten_deadline(result, now);
    // Nothing was ever measured for this score: there is nothing to say.
    if (score.shown.empty() && !has_any(result)) return;
    const bool is_set = is_computed(result.applicability) && take_set(table, given, now, result);
    const bool rose = note_band(asked, result, corrected, score);
    const bool overdue = note_observations(table, given, rose, now);
    auto shown = shown_of(asked, result, asked.ratio ? score.told : std::nullopt);
    if (result.complete()) score.complete = result;
    if (!is_set && !corrected && !overdue && shown == score.shown) return;
    remember(table, result);
    score.shown = shown_of(asked, result, std::nullopt);
    score.told = result.total();
    out.push_back({.table = table,
                   .result = std::move(result),
                   .band_rose = rose,
                   .overdue = overdue,
                   .corrected = corrected});
}

// Spot checks: what is too old to be the present state may still be one bedside set, complete at
// the time of its newest input. True if it is one that says more than the present state, and a
// person entered some of it after the last one: what a monitor sends by itself makes no set.
bool ScoreState::take_set(std::size_t table, const std::vector<Measurement>& measurements,
                          Timestamp now, ScoreResult& result) {
    const auto& asked = set_->tables()[table];
    auto& last = scores_[table].entered;
    if (std::ranges::none_of(measurements, [&](const Measurement& each) {
            return each.by_person && (!last || *last < each.time);
        }))
        return false;
    std::optional<Timestamp> newest;
    std::optional<Timestamp> entered;
    const auto latest =
        evaluate(asked, set_->catalogue(), measurements, patient_, now, Occasion::bedside_set);
    for (const auto& input : latest.inputs) {
        const auto& measurement = input.measurement;
        const bool is_part = is_used(input.state) || input.state == InputState::too_old;
        if (!measurement || !is_part || measurement->readings > 1) continue;
        newest = std::max(newest.value_or(measurement->time), measurement->time);
        if (measurement->by_person)
            entered = std::max(entered.value_or(measurement->time), measurement->time);
    }
    if (!entered || (last && *entered <= *last)) return false;
    if (*newest > now) {  // a clock that runs ahead a little
        deadline_ = std::min(deadline_, *newest);
        return false;
    }
    auto set =
        evaluate(asked, set_->catalogue(), measurements, patient_, *newest, Occasion::bedside_set);
    if (!set.complete()) return false;
    last = entered;
    if (result.complete() && set.tally == result.tally) return false;
    result = std::move(set);
    return true;
}

// True if it rose.
bool ScoreState::note_band(const ScoreTable& table, const ScoreResult& result, bool corrected,
                           Score& score) {
    const auto& least = result.tally.band_least;
    if (!least) return false;
    const auto now = rank_of(table, *least);
    const auto before = score.band ? rank_of(table, *score.band) : 0;
    const auto& most = result.tally.band_most;
    const bool comparable =
        score.band && overlap(table.bands[*score.band].age, table.bands[*least].age);
    // A correction may have ended what made the band high: what follows is judged anew.
    if (!comparable || corrected)
        score.band = least;
    else
        score.band = std::max(most ? std::min(*score.band, *most) : *score.band, *least);
    return now > before;
}

std::optional<Timestamp> ScoreState::observations_due(std::size_t table) const {
    const auto& score = scores_[table];
    if (!score.band || !score.observed) return std::nullopt;
    const auto& bands = set_->tables()[table].bands;
    auto every = bands[*score.band].every_max;
    if (every == Nanoseconds::zero()) {
        every.reset();
        for (const auto& band : bands)
            if (band.every_max && *band.every_max > Nanoseconds::zero())
                every = std::min(every.value_or(*band.every_max), *band.every_max);
    }
    if (!every) return std::nullopt;
    return *score.observed + *every;
}

// True if they are overdue.
bool ScoreState::note_observations(std::size_t table, const std::vector<Measurement>& measurements,
                                   bool band_rose, Timestamp now) {
    auto& observed = scores_[table].observed;
    if (!observed || band_rose) observed = std::max(observed.value_or(now), now);
    for (const auto& each : measurements)
        if (each.by_person && each.time <= now) observed = std::max(*observed, each.time);
    const auto due = observations_due(table);
    if (!due) return false;
    const bool overdue = *due <= now;
    if (overdue) observed = now;
    deadline_ = std::min(deadline_, *observations_due(table));
    return overdue;
}

void ScoreState::supersede(std::uint32_t tables, std::pair<Timestamp, Timestamp> span) {
    for (std::size_t i = 0; i < scores_.size(); ++i) {
        if ((tables >> i & 1U) == 0) continue;
        auto& score = scores_[i];
        for (auto& point : score.points)
            if (span.first <= point.time && point.time < span.second) point.superseded = true;
        if (score.complete && span.first <= score.complete->time &&
            score.complete->time < span.second)
            score.complete.reset();
        // The set is taken again with what is right.
        if (score.entered && span.first <= *score.entered) score.entered.reset();
    }
}

// Complete results, and where completeness ended.
void ScoreState::remember(std::size_t table, const ScoreResult& result) {
    auto& points = scores_[table].points;
    if (!result.complete() && (points.empty() || !points.back().complete)) return;
    std::erase_if(
        points, [&](const ScorePoint& point) { return point.time < result.time - points_age_max; });
    // A set can be of a time before the newest point: its place is after it all the same, since
    // that is when it became known; trends compare what was known.
    if (points.size() == points_max) points.erase(points.begin());
    points.push_back(
        {.time = points.empty() ? result.time : std::max(result.time, points.back().time),
         .least = result.tally.least,
         .most = result.tally.most,
         .band = result.tally.band_least,
         .complete = result.complete(),
         .superseded = false,
         .settings = result.facts.settings});
}

void ScoreState::shorten_deadline(const ScoreResult& result, Timestamp now) {
    const auto after_now = [&](Timestamp at) {
        if (at > now) deadline_ = std::min(deadline_, at);
    };
    for (const auto& input : result.inputs)
        if (is_used(input.state) || input.state == InputState::apart)
            after_now(input.measurement->time + input.age_max + Nanoseconds(1));
    if (has_any(result))  // ages of charts change with the date
        after_now(std::chrono::ceil<std::chrono::days>(now + Nanoseconds(1)));
}

}  // namespace vigil::monitor
