#include "fhir/path/resources.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace vigil::fhir::path {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

struct Literal {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(const Decimal& value) const { return to_string(value); }
    std::string operator()(const std::string& value) const { return in_quotes(value); }
    std::string operator()(const DateText& value) const { return "@" + value.text; }
    std::string operator()(const DateTimeText& value) const {
        const bool has_time = value.text.find('T') != std::string::npos;
        return "@" + value.text + (has_time ? "" : "T");
    }
    std::string operator()(const TimeText& value) const { return "@T" + value.text; }
    std::string operator()(const Quantity& value) const {
        return to_string(value.value) + " " + in_quotes(value.unit);
    }
    std::string operator()(const TypeInfo& value) const {
        return std::string(value.name_space) + "." + std::string(value.name);
    }
};

std::string literal_of(const Item& item) {
    if (const auto* value = item.system_value()) return std::visit(Literal(), *value);
    const auto type = item.type()->name;
    const auto text = std::string(item.json().text());
    if (item.type()->kind != TypeKind::primitive || !item.json()) return std::string(type);
    if (type == "date" || type == "dateTime" || type == "instant") return "@" + text;
    if (type == "time") return "@T" + text;
    return item.json().is(JsonKind::string) ? in_quotes(text) : text;
}

}  // namespace

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

Resource::Resource(std::string text) : text_(std::move(text)) {
    const auto root = json_.parse(text_);
    if (!root) throw std::runtime_error(root.error().message);
    item_ = Item(*definitions().type((*root)["resourceType"].string()), *root);
}

const Item& golden(const std::string& name) {
    static std::map<std::string, std::unique_ptr<Resource>> read;
    auto& resource = read[name];
    if (!resource) {
        std::ifstream file(VIGIL_TESTS_DIR "/fhir/path/golden/" + name + ".json");
        std::ostringstream text;
        text << file.rdbuf();
        resource = std::make_unique<Resource>(text.str());
    }
    return resource->item();
}

Environment environment() {
    return {.definitions = &definitions(),
            .now = parse_rfc3339("2026-03-01T12:34:56.789Z")->instant};
}

std::string evaluated(std::string_view text, const Item& context) {
    const auto expression = Expression::parse(text);
    if (!expression) return "error";
    const auto found = expression->evaluate(context, environment());
    if (!found) return "error";
    std::string out;
    for (const auto& item : *found) out += (out.empty() ? "" : " | ") + literal_of(item);
    return out.empty() ? "{}" : out;
}

}  // namespace vigil::fhir::path
