#include "fhir/deidentify/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"

namespace vigil::fhir::deidentify {
namespace {

constexpr std::string_view masked =
    R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})";
// The HL7 v3 codes of what was done (R4 6.1.0.2): pseudonyms stand for ids, values were taken out.
constexpr std::string_view labels =
    R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"PSEUDED"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"REDACTED"}]})";

std::uint64_t bit_of(const PropertyPlan& property) {
    return property.required == 0 ? 0 : std::uint64_t{1} << property.required;
}

}  // namespace

void Walk::resource(const TypePlan& plan, JsonValue value) {
    root_ = value;
    root_plan_ = &plan;
    const auto type = value["resourceType"].string(), id = value["id"].string();
    if (const auto person = person_of(value); !person.empty())
        patient_ = by_.pseudonyms_.id("Patient", person);
    out_ += fmt::format(R"({{"resourceType":"{}","id":"{}",)", type, by_.pseudonyms_.id(type, id));
    out_ += labels;
    Seen seen;
    seen.is_first = false;
    const bool tells_sex = type != "Patient" || !is_generalised(Quasi::sex);
    parts(plan, value, seen, {"id", "extension", tells_sex ? "id" : "gender"});
    extensions_of(value, seen);
    mask_missing(plan, value, seen);
    out_ += '}';
}

// False, and nothing written, where nothing is left, or a part is gone that must be there.
bool Walk::object(const TypePlan& plan, JsonValue value, Names skipped) {
    if (!value.is(JsonKind::object)) return false;
    const auto begin = out_.size();
    out_ += '{';
    Seen seen;
    parts(plan, value, seen, skipped);
    if (!seen.is_first && (seen.there & ~seen.written) == 0) {
        out_ += '}';
        return true;
    }
    out_.resize(begin);
    return false;
}

void Walk::parts(const TypePlan& plan, JsonValue value, Seen& seen, Names skipped) {
    const auto& name = plan.type->name;
    const bool is_measured = name == "Observation" || name == "Observation.component";
    const bool was_age =
        std::exchange(value_is_age_, is_measured && plan_.table().is_age(value["code"]));
    for (auto at = value.begin(); at != value.end(); ++at) {
        const auto found = plan.members.find(at.key());
        // "_name", resourceType, what is not FHIR: nothing of it is told.
        if (found == plan.members.end()) continue;
        if (std::ranges::find(skipped, at.key()) == skipped.end())
            member(found->second, at.key(), *at, seen);
    }
    value_is_age_ = was_age;
}

void Walk::begin_member(std::string_view name, bool is_beside, Seen& seen) {
    if (!std::exchange(seen.is_first, false)) out_ += ',';
    out_ += is_beside ? "\"_" : "\"";
    out_ += name;
    out_ += "\":";
}

void Walk::member(const PropertyPlan& property, std::string_view name, JsonValue value,
                  Seen& seen) {
    seen.there |= bit_of(property);
    if (property.action == Action::drop || property.action == Action::label) return;
    if (contained_drug(name, value, seen)) return;
    const auto begin = out_.size();
    const bool was_first = seen.is_first;
    begin_member(name, false, seen);
    const auto value_at = out_.size();
    auto written = Written::nothing;
    if (property.action == Action::mask) {
        out_ += masked;
        written = property.inside == nullptr ? Written::beside : Written::value;
    } else {
        written = property.element->max > 1 ? many(property, value) : one(property, value);
    }
    if (written == Written::nothing) {
        out_.resize(begin);
        seen.is_first = was_first;
        return;
    }
    if (written == Written::beside) out_.insert(value_at - name.size() - 2, "_");
    seen.written |= bit_of(property);
}

