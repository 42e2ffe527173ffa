// The limits that a unit's patients start with. A change waits for a second person.
#include <algorithm>

#include "share/alarms/limits.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {

using monitor::AgeClass;
using monitor::LimitSetting;

namespace {

// Decides about the defaults of one unit; on refusal the call has been answered.
bool may(ApiContext& api, const ApiCallPtr& call, store::Act act, std::string_view unit,
         std::string what) {
    if (!decide_alarms(api, call, act, monitor::Subject{}, std::move(what))) return false;
    if (looks_after(api.registry, call->who, unit)) return true;
    answer_error(api, call,
                 {Error::Kind::forbidden, "whoever looks after this unit decides it", "unit"});
    return false;
}

struct Defaults {
    std::vector<LimitSetting> settings;
    std::vector<monitor::ProfileProposal> proposals;  // of this unit
};

void write_proposal(JsonWriter& json, const AlarmWords& words,
                    const monitor::ProfileProposal& proposal) {
    const auto* condition = words.tables.conditions.find(proposal.edit.condition);
    json.begin_object().member("id", to_string(proposal.id)).member("unit", proposal.unit);
    json.member("age_class", to_string(proposal.age_class));
    json.member("condition", condition != nullptr ? condition->key : std::string());
    json.member("words", condition != nullptr ? condition->display : std::string());
    write_edit(json, proposal.edit);
    json.member("by", proposal.by).member("reason", proposal.reason);
    json.member("time", proposal.at).end_object();
}

std::string defaults_json(const AlarmWords& words, const std::string& unit, AgeClass age_class,
                          const Defaults& defaults) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("unit", unit).member("age_class", to_string(age_class));
    const auto shipped = words.tables.limits.defaults(age_class);
    json.key("limits").begin_array();
    const auto rows = words.tables.limits.rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        json.begin_object();
        write_limit_row(json, words, rows[i]);
        write_setting(json, defaults.settings[i]);
        json.key("shipped").begin_object();
        write_setting(json, shipped[i]);
        json.end_object().end_object();
    }
    json.end_array().key("proposals").begin_array();
    for (const auto& proposal : defaults.proposals) write_proposal(json, words, proposal);
    json.end_array().end_object();
    return body;
}

void answer_defaults(ApiContext& api, const ApiCallPtr& call, std::string unit,
                     AgeClass age_class) {
    api.watch->ask([&api, call, unit = std::move(unit), age_class](const auto& site) {
        Defaults defaults{.settings = site.profiles().settings(unit, age_class), .proposals = {}};
        for (const auto& each : site.profiles().proposals())
            if (each.unit == unit) defaults.proposals.push_back(each);
        api.on_loop([&api, call, unit, age_class, defaults = std::move(defaults)] {
            answer(api, call,
                   json_answer(defaults_json({api.registry, api.catalogue, api.watch->tables()},
                                             unit, age_class, defaults)));
        });
    });
}

Result<AgeClass> read_age_class(std::string_view word) {
    if (const auto found = monitor::from_word<AgeClass>(word)) return *found;
    return fail(Error::Kind::malformed, "takes adult, paediatric or neonate", "age_class");
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto unit = call->request.parameter("unit").value_or("");
    const auto age_class = read_age_class(call->request.parameter("age_class").value_or("adult"));
    if (!age_class) return answer_error(api, call, age_class.error());
    if (may(api, call, store::Act::read, unit, "alarm limits of a unit"))
        answer_defaults(api, call, std::string(unit), *age_class);
}

void propose(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string unit((*body)["unit"].string());
    if (!may(api, call, store::Act::write, unit, "alarm limit of a unit")) return;
    const auto age_class = read_age_class((*body)["age_class"].string());
    if (!age_class) return answer_error(api, call, age_class.error());
    const auto condition = condition_named(api, (*body)["condition"].string());
    if (!condition) return answer_error(api, call, condition.error());
    auto edit = read_edit(**condition, *body);
    if (!edit) return answer_error(api, call, edit.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    give_alarm_act(
        api, call,
        monitor::ProfileChangeProposed{.unit = unit, .age_class = *age_class, .edit = *edit},
        *reason, [&api, call, unit, age_class = *age_class] {
            answer_defaults(api, call, unit, age_class);
        });
}

// The proposal is found on the monitors' thread, the decision about its unit made on the loop's.
void decide_proposal(ApiContext& api, const ApiCallPtr& call, bool confirmed) {
    const auto id = monitor::parse_event_id(call->captured[0]);
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto reason = read_reason(*body, confirmed ? at_the_console : std::string_view());
    if (!reason) return answer_error(api, call, reason.error());
    api.watch->ask([&api, call, id, confirmed, reason = *reason](const auto& site) {
        std::optional<monitor::ProfileProposal> found;
        for (const auto& each : site.profiles().proposals())
            if (id && each.id == *id) found = each;
        api.on_loop([&api, call, found, confirmed, reason] {
            if (!may(api, call, store::Act::write, found ? found->unit : std::string_view(),
                     "alarm limit of a unit"))
                return;
            if (!found)
                return answer_error(
                    api, call, {Error::Kind::not_found, "this proposal waits no more", "proposal"});
            give_alarm_act(
                api, call,
                monitor::ProfileChangeDecided{.proposal = found->id, .confirmed = confirmed},
                reason, [&api, call, unit = found->unit, age_class = found->age_class] {
                    answer_defaults(api, call, unit, age_class);
                });
        });
    });
}

void confirm(ApiContext& api, const ApiCallPtr& call) {
    decide_proposal(api, call, true);
}
void reject(ApiContext& api, const ApiCallPtr& call) {
    decide_proposal(api, call, false);
}

}  // namespace

void add_alarm_profiles(Api& api) {
    api.add("GET", "/api/alarm-profiles", show);
    api.add("POST", "/api/alarm-profiles/proposals", propose);
    api.add("POST", "/api/alarm-profiles/proposals/{id}/confirm", confirm);
    api.add("POST", "/api/alarm-profiles/proposals/{id}/reject", reject);
}

}  // namespace vigil::share
