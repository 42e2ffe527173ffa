#include "share/alarms/scores.hpp"

#include "metric/unit.hpp"
#include "share/alarms/limits.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using monitor::InputResult;
using monitor::InputState;
using monitor::ScoreResult;
using monitor::ScoreTable;

namespace {

std::string_view word_of(monitor::Applicability applicability) {
    switch (applicability) {
        case monitor::Applicability::applies:
            return "applies";
        case monitor::Applicability::assumed_adult:
            return "assumed-adult";
        case monitor::Applicability::too_young:
            return "too-young";
        case monitor::Applicability::too_old:
            return "too-old";
        case monitor::Applicability::age_unknown:
            return "age-unknown";
        case monitor::Applicability::pregnant:
            return "pregnant";
    }
    return "";
}

std::string_view word_of(InputState state) {
    switch (state) {
        case InputState::used:
            return "used";
        case InputState::missing:
            return "missing";
        case InputState::too_old:
            return "too-old";
        case InputState::implausible:
            return "implausible";
        case InputState::unreadable:
            return "unreadable";
        case InputState::undecided:
            return "undecided";
        case InputState::apart:
            return "apart";
    }
    return "";
}

std::string_view word_of(monitor::ScoreTrend::Direction direction) {
    switch (direction) {
        case monitor::ScoreTrend::Direction::falling:
            return "falling";
        case monitor::ScoreTrend::Direction::steady:
            return "steady";
        case monitor::ScoreTrend::Direction::rising:
            return "rising";
    }
    return "";
}

void number_or_null(JsonWriter& json, std::string_view name, const ScoreTable& table,
                    std::optional<std::int64_t> steps) {
    json.key(name);
    if (steps)
        json.number(monitor::decimal_of(*steps, table.total_exponent()).to_double());
    else
        json.null();
}

void write_band(JsonWriter& json, std::string_view name, const ScoreTable& table,
                std::optional<std::uint8_t> place) {
    json.key(name);
    if (!place || *place >= table.bands.size()) {
        json.null();
        return;
    }
    const auto& band = table.bands[*place];
    json.begin_object().member("key", band.key).member("risk", band.risk);
    json.member("rank", monitor::rank_of(table, *place)).end_object();
}

// As the chart has it: a number in the input's unit, or the level's word.
std::string value_text(const monitor::ScoreInput& input, std::int64_t value) {
    if (!input.is_level) return to_string(monitor::decimal_of(value, input.exponent));
    const auto place = static_cast<std::size_t>(value);
    return place < input.levels.size() ? input.levels[place].key : std::string();
}

// How many points there are, and what that means.
void write_sum(JsonWriter& json, const ScoreTable& table, const ScoreResult& result) {
    json.member("applicability", word_of(result.applicability));
    json.member("complete", result.complete());
    number_or_null(json, "total", table, result.total());
    number_or_null(json, "least", table, result.tally.least);
    number_or_null(json, "most", table, result.tally.most);
    write_band(json, "band", table, result.tally.band_least);
}

void write_input(JsonWriter& json, const AlarmWords& words, const ScoreTable& table,
                 const ScoreResult& result, std::size_t place) {
    const auto& input = table.inputs[place];
    const InputResult& found = result.inputs[place];
    json.begin_object().member("key", input.key);
    json.member("parameter", table.parameters[input.parameter]);
    json.member("state", word_of(found.state)).member("optional", input.optional);
    json.member_or_null("value", found.value ? value_text(input, *found.value) : std::string());
    json.member("unit_shown", input.is_level ? "" : units::at(input.unit).shown);
    json.key("points");
    if (monitor::is_used(found.state) && place < result.tally.inputs.size() &&
        result.tally.inputs[place].certain())
        json.number(result.tally.inputs[place].least);
    else
        json.null();
    const auto& measurement = found.measurement;
    const auto* metric = measurement ? words.catalogue.find(measurement->metric) : nullptr;
    const auto* device = measurement ? words.registry.device(measurement->device) : nullptr;
    json.member_or_null("metric", metric != nullptr ? metric->key : std::string());
    json.member_or_null("device", device != nullptr ? device->external_id : std::string());
    json.member_or_null("time", measurement ? std::optional(measurement->time) : std::nullopt);
    json.member("by_person", measurement && measurement->by_person);
    json.member("age_s", seconds_of(found.age)).member("age_max_s", seconds_of(found.age_max));
    json.end_object();
}

void write_settings(JsonWriter& json, const ScoreTable& table, const ScoreResult& result) {
    json.key("settings").begin_array();
    for (std::size_t i = 0; i < table.settings.size() && i < result.settings.size(); ++i) {
        const auto& setting = table.settings[i];
        const auto& is = result.settings[i];
        json.begin_object().member("key", setting.key).member("value", setting.values[is.value]);
        json.member_or_null("by", is.chosen ? is.chosen->by : std::string());
        json.member_or_null("time", is.chosen ? std::optional(is.chosen->at) : std::nullopt);
        json.end_object();
    }
    json.end_array();
}

void write_trend(JsonWriter& json, const ScoreTable& table, const ScoreShown& shown) {
    json.key("trend");
    if (!shown.trend) {
        json.null();
        return;
    }
    const auto& trend = *shown.trend;
    json.begin_object().member("direction", word_of(trend.direction));
    json.member("since", trend.since);
    number_or_null(json, "then", table, trend.then);
    number_or_null(json, "lowest", table, trend.lowest);
    number_or_null(json, "highest", table, trend.highest);
    json.end_object();
}

void write_changes(JsonWriter& json, const ScoreTable& table, const ScoreShown& shown) {
    json.key("would_change").begin_array();
    for (const auto& change : shown.would_change) {
        const auto& input = table.inputs[change.input];
        json.begin_object().member("input", input.key);
        json.member("value", value_text(input, change.value));
        number_or_null(json, "least", table, change.least);
        number_or_null(json, "most", table, change.most);
        write_band(json, "band", table, change.band);
        json.member("changes_band", change.changes_band).end_object();
    }
    json.end_array();
}

void write_points(JsonWriter& json, const ScoreTable& table, const ScoreShown& shown) {
    json.key("points").begin_array();
    for (const auto& point : shown.points) {
        json.begin_object().member("time", point.time);
        number_or_null(json, "least", table, point.least);
        number_or_null(json, "most", table, point.most);
        json.member("complete", point.complete).member("superseded", point.superseded);
        json.end_object();
    }
    json.end_array();
}

}  // namespace

