#include "fhir/rest/demographics.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t name_bytes_max = 120;

}  // namespace

Demographics demographics_of(JsonValue patient) {
    Demographics out;
    const auto name = patient["name"][std::size_t{0}];
    out.display_name = name["text"].string();
    if (out.display_name.empty()) {
        for (const auto given : name["given"]) {
            if (!out.display_name.empty()) out.display_name += ' ';
            out.display_name += given.string();
        }
        const auto family = name["family"].string();
        if (!family.empty() && !out.display_name.empty()) out.display_name += ' ';
        out.display_name += family;
    }
    if (out.display_name.size() > name_bytes_max) {
        auto end = name_bytes_max;
        while ((static_cast<unsigned char>(out.display_name[end]) & 0xC0) == 0x80) --end;
        out.display_name.resize(end);
    }
    out.identifier = patient["identifier"][std::size_t{0}]["value"].string();
    out.birth_date = patient["birthDate"].string();
    out.sex = patient["gender"].string();
    return out;
}

}  // namespace vigil::fhir
