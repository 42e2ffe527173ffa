#include "fhir/resource/reference.hpp"

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

std::string_view cut(std::string_view& text) {
    const auto slash = text.find('/');
    const auto part = text.substr(0, slash);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
    return part;
}

// "Patient/12" or "Patient/12/_history/3", whole.
bool read_relative(std::string_view text, const Definitions& definitions, ReferenceText& out) {
    const auto type = cut(text), id = cut(text);
    if (!definitions.is_resource_type(type) || !is_id(id)) return false;
    if (!text.empty()) {
        if (cut(text) != "_history") return false;
        const auto version = cut(text);
        if (!is_id(version) || !text.empty()) return false;
        out.version = version;
    }
    out.type = type;
    out.id = id;
    return true;
}

}  // namespace

ReferenceText read_reference(std::string_view text, std::string_view base,
                             const Definitions& definitions) {
    ReferenceText reference;
    if (text.starts_with('#')) {
        reference.is_contained = true;
        reference.contained = text.substr(1);
        return reference;
    }
    auto local = text;
    if (!base.empty() && text.size() > base.size() && text.starts_with(base) &&
        text[base.size()] == '/')
        local.remove_prefix(base.size() + 1);
    if (!read_relative(local, definitions, reference)) reference.elsewhere = text;
    return reference;
}

}  // namespace vigil::fhir
