#pragma once
// What the tests of this folder share: a resource through the rules, with everything it refers to
// there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fhir/deidentify/deidentifier.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir::deidentify {

inline const Definitions& definitions() {
    static const Definitions all;
    return all;
}

inline Timestamp at(std::string_view text) {
    const auto time = event_time(text);
    EXPECT_TRUE(time) << text;
    return time ? time->instant : Timestamp();
}

class Everything final : public Surroundings {
public:
    bool holds(std::string_view type, std::string_view id) override {
        asked.push_back(std::string(type) + "/" + std::string(id));
        return true;
    }
    void happened(const EventTime& time) override { times.push_back(time); }
    std::vector<std::string> asked;
    std::vector<EventTime> times;
};

constexpr std::string_view test_key = "0123456789abcdef0123456789abcdef";

// A method's rules, with a key.
struct Rules {
    explicit Rules(Method method, Times times = Times::relative, Levels levels = {})
        : table(method),
          plan(definitions(), table, times),
          deidentifier(plan, pseudonyms, {.method = method, .times = times, .levels = levels}) {}

    // Empty: nothing is released.
    std::string of(std::string_view text, const Person* person = nullptr) {
        JsonDocument document;
        const auto resource = document.parse(text);
        EXPECT_TRUE(resource) << text;
        std::string out;
        if (resource) deidentifier.append(out, *resource, person, around);
        return out;
    }
    std::string code(std::string_view type, std::string_view id) { return pseudonyms.id(type, id); }

    RuleTable table;
    Plan plan;
    Pseudonyms pseudonyms{test_key, "test"};
    Deidentifier deidentifier;
    Everything around;
};

}  // namespace vigil::fhir::deidentify
