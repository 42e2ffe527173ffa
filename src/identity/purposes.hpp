#pragma once
// Why data is touched (HL7 v3 ActReason, value set PurposeOfUse), as data/purposes.tsv lists it.

#include <optional>
#include <string_view>

namespace vigil::identity {

struct Purpose {
    std::string_view code;       // "HRESCH"
    std::string_view part_of;    // the wider one's; empty: none
    std::string_view name;       // "research"; empty: this server acts for none such
    bool needs_consent = false;  // a patient's data is open to it with their consent alone
};

// By the code, or by the name; null: there is none such.
const Purpose* find_purpose(std::string_view code_or_name);
// It is that, or a part of it.
bool is_part_of(std::string_view code, std::string_view whole);

// Why somebody reads whom only an emergency gives them (IHE BALP: BTG, break the glass).
constexpr std::string_view emergency_purpose = "emergency", emergency_code = "BTG";

}  // namespace vigil::identity