// Contained resources go; of a drug that is one its code is told in the place of the reference.
bool Walk::contained_drug(std::string_view name, JsonValue reference, Seen& seen) {
    if (name != "medicationReference") return false;
    const auto to = reference["reference"].string();
    const auto by_code = root_plan_->members.find("medicationCodeableConcept");
    if (!to.starts_with('#') || by_code == root_plan_->members.end()) return false;
    if (root_[by_code->first]) return false;  // no valid resource: what is there is told
    for (const auto one : root_["contained"]) {
        if (one["resourceType"].string() != "Medication" || one["id"].string() != to.substr(1))
            continue;
        const auto before = out_.size();
        member(by_code->second, by_code->first, one["code"], seen);
        return out_.size() > before;
    }
    return false;
}

Walk::Written Walk::one(const PropertyPlan& property, JsonValue value) {
    return property.inside == nullptr ? primitive(property, value) : complex(property, value);
}

// A list is of one sort: of what its first is. (2.6.2.1: else nulls would stand in both lists.)
Walk::Written Walk::many(const PropertyPlan& property, JsonValue values) {
    if (!values.is(JsonKind::array)) return Written::nothing;
    out_ += '[';
    auto sort = Written::nothing;
    for (const auto value : values) {
        const auto begin = out_.size();
        if (sort != Written::nothing) out_ += ',';
        const auto written = one(property, value);
        if (sort == Written::nothing) sort = written;
        if (written == Written::nothing || written != sort) out_.resize(begin);
    }
    out_ += ']';
    return sort;
}

Walk::Written Walk::primitive(const PropertyPlan& property, JsonValue value) {
    const bool is_text = value.is(JsonKind::string);
    if (value_is_age_ && property.element->name == "value") return Written::nothing;
    const auto text = value.text();
    switch (property.action) {
        case Action::keep:
            if (is_text) return quoted(text);
            if (!value.is(JsonKind::number) && !value.is(JsonKind::boolean))
                return Written::nothing;
            out_ += text;
            return Written::value;
        case Action::relative:
        case Action::year:
        case Action::shift:
            return is_text ? time(property.action, text, property.type->name == "instant")
                           : Written::nothing;
        case Action::birth:
            return is_text ? birth(text) : Written::nothing;
        case Action::pseudonym:
            return is_text ? quoted(by_.pseudonyms_.id(property.type->name, text))
                           : Written::nothing;
        case Action::samples:
            if (!is_text || !admits(property, text)) return Written::nothing;
            ++by_.counts_.curves;
            return quoted(text);
        case Action::code:
        case Action::system:
        case Action::unit:
        case Action::region:
            return is_text && admits(property, text) ? quoted(text) : Written::nothing;
        default:
            return Written::nothing;
    }
}

Walk::Written Walk::complex(const PropertyPlan& property, JsonValue value) {
    const auto written = [](bool is_written) {
        return is_written ? Written::value : Written::nothing;
    };
    const auto& name = property.type->name;
    if (value_is_age_ && property.element->name == "value")
        return written(name == "Quantity" && age(*property.inside, value));
    switch (property.action) {
        case Action::coding:
            return written(coding(*property.inside, value));
        case Action::reference:
            return written(reference(value));
        case Action::extension:
            return written(extension(value, {}));
        case Action::age:
            return written(age(*property.inside, value));
        case Action::keep:
            if (name == "Address") return written(address(*property.inside, value));
            if (property.type->is_or_derives_from("Quantity"))
                return written(quantity(*property.inside, value));
            return written(object(*property.inside, value));
        default:
            return Written::nothing;
    }
}

// Of a resource: what must be there, was, and is not told.
void Walk::mask_missing(const TypePlan& plan, JsonValue value, Seen& seen) {
    auto missing = seen.there & ~seen.written;
    for (auto at = value.begin(); missing != 0 && at != value.end(); ++at) {
        const auto found = plan.members.find(at.key());
        if (found == plan.members.end() || (missing & bit_of(found->second)) == 0) continue;
        const auto& property = found->second;
        begin_member(at.key(), property.type->kind == TypeKind::primitive, seen);
        const bool is_list = property.element->max > 1;
        if (is_list) out_ += '[';
        out_ += masked;
        if (is_list) out_ += ']';
        missing &= ~bit_of(property);
        ++by_.counts_.masked;
    }
}

}  // namespace vigil::fhir::deidentify
