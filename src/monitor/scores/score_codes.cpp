#include "monitor/scores/score_codes.hpp"

#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view score_codes_tsv;
}

namespace monitor {
namespace {

struct Row {
    std::string_view score, part;
    ScoreCode code;
};

const std::vector<Row>& rows() {
    static const auto all = [] {
        std::vector<Row> read;
        for (TableReader row(data::score_codes_tsv); row.next();)
            read.push_back({row[0], row[1], {row[2], row[3], row[4]}});
        return read;
    }();
    return all;
}

std::vector<ScoreCode> codes(const ScoreTable& table, std::string_view part) {
    std::vector<ScoreCode> found;
    for (const auto& row : rows())
        if (row.score == table.key && row.part == part) found.push_back(row.code);
    return found;
}

}  // namespace

std::vector<ScoreCode> codes_of(const ScoreTable& table) {
    return codes(table, "");
}

std::vector<ScoreCode> codes_of(const ScoreTable& table, std::uint8_t parameter,
                                const ScoreResult& result) {
    const auto& key = table.parameters[parameter];
    auto found = codes(table, key);
    for (std::size_t i = 0; i < table.settings.size() && found.empty(); ++i) {
        const auto& setting = table.settings[i];
        found =
            codes(table, key + " " + setting.key + "=" + setting.values[result.settings[i].value]);
    }
    return found;
}

std::string local_code_of(const ScoreTable& table) {
    return table.key;
}

std::string local_code_of(const ScoreTable& table, std::uint8_t parameter) {
    return table.key + "." + table.parameters[parameter];
}

}  // namespace monitor
}  // namespace vigil
