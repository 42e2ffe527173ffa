#include "fhir/bulk/job_state.hpp"

#include <algorithm>
#include <array>

namespace vigil::fhir {
namespace {

constexpr std::array phases = {"running", "complete", "failed"};

void write_owner(JsonWriter& json, const JobOwner& owner) {
    json.key("owner")
        .begin_object()
        .member("account", owner.account)
        .member("token", owner.token)
        .member("principal", owner.principal)
        .member("from", owner.from)
        .member("app", owner.app)
        .member("purpose", owner.purpose)
        .end_object();
}

JobOwner read_owner(JsonValue owner) {
    return {static_cast<std::uint32_t>(owner["account"].integer().value_or(0)),
            static_cast<std::uint32_t>(owner["token"].integer().value_or(0)),
            std::string(owner["principal"].string()),
            std::string(owner["from"].string()),
            static_cast<std::uint32_t>(owner["app"].integer().value_or(0)),
            std::string(owner["purpose"].string())};
}

}  // namespace

void write_members(JsonWriter& json, const JobState& state) {
    json.member("phase", phases.at(static_cast<std::size_t>(state.phase)));
    write_owner(json, state.owner);
    json.member("asked", state.asked)
        .member("begun", unix_ns(state.begun))
        .member("ended", unix_ns(state.ended))
        .member("failure", state.failure);
}

bool read_members(JsonValue object, JobState& state) {
    const auto phase = std::ranges::find(phases, object["phase"].string());
    if (phase == phases.end()) return false;
    state.phase = static_cast<JobState::Phase>(phase - phases.begin());
    state.owner = read_owner(object["owner"]);
    state.asked = object["asked"].string();
    state.begun = from_unix_ns(object["begun"].integer().value_or(0));
    state.ended = from_unix_ns(object["ended"].integer().value_or(0));
    state.failure = object["failure"].string();
    return true;
}

std::uint64_t count_of(JsonValue value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer().value_or(0)));
}

}  // namespace vigil::fhir
