#pragma once
// The scores a server computes: those built in, and a site's own charts.

#include <span>
#include <string_view>
#include <vector>

#include "monitor/scores/score_table.hpp"

namespace vigil::monitor {

class ScoreSet {
public:
    // The tables of data/scores/. The catalogue must outlive the set, and have its site metrics.
    explicit ScoreSet(const Catalogue& catalogue);

    // A chart of the site (docs/guides/early-warning.md), after those that are there. Refuses a key
    // that is taken: a variant bears a name of its own. At most 32 tables in all.
    Result<void> add(std::string_view text);

    std::span<const ScoreTable> tables() const { return tables_; }
    const ScoreTable* find(std::string_view key) const;
    // That somebody can decide of a patient: a setting of one of the tables, or pregnancy.
    bool has_setting(std::string_view key, std::string_view value) const;
    const Catalogue& catalogue() const { return catalogue_; }

    // A metric whose values are made in one way, for all tables that want it so.
    struct Feed {
        MetricId metric;
        Making making = Making::last;
        FeedRule rule;
        std::uint32_t tables = 0;  // bit n: table n
    };
    std::span<const Feed> feeds() const { return feeds_; }  // in the order of their metrics
    std::span<const Feed> feeds_of(MetricId metric) const;

private:
    void add_feeds(const ScoreTable& table, std::uint32_t bit);

    const Catalogue& catalogue_;
    std::vector<ScoreTable> tables_;
    std::vector<Feed> feeds_;
};

}  // namespace vigil::monitor
