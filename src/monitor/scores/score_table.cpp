#include "monitor/scores/score_table.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "metric/table.hpp"
#include "monitor/scores/table_reader.hpp"

namespace vigil::monitor {

using Limits = ScoreTableLimits;

std::uint8_t ScoreTable::points_max(std::uint8_t parameter) const {
    std::uint8_t most = 0;
    for (const auto& input : inputs)
        if (input.parameter == parameter)
            for (const auto& row : input.rows) most = std::max(most, row.points);
    return most;
}

Result<ScoreTable> parse_score_table(std::string_view text, const Catalogue& catalogue) {
    if (text.size() > Limits::bytes_max)
        return fail(Error::Kind::too_large, "a score's table has at most 64 KiB");
    const auto print = vigil::fingerprint(text).high;
    ScoreTableReader reader(catalogue);
    std::uint32_t number = 0;
    while (!text.empty()) {
        if (++number > Limits::lines_max)
            return fail(Error::Kind::too_large, "a score's table has at most 2000 lines");
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        if (auto read = reader.read(split(line, '\t'), number); !read) {
            read.error().place = "line " + std::to_string(number);
            return tl::unexpected(std::move(read).error());
        }
    }
    auto table = reader.take();
    table.fingerprint = print;
    if (reader.is_ratio() && !table.ratio)
        return fail(Error::Kind::malformed, "a ratio score needs a line 'ratio'", "the whole file");
    VIGIL_CHECK(check_score_table(table));
    return table;
}

}  // namespace vigil::monitor
