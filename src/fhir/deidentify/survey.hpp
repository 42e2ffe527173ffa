#pragma once
// The first look at all resources: who is in them, what would single each person out, and what is
// referred to. What it keeps grows with persons, codes of diagnoses and resources referred to, not
// with resources: a year of readings is as small as an hour.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "fhir/deidentify/deidentifier.hpp"

namespace vigil::fhir::deidentify {

struct PersonFacts {
    bool has_resource = false;  // a Patient, not only references to one
    bool is_released = false;   // decided after the survey
    // As the resource says it: birth of any precision; the rest as the method leaves it.
    std::string birth, death, sex, zip, state, race;
    std::uint32_t site = 0;                // of Survey::sites(), from 1
    std::optional<EventTime> first, last;  // of what is released
    std::vector<std::uint32_t> diagnoses;  // of Survey::diagnoses(), sorted
    Person made;                           // decided after the survey
};

using People = std::unordered_map<std::string, PersonFacts, TextHash, std::equal_to<>>;

class Survey final : public Surroundings {
public:
    static constexpr std::size_t people_max = 20'000'000, targets_max = 50'000'000,
                                 diagnoses_max = 1'000'000;

    // All outlive it.
    Survey(const Plan& plan, Pseudonyms& pseudonyms, const Manner& manner)
        : plan_(plan), deidentifier_(plan, pseudonyms, manner) {}

    // Each resource, in any order.
    Result<void> take(JsonValue resource);
    // Then each again, if something other than a Patient is referred to, once it is decided who is
    // released: what is there to be referred to.
    bool must_look() const { return !targets_.empty(); }
    void look(JsonValue resource);

    People& people() { return people_; }
    const People& people() const { return people_; }
    // "system code", and how many persons have it.
    struct Diagnosis {
        std::string code;
        std::uint32_t persons = 0;
    };
    const std::vector<Diagnosis>& diagnoses() const { return diagnoses_; }
    bool has_curves() const { return deidentifier_.counts().curves > 0; }
    std::uint64_t refused() const { return refused_; }  // resources
    const std::map<std::string, std::uint64_t, std::less<>>& resources() const {
        return resources_;
    }

    // Whether a released resource of a released person, or of nobody, was found under that id.
    bool found(std::string_view type, std::string_view id) const;
    // Whether the resource is nobody's, or its person is released. Whether it may go itself,
    // Deidentifier says.
    bool is_released(JsonValue resource) const;
    const PersonFacts* person(JsonValue resource) const;

    bool holds(std::string_view type, std::string_view id) override;
    void happened(const EventTime& time) override;

private:
    void patient(JsonValue resource, PersonFacts& facts);
    void address(JsonValue address, PersonFacts& facts) const;
    void site(JsonValue reference, PersonFacts& facts);
    Result<void> condition(JsonValue resource, PersonFacts& facts);

    const Plan& plan_;
    Deidentifier deidentifier_;
    People people_;
    PersonFacts* at_hand_ = nullptr;
    std::unordered_map<Fingerprint, bool> targets_;  // by "Type/id": whether it is there
    std::unordered_map<std::string, std::uint32_t> sites_;
    std::vector<Diagnosis> diagnoses_;
    std::unordered_map<std::string, std::uint32_t> diagnosis_numbers_;
    std::map<std::string, std::uint64_t, std::less<>> resources_;  // that came, by type
    std::uint64_t refused_ = 0;
    std::string scratch_;
};

}  // namespace vigil::fhir::deidentify
