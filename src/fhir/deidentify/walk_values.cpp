#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_writer.hpp"
#include "fhir/deidentify/place_text.hpp"
#include "fhir/deidentify/unit_text.hpp"
#include "fhir/deidentify/walk.hpp"
#include "fhir/resource/reference.hpp"

namespace vigil::fhir::deidentify {
namespace {

// cqf-relativeDateTime of FHIR R4: relative to the year that the Patient's extension tells.
constexpr std::string_view relative_time =
    R"({{"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/cqf-relativeDateTime","extension":[)"
    R"({{"url":"target","valueReference":{{"reference":"Patient/{}"}}}},)"
    R"({{"url":"targetPath","valueString":"extension('urn:vigil:first-date').value"}},)"
    R"({{"url":"relationship","valueCode":"{}"}},)"
    R"({{"url":"offset","valueDuration":{{"value":{},"unit":"{}","system":"http://unitsofmeasure.org","code":"{}"}}}}]}}]}})";
constexpr std::string_view ninety_or_older =
    R"({"value":90,"comparator":">=","unit":"a","system":"http://unitsofmeasure.org","code":"a"})";

// Of a UCUM unit of time, in years; 0: it is none.
double years_of(std::string_view code) {
    struct Unit {
        std::string_view code;
        double years;
    };
    constexpr std::array units{Unit{"a", 1},           Unit{"mo", 1.0 / 12},
                               Unit{"wk", 7 / 365.25}, Unit{"d", 1 / 365.25},
                               Unit{"h", 1 / 8766.0},  Unit{"min", 1 / 525'960.0}};
    const auto* found = std::ranges::find(units, code, &Unit::code);
    return found == units.end() ? 0 : found->years;
}

bool is_samples(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') ||
               std::string_view(" .-+eEUL").find(c) != std::string_view::npos;
    });
}

int number(std::string_view year) {
    int value = 0;
    for (const char c : year) value = value * 10 + (c - '0');
    return value;
}

}  // namespace

Walk::Written Walk::quoted(std::string_view text) {
    JsonWriter(out_).text(text);
    return Written::value;
}

Walk::Written Walk::time(Action action, std::string_view text, bool is_instant) {
    if (const auto time = event_time(text); time && person_ != nullptr)
        surroundings_.happened(*time);
    if (action == Action::relative) return relative(text, is_instant);
    if (action == Action::year || person_ == nullptr) return only_year(text, is_instant);
    const auto shifted = moved(text, -person_->shift_days);
    if (shifted.empty() || shows_age_over_89(number(year_of(shifted)))) return Written::nothing;
    return quoted(shifted);
}

// An instant has no year alone (2.24.0.1).
Walk::Written Walk::only_year(std::string_view text, bool is_instant) {
    const auto year = year_of(text);
    if (is_instant || year.empty() || shows_age_over_89(number(year))) return Written::nothing;
    return quoted(year);
}

Walk::Written Walk::relative(std::string_view text, bool is_instant) {
    const auto time = event_time(text);
    if (!time || person_ == nullptr) return only_year(text, is_instant);
    if (!person_->first) return Written::nothing;
    const auto since = offset(*person_->first, *time);
    if (!since) return Written::nothing;
    const auto* unit = since->is_days ? "d" : "s";
    out_ += fmt::format(relative_time, patient_, since->is_before ? "before" : "after",
                        since->value, unit, unit);
    return Written::beside;
}

Walk::Written Walk::birth(std::string_view text) {
    if (person_ == nullptr || person_->is_over_89 || is_generalised(Quasi::age))
        return Written::nothing;
    if (by_.manner_.method == Method::safe_harbor) return only_year(text, false);
    const auto shifted = moved(text, -person_->shift_days);
    return shifted.empty() ? Written::nothing : quoted(shifted);
}

bool Walk::admits(const PropertyPlan& property, std::string_view text) const {
    const auto& element = *property.element;
    switch (property.action) {
        case Action::code:
            if (element.value_set != nullptr) return element.value_set->contains(text);
            return element.value_set_url.ends_with("/ucum-units") &&
                   is_unit_text(text, plan_.table());
        case Action::system:
            return plan_.table().knows_system(text, plan_.definitions());
        case Action::unit:
            return is_unit_text(text, plan_.table());
        case Action::samples:
            return is_samples(text);
        default:
            return property.action == Action::region && is_region(text);
    }
}

bool Walk::coding(const TypePlan& plan, JsonValue value) {
    const auto system = value["system"].string(), code = value["code"].string();
    if (!plan_.table().admits(system, code, plan_.definitions())) {
        ++by_.counts_.codings;
        return false;
    }
    if (by_.manner_.withheld != nullptr && !by_.manner_.withheld->empty() &&
        by_.manner_.withheld->contains(fmt::format("{} {}", system, code))) {
        ++by_.counts_.withheld;
        return false;
    }
    return object(plan, value);
}

// A code without its system may not stay (qty-3).
bool Walk::quantity(const TypePlan& plan, JsonValue value) {
    const auto system = value["system"].string(), code = value["code"].string();
    const bool is_told = plan_.table().knows_system(system, plan_.definitions()) &&
                         is_unit_text(code, plan_.table());
    if (is_told) return object(plan, value);
    return object(plan, value, {"system", "code"});
}

bool Walk::address(const TypePlan& plan, JsonValue value) {
    const auto postal = plan.members.find("postalCode");
    const bool is_cut = postal != plan.members.end() && postal->second.action == Action::zip3;
    if (!is_cut) return object(plan, value);
    constexpr std::uint8_t nothing_told = 2;
    if (is_generalised(Quasi::zip, nothing_told)) return false;
    const auto begin = out_.size();
    const bool has_parts = object(plan, value, {"postalCode"});
    const bool is_here = is_united_states(value["country"].string()) && !is_generalised(Quasi::zip);
    const auto digits = is_here ? zip3(value["postalCode"].string()) : std::string_view();
    if (digits.empty()) return has_parts;
    if (has_parts) {
        out_.back() = ',';
    } else {
        out_.resize(begin);
        out_ += '{';
    }
    out_ += fmt::format(R"("postalCode":"{}"}})", digits);
    return true;
}

bool Walk::age(const TypePlan& plan, JsonValue value) {
    const auto number = value["value"].decimal();
    if (!number) return false;
    const auto code = value["code"].string();
    const auto years = years_of(code.empty() ? value["unit"].string() : code);
    if (number->to_double() * years >= age_told_max + 1) {
        out_ += ninety_or_older;
        return true;
    }
    // Of an unknown unit nobody can tell.
    return years > 0 && quantity(plan, value);
}

bool Walk::reference(JsonValue value) {
    const auto to = read_reference(value["reference"].string(), {}, plan_.definitions());
    if (to.type.empty() || plan_.resource(to.type) == nullptr ||
        !surroundings_.holds(to.type, to.id)) {
        ++by_.counts_.references;
        return false;
    }
    out_ += fmt::format(R"({{"reference":"{}/{}"}})", to.type, by_.pseudonyms_.id(to.type, to.id));
    return true;
}

}  // namespace vigil::fhir::deidentify
