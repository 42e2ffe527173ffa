#include "monitor/scores/score_state.hpp"

#include <algorithm>
#include <cstdlib>

namespace vigil::monitor {
namespace {

// Readings further from the log's time are of no use to any score, and would not add up.
constexpr Nanoseconds reading_age_max = std::chrono::hours(24 * 31);
constexpr Nanoseconds ahead_max = std::chrono::seconds(60);

// A ratio moves with each beat: it is told anew when it moved by 0.05 or to another band.
constexpr std::int64_t ratio_told_steps = 5;

// What people see of a result, but for ages and values that change no point. `told`: the total of a
// ratio as it was told last.
std::string shown_of(const ScoreResult& result, std::optional<std::int64_t> told) {
    std::string shown;
    ByteWriter out(shown);
    out.u8(static_cast<std::uint8_t>(result.occasion));
    out.u8(static_cast<std::uint8_t>(result.applicability));
    for (const auto& setting : result.settings) {
        out.u8(setting.value);
        out.sized(setting.chosen ? setting.chosen->by : std::string());
    }
    for (const auto& input : result.inputs) {
        out.u8(static_cast<std::uint8_t>(input.state));
        out.varint(input.measurement ? input.measurement->metric.value : 0);
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

bool has_any(const ScoreResult& result) {
    return std::ranges::any_of(
        result.inputs, [](const InputResult& input) { return input.measurement.has_value(); });
}

}  // namespace

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
                state.take(set_->catalogue().at(feed.metric), device, filed, feed.exponent);
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
    for (auto& feed : feeds_) feed.end_run(device);
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
        if (feeds_[i].settle(now, feeds[i].exponent)) changed |= feeds[i].tables;
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
    const bool is_set = !result.complete() && is_computed(result.applicability) &&
                        take_set(table, given, now, result);
    auto shown = shown_of(result, asked.ratio ? score.told : std::nullopt);
    if (result.complete()) score.complete = result;
    if (!is_set && !corrected && shown == score.shown) return;
    ScoreUpdate update{
        .table = table, .result = std::move(result), .band_rose = false, .corrected = corrected};
    const auto& band = update.result.tally.band_least;
    update.band_rose = band.value_or(0) > score.band.value_or(0);
    if (update.result.complete()) {
        score.band = band;
        remember(table, update.result);
    } else if (band) {
        score.band = std::max(score.band.value_or(0), *band);
    }
    score.shown = shown_of(update.result, std::nullopt);
    score.told = update.result.total();
    out.push_back(std::move(update));
}

// Spot checks: what is too old to be the present state may still be one bedside set, complete at
// the time of its newest input. True if it is one, and a person entered some of it after the last
// complete result: what a monitor sends by itself makes no set.
bool ScoreState::take_set(std::size_t table, const std::vector<Measurement>& measurements,
                          Timestamp now, ScoreResult& result) {
    std::optional<Timestamp> newest;
    std::optional<Timestamp> entered;
    for (const auto& input : result.inputs) {
        const auto& measurement = input.measurement;
        const bool is_part = is_used(input.state) || input.state == InputState::too_old;
        if (!measurement || !is_part || measurement->readings > 1) continue;
        newest = std::max(newest.value_or(measurement->time), measurement->time);
        if (measurement->by_person)
            entered = std::max(entered.value_or(measurement->time), measurement->time);
    }
    const auto& last = scores_[table].complete;
    if (!entered || *newest > now || (last && last->time >= *entered)) return false;
    auto set = evaluate(set_->tables()[table], set_->catalogue(), measurements, patient_, *newest,
                        Occasion::bedside_set);
    if (!set.complete()) return false;
    result = std::move(set);
    return true;
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
    }
}

void ScoreState::remember(std::size_t table, const ScoreResult& result) {
    auto& points = scores_[table].points;
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
         .complete = true,
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
