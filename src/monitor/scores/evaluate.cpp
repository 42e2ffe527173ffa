#include <algorithm>
#include <cassert>

#include "monitor/scores/score_result.hpp"
#include "monitor/scores/steps.hpp"
#include "monitor/scores/table_cells.hpp"

namespace vigil::monitor {
namespace {

// A device may run a little ahead of the log (docs/architecture.md, Words: filed time).
constexpr Nanoseconds ahead_max = std::chrono::seconds(60);

struct Reading {
    InputState state = InputState::unreadable;
    std::optional<std::int64_t> value;
};

Reading read_word(const ScoreInput& input, std::string_view word) {
    for (std::size_t i = 0; i < input.levels.size(); ++i) {
        const auto& level = input.levels[i];
        if (same_word(level.key, word) ||
            std::ranges::any_of(level.words, [&](const auto& w) { return same_word(w, word); }))
            return {InputState::used, static_cast<std::int64_t>(i)};
    }
    return {};
}

Reading read_number(const ScoreInput& input, const Metric& metric,
                    const Measurement::Number& number) {
    const auto own = converted(number.value, number.unit ? number.unit : metric.unit, metric.unit);
    if (!own) return {};
    if ((metric.plausible_min && *own < *metric.plausible_min) ||
        (metric.plausible_max && *metric.plausible_max < *own))
        return {InputState::implausible, std::nullopt};
    if (input.is_level) {
        for (const auto& each : input.reads) {
            if (each.metric != metric.id) continue;
            const auto steps = rounded_steps(*own, each.exponent);
            if (steps && each.range.holds(*steps)) return {InputState::used, each.level};
        }
        return read_word(input, to_string(*own));
    }
    const auto value = converted(number.value, number.unit ? number.unit : metric.unit, input.unit);
    if (!value) return {};
    const auto steps = rounded_steps(*value, input.exponent);
    if (!steps) return {InputState::implausible, std::nullopt};
    return {InputState::used, steps};
}

Reading read(const ScoreInput& input, const Metric& metric, const Measurement& measurement) {
    if (const auto* word = std::get_if<std::string>(&measurement.value))
        return input.is_level ? read_word(input, *word) : Reading{};
    return read_number(input, metric, std::get<Measurement::Number>(measurement.value));
}

// Times may be anything: what is a century away is as old as that.
Nanoseconds age_of(Timestamp time, Timestamp at) {
    constexpr Nanoseconds most = std::chrono::hours(24 * 36525);
    const auto age = static_cast<__int128>(unix_ns(at)) - unix_ns(time);
    return age > most.count()    ? most
           : age < -most.count() ? -most
                                 : Nanoseconds(static_cast<std::int64_t>(age));
}

// An automatic cuff that repeats each 5 minutes is late after 10; but a second try after a minute
// makes no cuff late, so not before a bedside set's age is over (clinical_scores §10: "60 min, or
// 2 × the cuff's interval if shorter").
Nanoseconds age_max_of(const ScoreSource& source, const Measurement& measurement,
                       Occasion occasion) {
    if (occasion == Occasion::bedside_set) return source.set_age_max;
    if (source.making != Making::last || measurement.repeats <= Nanoseconds::zero() ||
        measurement.repeats > source.continuous_age_max)
        return source.continuous_age_max;
    return std::min(source.continuous_age_max,
                    std::max(2 * measurement.repeats, source.set_age_max));
}

InputResult judged(const ScoreInput& input, const ScoreSource& source, const Metric& metric,
                   const Measurement& measurement, Timestamp at, Occasion occasion) {
    InputResult made{.measurement = measurement,
                     .age = age_of(measurement.time, at),
                     .age_max = age_max_of(source, measurement, occasion)};
    const auto reading = read(input, metric, measurement);
    made.state = reading.state;
    if (made.age < -ahead_max) made.state = InputState::unreadable;
    if (is_used(made.state) && made.age > made.age_max) made.state = InputState::too_old;
    if (is_used(made.state)) made.value = reading.value;
    return made;
}

// Which of two to take: what can be used; then, where the worst counts, what counts more; else, in
// a bedside set, what a person entered, then of what is up to date the first in the table; then the
// newer; at equal times the later of the list. A source that fell silent has no rank left: the last
// minute of an arterial line that was taken out is no reason to leave her cuff aside.
class Chooser {
public:
    Chooser(const ScoreInput& input, const Facts& facts, Occasion occasion)
        : input_(input), facts_(facts), occasion_(occasion) {}

