#pragma once
// The codes by which scores and their parts are said in FHIR (data/scores/codes.tsv).

#include <string>
#include <string_view>
#include <vector>

#include "monitor/scores/score_result.hpp"

namespace vigil::monitor {

struct ScoreCode {
    std::string_view system, code, display;
    bool operator==(const ScoreCode&) const = default;
};

// Of the score itself: Observation.code.
std::vector<ScoreCode> codes_of(const ScoreTable& table);
// Of the points of one parameter, with the settings that the result has: component.code.
std::vector<ScoreCode> codes_of(const ScoreTable& table, std::uint8_t parameter,
                                const ScoreResult& result);
// The code of this server that every score and part has: "news2", "news2.pulse".
std::string local_code_of(const ScoreTable& table);
std::string local_code_of(const ScoreTable& table, std::uint8_t parameter);

}  // namespace vigil::monitor
