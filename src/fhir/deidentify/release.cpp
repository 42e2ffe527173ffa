#include "fhir/deidentify/release.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/deidentify/people_table.hpp"

namespace vigil::fhir::deidentify {
namespace {

std::vector<PersonFacts*> with_patient(People& people) {
    std::vector<std::pair<std::string_view, PersonFacts*>> named;
    for (auto& [id, facts] : people)
        if (facts.has_resource) named.emplace_back(id, &facts);
    std::ranges::sort(named);  // the same for the same input
    std::vector<PersonFacts*> persons;
    for (const auto& [id, facts] : named) persons.push_back(facts);
    return persons;
}

void make_persons(Survey& survey, Pseudonyms& pseudonyms, const ReleaseSettings& settings) {
    for (auto& [id, facts] : survey.people()) {
        facts.made = person_of_facts(facts, settings.as_of);
        facts.made.shift_days = pseudonyms.shift_days(id, settings.shift_days_max);
        if (settings.method == Method::limited) facts.made.is_over_89 = false;
    }
}

// What leaves of each, now that it is known how exactly things are told.
void settle(Decision& made, const std::vector<PersonFacts*>& persons, const Classes& classes,
            std::uint32_t class_min, Timestamp as_of) {
    for (std::size_t i = 0; i < persons.size(); ++i) {
        auto& facts = *persons[i];
        facts.is_released = classes.sizes[classes.of[i]] >= class_min;
        facts.made.age_band_low = age_band_low(facts, made.levels[Quasi::age], as_of);
        if (!facts.is_released) ++made.left_out;
        if (facts.made.is_over_89) ++made.over_89;
    }
}

}  // namespace

Person person_of_facts(const PersonFacts& facts, Timestamp as_of) {
    Person person;
    person.first = facts.first;
    auto reference = std::max(as_of, facts.last ? facts.last->instant : as_of);
    if (const auto death = event_time(facts.death)) {
        reference = death->instant;
    } else if (const auto year = year_of(facts.death); !year.empty()) {
        // Some day of that year: the last.
        if (const auto day = event_time(fmt::format("{}-12-31", year))) reference = day->instant;
    }
    const auto age = age_at(facts.birth, reference);
    person.is_over_89 = age && *age > age_told_max;
    if (person.is_over_89) person.earliest_year = year_of(reference) - age_told_max;
    return person;
}

Decision decide(Survey& survey, Pseudonyms& pseudonyms, const ReleaseSettings& settings) {
    make_persons(survey, pseudonyms, settings);
    const auto persons = with_patient(survey.people());
    Decision made;
    made.persons = persons.size();
    made.without_patient = survey.people().size() - persons.size();
    for (const auto quasi : all_quasi)
        if (is_measured(quasi, settings)) made.measured.push_back(quasi);
    auto table = table_of(survey, persons, made.measured, settings);
    const bool is_limited = settings.method == Method::limited;
    const auto result = is_limited ? as_it_is(table, settings.limits.sampling_fraction)
                                   : generalise(table, settings.gate, settings.limits);
    for (std::size_t i = 0; i < made.measured.size(); ++i)
        made.levels[made.measured[i]] = result.levels[i];
    const bool withholds = made.levels[Quasi::diagnosis] > 0;
    for (std::uint32_t i = 0; withholds && i < survey.diagnoses().size(); ++i)
        if (is_rare(survey, i)) made.withheld.insert(survey.diagnoses()[i].code);
    add_diagnoses(table, survey, persons, withholds);
    const auto class_min = is_limited ? 1 : settings.gate.class_min();
    made.measures = measure(table, result.classes, class_min, settings.limits.sampling_fraction);
    settle(made, persons, result.classes, class_min, settings.as_of);
    made.loss = result.loss;
    made.lines = check(made.measures, settings.gate);
    made.passes = made.measures.persons > 0 && std::ranges::all_of(made.lines, &GateLine::holds);
    return made;
}

}  // namespace vigil::fhir::deidentify
