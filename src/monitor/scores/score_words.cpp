#include "monitor/scores/score_words.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view score_words_tsv;
}

namespace monitor {

std::string_view score_words(std::string_view key) {
    static const auto all = [] {
        std::vector<std::pair<std::string_view, std::string_view>> read;
        for (TableReader row(data::score_words_tsv); row.next();) read.emplace_back(row[0], row[1]);
        std::ranges::sort(read);
        return read;
    }();
    const auto found = std::ranges::lower_bound(
        all, key, {}, &std::pair<std::string_view, std::string_view>::first);
    return found == all.end() || found->first != key ? std::string_view() : found->second;
}

std::string_view key_of(InputState state) {
    constexpr std::array<std::string_view, 7> keys{
        "input_state.used",        "input_state.missing",    "input_state.too_old",
        "input_state.implausible", "input_state.unreadable", "input_state.undecided",
        "input_state.apart"};
    return keys[static_cast<std::size_t>(state)];
}

std::string_view key_of(Applicability applicability) {
    constexpr std::array<std::string_view, 6> keys{
        "applicability.applies", "applicability.assumed_adult", "applicability.too_young",
        "applicability.too_old", "applicability.age_unknown",   "applicability.pregnant"};
    return keys[static_cast<std::size_t>(applicability)];
}

std::string_view key_of(Occasion occasion) {
    return occasion == Occasion::bedside_set ? "occasion.bedside_set" : "occasion.continuous";
}

std::string_view key_of(ScoreTrend::Direction direction) {
    constexpr std::array<std::string_view, 3> keys{"direction.falling", "direction.steady",
                                                   "direction.rising"};
    return keys[static_cast<std::size_t>(direction)];
}

}  // namespace monitor
}  // namespace vigil
