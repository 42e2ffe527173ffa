#pragma once
// An audit message as other systems' repositories take it: the XML of DICOM PS3.15 A.5.1, which is
// what IHE ITI-20 (Record Audit Event) carries.

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace vigil::codec::atna {

// CodedValueType: "110114", "DCM", "User Authentication".
struct Code {
    std::string code{}, system{}, text{};
    bool operator==(const Code&) const = default;
};

// NetworkAccessPointTypeCode.
enum class AccessPoint : char { none = 0, name = '1', ip_address = '2', uri = '5' };

struct ActiveParticipant {
    std::string user_id{}, alternative_user_id{}, user_name{};  // the last two: empty where unknown
    bool is_requestor = false;
    std::vector<Code> roles{};
    std::string access_point{};
    AccessPoint access_point_type = AccessPoint::none;
};

// Says one of both of an object, as the schema has it: a name, or a query.
struct ParticipantObject {
    std::string id{};
    char type = '2';     // ParticipantObjectTypeCode: 1 a person, 2 a system object
    std::string role{};  // ParticipantObjectTypeCodeRole: "1" the patient, "24" a query
    Code id_type{};
    std::string name{};
    std::string query{};                  // in clear; empty: the name
    std::string detail_type{}, detail{};  // in clear; no type: none
};

struct AuditMessage {
    Code event_id{};
    std::vector<Code> event_types{};
    char action = 'E';  // C, R, U, D, E
    Timestamp time{};
    int outcome = 0;  // 0, 4, 8, 12
    std::string outcome_description{};
    std::vector<Code> purposes_of_use{};
    std::vector<ActiveParticipant> participants{};
    std::string enterprise_site_id{}, source_id{};
    std::vector<Code> source_types{};
    std::vector<ParticipantObject> objects{};
};

// Well-formed whatever the texts hold: what XML 1.0 has no character for (2.2), and bytes that are
// no UTF-8, are U+FFFD there.
std::string encode(const AuditMessage& message);

}  // namespace vigil::codec::atna
