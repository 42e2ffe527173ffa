#include "metric/table.hpp"
#include "metric/unit.hpp"
#include "monitor/scores/table_cells.hpp"
#include "monitor/scores/table_reader.hpp"

namespace vigil::monitor {

using Limits = ScoreTableLimits;

Result<void> ScoreTableReader::input(const Cells& cells) {
    if (table_.inputs.size() == Limits::inputs_max) return wrong("at most 32 inputs");
    ScoreInput made;
    made.key = cell(cells, 1);
    if (!is_key(made.key) || made.key == "age" || place_of(table_.inputs, made.key) ||
        place_of(table_.settings, made.key))
        return wrong("an input has a key of its own");
    made.is_level = cell(cells, 2) == "level";
    if (!made.is_level && cell(cells, 2) != "number")
        return wrong("an input is a 'number' or a 'level'");
    if (made.is_level && (!cell(cells, 3).empty() || !cell(cells, 4).empty()))
        return wrong("a level has no unit and no step");
    if (!made.is_level) {
        const auto unit = units::find(cell(cells, 3));
        if (!unit)
            return wrong("'" + std::string(cell(cells, 3).substr(0, 32)) +
                         "' is no unit this server knows (UCUM)");
        made.unit = *unit;
        VIGIL_TRY(exponent, step_of(cell(cells, 4)));
        made.exponent = exponent;
    }
    const auto choice = cell(cells, 5);
    if (!choice.empty() && choice != "first" && choice != "worst")
        return wrong("of several sources the 'first' counts or the 'worst'");
    made.worst = choice == "worst";
    const auto joined = cell(cells, 6);
    made.optional = !joined.empty();
    const auto parameter = std::ranges::find(table_.parameters, joined.empty() ? made.key : joined);
    if (made.optional && parameter == table_.parameters.end())
        return wrong("an optional input names the parameter it adds to, which stands before it");
    made.parameter = static_cast<std::uint8_t>(parameter - table_.parameters.begin());
    if (parameter == table_.parameters.end()) table_.parameters.push_back(made.key);
    table_.inputs.push_back(std::move(made));
    return {};
}

Result<ScoreInput*> ScoreTableReader::input_named(std::string_view key) {
    const auto at = place_of(table_.inputs, key);
    if (!at)
        return wrong("there is no input '" + std::string(key.substr(0, 48)) + "' before this line");
    return &table_.inputs[*at];
}

namespace {

// As values are matched: by the key or a word of a level, without case.
bool means_another(const ScoreInput& input, std::string_view word) {
    return std::ranges::any_of(input.levels, [&](const ScoreLevel& other) {
        return same_word(other.key, word) ||
               std::ranges::any_of(other.words, [&](const auto& w) { return same_word(w, word); });
    });
}

}  // namespace

Result<void> ScoreTableReader::level(const Cells& cells) {
    constexpr std::size_t words_max = 16;
    VIGIL_TRY(input, input_named(cell(cells, 1)));
    if (!input->is_level) return wrong("a number has no levels");
    if (input->levels.size() == Limits::levels_max) return wrong("at most 16 levels");
    if (!is_key(cell(cells, 2)) || place_of(input->levels, cells[2]))
        return wrong("a level has a key of its own");
    ScoreLevel made{.key = std::string(cells[2]), .words = {}};
    for (const auto word : split(cell(cells, 3), '|')) {
        if (word.empty() && cell(cells, 3).empty()) break;
        if (!is_text(word) || made.words.size() == words_max)
            return wrong("what means a level are at most 16 words or codes, parted by |");
        if (means_another(*input, word))
            return wrong("'" + std::string(word) + "' means another level already");
        made.words.emplace_back(word);
    }
    if (means_another(*input, made.key))
        return wrong("'" + made.key + "' means another level already");
    input->levels.push_back(std::move(made));
    return {};
}

Result<void> ScoreTableReader::source(const Cells& cells) {
    VIGIL_TRY(input, input_named(cell(cells, 1)));
    if (input->sources.size() == Limits::sources_max) return wrong("at most 16 sources");
    const auto* metric = catalogue_.find(cell(cells, 2));
    if (metric == nullptr || metric->kind == MetricKind::waveform)
        return wrong("'" + std::string(cell(cells, 2).substr(0, 48)) +
                     "' is no metric of this server");
    if (contains(input->sources, metric->id, &ScoreSource::metric))
        return wrong("a metric is named once for an input");
    ScoreSource made{.metric = metric->id};
    const auto making = cell(cells, 3);
    if (making != "median" && making != "last" && making != "window")
        return wrong("a value is made as 'median', 'last' or 'window'");
    made.making = making == "median" ? Making::median
                  : making == "last" ? Making::last
                                     : Making::window;
    if (made.making == Making::window && !input->worst)
        return wrong("of a window the worst counts: say 'worst' of the input");
    VIGIL_TRY(set_age_max, age_max_of(cell(cells, 4)));
    VIGIL_TRY(continuous_age_max, age_max_of(cell(cells, 5)));
    made.set_age_max = set_age_max;
    made.continuous_age_max = continuous_age_max;
    const bool is_number =
        metric->kind == MetricKind::numeric || metric->kind == MetricKind::setting;
    if (!input->is_level && !is_number) return wrong("this metric is no number");
    if (!input->is_level && !units::convert(Decimal{1, 0}, metric->unit, input->unit))
        return wrong("the unit of this metric is of another quantity");
    input->sources.push_back(made);
    return {};
}

Result<void> ScoreTableReader::reads(const Cells& cells) {
    VIGIL_TRY(input, input_named(cell(cells, 1)));
    const auto* metric = catalogue_.find(cell(cells, 2));
    if (metric == nullptr || !contains(input->sources, metric->id, &ScoreSource::metric))
        return wrong("what is read is a source of the input, named before");
    const auto level = place_of(input->levels, cell(cells, 5));
    if (!level) return wrong("there is no such level of this input");
    constexpr std::size_t reads_max = 64;
    if (input->reads.size() == reads_max) return wrong("at most 64 lines 'reads'");
    LevelOfNumber made{.metric = metric->id, .level = *level};
    VIGIL_TRY(exponent, step_of(cell(cells, 3)));
    VIGIL_TRY(range, range_of(cell(cells, 4), exponent));
    made.exponent = exponent;
    made.range = range;
    input->reads.push_back(made);
    return {};
}

Result<void> ScoreTableReader::points(const Cells& cells) {
    VIGIL_TRY(input, input_named(cell(cells, 1)));
    if (++rows_ > Limits::rows_max) return wrong("at most 512 lines 'points'");
    PointsRow made{.line = line_};
    if (input->is_level) {
        for (const auto key : split(cell(cells, 2), '|')) {
            const auto level = place_of(input->levels, key);
            if (!level)
                return wrong("there is no level '" + std::string(key.substr(0, 48)) +
                             "' of this input");
            made.levels |= 1U << *level;
        }
    } else {
        VIGIL_TRY(range, range_of(cell(cells, 2), input->exponent));
        made.range = range;
    }
    VIGIL_TRY(points, points_of(cell(cells, 3)));
    VIGIL_TRY(when, conditions_of(cell(cells, 4)));
    made.points = points;
    made.when = std::move(when);
    input->rows.push_back(std::move(made));
    return {};
}

// "spo2_scale=2 air_or_oxygen=air age>=3mo age<12mo".
Result<ScoreConditions> ScoreTableReader::conditions_of(std::string_view text) const {
    ScoreConditions made;
    if (text.empty()) return made;
    for (const auto term : split(text, ' ')) {
        if (term.starts_with("age>=")) {
            VIGIL_TRY(from, parse_age(term.substr(5)));
            made.age.from = from;
        } else if (term.starts_with("age<")) {
            VIGIL_TRY(before, parse_age(term.substr(4)));
            made.age.before = before;
        } else {
            const auto equals = term.find('=');
            const auto key = term.substr(0, equals);
            const auto value = equals == std::string_view::npos ? "" : term.substr(equals + 1);
            if (const auto setting = place_of(table_.settings, key)) {
                const auto& values = table_.settings[*setting].values;
                const auto at = std::ranges::find(values, value);
                if (at == values.end())
                    return wrong("'" + std::string(term.substr(0, 64)) +
                                 "': the setting has no such value");
                made.settings.push_back({*setting, static_cast<std::uint8_t>(at - values.begin())});
            } else if (const auto input = place_of(table_.inputs, key)) {
                const auto level = place_of(table_.inputs[*input].levels, value);
                if (!level)
                    return wrong("'" + std::string(term.substr(0, 64)) +
                                 "': the input has no such level");
                made.levels.push_back({*input, *level});
            } else {
                return wrong("'" + std::string(term.substr(0, 64)) +
                             "' is no condition: setting=value, input=level, age>=3mo or age<12mo, "
                             "each named before");
            }
        }
    }
    return made;
}

}  // namespace vigil::monitor
