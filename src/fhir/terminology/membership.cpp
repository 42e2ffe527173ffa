// What is in a composed value set: one code, and all of them.
#include <fmt/format.h>

#include <unordered_set>

#include "fhir/terminology/value_set.hpp"

namespace vigil::fhir::terminology {
namespace {

using Found = std::optional<Member>;

struct CodeKey {
    std::string_view system, code;
    bool operator==(const CodeKey&) const = default;
};
struct CodeKeyHash {
    std::size_t operator()(const CodeKey& key) const {
        const std::hash<std::string_view> hash;
        return hash(key.code) * 31 + hash(key.system);
    }
};

// By the system's part of it alone.
Found in_system(const Part& part, const CodeAsked& asked) {
    if (part.system != asked.system) return std::nullopt;
    const auto* of = part.codes ? part.codes->find(asked.code) : nullptr;
    if (part.is_list) {
        const auto found = part.by_code.find(of == nullptr ? asked.code : of->code);
        if (found == part.by_code.end()) return std::nullopt;
        return part.members[found->second];
    }
    if (of == nullptr) return std::nullopt;
    if (part.selected && !(*part.selected)[part.codes->number(*of)]) return std::nullopt;
    return member_of(*part.codes, *of);
}

// An unknown part knows at least that it holds nothing of another system.
bool is_elsewhere(const Part& part, const CodeAsked& asked) {
    return !part.system.empty() && part.system != asked.system;
}

Answer<Found> find_in(const Part& part, const CodeAsked& asked, Budget& budget) {
    FHIR_CHECK(budget.spend(1));
    if (is_elsewhere(part, asked)) return Found();
    if (part.unknown) return as_refusal(*part.unknown);
    Found member;
    if (!part.system.empty()) {
        member = in_system(part, asked);
        if (!member) return Found();
    }
    for (const auto& set : part.value_sets) {
        FHIR_TRY(inner, find(*set, asked, budget));
        if (!inner) return Found();
        if (!member) member = inner;
    }
    return member;
}

Answer<bool> is_excluded(const ComposedValueSet& set, const CodeAsked& asked, Budget& budget) {
    for (const auto& part : set.exclude) {
        // Nothing of that system, whatever its codes are.
        if (part.is_whole_system && part.value_sets.empty() && part.system == asked.system)
            return true;
        FHIR_TRY(found, find_in(part, asked, budget));
        if (found) return true;
    }
    return false;
}

class Enumerator {
public:
    Enumerator(Budget& budget, const ValueSetLimits& limits) : budget_(budget), limits_(limits) {}

    Answer<std::vector<Member>> all(const ComposedValueSet& set) {
        std::vector<Member> out;
        std::unordered_set<CodeKey, CodeKeyHash> known;
        for (const auto& part : set.include) {
            FHIR_TRY(candidates, of_part(part));
            for (auto& member : candidates) {
                if (member.is_inactive && !set.has_inactive) continue;
                if (known.contains({member.system, member.code})) continue;
                FHIR_TRY(excluded, is_excluded(set, {member.system, member.code}, budget_));
                if (excluded) continue;
                known.insert({member.system, member.code});
                out.push_back(member);
                if (out.size() > limits_.codes_max)
                    return refuse(
                        422, "too-costly",
                        fmt::format("the value set has more than {} codes", limits_.codes_max));
            }
        }
        return out;
    }

private:
    // What the first thing it names holds, as far as all others hold it too.
    Answer<std::vector<Member>> of_part(const Part& part) {
        if (part.unknown) return as_refusal(*part.unknown);
        std::vector<Member> candidates;
        std::size_t next_set = 0;
        if (!part.system.empty()) {
            FHIR_TRY(own, of_system(part));
            candidates = std::move(own);
        } else {
            FHIR_TRY(inner, all(*part.value_sets.front()));
            candidates = std::move(inner);
            next_set = 1;
        }
        for (; next_set < part.value_sets.size(); ++next_set) {
            std::vector<Member> both;
            for (const auto& member : candidates) {
                FHIR_TRY(found,
                         find(*part.value_sets[next_set], {member.system, member.code}, budget_));
                if (found) both.push_back(member);
            }
            candidates = std::move(both);
        }
        return candidates;
    }

    Answer<std::vector<Member>> of_system(const Part& part) {
        const auto size = part.is_list ? part.members.size() : part.codes->concepts().size();
        FHIR_CHECK(budget_.spend(size));
        if (part.is_list) return part.members;
        std::vector<Member> out;
        const auto concepts = part.codes->concepts();
        for (std::size_t i = 0; i < size; ++i)
            if (!part.selected || (*part.selected)[i])
                out.push_back(member_of(*part.codes, concepts[i]));
        return out;
    }

    Budget& budget_;
    const ValueSetLimits& limits_;
};

}  // namespace

Answer<std::optional<Member>> find(const ComposedValueSet& set, const CodeAsked& asked,
                                   Budget& budget) {
    std::optional<Problem> unknown;
    for (const auto& part : set.include) {
        auto found = find_in(part, asked, budget);
        if (!found) {  // another part may have it for certain
            if (found.error().issues.front().code == "too-costly")
                return as_refusal(std::move(found).error());
            unknown = std::move(found).error();
            continue;
        }
        if (!*found) continue;
        if ((*found)->is_inactive && !set.has_inactive) return Found();
        FHIR_TRY(excluded, is_excluded(set, asked, budget));
        if (excluded) return Found();
        return *found;
    }
    if (unknown) return as_refusal(std::move(*unknown));
    return Found();
}

Answer<std::vector<Member>> members(const ComposedValueSet& set, Budget& budget,
                                    const ValueSetLimits& limits) {
    return Enumerator(budget, limits).all(set);
}

}  // namespace vigil::fhir::terminology
