// Who is told of alarms away from the screens: duties, and how people and systems are reached.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/mail/message.hpp"
#include "fhir/subscription/subscription.hpp"
#include "share/alarms/dissemination.hpp"
#include "share/alarms/roster.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using identity::Area;

namespace {

constexpr std::size_t name_bytes_max = 100, address_bytes_max = 1'000;

// Numbers of the roster as addresses name them.
template <class Id>
std::optional<Id> number_of(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0)
        return std::nullopt;
    return Id{number};
}

Result<std::uint16_t> read_recipients(JsonValue list) {
    std::uint16_t as = 0;
    if (list && !list.is(JsonKind::array))
        return fail(Error::Kind::malformed, "a list such as [\"charge-nurse\"]", "as");
    for (const auto each : list) {
        const auto one = monitor::parse_recipients(each.string());
        if (!one) return fail(Error::Kind::malformed, one.error().message, "as");
        as |= *one;
    }
    return as;
}

void write_recipients(JsonWriter& json, std::uint16_t as) {
    json.key("as").begin_array();
    for (unsigned bit = 0; bit < 16; ++bit)
        if (const auto one = static_cast<std::uint16_t>(1U << bit); (as & one) != 0)
            json.text(monitor::recipients_text(one));
    json.end_array();
}

void write_contact(JsonWriter& json, const AlarmContact& contact, bool with_secret) {
    json.begin_object().member("id", std::to_string(contact.id.value));
    json.member_or_null("account", contact.account).member_or_null("name", contact.name);
    write_recipients(json, contact.as);
    json.member("unit", contact.unit).member("channel", to_string(contact.channel));
    json.member("address", contact.address).member("least", to_string(contact.least));
    json.member("emergencies", contact.emergencies);
    if (with_secret && !contact.secret.empty()) json.member("secret", contact.secret);
    json.member("by", contact.by).member("since", contact.since).end_object();
}

void write_duty(JsonWriter& json, const AlarmDuty& duty) {
    json.begin_object().member("id", std::to_string(duty.id.value));
    json.member("account", duty.account);
    write_recipients(json, duty.as);
    json.member("unit", duty.unit).key("patients").begin_array();
    for (const auto patient : duty.patients) json.text(patient_id_text(patient));
    json.end_array().member("from", duty.from).member("until", duty.until);
    json.member("by", duty.by).end_object();
}

template <class Item, class Write>
session::HttpResponse one_answer(const Item& item, Write write) {
    std::string body;
    JsonWriter json(body);
    write(json, item);
    return json_answer(std::move(body));
}

// Kept, then in force, then answered.
template <class Item>
void keep(ApiContext& api, const ApiCallPtr& call, AlarmRoster::Change<Item> change,
          session::HttpResponse response) {
    api.roster->keep(
        change, [&api, call, change, response = std::move(response)](const Result<void>& kept) {
            api.on_loop([&api, call, change, response, kept] {
                if (!kept) return answer_error(api, call, kept.error());
                api.roster->holds(change);
                answer(api, call, response);
            });
        });
}

// --- Contacts
// --------------------------------------------------------------------------------------

bool manages(const identity::Principal& who) {
    return who.rights.allow(Area::server, store::Act::administer);
}

// One's own is looked after by oneself, all else by whoever runs the server. On refusal the call
// has been answered.
bool may(ApiContext& api, const ApiCallPtr& call, const AlarmContact& contact, store::Act act) {
    // Who hears of emergency accesses is not everybody's to say.
    const bool is_own = contact.account == call->who.name && is_staff(call->who) &&
                        contact.channel == AlarmChannel::email && !contact.emergencies;
    return decide(api, call,
                  {.act = is_own ? act : store::Act::administer,
                   .areas = {is_own ? Area::vitals : Area::server},
                   .what = fmt::format("alarm contact of {}", contact.owner())})
        .has_value();
}

Result<void> check_address(const ApiContext& api, const AlarmContact& contact) {
    if (contact.channel == AlarmChannel::email) {
        VIGIL_CHECK(codec::mail::check_address(contact.address));
        if (api.alarm_ways.mail) return {};
        return fail(Error::Kind::conflict,
                    "no mail is sent from here: the operator sets alarms.mail_server", "channel");
    }
    if (contact.address.size() <= address_bytes_max &&
        fhir::is_allowed(contact.address, api.alarm_ways.webhook_endpoints))
        return {};
    return fail(Error::Kind::forbidden,
                "the address is none of those that the operator allows (alarms.webhook_endpoints)",
                "address");
}

