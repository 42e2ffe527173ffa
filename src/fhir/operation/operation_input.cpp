#include "fhir/operation/operation_input.hpp"

#include <fmt/format.h>

#include <charconv>

namespace vigil::fhir {

Answer<OperationInput> OperationInput::read(const Request& request) {
    OperationInput input;
    input.query_ = request.query;
    if (request.body.empty()) return input;
    FHIR_TRY(body, Resource::parse(request.body));
    input.body_ = std::move(body);
    return input;
}

std::vector<std::string> OperationInput::texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, value] : query_)
        if (key == name) found.push_back(value);
    if (!has_parameters()) return found;
    for (const auto parameter : body_->json()["parameter"]) {
        if (parameter["name"].string() != name) continue;
        for (auto member = parameter.begin(); member != parameter.end(); ++member) {
            const auto value = *member;
            const bool is_simple = value.is(JsonKind::string) || value.is(JsonKind::number) ||
                                   value.is(JsonKind::boolean);
            if (is_simple && member.key().starts_with("value")) found.emplace_back(value.text());
        }
    }
    return found;
}

Answer<std::optional<std::string>> OperationInput::text(std::string_view name) const {
    auto all = texts(name);
    if (all.empty()) return std::nullopt;
    if (all.size() > 1) return refuse(400, "value", fmt::format("{} may be given once", name));
    return std::move(all.front());
}

Answer<std::optional<bool>> OperationInput::boolean(std::string_view name) const {
    FHIR_TRY(given, text(name));
    if (!given) return std::nullopt;
    if (*given != "true" && *given != "false")
        return refuse(400, "value", fmt::format("{} is true or false", name));
    return *given == "true";
}

Answer<std::optional<std::uint64_t>> OperationInput::positive(std::string_view name) const {
    FHIR_TRY(given, text(name));
    if (!given) return std::nullopt;
    std::uint64_t number = 0;
    const auto* const last = given->data() + given->size();
    const auto [end, error] = std::from_chars(given->data(), last, number);
    if (error != std::errc() || end != last || number == 0)
        return refuse(400, "value", fmt::format("{} is a whole number from 1", name));
    return number;
}

Answer<std::vector<JsonValue>> OperationInput::values(std::string_view name,
                                                      std::string_view member) const {
    for (const auto& [key, value] : query_)
        if (key == name)
            return refuse(400, "value",
                          fmt::format("{} has parts: send it in Parameters as {}", name, member));
    std::vector<JsonValue> found;
    if (!has_parameters()) return found;
    for (const auto parameter : body_->json()["parameter"])
        if (parameter["name"].string() == name && parameter[member])
            found.push_back(parameter[member]);
    return found;
}

Answer<void> OperationInput::each(const Visit& visit) const {
    for (const auto& [name, value] : query_) FHIR_CHECK(visit(name, value, {}));
    if (has_parameters())
        for (const auto parameter : body_->json()["parameter"])
            FHIR_CHECK(visit(parameter["name"].string(), {}, parameter));
    return {};
}

JsonValue OperationInput::resource(std::string_view name) const {
    if (!body_) return {};
    if (!has_parameters()) return body_->json();
    for (const auto parameter : body_->json()["parameter"])
        if (parameter["name"].string() == name) return parameter["resource"];
    return {};
}

}  // namespace vigil::fhir
