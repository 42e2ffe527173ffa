// Who may see whom beside the units they work in: care relations and broken glass; and what an
// account may do.
#include "share/api/relations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "identity/password.hpp"
#include "identity/roles.hpp"
#include "share/alarms/dissemination.hpp"
#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using identity::Area;
using identity::CareRelation;
using identity::RelationId;
using identity::Relationship;

namespace {

// By others: nobody reviews their own.
std::size_t emergencies_to_review(const ApiContext& api, AccountId reviewer) {
    return static_cast<std::size_t>(
        std::ranges::count_if(api.registry.relations(), [&](const auto& each) {
            const auto& relation = each.second;
            return relation.kind == Relationship::emergency && relation.reviewed_by.empty() &&
                   relation.account != reviewer;
        }));
}

void write_allowed(JsonWriter& json, const identity::Rights& rights) {
    json.begin_object();
    for (std::size_t i = 0; i < identity::area_count; ++i) {
        const auto area = static_cast<Area>(i);
        std::string letters;
        if (rights.allow(area, store::Act::read)) letters += 'r';
        if (rights.allow(area, store::Act::write)) letters += 'w';
        if (rights.allow(area, store::Act::administer)) letters += 'a';
        if (!letters.empty()) json.member(identity::to_string(area), letters);
    }
    json.end_object();
}

}  // namespace

void write_relation(JsonWriter& json, const ApiContext& api, const CareRelation& relation) {
    const auto* account = api.registry.account(relation.account);
    json.begin_object().member("id", relation.id.value);
    json.member("account", account != nullptr ? account->user_name : std::string());
    json.member("display_name", account != nullptr ? account->display_name : std::string());
    json.member("role", account != nullptr ? identity::to_string(account->role) : "");
    json.member("patient", patient_id_text(relation.patient));
    json.member("kind", identity::to_string(relation.kind)).member("from", relation.from);
    json.member_or_null(
        "to", relation.to == identity::end_of_time ? std::nullopt : std::optional(relation.to));
    json.member_or_null("reason", relation.reason);
    json.key("review");
    if (relation.reviewed_by.empty())
        json.null();
    else
        json.begin_object()
            .member("by", relation.reviewed_by)
            .member("time", relation.reviewed)
            .member("finding", relation.finding)
            .end_object();
    json.end_object();
}

void write_own_rights(JsonWriter& json, const ApiContext& api, const ApiCall& call) {
    const auto* account = api.registry.account(call.who.account);
    json.member("username", call.who.name);
    json.member("display_name", account != nullptr && !account->display_name.empty()
                                    ? account->display_name
                                    : call.who.name);
    json.member("role", identity::to_string(call.who.role)).key("units").begin_array();
    if (account != nullptr)
        for (const auto& unit : account->units) json.text(unit);
    json.end_array().member("everyone", api.desk.reached(call.who, call.now)->everyone);
    json.member("emergency", identity::rules_of(call.who.role).emergency).key("may");
    write_allowed(json, call.who.rights);
    json.key("relations").begin_array();
    for (const auto* relation : api.registry.relations_of(call.who.account))
        if (relation->from <= call.now && call.now < relation->to)
            write_relation(json, api, *relation);
    json.end_array();
    if (call.who.rights.allow(Area::audit, store::Act::administer))
        json.member("emergencies_to_review", emergencies_to_review(api, call.who.account));
}

