#pragma once
// What is withheld, as a test says it.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/records.hpp"
#include "store/withheld.hpp"

namespace vigil::store::test {

struct WithheldParts final : Withheld {
    bool everything = false;
    std::map<std::string, std::shared_ptr<const Condition>, std::less<>> of_types;
    std::map<MetricId, std::vector<Span>> hidden;  // in order, apart

    bool all() const override { return everything; }
    std::shared_ptr<const Condition> of_type(std::string_view type) const override {
        const auto found = of_types.find(type);
        return found == of_types.end() ? nullptr : found->second;
    }
    std::vector<Span> seen(MetricId metric, Span span) const override {
        std::vector<Span> out;
        const auto found = hidden.find(metric);
        if (found != hidden.end())
            for (const auto& each : found->second) {
                if (span.from < std::min(each.from, span.to))
                    out.push_back({span.from, std::min(each.from, span.to)});
                span.from = std::max(span.from, each.to);
            }
        if (span.from < span.to) out.push_back(span);
        return out;
    }
    bool sees_readings() const override { return hidden.empty() && !everything; }
};

struct WithheldFrom final : Withholding {
    std::map<PatientId, std::shared_ptr<const WithheldParts>> patients;
    std::shared_ptr<const WithheldParts> others;

    std::shared_ptr<const Withheld> from(PatientId patient) const override {
        const auto found = patients.find(patient);
        return found == patients.end() ? others : found->second;
    }
    std::shared_ptr<const Withheld> from_others() const override { return others; }
    bool is_same_for_all() const override { return patients.empty(); }
    bool same(const Withholding& other) const override { return this == &other; }
};

}  // namespace vigil::store::test
