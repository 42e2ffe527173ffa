#include "monitor/alarms/condition_table.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <stdexcept>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view alarm_conditions_tsv;
}

namespace vigil::monitor {
namespace {

enum Column : std::size_t {
    id,
    key,
    display,
    condition_class,
    priority,
    later_priority,
    later_after_s,
    latching,
    can_switch_off,
    high_if_only_rate,
    acknowledged_holds,
    suppressed_by,
    definition,
    source
};

// The table is compiled in and tested row by row: what cannot be read is a bug.
std::uint16_t number(std::string_view text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::logic_error("alarm-conditions.tsv: not a number: " + std::string(text));
    return value;
}

template <class Enum>
Enum word(std::string_view text) {
    const auto value = from_word<Enum>(text);
    if (!value) throw std::logic_error("alarm-conditions.tsv: no such word: " + std::string(text));
    return *value;
}

Condition condition(const TableReader& row) {
    Condition out{.id = ConditionId{number(row[Column::id])},
                  .key = std::string(row[Column::key]),
                  .display = std::string(row[Column::display]),
                  .condition_class = word<ConditionClass>(row[Column::condition_class]),
                  .priority = word<AlarmPriority>(row[Column::priority]),
                  .latching = row[Column::latching] == "yes",
                  .can_switch_off = row[Column::can_switch_off] == "yes",
                  .high_if_only_rate = row[Column::high_if_only_rate] == "yes",
                  .acknowledged_holds = row[Column::acknowledged_holds] == "yes",
                  .definition = std::string(row[Column::definition]),
                  .source = std::string(row[Column::source])};
    if (const auto later = row[Column::later_priority]; !later.empty()) {
        out.later_priority = word<AlarmPriority>(later);
        out.later_after = std::chrono::seconds(number(row[Column::later_after_s]));
    }
    return out;
}

}  // namespace

ConditionTable::ConditionTable() {
    std::vector<std::string_view> suppressors;
    for (TableReader row(data::alarm_conditions_tsv); row.next();) {
        conditions_.push_back(condition(row));
        suppressors.push_back(row[Column::suppressed_by]);
        const auto id = conditions_.back().id.value;
        if (by_id_.size() <= id) by_id_.resize(id + std::size_t{1});
        by_id_[id] = static_cast<std::uint16_t>(conditions_.size());
    }
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
        if (suppressors[i].empty()) continue;
        for (const auto by : split(suppressors[i], ','))
            conditions_[i].suppressed_by.push_back(id_of(by));
    }
}

const Condition* ConditionTable::find(ConditionId id) const {
    if (id.value >= by_id_.size() || by_id_[id.value] == 0) return nullptr;
    return &conditions_[by_id_[id.value] - std::size_t{1}];
}

const Condition* ConditionTable::find(std::string_view key) const {
    const auto found = std::ranges::find(conditions_, key, &Condition::key);
    return found == conditions_.end() ? nullptr : &*found;
}

ConditionId ConditionTable::id_of(std::string_view key) const {
    const auto* found = find(key);
    if (found == nullptr)
        throw std::logic_error("alarm-conditions.tsv: has no " + std::string(key));
    return found->id;
}

}  // namespace vigil::monitor