std::vector<ScoreShown> scores_shown(const monitor::ScoreState& state, const monitor::ScoreSet& set,
                                     Timestamp now, Nanoseconds over) {
    std::vector<ScoreShown> all;
    for (std::size_t i = 0; i < set.tables().size(); ++i) {
        ScoreShown shown{.table = i,
                         .result = state.current(i, now),
                         .last_complete = state.last_complete(i),
                         .band = state.band(i),
                         .observations_due = state.observations_due(i),
                         .trend = state.trend(i, now, over)};
        if (monitor::is_computed(shown.result.applicability))
            shown.would_change = monitor::what_would_change(set.tables()[i], shown.result);
        for (const auto& point : state.points(i))
            if (now - point.time <= over) shown.points.push_back(point);
        all.push_back(std::move(shown));
    }
    return all;
}

void write_score(JsonWriter& json, const AlarmWords& words, const ScoreShown& shown) {
    const auto& table = words.tables.scores.tables()[shown.table];
    const auto& result = shown.result;
    json.begin_object().member("key", table.key).member("name", table.name);
    json.member("version", table.version).member("time", result.time);
    write_sum(json, table, result);
    write_band(json, "last_known_band", table, shown.band);
    json.member("single_parameter", result.tally.single);
    json.key("inputs").begin_array();
    for (std::size_t i = 0; i < table.inputs.size() && i < result.inputs.size(); ++i)
        write_input(json, words, table, result, i);
    json.end_array();
    write_settings(json, table, result);
    json.key("last_complete");
    if (shown.last_complete) {
        json.begin_object().member("time", shown.last_complete->time);
        number_or_null(json, "total", table, shown.last_complete->total());
        write_band(json, "band", table, shown.last_complete->tally.band_least);
        json.end_object();
    } else {
        json.null();
    }
    json.member_or_null("observations_due", shown.observations_due);
    write_trend(json, table, shown);
    write_changes(json, table, shown);
    write_points(json, table, shown);
    json.key("citations").begin_array();
    for (const auto& citation : table.citations) json.text(citation);
    json.end_array().member("terms", table.terms).end_object();
}

PatientScoresShown applicable_scores(PatientId patient, const monitor::ScoreState& state,
                                     const monitor::ScoreSet& set, Timestamp now,
                                     Nanoseconds over) {
    PatientScoresShown shown{.patient = patient};
    for (std::size_t i = 0; i < set.tables().size(); ++i) {
        auto result = state.current(i, now);
        if (!monitor::is_computed(result.applicability)) continue;
        PatientScoresShown::Score score{.table = i, .result = std::move(result)};
        if (const auto trend = state.trend(i, now, over)) score.direction = trend->direction;
        shown.scores.push_back(std::move(score));
    }
    return shown;
}

void write_scores(JsonWriter& json, const AlarmWords& words, const PatientScoresShown& shown) {
    json.begin_object().member("patient", patient_id_text(shown.patient));
    json.key("scores").begin_array();
    for (const auto& score : shown.scores) {
        const auto& table = words.tables.scores.tables()[score.table];
        json.begin_object().member("key", table.key).member("name", table.name);
        write_sum(json, table, score.result);
        json.member("single_parameter", score.result.tally.single);
        json.member("time", score.result.time);
        json.member_or_null("direction", score.direction ? word_of(*score.direction) : "");
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace vigil::share
