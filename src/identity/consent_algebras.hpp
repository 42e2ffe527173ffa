#pragma once
// Parts of a patient's data, told in three ways (consent_judgement.hpp).

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/consent.hpp"
#include "identity/sensitive_labels.hpp"

namespace vigil::identity {

enum class Certain : std::uint8_t { no, maybe, yes };

// Whether it is all of the data, none, or what depends on the data.
struct Certainty {
    using Part = Certain;
    static Part all() { return Certain::yes; }
    static Part none() { return Certain::no; }
    static Part both(Part a, Part b) { return std::min(a, b); }
    static Part either(Part a, Part b) { return std::max(a, b); }
    static Part not_in(Part a) {
        return static_cast<Certain>(static_cast<int>(Certain::yes) - static_cast<int>(a));
    }
    static Part of(const DataClass&, DataClass::Reading) { return Certain::maybe; }
    static Part bearing(const std::vector<SecurityLabel>&) { return Certain::maybe; }
};

// The same of readings alone, which bear no labels.
struct CertaintyOfReadings : Certainty {
    static Part bearing(const std::vector<SecurityLabel>&) { return Certain::no; }
};

inline bool is_all(const store::Condition& condition) {
    const auto* all = std::get_if<store::AllOf>(&condition.is);
    return all != nullptr && all->conditions.empty();
}
inline bool is_none(const store::Condition& condition) {
    const auto* any = std::get_if<store::AnyOf>(&condition.is);
    return any != nullptr && any->conditions.empty();
}

// Which resources of a type.
struct Resources {
    std::string_view type;
    using Part = store::Condition;
    static Part all() { return {store::AllOf{}}; }
    static Part none() { return {store::AnyOf{}}; }
    static Part both(Part a, Part b) {
        if (is_none(a) || is_all(b)) return a;
        if (is_none(b) || is_all(a)) return b;
        return joined<store::AllOf>(std::move(a), std::move(b));
    }
    static Part either(Part a, Part b) {
        if (is_all(a) || is_none(b)) return a;
        if (is_all(b) || is_none(a)) return b;
        return joined<store::AnyOf>(std::move(a), std::move(b));
    }
    static Part not_in(Part a) {
        if (is_all(a)) return none();
        if (is_none(a)) return all();
        return {store::NoneOf{{std::move(a)}}};
    }
    Part of(const DataClass& data, DataClass::Reading how) const { return data.of_type(type, how); }
    static Part bearing(const std::vector<SecurityLabel>& labels) { return bears_any(labels); }

private:
    // As one list: the store bounds how deep a condition may be.
    template <class Group>
    static Part joined(Part a, Part b) {
        Group all;
        for (auto* part : {&a, &b}) {
            auto* group = std::get_if<Group>(&part->is);
            if (group == nullptr)
                all.conditions.push_back(std::move(*part));
            else
                std::ranges::move(group->conditions, std::back_inserter(all.conditions));
        }
        return {std::move(all)};
    }
};

// Which stretches of time of the readings of a metric: in order, apart. Readings bear no labels.
struct Readings {
    MetricId metric;
    store::Span span;
    using Part = std::vector<store::Span>;
    Part all() const { return span.from < span.to ? Part{span} : Part{}; }
    static Part none() { return {}; }
    static Part both(const Part& a, const Part& b) {
        Part out;
        for (const auto& one : a)
            for (const auto& other : b) {
                const store::Span shared{std::max(one.from, other.from),
                                         std::min(one.to, other.to)};
                if (shared.from < shared.to) out.push_back(shared);
            }
        return out;
    }
    Part either(const Part& a, const Part& b) const { return not_in(both(not_in(a), not_in(b))); }
    Part not_in(const Part& a) const {
        Part out;
        auto from = span.from;
        for (const auto& each : a) {
            if (from < each.from) out.push_back({from, each.from});
            from = std::max(from, each.to);
        }
        if (from < span.to) out.push_back({from, span.to});
        return out;
    }
    Part of(const DataClass& data, DataClass::Reading how) const {
        return data.of_readings(metric, span, how);
    }
    static Part bearing(const std::vector<SecurityLabel>&) { return {}; }
};

}  // namespace vigil::identity
