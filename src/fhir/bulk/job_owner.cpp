#include "fhir/bulk/job_owner.hpp"

namespace vigil::fhir {

void write_owner(JsonWriter& json, const JobOwner& owner) {
    json.key("owner")
        .begin_object()
        .member("account", owner.account)
        .member("token", owner.token)
        .member("principal", owner.principal)
        .member("from", owner.from)
        .end_object();
}

JobOwner read_owner(JsonValue value) {
    const auto owner = value["owner"];
    return {static_cast<std::uint32_t>(owner["account"].integer().value_or(0)),
            static_cast<std::uint32_t>(owner["token"].integer().value_or(0)),
            std::string(owner["principal"].string()), std::string(owner["from"].string())};
}

}  // namespace vigil::fhir
