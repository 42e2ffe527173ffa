#pragma once
// What a search must find, worked out the slow way: every resource is looked at, each condition as
// src/store/records.hpp words it. Tests compare a store with it.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/records.hpp"

namespace vigil::store::test {

class MemoryRecords {
public:
    void put(const RecordPut& put, Timestamp updated) {
        auto& kept = resources_[{put.type, put.id}];
        kept = {put, updated};
    }
    void remove(const std::string& type, const std::string& id) { resources_.erase({type, id}); }

    std::set<std::string> search(const std::string& type, const Condition& where,
                                 const Access& access) const {
        std::set<std::string> ids;
        for (const auto& [key, resource] : resources_)
            if (key.first == type && sees(access, resource) && holds(resource, where, access))
                ids.insert(key.second);
        return ids;
    }

    // The row a search sorts by, as text that sorts as it does; nothing: there is none.
    std::optional<std::string> sort_value(const std::string& type, const std::string& id,
                                          const SortKey& key) const {
        const auto& resource = resources_.at({type, id});
        if (key.by == SortKey::By::id) return id;
        if (key.by == SortKey::By::updated) return padded(unix_ns(resource.updated));
        std::optional<std::string> best;
        for (const auto& row : resource.put.rows) {
            if (row.parameter != key.parameter) continue;
            auto value = text_of(row.value);
            if (!best || (key.descending ? *best < value : value < *best)) best = value;
        }
        return best;
    }

private:
    struct Resource {
        RecordPut put;
        Timestamp updated;
    };
    using Row = IndexRow;

    static std::string padded(std::int64_t number) {
        auto digits = std::to_string(static_cast<std::uint64_t>(number) ^ (1ULL << 63U));
        return std::string(20 - digits.size(), '0') + digits;
    }
    static std::string text_of(const IndexValue& value) {
        if (const auto* token = std::get_if<TokenValue>(&value)) return token->code;
        if (const auto* date = std::get_if<DateValue>(&value)) return padded(unix_ns(date->start));
        if (const auto* number = std::get_if<NumberValue>(&value))
            return padded(static_cast<std::int64_t>(number->low * 1000));
        if (const auto* string = std::get_if<StringValue>(&value)) return string->folded;
        if (const auto* uri = std::get_if<UriValue>(&value)) return uri->uri;
        return {};
    }

    bool sees(const Access& access, const Resource& resource) const {
        const auto& put = resource.put;
        if (put.subject && !access.covers(*put.subject)) return false;
        const auto withheld = access.withheld_from(put.subject.value_or(PatientId{}));
        const auto condition = withheld ? withheld->of_type(put.type) : nullptr;
        return !condition || !holds(resource, *condition, access);
    }

    template <class T>
    static bool compare(Comparison comparison, T low, T high, bool starts_below, bool held,
                        bool ends_above, T from, T to, bool overlaps) {
        switch (comparison) {
            case Comparison::equal:
                return held;
            case Comparison::not_equal:
                return !held;
            case Comparison::less:
                return starts_below;
            case Comparison::less_equal:
                return starts_below || held;
            case Comparison::greater:
                return ends_above;
            case Comparison::greater_equal:
                return ends_above || held;
            case Comparison::starts_after:
                return low >= to;
            case Comparison::ends_before:
                return high <= from;
            case Comparison::overlaps:
                return overlaps;
        }
        return false;
    }
    static bool date(Comparison comparison, const DateValue& value, const DateValue& asked) {
        return compare(comparison, value.start, value.end, value.start < asked.start,
                       value.start >= asked.start && value.end <= asked.end, value.end > asked.end,
                       asked.start, asked.end, value.start < asked.end && value.end > asked.start);
    }
    // Of plain values and searched ranges that are not points.
    static bool number(Comparison comparison, const NumberValue& value, const NumberValue& asked) {
        if (comparison == Comparison::ends_before) return value.high < asked.low;
        return compare(comparison, value.low, value.high, value.low < asked.low,
                       value.low >= asked.low && value.high < asked.high, value.high >= asked.high,
                       asked.low, asked.high, value.low < asked.high && value.high >= asked.low);
    }

