#include "monitor/scores/table_reader.hpp"

#include <array>

#include "metric/table.hpp"
#include "monitor/scores/table_cells.hpp"

namespace vigil::monitor {

using Limits = ScoreTableLimits;

Result<void> ScoreTableReader::read(const Cells& cells, std::uint32_t line) {
    struct Directive {
        std::string_view name;
        std::size_t cells_max;
        Result<void> (ScoreTableReader::*read)(const Cells&);
    };
    static constexpr std::array directives{Directive{"score", 4, &ScoreTableReader::score},
                                           Directive{"name", 2, &ScoreTableReader::words},
                                           Directive{"citation", 2, &ScoreTableReader::words},
                                           Directive{"terms", 2, &ScoreTableReader::words},
                                           Directive{"age", 3, &ScoreTableReader::age},
                                           Directive{"excludes", 2, &ScoreTableReader::excludes},
                                           Directive{"setting", 3, &ScoreTableReader::setting},
                                           Directive{"input", 7, &ScoreTableReader::input},
                                           Directive{"level", 4, &ScoreTableReader::level},
                                           Directive{"source", 6, &ScoreTableReader::source},
                                           Directive{"reads", 6, &ScoreTableReader::reads},
                                           Directive{"points", 5, &ScoreTableReader::points},
                                           Directive{"ratio", 6, &ScoreTableReader::ratio},
                                           Directive{"band", 6, &ScoreTableReader::band},
                                           Directive{"single", 3, &ScoreTableReader::single}};
    line_ = line;
    const auto found = std::ranges::find(directives, cells[0], &Directive::name);
    if (found == directives.end())
        return wrong("'" + std::string(cells[0].substr(0, 32)) +
                     "' is nothing a score's table says");
    if (cells.size() > found->cells_max)
        return wrong("a line '" + std::string(cells[0]) + "' has no more than " +
                     std::to_string(found->cells_max) + " columns");
    if ((found->name == "score") != table_.key.empty())
        return wrong("the first line is 'score', and there is one");
    return (this->*found->read)(cells);
}

Result<void> ScoreTableReader::score(const Cells& cells) {
    if (!is_key(cell(cells, 1))) return wrong("a key is of a-z, 0-9, _ and -, at most 48 of them");
    constexpr std::size_t version_bytes_max = 32;
    if (!is_text(cell(cells, 2)) || cells[2].size() > version_bytes_max)
        return wrong("a score has a version, in at most 32 characters");
    if (cell(cells, 3) != "sum" && cell(cells, 3) != "ratio")
        return wrong("a score is a 'sum' or a 'ratio'");
    table_.key = cells[1];
    table_.version = cells[2];
    is_ratio_ = cells[3] == "ratio";
    return {};
}

Result<void> ScoreTableReader::words(const Cells& cells) {
    constexpr std::size_t citations_max = 8;
    const auto text = cell(cells, 1);
    if (!is_text(text)) return wrong("a text is UTF-8 on one line, at most 1000 bytes");
    if (cells[0] == "name") {
        table_.name = text;
    } else if (cells[0] == "terms") {
        table_.terms = text;
    } else {
        if (table_.citations.size() == citations_max) return wrong("at most 8 citations");
        table_.citations.emplace_back(text);
    }
    return {};
}

Result<void> ScoreTableReader::age(const Cells& cells) {
    if (!cell(cells, 1).empty()) {
        VIGIL_TRY(from, parse_age(cells[1]));
        table_.age.from = from;
    }
    if (!cell(cells, 2).empty()) {
        VIGIL_TRY(before, parse_age(cells[2]));
        table_.age.before = before;
    }
    if (table_.age.from && table_.age.before && *table_.age.before <= *table_.age.from)
        return wrong("ages begin with the younger");
    return {};
}

Result<void> ScoreTableReader::excludes(const Cells& cells) {
    if (cell(cells, 1) != "pregnancy") return wrong("what can be excluded is 'pregnancy'");
    table_.excludes_pregnancy = true;
    return {};
}

Result<void> ScoreTableReader::setting(const Cells& cells) {
    constexpr std::size_t values_max = 8;
    if (table_.settings.size() == Limits::settings_max) return wrong("at most 4 settings");
    if (!is_key(cell(cells, 1)) || place_of(table_.settings, cells[1]) ||
        place_of(table_.inputs, cells[1]))
        return wrong("a setting has a key of its own");
    ScoreSetting made{.key = std::string(cells[1]), .values = {}};
    for (const auto value : split(cell(cells, 2), '|')) {
        if (!is_key(value) || contains(made.values, value))
            return wrong("values of a setting are keys, parted by |");
        made.values.emplace_back(value);
    }
    if (made.values.size() > values_max) return wrong("at most 8 values of a setting");
    table_.settings.push_back(std::move(made));
    return {};
}

Result<void> ScoreTableReader::ratio(const Cells& cells) {
    if (!is_ratio_ || table_.ratio)
        return wrong("a ratio score has one line 'ratio', a sum has none");
    const auto numerator = place_of(table_.inputs, cell(cells, 1));
    const auto denominator = place_of(table_.inputs, cell(cells, 2));
    if (!numerator || !denominator || numerator == denominator ||
        table_.inputs[*numerator].is_level || table_.inputs[*denominator].is_level)
        return wrong("a ratio is of two numbers that stand before it");
    ScoreRatio made{.numerator = *numerator, .denominator = *denominator};
    VIGIL_TRY(exponent, step_of(cell(cells, 3)));
    VIGIL_TRY(least, steps_of(cell(cells, 4), table_.inputs[*denominator].exponent));
    if (least <= 0) return wrong("below a least denominator above 0 nothing is computed");
    VIGIL_TRY(apart, age_max_of(cell(cells, 5)));
    made.exponent = exponent;
    made.denominator_min = least;
    made.apart_max = apart;
    table_.ratio = made;
    return {};
}

Result<void> ScoreTableReader::band(const Cells& cells) {
    if (table_.bands.size() == Limits::bands_max) return wrong("at most 32 bands");
    ScoreBand made{.key = std::string(cell(cells, 1)),
                   .risk = std::string(cell(cells, 2)),
                   .range = {},
                   .every_min = {},
                   .every_max = {},
                   .age = {},
                   .line = line_};
    if (!is_key(made.key) || !is_key(made.risk)) return wrong("a band has a key and a risk");
    if (is_ratio_ && !table_.ratio) return wrong("the line 'ratio' stands before the bands");
    if (cell(cells, 3) != "none") {
        VIGIL_TRY(range, range_of(cell(cells, 3), table_.total_exponent()));
        made.range = range;
    }
    const auto every = cell(cells, 4);
    if (every == "continuous") {
        made.every_min = made.every_max = Nanoseconds::zero();
    } else if (!every.empty()) {
        const auto dots = every.find("..");
        VIGIL_TRY(least, age_max_of(every.substr(0, dots)));
        VIGIL_TRY(most,
                  age_max_of(dots == std::string_view::npos ? every : every.substr(dots + 2)));
        if (most < least) return wrong("a span begins with the shorter");
        made.every_min = least;
        made.every_max = most;
    }
    VIGIL_TRY(when, conditions_of(cell(cells, 5)));
    if (!when.settings.empty() || !when.levels.empty()) return wrong("a band depends on age alone");
    made.age = when.age;
    table_.bands.push_back(std::move(made));
    return {};
}

Result<void> ScoreTableReader::single(const Cells& cells) {
    if (table_.single || is_ratio_) return wrong("a sum has at most one line 'single'");
    VIGIL_TRY(points, points_of(cell(cells, 1)));
    const auto band = place_of(table_.bands, cell(cells, 2));
    if (!band) return wrong("there is no such band before this line");
    table_.single = ScoreTable::Single{points, *band};
    return {};
}

}  // namespace vigil::monitor
