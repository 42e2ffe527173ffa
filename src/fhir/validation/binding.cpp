#include "fhir/validation/binding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vigil::fhir {
namespace {

// Without a system a code could be of any.
bool is_member(JsonValue coding, const ValueSet& value_set) {
    const auto code = coding["code"].string(), system = coding["system"].string();
    return !code.empty() && !system.empty() && value_set.contains(system, code);
}

std::string some_codes(const ValueSet& value_set) {
    constexpr std::size_t shown_max = 12;
    std::string text;
    for (std::size_t i = 0; i < std::min(value_set.codes.size(), shown_max); ++i)
        text.append(i == 0 ? "" : ", ").append(value_set.codes[i].code);
    return value_set.codes.size() > shown_max ? text + ", …" : text;
}

// "text/plain; charset=utf-8"; formats of resources have short names too (3.1.0.1.11).
bool is_mime_type(std::string_view text) {
    if (text == "json" || text == "xml" || text == "ttl") return true;
    const auto type = text.substr(0, text.find(';'));
    const auto slash = type.find('/');
    if (slash == std::string_view::npos) return false;
    const auto is_token = [](std::string_view token) {
        return !token.empty() && std::ranges::all_of(token, [](char c) {
            constexpr std::string_view marks = "!#$&-^_.+";
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   marks.find(c) != std::string_view::npos;
        });
    };
    return is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1));
}

bool is_currency(std::string_view text) {
    return text.size() == 3 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_ucum(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

class BindingCheck {
public:
    BindingCheck(BindingStrength strength, const ValueSet& value_set, const Place& place,
                 Report& report)
        : strength_(strength), value_set_(value_set), place_(place), report_(report) {}

    void check(JsonValue value, const Type& type) {
        if (type.name == "CodeableConcept") return check_concept(value);
        if (type.name == "Coding" || type.is_or_derives_from("Quantity"))
            return check_coding(value);
        if (type.kind == TypeKind::primitive && value.is(JsonKind::string) &&
            !value_set_.contains(value.text()))
            report(fmt::format("{} is not", in_quotes(value.text())), place_);
    }

private:
    void check_concept(JsonValue value) {
        const auto codings = value["coding"];
        if (codings.size() == 0) {
            if (strength_ == BindingStrength::required && !value["extension"])
                report("text alone is not", place_);
            return;
        }
        for (const auto coding : codings)
            if (is_member(coding, value_set_)) return;
        report(codings.size() == 1 ? fmt::format("{} is not", shown(codings[0]))
                                   : std::string("none of the codings is"),
               place_);
    }

    void check_coding(JsonValue value) {
        if (!value["code"] || is_member(value, value_set_)) return;
        report(fmt::format("{} is not", shown(value)), place_);
    }

    static std::string shown(JsonValue coding) {
        const auto code = coding["code"].string(), system = coding["system"].string();
        if (code.empty()) return "a coding without code";
        if (system.empty()) return fmt::format("{} without system", in_quotes(code));
        return fmt::format("{} of {}", in_quotes(code), in_quotes(system));
    }

    void report(std::string_view subject, const Place& place) {
        const bool is_required = strength_ == BindingStrength::required;
        report_.add(
            is_required ? Severity::error : Severity::warning, "code-invalid", place,
            fmt::format("{} in the value set {}, which the binding {}: use one of {}", subject,
                        value_set_.url, is_required ? "requires" : "asks for where it fits",
                        some_codes(value_set_)));
    }

    BindingStrength strength_;
    const ValueSet& value_set_;
    const Place& place_;
    Report& report_;
};

}  // namespace

void check_binding(JsonValue value, const Type& type, BindingStrength strength,
                   const ValueSet& value_set, const Place& place, Report& report) {
    if (strength == BindingStrength::required || strength == BindingStrength::extensible)
        BindingCheck(strength, value_set, place, report).check(value, type);
}

bool has_form_of_codes(std::string_view code, std::string_view value_set_url) {
    if (value_set_url == "http://hl7.org/fhir/ValueSet/mimetypes") return is_mime_type(code);
    if (value_set_url == "http://hl7.org/fhir/ValueSet/currencies") return is_currency(code);
    if (value_set_url == "http://hl7.org/fhir/ValueSet/ucum-units") return is_ucum(code);
    return true;
}

}  // namespace vigil::fhir