namespace {

constexpr std::int64_t emergency_minutes_default = 240, emergency_minutes_max = 720;

session::HttpResponse relation_answer(const ApiContext& api, RelationId id, int status) {
    std::string body;
    JsonWriter json(body);
    write_relation(json, api, *api.registry.relation(id));
    return json_answer(std::move(body), status);
}

// Who may give and take a relation of that kind: its patient, or staff in their name, lets
// caregivers in; staff name the care team; whose account is whose patient's is an administrator's.
std::pair<Area, store::Act> needed_for(Relationship kind) {
    switch (kind) {
        case Relationship::caregiver:
            return {Area::consents, store::Act::write};
        case Relationship::care_team:
            return {Area::patients, store::Act::write};
        case Relationship::self:
        case Relationship::emergency:
            break;
    }
    return {Area::accounts, store::Act::administer};
}

bool decide_of(ApiContext& api, const ApiCallPtr& call, const CareRelation& relation,
               std::string what) {
    const auto [area, act] = needed_for(relation.kind);
    return decide(api, call,
                  {.act = act,
                   .areas = {area},
                   .subjects = identity::Subjects::of(relation.patient),
                   .what = std::move(what)})
        .has_value();
}

void list_of_patient(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const auto id = (*patient)->id;
    if (!decide(api, call,
                {.act = store::Act::read,
                 .areas = {Area::patients},
                 .subjects = identity::Subjects::of(id),
                 .what = "relations"}))
        return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("relations").begin_array();
    for (const auto& [number, relation] : api.registry.relations())
        if (relation.patient == id) write_relation(json, api, relation);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

// Of whom it is and what kind, which decide whether it may be given; and its span.
Result<CareRelation> read_relation(const ApiContext& api, const ApiCall& call, JsonValue body) {
    VIGIL_TRY(patient, patient_named(api, call.captured[0], "patient"));
    const auto kind = identity::relationship(body["kind"].string());
    if (!kind || *kind == Relationship::emergency)
        return fail(Error::Kind::malformed, "takes self, caregiver or care-team", "kind");
    CareRelation relation{.patient = patient->id,
                          .kind = *kind,
                          .from = call.now,
                          .reason = std::string(body["reason"].string())};
    for (auto [name, time] : {std::pair{"from", &relation.from}, std::pair{"to", &relation.to}}) {
        const auto value = body[name];
        if (!value || value.is(JsonKind::null)) continue;
        VIGIL_TRY(read, read_time(value.text(), name));
        *time = read;
    }
    return relation;
}

// Whose it will be. A patient who lets somebody in is told of no other accounts.
Result<AccountId> account_for(const ApiContext& api, Relationship kind, std::string_view name) {
    const auto* account = api.registry.find_account(name);
    const bool is_hidden = account != nullptr && kind == Relationship::caregiver &&
                           account->role != identity::Role::caregiver &&
                           account->role != identity::Role::patient;
    if (account == nullptr || is_hidden)
        return fail(Error::Kind::not_found, "no such account here", "account");
    return account->id;
}

void give_relation(ApiContext& api, const ApiCallPtr& call, CareRelation relation) {
    auto act = api.registry.plan_relation(std::move(relation), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto given = std::get<identity::RelationGiven>(act->body).relation;
    give(api, call, std::move(act), [&api, call, given](const identity::Applied&) {
        if (given.kind == Relationship::emergency)
            api.dissemination->emergency(call->who.name, given.reason, api.now());
        return relation_answer(api, given.id, 201);
    });
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto relation = read_relation(api, *call, *body);
    if (!relation) return answer_error(api, call, relation.error());
    if (!decide_of(api, call, *relation,
                   fmt::format("relation {}", identity::to_string(relation->kind))))
        return;
    const auto account = account_for(api, relation->kind, (*body)["account"].string());
    if (!account) return answer_error(api, call, account.error());
    relation->account = *account;
    // It opens what is shown to the care team alone: that is not for oneself to decide.
    if (relation->kind == Relationship::care_team && *account == call->who.account)
        return answer_error(api, call,
                            {Error::Kind::forbidden,
                             "a colleague names you to the care team; in an emergency, break the "
                             "glass",
                             "account"});
    give_relation(api, call, std::move(*relation));
}

// The relation that the address names; nothing: it was answered.
const CareRelation* relation_named(ApiContext& api, const ApiCallPtr& call) {
    const auto number = parse_patient_id(call->captured[0]);
    const auto* relation = number ? api.registry.relation(RelationId{number->value}) : nullptr;
    if (relation == nullptr)
        answer_error(api, call, {Error::Kind::not_found, "no such care relation here", "relation"});
    return relation;
}

// Whoever has it may give it up.
void end(ApiContext& api, const ApiCallPtr& call) {
    const auto* relation = relation_named(api, call);
    if (relation == nullptr) return;
    const auto id = relation->id;
    const bool is_own =
        call->who.account && relation->account == call->who.account && call->who.token.empty();
    if (!is_own && !decide_of(api, call, *relation, "relation end")) return;
    if (is_own && !api.desk.note(call->who,
                                 {.act = store::Act::write,
                                  .subjects = identity::Subjects::of(relation->patient),
                                  .areas = {},
                                  .resources = {},
                                  .what = "relation end",
                                  .from = call->request.peer.address,
                                  .at = call->now},
                                 true))
        return answer_error(api, call,
                            {Error::Kind::busy, "the access cannot be put on record", ""});
    give(api, call, api.registry.plan_end_relation(id, {call->now, call->who.name}),
         [&api, id](const identity::Applied&) { return relation_answer(api, id, 200); });
}

// --- Broken glass

identity::AccessRequest emergency_request(const ApiCall& call, PatientId patient) {
    return {.act = store::Act::read,
            .subjects = identity::Subjects::of(patient),
            .areas = {},
            .resources = {},
            .what = "emergency access",
            .purpose = std::string(identity::emergency_purpose),
            .from = call.request.peer.address,
            .at = call.now};
}

struct Emergency {
    CareRelation relation;
    std::string password;
};

Result<Emergency> read_emergency(const ApiContext& api, const ApiCall& call, JsonValue body) {
    VIGIL_TRY(patient, patient_named(api, call.captured[0], "patient"));
    const auto asked = body["minutes"];
    const auto minutes = asked ? asked.integer() : emergency_minutes_default;
    if (!minutes || *minutes < 1 || *minutes > emergency_minutes_max)
        return fail(Error::Kind::malformed,
                    fmt::format("takes 1 to {} minutes", emergency_minutes_max), "minutes");
    Emergency out{.relation = {.account = call.who.account,
                               .patient = patient->id,
                               .kind = Relationship::emergency,
                               .from = call.now,
                               .to = call.now + std::chrono::minutes(*minutes),
                               .reason = std::string(body["reason"].string())},
                  .password = std::string(body["password"].string())};
    if (out.relation.reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(Error::Kind::malformed, "say why: somebody will read it", "reason");
    return out;
}

// Who may not, and why; empty: they may.
std::string refused_emergency(const ApiCall& call) {
    if (!call.who.account || !call.who.token.empty())
        return "only a person who is signed in may ask for emergency access";
    if (!identity::rules_of(call.who.role).emergency) return "not allowed in this role";
    return {};
}

void admit_emergency(ApiContext& api, const ApiCallPtr& call, CareRelation relation) {
    relation.from = api.now();
    if (!api.desk.note(call->who, emergency_request(*call, relation.patient), true))
        return answer_error(api, call,
                            {Error::Kind::busy, "the access cannot be put on record", ""});
    give_relation(api, call, std::move(relation));
}

// With their password again: a screen that somebody left is not enough.
void break_glass(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto asked = read_emergency(api, *call, *body);
    if (!asked) return answer_error(api, call, asked.error());
    const auto patient = asked->relation.patient;
    if (auto why = refused_emergency(*call); !why.empty()) {
        api.desk.note(call->who, emergency_request(*call, patient), false, why);
        return answer_error(api, call, {Error::Kind::forbidden, std::move(why), "patient"});
    }
    auto check = api.sign_in.begin(call->who.name, call->request.peer.address, call->now);
    if (!check) return answer(api, call, try_later(429, check.error().message, 1));
    api.on_worker([&api, call, check = std::move(*check), asked = std::move(*asked)] {
        const bool matched = asked.password.size() <= identity::password_bytes_max &&
                             identity::verify_password(asked.password, check.hash);
        api.on_loop([&api, call, check, matched, relation = asked.relation] {
            if (!api.sign_in.again(check, matched, api.now()))
                return answer_error(api, call,
                                    {Error::Kind::forbidden, "the password is wrong", "password"});
            admit_emergency(api, call, relation);
        });
    });
}

void list_emergencies(ApiContext& api, const ApiCallPtr& call) {
    const auto state = call->request.parameter("state").value_or("open");
    if (state != "open" && state != "all")
        return answer_error(api, call, {Error::Kind::malformed, "takes open or all", "state"});
    if (!decide(api, call,
                {.act = store::Act::read, .areas = {Area::accounts}, .what = "emergencies"}))
        return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("emergencies").begin_array();
    for (const auto& [id, relation] : api.registry.relations())
        if (relation.kind == Relationship::emergency &&
            (state == "all" || relation.reviewed_by.empty()))
            write_relation(json, api, relation);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void review(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(
            api, call,
            {.act = store::Act::administer, .areas = {Area::audit}, .what = "emergency review"}))
        return;
    const auto* relation = relation_named(api, call);
    if (relation == nullptr) return;
    const auto id = relation->id;
    give(api, call,
         api.registry.plan_review(id, std::string((*body)["finding"].string()),
                                  {call->now, call->who.name}),
         [&api, id](const identity::Applied&) { return relation_answer(api, id, 200); });
}

}  // namespace

void add_relations(Api& api) {
    api.add("GET", "/api/patients/{id}/relations", list_of_patient);
    api.add("POST", "/api/patients/{id}/relations", add);
    api.add("POST", "/api/patients/{id}/emergency-access", break_glass);
    api.add("DELETE", "/api/relations/{id}", end);
    api.add("GET", "/api/emergencies", list_emergencies);
    api.add("POST", "/api/emergencies/{id}/review", review);
}

}  // namespace vigil::share
