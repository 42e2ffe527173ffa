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

bool is_of_emergencies(std::string_view purpose) {
    return is_part_of(purpose, "ETREAT");
}

}  // namespace

bool is_about(const Provision& provision, const Asker& asker) {
    if (provision.period && (asker.at < provision.period->from || asker.at >= provision.period->to))
        return false;
    const auto any = asker.actions | asker.one_of | bit(ConsentAction::use);
    if (provision.actions != 0 && (provision.actions & any) == 0) return false;
    const auto& actors = provision.actors;
    const auto is_one = [&](const ConsentActor& actor) { return is_actor(actor, asker); };
    if (!actors.empty() && std::ranges::none_of(actors, is_one)) return false;
    const auto is_one_of_theirs = [&](const std::string& named) {
        if (is_of_emergencies(named) || asker.purpose == emergency_code)
            return is_of_emergencies(named) && asker.purpose == emergency_code;
        return is_part_of(asker.purpose, named) || is_part_of(named, asker.purpose);
    };
    const auto& purposes = provision.purposes;
    return purposes.empty() || std::ranges::any_of(purposes, is_one_of_theirs);
}

bool permits_all(const Provision& provision, const Asker& asker) {
    const auto named = provision.actions;
    const bool all = named == 0 || ((named & asker.actions) == asker.actions &&
                                    (asker.one_of == 0 || (named & asker.one_of) != 0));
    const auto holds = [&](const std::string& purpose) {
        return is_part_of(asker.purpose, purpose);
    };
    const auto& purposes = provision.purposes;
    return all && (purposes.empty() || std::ranges::any_of(purposes, holds));
}

}  // namespace vigil::identity