    static bool row_matches(const Row& row, const Condition& where) {
        if (const auto* token = std::get_if<TokenMatch>(&where.is)) {
            const auto* value = std::get_if<TokenValue>(&row.value);
            return value != nullptr && row.parameter == token->parameter &&
                   (!token->system || *token->system == value->system) &&
                   (!token->code || *token->code == value->code);
        }
        if (const auto* match = std::get_if<DateMatch>(&where.is)) {
            const auto* value = std::get_if<DateValue>(&row.value);
            return value != nullptr && row.parameter == match->parameter &&
                   date(match->comparison, *value, match->value);
        }
        if (const auto* match = std::get_if<NumberMatch>(&where.is)) {
            const auto* value = std::get_if<NumberValue>(&row.value);
            return value != nullptr && row.parameter == match->parameter &&
                   value->unit == match->value.unit &&
                   number(match->comparison, *value, match->value);
        }
        if (const auto* match = std::get_if<StringMatch>(&where.is)) {
            const auto* value = std::get_if<StringValue>(&row.value);
            if (value == nullptr || row.parameter != match->parameter) return false;
            if (match->how == StringMatch::How::exact) return value->exact == match->text;
            const auto at = value->folded.find(match->text);
            return match->how == StringMatch::How::contains ? at != std::string::npos : at == 0;
        }
        if (const auto* match = std::get_if<UriMatch>(&where.is)) {
            const auto* value = std::get_if<UriValue>(&row.value);
            if (value == nullptr || row.parameter != match->parameter) return false;
            if (value->uri == match->uri) return true;
            if (match->how == UriMatch::How::below) return value->uri.starts_with(match->uri + "/");
            return match->how == UriMatch::How::above && match->uri.starts_with(value->uri + "/");
        }
        if (const auto* match = std::get_if<ReferenceMatch>(&where.is)) {
            const auto* value = std::get_if<ReferenceValue>(&row.value);
            if (value == nullptr || row.parameter != match->parameter) return false;
            if (match->to.id.empty()) return value->id.empty() && value->url == match->to.url;
            return value->id == match->to.id &&
                   (match->to.type.empty() || value->type == match->to.type);
        }
        return false;
    }

    static bool together(const Resource& resource, const Together& asked) {
        std::set<std::uint16_t> groups;
        for (const auto& row : resource.put.rows)
            if (row.group != 0) groups.insert(row.group);
        return std::ranges::any_of(groups, [&](auto group) {
            return std::ranges::all_of(asked.conditions, [&](const Condition& part) {
                return std::ranges::any_of(resource.put.rows, [&](const Row& row) {
                    return row.group == group && row_matches(row, part);
                });
            });
        });
    }

    bool holds(const Resource& resource, const Condition& where, const Access& access) const {
        const auto each = [&](const Condition& part) { return holds(resource, part, access); };
        if (const auto* all = std::get_if<AllOf>(&where.is))
            return std::ranges::all_of(all->conditions, each);
        if (const auto* any = std::get_if<AnyOf>(&where.is))
            return std::ranges::any_of(any->conditions, each);
        if (const auto* none = std::get_if<NoneOf>(&where.is))
            return std::ranges::none_of(none->conditions, each);
        if (const auto* parts = std::get_if<Together>(&where.is)) return together(resource, *parts);
        if (const auto* missing = std::get_if<Missing>(&where.is))
            return std::ranges::none_of(resource.put.rows, [&](const Row& row) {
                return row.parameter == missing->parameter;
            });
        if (const auto* id = std::get_if<IdMatch>(&where.is)) return resource.put.id == id->id;
        if (const auto* updated = std::get_if<UpdatedMatch>(&where.is))
            return date(updated->comparison, {resource.updated, resource.updated + Nanoseconds(1)},
                        updated->value);
        if (const auto* refers = std::get_if<RefersTo>(&where.is))
            return std::ranges::any_of(resource.put.rows, [&](const Row& row) {
                return row.parameter == refers->parameter &&
                       leads_to(row, refers->type, *refers->condition, access);
            });
        if (const auto* referred = std::get_if<ReferredBy>(&where.is))
            return std::ranges::any_of(resources_, [&](const auto& entry) {
                const auto& other = entry.second;
                return entry.first.first == referred->type && sees(access, other) &&
                       std::ranges::any_of(
                           other.put.rows,
                           [&](const Row& row) {
                               const auto* to = std::get_if<ReferenceValue>(&row.value);
                               return row.parameter == referred->parameter && to != nullptr &&
                                      to->type == resource.put.type && to->id == resource.put.id;
                           }) &&
                       holds(other, *referred->condition, access);
            });
        return std::ranges::any_of(resource.put.rows,
                                   [&](const Row& row) { return row_matches(row, where); });
    }

    bool leads_to(const Row& row, const std::string& type, const Condition& condition,
                  const Access& access) const {
        const auto* to = std::get_if<ReferenceValue>(&row.value);
        if (to == nullptr || to->type != type) return false;
        const auto found = resources_.find({type, to->id});
        return found != resources_.end() && sees(access, found->second) &&
               holds(found->second, condition, access);
    }

    std::map<std::pair<std::string, std::string>, Resource> resources_;
};

}  // namespace vigil::store::test
