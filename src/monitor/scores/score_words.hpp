#pragma once
// What people read of scores: English texts by stable keys (data/scores/words.tsv). The web
// translates by the same keys; a site's own chart brings names for what it adds.

#include <string_view>

#include "monitor/scores/score_result.hpp"
#include "monitor/scores/trend.hpp"

namespace vigil::monitor {

// "score.news2", "input.pulse", "level.alert", "setting.spo2_scale.2", "risk.high",
// "band.news2.low_medium", and the keys of the states below. Empty where there is none.
std::string_view score_words(std::string_view key);

std::string_view key_of(InputState state);                 // "input_state.too_old"
std::string_view key_of(Applicability applicability);      // "applicability.pregnant"
std::string_view key_of(Occasion occasion);                // "occasion.bedside_set"
std::string_view key_of(ScoreTrend::Direction direction);  // "direction.rising"

}  // namespace vigil::monitor
