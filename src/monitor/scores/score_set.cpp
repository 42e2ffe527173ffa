#include "monitor/scores/score_set.hpp"

#include <algorithm>
#include <cassert>

#include "monitor/scores/score_result.hpp"

namespace vigil {
namespace data {
extern const std::string_view score_news2_tsv;
extern const std::string_view score_mews_tsv;
extern const std::string_view score_qsofa_tsv;
extern const std::string_view score_sirs_tsv;
extern const std::string_view score_shock_index_tsv;
extern const std::string_view score_modified_shock_index_tsv;
extern const std::string_view score_brighton_pews_tsv;
}  // namespace data

namespace monitor {

ScoreSet::ScoreSet(const Catalogue& catalogue) : catalogue_(catalogue) {
    for (const auto text : {data::score_news2_tsv, data::score_mews_tsv, data::score_qsofa_tsv,
                            data::score_sirs_tsv, data::score_shock_index_tsv,
                            data::score_modified_shock_index_tsv, data::score_brighton_pews_tsv}) {
        [[maybe_unused]] const auto added = add(text);
        assert(added);  // compiled in; a test reads each
    }
}

Result<void> ScoreSet::add(std::string_view text) {
    constexpr std::size_t tables_max = 32;
    if (tables_.size() == tables_max)
        return fail(Error::Kind::too_large, "there are 32 scores, the most a server computes");
    VIGIL_TRY(table, parse_score_table(text, catalogue_));
    if (find(table.key) != nullptr)
        return fail(Error::Kind::conflict,
                    "there is a score with the key " + table.key + ": a variant has its own");
    add_feeds(table, 1U << tables_.size());
    tables_.push_back(std::move(table));
    return {};
}

bool ScoreSet::has_setting(std::string_view key, std::string_view value) const {
    if (key == pregnancy_setting) return parse_pregnancy(value).has_value();
    return std::ranges::any_of(tables_, [&](const ScoreTable& table) {
        return std::ranges::any_of(table.settings, [&](const ScoreSetting& setting) {
            return setting.key == key &&
                   std::ranges::find(setting.values, value) != setting.values.end();
        });
    });
}

const ScoreTable* ScoreSet::find(std::string_view key) const {
    const auto found = std::ranges::find(tables_, key, &ScoreTable::key);
    return found == tables_.end() ? nullptr : &*found;
}

std::span<const ScoreSet::Feed> ScoreSet::feeds_of(MetricId metric) const {
    const auto [from, to] = std::ranges::equal_range(feeds_, metric, {}, &Feed::metric);
    return {from, to};
}

void ScoreSet::add_feeds(const ScoreTable& table, std::uint32_t bit) {
    for (const auto& input : table.inputs)
        for (const auto& source : input.sources) {
            auto finest = input.exponent;
            for (const auto& each : input.reads)
                if (each.metric == source.metric) finest = std::min(finest, each.exponent);
            // Another unit may need finer steps than its own.
            if (!input.is_level && input.unit != catalogue_.at(source.metric).unit)
                finest = static_cast<std::int8_t>(finest - 3);
            const auto fresh = std::min(source.set_age_max, source.continuous_age_max);
            const auto held = std::max(source.set_age_max, source.continuous_age_max);
            const auto feed = std::ranges::find_if(feeds_, [&](const Feed& each) {
                return each.metric == source.metric && each.making == source.making;
            });
            if (feed == feeds_.end()) {
                feeds_.push_back({source.metric, source.making, {finest, fresh, held}, bit});
            } else {
                auto& rule = feed->rule;
                rule.exponent = std::min(rule.exponent, finest);
                rule.fresh = std::min(rule.fresh, fresh);
                rule.held = std::max(rule.held, held);
                feed->tables |= bit;
            }
        }
    std::ranges::sort(feeds_, {},
                      [](const Feed& each) { return std::pair(each.metric, each.making); });
}

}  // namespace monitor
}  // namespace vigil
