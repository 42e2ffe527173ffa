#include "identity/consent.hpp"

#include <algorithm>

#include "identity/purposes.hpp"

namespace vigil::identity {
namespace {

bool is_actor(const ConsentActor& actor, const Asker& asker) {
    switch (actor.kind) {
        case ConsentActor::Kind::resource:
            return actor.name == asker.fhir_user || actor.name == asker.patient;
        case ConsentActor::Kind::organization:
            return actor.name == asker.organization;
        case ConsentActor::Kind::account:
            return actor.name == asker.account;
        case ConsentActor::Kind::role:
            return actor.name == to_string(asker.role);
        case ConsentActor::Kind::unit:
            return std::ranges::find(asker.units, actor.name) != asker.units.end();
        case ConsentActor::Kind::care_team:
            return asker.in_care_team;
    }
    return false;
}

bool is_purpose(std::string_view named, const Asker& asker, bool permits) {
    const bool of_emergencies = is_part_of(named, "ETREAT");
    if (of_emergencies || asker.purpose == emergency_code)
        return of_emergencies && asker.purpose == emergency_code;
    return is_part_of(asker.purpose, named) || (!permits && is_part_of(named, asker.purpose));
}

}  // namespace

bool is_about(const Provision& provision, const Asker& asker) {
    if (provision.period && (asker.at < provision.period->from || asker.at >= provision.period->to))
        return false;
    if (provision.actions != 0 && (provision.actions & asker.actions) == 0) return false;
    const auto& actors = provision.actors;
    const auto is_one = [&](const ConsentActor& actor) { return is_actor(actor, asker); };
    if (!actors.empty() && std::ranges::none_of(actors, is_one)) return false;
    const auto& purposes = provision.purposes;
    return purposes.empty() || std::ranges::any_of(purposes, [&](const std::string& named) {
               return is_purpose(named, asker, provision.permits);
           });
}

bool speaks(const Provision& provision, const Asker& asker) {
    return asker.purpose != emergency_code || !provision.purposes.empty();
}

}  // namespace vigil::identity