Result<AlarmContact> read_contact(const ApiContext& api, const ApiCall& call, JsonValue body) {
    AlarmContact contact{.by = call.who.name, .since = call.now};
    const auto channel = monitor::from_word<AlarmChannel>(body["channel"].string());
    if (!channel) return fail(Error::Kind::malformed, "takes email or webhook", "channel");
    VIGIL_TRY(as, read_recipients(body["as"]));
    contact.channel = *channel;
    contact.as = as;
    contact.account = std::string(body["account"].string());
    contact.name = std::string(body["name"].string());
    contact.unit = std::string(body["unit"].string());
    contact.address = std::string(body["address"].string());
    if (const auto least = body["least"]; least && !least.is(JsonKind::null)) {
        const auto priority = monitor::from_word<monitor::AlarmPriority>(least.string());
        if (!priority) return fail(Error::Kind::malformed, "takes high, medium or low", "least");
        contact.least = *priority;
    }
    if (const auto emergencies = body["emergencies"]; emergencies.is(JsonKind::boolean))
        contact.emergencies = emergencies.is_true();
    if (contact.account.empty() == contact.name.empty() || contact.name.size() > name_bytes_max)
        return fail(Error::Kind::malformed,
                    "whose it is: an \"account\", or the \"name\" of a system of the site",
                    "account");
    if (!contact.account.empty() && api.registry.find_account(contact.account) == nullptr)
        return fail(Error::Kind::malformed, "no such account here", "account");
    if (!contact.account.empty() && (contact.as != 0 || !contact.unit.empty()))
        return fail(Error::Kind::malformed,
                    "what a person is told of is said by their duties: POST /api/alarm-duties",
                    "as");
    if (contact.account.empty() && contact.as == 0 && !contact.emergencies)
        return fail(Error::Kind::malformed, "for whom it stands, such as [\"charge-nurse\"]", "as");
    return contact;
}

void list_contacts(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call,
                {.act = store::Act::read, .areas = {Area::vitals}, .what = "alarm contacts"}))
        return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("contacts").begin_array();
    for (const auto& [id, contact] : api.roster->contacts())
        if (manages(call->who) || contact.account == call->who.name)
            write_contact(json, contact, false);
    json.end_array().key("channels").begin_array();
    if (api.alarm_ways.mail) json.text("email");
    if (!api.alarm_ways.webhook_endpoints.empty()) json.text("webhook");
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void add_contact(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto contact = read_contact(api, *call, *body);
    if (!contact) {
        // Whoever may have none at all is told that first.
        if (may(api, call, {}, store::Act::write)) answer_error(api, call, contact.error());
        return;
    }
    if (!may(api, call, *contact, store::Act::write)) return;
    if (const auto fits = check_address(api, *contact); !fits)
        return answer_error(api, call, fits.error());
    if (contact->channel == AlarmChannel::webhook)
        contact->secret = identity::new_secret(api.random);
    auto change = api.roster->plan(std::move(*contact));
    if (!change) return answer_error(api, call, change.error());
    auto response = one_answer(change->item, [](JsonWriter& json, const AlarmContact& added) {
        write_contact(json, added, true);
    });
    response.status = 201;
    keep(api, call, std::move(*change), std::move(response));
}

// The contact that the address names, if this person may do that with it; else the call has been
// answered.
const AlarmContact* contact_named(ApiContext& api, const ApiCallPtr& call, store::Act act) {
    const auto id = number_of<ContactId>(call->captured[0]);
    const auto found = id ? api.roster->contacts().find(*id) : api.roster->contacts().end();
    const bool is_there = found != api.roster->contacts().end();
    if (!may(api, call, is_there ? found->second : AlarmContact{}, act)) return nullptr;
    if (is_there) return &found->second;
    answer_error(api, call, {Error::Kind::not_found, "no such contact here", "id"});
    return nullptr;
}

void remove_contact(ApiContext& api, const ApiCallPtr& call) {
    const auto* contact = contact_named(api, call, store::Act::write);
    if (contact == nullptr) return;
    keep(api, call, AlarmRoster::plan_removal(*contact), json_answer("{}"));
}

void test_contact(ApiContext& api, const ApiCallPtr& call) {
    const auto* contact = contact_named(api, call, store::Act::write);
    if (contact == nullptr) return;
    api.dissemination->test(*contact, call->now, [&api, call](const Result<std::string>& outcome) {
        std::string body;
        JsonWriter json(body);
        json.begin_object().member("outcome", outcome ? "delivered" : "undeliverable");
        json.member("said", outcome ? *outcome : outcome.error().message).end_object();
        answer(api, call, json_answer(std::move(body)));
    });
}

// --- Duties
// ----------------------------------------------------------------------------------------

