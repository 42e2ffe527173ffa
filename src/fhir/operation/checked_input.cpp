#include "fhir/operation/checked_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace vigil::fhir {
namespace {

using Kind = InputParameter::Kind;

constexpr std::size_t repeats_max = 100;  // of one parameter

std::optional<std::size_t> whole_number(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Of those, the one of that name that may be given.
Answer<const InputParameter*> find(std::span<const InputParameter> known, std::string_view name,
                                   std::string_view operation) {
    const auto found = std::ranges::find(known, name, &InputParameter::name);
    if (found == known.end()) {
        std::string names;
        for (const auto& one : known)
            if (one.refused.empty()) names.append(names.empty() ? "" : ", ").append(one.name);
        return refuse(400, "not-supported",
                      fmt::format("{} has no parameter {}: it takes {}", operation,
                                  name.substr(0, 64), names));
    }
    if (!found->refused.empty())
        return refuse(400, "not-supported", fmt::format("{}: {}", name, found->refused));
    return &*found;
}

JsonValue value_of(JsonValue parameter) {
    for (auto member = parameter.begin(); member != parameter.end(); ++member)
        if (member.key().starts_with("value")) return *member;
    return {};
}

std::string_view wanted(Kind kind) {
    constexpr std::array words = {
        "a text",     "true or false", "a whole number from 0", "a Coding or CodeableConcept",
        "a resource", "parts"};
    return words.at(static_cast<std::size_t>(kind));
}

bool is_of(Kind kind, std::string_view text, JsonValue json) {
    switch (kind) {
        case Kind::text:
            return !json || json.is(JsonKind::string);
        case Kind::boolean:
            return text == "true" || text == "false";
        case Kind::number:
            return whole_number(text).has_value();
        case Kind::complex:
        case Kind::resource:
            return json.is(JsonKind::object);
        case Kind::parts:
            return json.is(JsonKind::array);
    }
    return false;
}

}  // namespace

Answer<CheckedInput> CheckedInput::read(const Request& request, std::string_view operation,
                                        std::span<const InputParameter> known) {
    FHIR_TRY(given, OperationInput::read(request));
    if (given.is_bare_resource())
        return refuse(400, "invalid", fmt::format("{} takes a Parameters resource", operation),
                      "resourceType");
    CheckedInput input;
    input.input_ = std::make_shared<const OperationInput>(std::move(given));
    FHIR_CHECK(input.input_->each([&](std::string_view name, std::string_view text,
                                      JsonValue json) -> Answer<void> {
        if (name == "_format" || name == "_pretty") return {};
        FHIR_TRY(parameter, find(known, name, operation));
        if (!json)
            return text.empty() ? Answer<void>() : input.add(*parameter, {std::string(text), {}});
        const auto value = parameter->kind == Kind::resource ? json["resource"]
                           : parameter->kind == Kind::parts  ? json["part"]
                                                             : value_of(json);
        return input.add(*parameter, {std::string(value.text()), value});
    }));
    return input;
}

Answer<void> CheckedInput::add(const InputParameter& parameter, Value value) {
    if (!is_of(parameter.kind, value.text, value.json))
        return refuse(400, "value",
                      fmt::format("{} takes {}", parameter.name, wanted(parameter.kind)),
                      "Parameters.parameter");
    auto [place, is_first] = values_.try_emplace(std::string(parameter.name));
    if (!is_first && !parameter.repeats)
        return refuse(400, "value", fmt::format("{} is given more than once", parameter.name),
                      "Parameters.parameter");
    if (place->second.size() >= repeats_max)
        return refuse(400, "too-costly",
                      fmt::format("{} is given more than {} times", parameter.name, repeats_max));
    place->second.push_back(std::move(value));
    return {};
}

std::string CheckedInput::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second.front().text;
}

std::vector<std::string> CheckedInput::texts(std::string_view name) const {
    std::vector<std::string> out;
    if (const auto found = values_.find(name); found != values_.end())
        for (const auto& value : found->second) out.push_back(value.text);
    return out;
}

std::optional<bool> CheckedInput::flag(std::string_view name) const {
    if (!has(name)) return std::nullopt;
    return text(name) == "true";
}

std::optional<std::size_t> CheckedInput::number(std::string_view name) const {
    return whole_number(text(name));
}

JsonValue CheckedInput::json(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? JsonValue() : found->second.front().json;
}

std::vector<JsonValue> CheckedInput::each(std::string_view name) const {
    std::vector<JsonValue> out;
    if (const auto found = values_.find(name); found != values_.end())
        for (const auto& value : found->second) out.push_back(value.json);
    return out;
}

}  // namespace vigil::fhir
