#pragma once
// What the handlers of alarms and of their limits share: docs/reference/alarms-api.md, Done.

#include <functional>
#include <string>
#include <vector>

#include "monitor/alarms/act.hpp"
#include "monitor/bed.hpp"
#include "share/api/context.hpp"

namespace vigil::share {

// Decides, of a patient, (for the staff) of a device that is on nobody, or (neither) of all whom
// the asker reaches; on refusal the call has been answered.
std::optional<store::Access> decide_alarms(ApiContext& api, const ApiCallPtr& call, store::Act act,
                                           const monitor::Subject& subject, std::string what,
                                           std::vector<identity::Area> areas = {
                                               identity::Area::vitals});

// The body's "reason", or `otherwise`; refused where both are empty or it is too long.
Result<std::string> read_reason(JsonValue body, std::string_view otherwise);

// The body's "from" and "to"; refused where they are no span, or a longer one.
Result<store::Span> read_span(JsonValue body, Nanoseconds longest);

// The patient whom the address names first, once it is decided that this person may and if they are
// watched; else nothing, and the call has been answered.
std::optional<monitor::Subject> watched_patient(ApiContext& api, const ApiCallPtr& call,
                                                store::Act act, std::string what,
                                                std::vector<identity::Area> areas = {
                                                    identity::Area::vitals});
Result<const monitor::Condition*> condition_named(const ApiContext& api, std::string_view key);

// Gives the act in the caller's name; `then` answers once it is in force.
void give_alarm_act(ApiContext& api, const ApiCallPtr& call, monitor::AlarmAct::Body body,
                    std::string reason, std::function<void()> then);

// The bed as it stands now.
session::HttpResponse bed_answer(const ApiContext& api, const monitor::Subject& subject);

constexpr std::string_view at_the_console = "at the console";

}  // namespace vigil::share