bool may(ApiContext& api, const ApiCallPtr& call, const AlarmDuty& duty, store::Act act) {
    const auto access = decide_alarms(api, call, act, monitor::Subject{},
                                      fmt::format("alarm duty of {}", duty.account));
    if (!access) return false;
    const bool all_reached = std::ranges::all_of(duty.patients, [&](PatientId patient) {
        return shows(*access, is_staff(call->who), {patient, {}});
    });
    if (all_reached && looks_after(api.registry, call->who, duty.unit)) return true;
    answer_error(
        api, call,
        {Error::Kind::forbidden, "whoever looks after this unit says who has duty there", "unit"});
    return false;
}

Result<AlarmDuty> read_duty(const ApiContext& api, const ApiCall& call, JsonValue body) {
    AlarmDuty duty{.account = std::string(body["account"].string()), .by = call.who.name};
    if (duty.account.empty()) duty.account = call.who.name;
    if (api.registry.find_account(duty.account) == nullptr)
        return fail(Error::Kind::malformed, "no such account here", "account");
    VIGIL_TRY(as, read_recipients(body["as"]));
    if (as == 0) return fail(Error::Kind::malformed, "as what, such as [\"assigned-nurse\"]", "as");
    duty.as = as;
    duty.unit = std::string(body["unit"].string());
    if (body["patients"].size() > AlarmRoster::duty_patients_max)
        return fail(Error::Kind::too_large, "at most 200 patients; none: all of the unit",
                    "patients");
    for (const auto each : body["patients"]) {
        VIGIL_TRY(patient, patient_named(api, each.string(), "patients"));
        duty.patients.push_back(patient->id);
    }
    duty.from = call.now;
    if (const auto from = body["from"]; from && !from.is(JsonKind::null)) {
        VIGIL_TRY(time, read_time(from.text(), "from"));
        duty.from = time;
    }
    VIGIL_TRY(until, read_time(body["until"].text(), "until"));
    duty.until = until;
    if (duty.until <= std::max(duty.from, call.now) ||
        duty.until - duty.from > AlarmRoster::duty_max)
        return fail(Error::Kind::malformed, "a time to come, at most 31 days after it begins",
                    "until");
    return duty;
}

void list_duties(ApiContext& api, const ApiCallPtr& call) {
    const auto access =
        decide_alarms(api, call, store::Act::read, monitor::Subject{}, "alarm duties");
    if (!access) return;
    const auto unit = call->request.parameter("unit");
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("duties").begin_array();
    for (const auto& [id, duty] : api.roster->duties()) {
        const bool is_asked = !unit || duty.unit == *unit;
        const bool is_shown =
            duty.account == call->who.name || looks_after(api.registry, call->who, duty.unit);
        if (is_asked && is_shown && duty.until > call->now) write_duty(json, duty);
    }
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void add_duty(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto duty = read_duty(api, *call, *body);
    const AlarmDuty nobodys{.unit = std::string((*body)["unit"].string())};
    if (!may(api, call, duty ? *duty : nobodys, store::Act::write)) return;
    if (!duty) return answer_error(api, call, duty.error());
    auto change = api.roster->plan(std::move(*duty), call->now);
    if (!change) return answer_error(api, call, change.error());
    auto response = one_answer(change->item, write_duty);
    response.status = 201;
    keep(api, call, std::move(*change), std::move(response));
}

void remove_duty(ApiContext& api, const ApiCallPtr& call) {
    const auto id = number_of<DutyId>(call->captured[0]);
    const auto found = id ? api.roster->duties().find(*id) : api.roster->duties().end();
    const bool is_there = found != api.roster->duties().end();
    if (!may(api, call, is_there ? found->second : AlarmDuty{}, store::Act::write)) return;
    if (!is_there)
        return answer_error(api, call, {Error::Kind::not_found, "no such duty here", "id"});
    keep(api, call, AlarmRoster::plan_removal(found->second), json_answer("{}"));
}

// --- Receipts
// --------------------------------------------------------------------------------------

// Whoever has the message knows its id, and nobody else can.
void receive(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto by = (*body)["by"].string().substr(0, name_bytes_max);
    const auto done = api.dissemination->received(call->captured[0], std::string(by), call->now);
    if (!done) return answer_error(api, call, done.error());
    answer(api, call, json_answer("{}"));
}

}  // namespace

void add_alarm_contacts(Api& api) {
    api.add("GET", "/api/alarm-contacts", list_contacts);
    api.add("POST", "/api/alarm-contacts", add_contact);
    api.add("DELETE", "/api/alarm-contacts/{id}", remove_contact);
    api.add("POST", "/api/alarm-contacts/{id}/test", test_contact);
    api.add("GET", "/api/alarm-duties", list_duties);
    api.add("POST", "/api/alarm-duties", add_duty);
    api.add("DELETE", "/api/alarm-duties/{id}", remove_duty);
    api.add("POST", "/api/alarm-receipts/{id}", receive, Api::For::everyone);
}

}  // namespace vigil::share
