#include "fhir/deidentify/people_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vigil::fhir::deidentify {
namespace {

constexpr std::uint32_t diagnosis_persons_min = 11;  // fewer: a rare one

// Texts as numbers, each the first time it comes.
class Numbers {
public:
    std::uint32_t of(const std::string& text) {
        return numbers_.try_emplace(text, static_cast<std::uint32_t>(numbers_.size()))
            .first->second;
    }

private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
};

// What receivers see of one person at a level.
class Told {
public:
    Told(const Survey& survey, const ReleaseSettings& settings)
        : survey_(survey), settings_(settings) {}

    std::string value(const PersonFacts& facts, Quasi quasi, std::uint8_t level) const {
        if (level == level_max(quasi) && level > 0) return {};
        switch (quasi) {
            case Quasi::age:
                return age(facts, level);
            case Quasi::sex:
                return facts.sex;
            case Quasi::zip:
                return level == 0 ? fmt::format("{}| {}", facts.zip, facts.state) : facts.state;
            case Quasi::race:
                return facts.race;
            case Quasi::diagnosis:
                return rare(facts);
            case Quasi::site:
                return fmt::format("{}", facts.site);
            case Quasi::year:
                return facts.first ? fmt::format("{}", year_of(facts.first->instant)) : "";
        }
        return {};
    }

private:
    std::string age(const PersonFacts& facts, std::uint8_t level) const {
        if (settings_.method == Method::limited) return facts.birth;
        if (facts.made.is_over_89) return "90+";
        if (level == 0) return std::string(year_of(facts.birth));
        const auto low = age_band_low(facts, level, settings_.as_of);
        return low ? fmt::format("{}", *low) : "";
    }

    std::string rare(const PersonFacts& facts) const {
        std::string text;
        for (const auto one : facts.diagnoses)
            if (is_rare(survey_, one)) text += fmt::format("{} ", one);
        return text;
    }

    const Survey& survey_;
    const ReleaseSettings& settings_;
};

}  // namespace

bool is_rare(const Survey& survey, std::uint32_t diagnosis) {
    return survey.diagnoses()[diagnosis].persons < diagnosis_persons_min;
}

std::optional<int> age_band_low(const PersonFacts& facts, std::uint8_t level, Timestamp as_of) {
    const auto at = facts.first ? facts.first->instant : as_of;
    const auto age = age_at(facts.birth, at);
    const auto years = age_band_years(level);
    if (!age || years == 0) return std::nullopt;
    return *age / years * years;
}

bool is_measured(Quasi quasi, const ReleaseSettings& settings) {
    if (std::ranges::find(settings.quasi, quasi) == settings.quasi.end()) return false;
    // Elsewhere the years of all dates are there to be read, and no level takes them away.
    return quasi != Quasi::year ||
           (settings.method == Method::safe_harbor && settings.times == Times::relative);
}

RiskTable table_of(const Survey& survey, const std::vector<PersonFacts*>& persons,
                   const std::vector<Quasi>& measured, const ReleaseSettings& settings) {
    const Told told(survey, settings);
    RiskTable table;
    table.persons = persons.size();
    for (const auto quasi : measured) {
        auto& column = table.columns.emplace_back();
        column.name = name_of(quasi);
        const auto last = settings.method == Method::limited ? std::uint8_t{0} : level_max(quasi);
        for (std::uint8_t level = 0; level <= last; ++level) {
            Numbers numbers;
            auto& values = column.levels.emplace_back();
            for (const auto* facts : persons)
                values.push_back(numbers.of(told.value(*facts, quasi, level)));
        }
    }
    return table;
}

void add_diagnoses(RiskTable& table, const Survey& survey, const std::vector<PersonFacts*>& persons,
                   bool are_rare_withheld) {
    if (survey.diagnoses().empty()) return;
    auto& sensitive = table.sensitive.emplace_back();
    sensitive.name = "diagnosis";
    for (const auto* facts : persons) {
        auto& of = sensitive.of.emplace_back(facts->diagnoses);
        if (are_rare_withheld)
            std::erase_if(of, [&survey](std::uint32_t one) { return is_rare(survey, one); });
    }
}

}  // namespace vigil::fhir::deidentify
