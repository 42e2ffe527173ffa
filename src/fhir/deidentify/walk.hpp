#pragma once
// The walk through one resource: what of it is written, member by member.

#include <string>
#include <string_view>

#include "fhir/deidentify/deidentifier.hpp"

namespace vigil::fhir::deidentify {

class Walk {
public:
    Walk(Deidentifier& by, const Person* person, Surroundings& surroundings, std::string& out)
        : by_(by), plan_(by.plan_), person_(person), surroundings_(surroundings), out_(out) {}

    void resource(const TypePlan& plan, JsonValue value);

private:
    // What was written of a value: nothing, it, or what stands in place of a primitive ("_name").
    enum class Written : std::uint8_t { nothing, value, beside };
    struct Seen {
        std::uint64_t there = 0, written = 0;  // bits of the elements that must be there
        bool is_first = true;
    };

    using Names = std::initializer_list<std::string_view>;
    bool object(const TypePlan& plan, JsonValue value, Names skipped = {});
    void parts(const TypePlan& plan, JsonValue value, Seen& seen, Names skipped = {});
    void member(const PropertyPlan& property, std::string_view name, JsonValue value, Seen& seen);
    bool contained_drug(std::string_view name, JsonValue reference, Seen& seen);
    Written one(const PropertyPlan& property, JsonValue value);
    Written many(const PropertyPlan& property, JsonValue values);
    Written primitive(const PropertyPlan& property, JsonValue value);
    Written complex(const PropertyPlan& property, JsonValue value);
    void mask_missing(const TypePlan& plan, JsonValue value, Seen& seen);
    void begin_member(std::string_view name, bool is_beside, Seen& seen);

    // walk_values.cpp
    Written quoted(std::string_view text);
    Written time(Action action, std::string_view text, bool is_instant);
    Written relative(std::string_view text, bool is_instant);
    Written only_year(std::string_view text, bool is_instant);
    Written birth(std::string_view text);
    bool admits(const PropertyPlan& property, std::string_view text) const;
    bool coding(const TypePlan& plan, JsonValue value);
    bool quantity(const TypePlan& plan, JsonValue value);
    bool address(const TypePlan& plan, JsonValue value);
    bool age(const TypePlan& plan, JsonValue value);
    bool reference(JsonValue value);

    // walk_extensions.cpp
    bool extension(JsonValue value, std::string_view parent);
    bool is_told(std::string_view extension) const;
    void extensions_of(JsonValue resource, Seen& seen);
    void first_date(bool& is_first);
    void age_of_person(bool& is_first);

    bool is_generalised(Quasi quasi, std::uint8_t level = 1) const {
        return by_.manner_.levels[quasi] >= level;
    }
    bool shows_age_over_89(int year) const {
        return person_ != nullptr && year < person_->earliest_year;
    }

    Deidentifier& by_;
    const Plan& plan_;
    const Person* person_;
    Surroundings& surroundings_;
    std::string& out_;
    JsonValue root_;
    const TypePlan* root_plan_ = nullptr;
    std::string patient_;        // the code of the person
    bool value_is_age_ = false;  // of the Observation or component at hand
};

}  // namespace vigil::fhir::deidentify
