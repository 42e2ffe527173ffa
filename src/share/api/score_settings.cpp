// What somebody decides of a patient's early-warning scores (docs/reference/alarms-api.md, Done).
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {

using identity::Area;

namespace {

// The SpO2 scale of NEWS2 is an order as a target saturation is one: "only under the direction of a
// competent clinician" (RCP, NEWS2, 2017).
void set(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::write, "score setting",
                                         {Area::vitals, Area::orders});
    if (!subject) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    monitor::ScoreSettingSet act{.subject = *subject,
                                 .setting = call->captured[1],
                                 .value = std::string((*body)["value"].string())};
    if (!api.watch->tables().scores.has_setting(act.setting, act.value))
        return answer_error(
            api, call,
            {Error::Kind::malformed,
             "no score has such a setting: spo2_scale is 1 or 2, pregnancy yes, no or unknown",
             "value"});
    give_alarm_act(api, call, std::move(act), *reason, [&api, call, subject = *subject] {
        answer(api, call, bed_answer(api, subject));
    });
}

}  // namespace

void add_score_settings(Api& api) {
    api.add("PUT", "/api/patients/{id}/score-settings/{setting}", set);
}

}  // namespace vigil::share