    void offer(InputResult candidate, std::size_t source) {
        if (!best_.measurement || better(candidate, source)) {
            best_ = std::move(candidate);
            source_ = source;
        }
    }
    InputResult take() { return std::move(best_); }

private:
    bool better(const InputResult& candidate, std::size_t source) const {
        const bool usable = is_used(candidate.state);
        if (usable != is_used(best_.state)) return usable;
        if (usable && input_.worst) {
            const auto points = points_of(input_, *candidate.value, facts_).most;
            const auto best = points_of(input_, *best_.value, facts_).most;
            if (points != best) return points > best;
        } else if (usable) {
            const bool by_person = candidate.measurement->by_person;
            if (occasion_ == Occasion::bedside_set && by_person != best_.measurement->by_person)
                return by_person;
            const bool live = is_live(candidate, source);
            if (live != is_live(best_, source_)) return live;
            if (live && source != source_) return source < source_;
        }
        return candidate.measurement->time >= best_.measurement->time;
    }
    bool is_live(const InputResult& input, std::size_t source) const {
        return input.age <=
               age_max_of(input_.sources[source], *input.measurement, Occasion::continuous);
    }

    const ScoreInput& input_;
    const Facts& facts_;
    Occasion occasion_;
    InputResult best_;
    std::size_t source_ = 0;
};

// Where the worst of several sources counts, what a person entered ends what was there before: air,
// once the oxygen is taken off. Not so the laboratory's: of a window each value counts.
std::optional<Timestamp> entered_at(const ScoreInput& input,
                                    std::span<const Measurement> measurements, Timestamp at) {
    std::optional<Timestamp> newest;
    if (!input.worst) return newest;
    for (const auto& each : measurements) {
        const auto source = std::ranges::find(input.sources, each.metric, &ScoreSource::metric);
        const auto* word = std::get_if<std::string>(&each.value);
        if (source == input.sources.end() || source->making == Making::window || !each.by_person ||
            each.time > at + ahead_max || (word && !is_used(read_word(input, *word).state)))
            continue;
        newest = std::max(newest.value_or(each.time), each.time);
    }
    return newest;
}

InputResult choose(const ScoreInput& input, const Catalogue& catalogue,
                   std::span<const Measurement> measurements, const Facts& facts,
                   Occasion occasion) {
    Chooser chooser(input, facts, occasion);
    const auto entered = entered_at(input, measurements, facts.at);
    for (std::size_t i = 0; i < input.sources.size(); ++i) {
        const auto& source = input.sources[i];
        const auto* metric = catalogue.find(source.metric);
        if (metric == nullptr) continue;
        for (const auto& measurement : measurements)
            if (measurement.metric == source.metric &&
                (source.making == Making::window || !entered || measurement.time >= *entered))
                chooser.offer(judged(input, source, *metric, measurement, facts.at, occasion), i);
    }
    return chooser.take();
}

Applicability applicability_of(const ScoreTable& table, const PatientFacts& patient, Timestamp at) {
    if (table.excludes_pregnancy && patient.pregnancy == PatientFacts::Pregnancy::yes)
        return Applicability::pregnant;
    const bool has_bounds = table.age.from || table.age.before;
    if (has_bounds && patient.birth && lies_ahead(*patient.birth, at))
        return Applicability::age_unknown;
    switch (is_of_age(patient.birth, table.age, at)) {
        case Known::yes:
            return Applicability::applies;
        case Known::unknown:
            return table.age.before ? Applicability::age_unknown : Applicability::assumed_adult;
        case Known::no:
            break;
    }
    const bool grown = is_of_age(patient.birth, {table.age.from, std::nullopt}, at) == Known::yes;
    return grown ? Applicability::too_old : Applicability::too_young;
}

SettingResult setting_of(const ScoreSetting& setting, const PatientFacts& patient, Timestamp at) {
    SettingResult made;
    for (const auto& chosen : patient.settings) {
        if (chosen.key != setting.key || chosen.by.empty() || chosen.at > at + ahead_max) continue;
        const auto value = std::ranges::find(setting.values, chosen.value);
        if (value == setting.values.end() || (made.chosen && chosen.at < made.chosen->at)) continue;
        made.value = static_cast<std::uint8_t>(value - setting.values.begin());
        made.chosen = chosen;
    }
    return made;
}

// Whether others' points depend on its level.
bool is_asked_for(const ScoreTable& table, std::size_t input) {
    for (const auto& other : table.inputs)
        for (const auto& row : other.rows)
            for (const auto& each : row.when.levels)
                if (each.input == input) return true;
    return false;
}

void mark_ratio(const ScoreTable& table, ScoreResult& result) {
    auto& above = result.inputs[table.ratio->numerator];
    auto& below = result.inputs[table.ratio->denominator];
    if (!above.value || !below.value) return;
    const auto between = above.measurement->time - below.measurement->time;
    result.facts.ratio_possible = std::max(between, -between) <= table.ratio->apart_max;
    if (!result.facts.ratio_possible) above.state = below.state = InputState::apart;
    if (*below.value < table.ratio->denominator_min) below.state = InputState::implausible;
}

}  // namespace

ScoreResult evaluate(const ScoreTable& table, const Catalogue& catalogue,
                     std::span<const Measurement> measurements, const PatientFacts& patient,
                     Timestamp at, Occasion occasion) {
    ScoreResult result{.time = at, .occasion = occasion};
    result.applicability = applicability_of(table, patient, at);
    auto& facts = result.facts;
    facts.birth = patient.birth;
    facts.assume_adult = result.applicability == Applicability::assumed_adult;
    facts.at = at;
    for (const auto& setting : table.settings) {
        result.settings.push_back(setting_of(setting, patient, at));
        facts.settings.push_back(result.settings.back().value);
    }
    facts.values.resize(table.inputs.size());
    facts.open.resize(table.inputs.size());
    result.inputs.resize(table.inputs.size());
    // What others depend on comes first.
    for (const bool asked_for : {true, false})
        for (std::size_t i = 0; i < table.inputs.size(); ++i) {
            if (is_asked_for(table, i) != asked_for) continue;
            result.inputs[i] = choose(table.inputs[i], catalogue, measurements, facts, occasion);
            facts.values[i] = result.inputs[i].value;
            facts.open[i] = is_open(result.inputs[i].state);
        }
    if (!is_computed(result.applicability)) return result;
    if (table.ratio) mark_ratio(table, result);
    result.tally = tally(table, facts);
    for (std::size_t i = 0; i < table.inputs.size(); ++i)
        if (result.inputs[i].state == InputState::used && !result.tally.inputs[i].certain())
            result.inputs[i].state = InputState::undecided;
    return result;
}

std::optional<Timestamp> next_observations_due(const ScoreTable& table, const ScoreResult& result) {
    if (!result.tally.band_least) return std::nullopt;
    const auto& band = table.bands[*result.tally.band_least];
    if (!band.every_max) return std::nullopt;
    if (*band.every_max == Nanoseconds::zero()) return result.time;
    std::optional<Timestamp> entered;
    for (const auto& input : result.inputs)
        if ((is_used(input.state) || input.state == InputState::too_old) &&
            input.measurement->by_person)
            entered = std::max(entered.value_or(input.measurement->time), input.measurement->time);
    return entered.value_or(result.time) + *band.every_max;
}

}  // namespace vigil::monitor
