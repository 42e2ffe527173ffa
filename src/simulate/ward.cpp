#include "simulate/ward.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

namespace vigil::simulate {
namespace {

// Family names that nobody takes for a real person's.
constexpr std::array<std::string_view, 24> family_names{
    "Testperson", "Muster",    "Beispiel",  "Exemplar", "Placeholder", "Sample",
    "Fictive",    "Nemo",      "Demonstra", "Simulant", "Imaginaro",   "Probe",
    "Mockwell",   "Dummett",   "Specimen",  "Anonyma",  "Prototype",   "Modello",
    "Phantom",    "Invention", "Pretend",   "Notareal", "Fakenham",    "Virtua"};
constexpr std::array<std::string_view, 20> women{
    "Ada",  "Beatrix", "Clara", "Dora",  "Edith", "Flora", "Greta", "Hanna", "Ines", "Juno",
    "Kira", "Lena",    "Mira",  "Norah", "Olga",  "Petra", "Runa",  "Selma", "Thea", "Vera"};
constexpr std::array<std::string_view, 20> men{
    "Anton", "Bruno", "Carl", "David", "Emil",  "Felix", "Georg", "Hugo",  "Ivan", "Jonas",
    "Kurt",  "Leo",   "Max",  "Nils",  "Oskar", "Paul",  "Rolf",  "Simon", "Theo", "Viktor"};

// One bed in three has something going on, so that a ward is worth watching.
constexpr std::array<std::string_view, 12> scenarios{
    "stable", "stable", "stable",       "deterioration", "stable", "atrial_fibrillation",
    "stable", "stable", "desaturation", "stable",        "stable", "ectopy"};

// Resting values by age: pressure rises and variability falls over a life (Umetani et al., J. Am.
// Coll. Cardiol. 31:593-601, 1998, for the latter).
BodySettings body_of(std::uint16_t age, Random& random) {
    BodySettings body;
    auto& base = body.baseline;
    const double decades_over_40 = (age - 40) / 10.0;
    base[Quantity::heart_rate] = 73 + 9 * random.normal();
    base[Quantity::respiratory_rate] = 15 + 2 * random.normal();
    base[Quantity::saturation] =
        std::min(99.0, 97.6 - 0.4 * std::max(0.0, decades_over_40) + 0.7 * random.normal());
    base[Quantity::systolic] = 119 + 5 * std::max(0.0, decades_over_40) + 9 * random.normal();
    base[Quantity::diastolic] = base[Quantity::systolic] * 0.6 + 3 * random.normal();
    base[Quantity::temperature] = 36.8 + 0.25 * random.normal();
    base[Quantity::end_tidal_co2] = 38 + 2 * random.normal();
    base[Quantity::perfusion] = std::max(0.8, 3 + 1.2 * random.normal());
    base[Quantity::heart_rate] = std::clamp(base[Quantity::heart_rate], 48.0, 105.0);
    base[Quantity::battery] = random.uniform(55, 100);
    body.variability = std::clamp(1.5 - age / 90.0, 0.3, 1.2);
    return body;
}

// One in four is on the way into trouble: fluid for a failing heart, or sugar badly adjusted.
HomeProfile profile_of(std::size_t number, Random& random) {
    HomeProfile profile;
    profile.weight_kg = std::clamp(78 + 14 * random.normal(), 48.0, 130.0);
    profile.systolic = 134 + 9 * random.normal();
    profile.diastolic = 0.6 * profile.systolic + 3 * random.normal();
    profile.pulse = 70 + 7 * random.normal();
    profile.glucose_mg_per_dl = 128 + 14 * random.normal();
    profile.adherence = random.uniform(0.75, 1.0);
    if (number % 4 == 3) profile.fluid_kg_per_day = 0.35;
    if (number % 4 == 1) profile.carbohydrate_response = 1.6;
    return profile;
}

}  // namespace

std::vector<HomePerson> homes(std::size_t count, std::uint64_t seed) {
    assert(count <= homes_max);
    std::vector<HomePerson> people;
    people.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Random random(seed, 1'000'000 + i);
        HomePerson person;
        person.hub = fmt::format("home-{:02}", i + 1);
        person.sex = random.chance(0.5) ? 'f' : 'm';
        person.given_name = (person.sex == 'f' ? women : men)[random.below(women.size())];
        person.family_name = family_names[(i + 11) % family_names.size()];
        person.seed = random.bits();
        person.profile = profile_of(i, random);
        people.push_back(std::move(person));
    }
    return people;
}

std::vector<WardPatient> ward(std::size_t beds, std::uint64_t seed) {
    assert(beds <= beds_max);
    std::vector<WardPatient> patients;
    patients.reserve(beds);
    constexpr std::size_t beds_a_bay = 12;
    for (std::size_t i = 0; i < beds; ++i) {
        Random random(seed, 100 + i);
        WardPatient patient;
        const auto bay = i / beds_a_bay;
        const auto number = i % beds_a_bay + 1;
        // A..Z, then A2..Z2 and so on.
        const auto letter = static_cast<char>('A' + bay % 26);
        const auto round = bay < 26 ? std::string() : std::to_string(bay / 26 + 1);
        patient.bed = fmt::format("{}{}-{:02}", letter, round, number);
        patient.device =
            fmt::format("monitor-{}{}-{:02}", static_cast<char>(letter | 0x20), round, number);
        patient.sex = random.chance(0.5) ? 'f' : 'm';
        patient.given_name = (patient.sex == 'f' ? women : men)[random.below(women.size())];
        patient.family_name = family_names[i % family_names.size()];
        patient.age_years = static_cast<std::uint16_t>(random.uniform(24, 93));
        patient.scenario = scenarios[i % scenarios.size()];
        patient.seed = random.bits();
        patient.body = body_of(patient.age_years, random);
        patient.monitor.arterial_line = i % 6 == 3;
        patient.monitor.capnography = i % 8 == 3;
        patients.push_back(std::move(patient));
    }
    return patients;
}

}  // namespace vigil::simulate
