#pragma once
// A ward of invented people: no name, age or number here is anybody's.

#include <cstdint>
#include <string>
#include <vector>

#include "simulate/home.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::simulate {

struct WardPatient {
    std::string bed;  // "A-01"
    std::string given_name, family_name;
    std::string device;    // "monitor-a-01": the bedside monitor's identifier
    std::string scenario;  // that fits the person; "stable" for most
    std::uint16_t age_years = 0;
    char sex = 'f';  // 'f' or 'm'
    std::uint64_t seed = 0;
    BodySettings body;
    MonitorSettings monitor;
};

struct HomePerson {
    std::string hub;  // "home-01": the hub's identifier
    std::string given_name, family_name;
    char sex = 'f';
    std::uint64_t seed = 0;
    HomeProfile profile;
};

constexpr std::size_t homes_max = 10'000;

std::vector<HomePerson> homes(std::size_t count, std::uint64_t seed);

constexpr std::size_t beds_max = 10'000;

// The same ward for the same seed; a longer ward begins with the shorter one.
std::vector<WardPatient> ward(std::size_t beds, std::uint64_t seed);

}  // namespace vigil::simulate
