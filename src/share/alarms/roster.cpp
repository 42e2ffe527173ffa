#include "share/alarms/roster.hpp"

#include <algorithm>
#include <bit>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::share {

using monitor::AlarmPriority;

namespace {

constexpr std::string_view duty_kind = "alarm-duty", contact_kind = "alarm-contact";

std::string document_of(const AlarmDuty& duty) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", duty.id.value).member("account", duty.account);
    json.member("as", monitor::recipients_text(duty.as)).member("unit", duty.unit);
    json.key("patients").begin_array();
    for (const auto patient : duty.patients) json.number(patient.value);
    json.end_array().member("from", duty.from).member("until", duty.until);
    json.member("by", duty.by).end_object();
    return body;
}

std::string document_of(const AlarmContact& contact) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", contact.id.value).member("account", contact.account);
    json.member("name", contact.name).member("as", monitor::recipients_text(contact.as));
    json.member("unit", contact.unit).member("channel", to_string(contact.channel));
    json.member("address", contact.address).member("secret", contact.secret);
    json.member("least", to_string(contact.least)).member("emergencies", contact.emergencies);
    json.member("by", contact.by);
    json.member("since", contact.since).end_object();
    return body;
}

Result<Timestamp> time_of(JsonValue value) {
    VIGIL_TRY(time, parse_rfc3339(value.string()));
    return time.instant;
}

Result<std::uint32_t> number_of(JsonValue value) {
    const auto number = value.integer();
    if (number && *number > 0 && *number <= UINT32_MAX) return static_cast<std::uint32_t>(*number);
    return fail(Error::Kind::malformed, "not a number of the roster", "id");
}

Result<std::uint16_t> recipients_of(JsonValue value) {
    if (value.string().empty()) return std::uint16_t{0};
    return monitor::parse_recipients(value.string());
}

Result<AlarmDuty> read_duty(JsonValue body) {
    AlarmDuty duty;
    VIGIL_TRY(id, number_of(body["id"]));
    VIGIL_TRY(as, recipients_of(body["as"]));
    VIGIL_TRY(from, time_of(body["from"]));
    VIGIL_TRY(until, time_of(body["until"]));
    duty.id = DutyId{id};
    duty.account = std::string(body["account"].string());
    duty.as = as;
    duty.unit = std::string(body["unit"].string());
    for (const auto patient : body["patients"]) {
        VIGIL_TRY(number, number_of(patient));
        duty.patients.push_back(PatientId{number});
    }
    duty.from = from;
    duty.until = until;
    duty.by = std::string(body["by"].string());
    return duty;
}

Result<AlarmContact> read_contact(JsonValue body) {
    AlarmContact contact;
    VIGIL_TRY(id, number_of(body["id"]));
    VIGIL_TRY(as, recipients_of(body["as"]));
    VIGIL_TRY(since, time_of(body["since"]));
    const auto channel = monitor::from_word<AlarmChannel>(body["channel"].string());
    const auto least = monitor::from_word<AlarmPriority>(body["least"].string());
    if (!channel || !least)
        return fail(Error::Kind::unsupported, "a way of a later version", "channel");
    contact.id = ContactId{id};
    contact.account = std::string(body["account"].string());
    contact.name = std::string(body["name"].string());
    contact.as = as;
    contact.unit = std::string(body["unit"].string());
    contact.channel = *channel;
    contact.address = std::string(body["address"].string());
    contact.secret = std::string(body["secret"].string());
    contact.least = *least;
    contact.emergencies = body["emergencies"].is_true();
    contact.by = std::string(body["by"].string());
    contact.since = since;
    return contact;
}

template <class Item, class Read>
Result<void> load_all(store::Documents& documents, std::string_view kind, Read read,
                      std::map<decltype(Item::id), Item>& into, std::uint32_t& last) {
    Result<void> outcome;
    VIGIL_CHECK(documents.each(kind, [&](std::string_view, std::string_view body) {
        JsonDocument document;
        const auto root = document.parse(body);
        auto item = root ? read(*root) : Result<Item>(tl::unexpected(root.error()));
        if (!item) {
            outcome = tl::unexpected(item.error());
            return false;
        }
        last = std::max(last, item->id.value);
        into.insert_or_assign(item->id, std::move(*item));
        return true;
    }));
    return outcome;
}

template <class Item>
store::DocumentChange kept(std::string_view kind, const Item& item, bool removed) {
    store::DocumentChange change{
        .kind = std::string(kind), .id = std::to_string(item.id.value), .subject = {}, .body = {}};
    if (!removed) change.body = document_of(item);
    return change;
}

}  // namespace

std::string_view to_string(AlarmChannel channel) {
    switch (channel) {
        case AlarmChannel::email:
            return "email";
        case AlarmChannel::webhook:
            return "webhook";
    }
    return "";
}

Result<void> AlarmRoster::load() {
    VIGIL_CHECK(load_all(documents_, duty_kind, read_duty, duties_, last_duty_));
    return load_all(documents_, contact_kind, read_contact, contacts_, last_contact_);
}

bool AlarmRoster::is_on_duty(const std::string& account, std::uint16_t one, const AlarmPlace& place,
                             Timestamp now) const {
    return std::ranges::any_of(duties_, [&](const auto& each) {
        const auto& duty = each.second;
        return duty.account == account && (duty.as & one) != 0 && duty.from <= now &&
               now < duty.until && (duty.unit.empty() || duty.unit == place.unit) &&
               (duty.patients.empty() ||
                std::ranges::find(duty.patients, place.patient) != duty.patients.end());
    });
}

std::vector<AlarmRecipient> AlarmRoster::recipients(const AlarmPlace& place, std::uint16_t told,
                                                    AlarmPriority priority, Timestamp now) const {
    std::vector<AlarmRecipient> found;
    for (const auto& [id, contact] : contacts_) {
        if (priority < contact.least) continue;
        AlarmRecipient recipient{.contact = contact};
        if (contact.account.empty()) {
            if (contact.unit.empty() || contact.unit == place.unit)
                recipient.as = contact.as & told;
        } else {
            for (auto left = told; left != 0;) {
                const auto one = static_cast<std::uint16_t>(1U << std::countr_zero(left));
                left &= static_cast<std::uint16_t>(~one);
                if (is_on_duty(contact.account, one, place, now)) recipient.as |= one;
            }
        }
        if (recipient.as != 0) found.push_back(std::move(recipient));
    }
    return found;
}

Result<AlarmRoster::Change<AlarmDuty>> AlarmRoster::plan(AlarmDuty duty, Timestamp now) {
    Change<AlarmDuty> change;
    for (const auto& [id, old] : duties_)
        if (old.until + std::chrono::hours(24) < now)
            change.kept.push_back(kept(duty_kind, old, true));
    if (duties_.size() - change.kept.size() >= duties_max)
        return fail(Error::Kind::too_large, "there are too many duties");
    duty.id = DutyId{++last_duty_};
    change.kept.push_back(kept(duty_kind, duty, false));
    change.item = std::move(duty);
    return change;
}

Result<AlarmRoster::Change<AlarmContact>> AlarmRoster::plan(AlarmContact contact) {
    if (contacts_.size() >= contacts_max)
        return fail(Error::Kind::too_large, "there are too many contacts");
    const auto same = std::ranges::any_of(contacts_, [&](const auto& each) {
        const auto& other = each.second;
        return other.account == contact.account && other.name == contact.name &&
               other.address == contact.address && other.unit == contact.unit;
    });
    if (same) return fail(Error::Kind::conflict, "this one is there already", "address");
    contact.id = ContactId{++last_contact_};
    Change<AlarmContact> change;
    change.kept.push_back(kept(contact_kind, contact, false));
    change.item = std::move(contact);
    return change;
}

AlarmRoster::Change<AlarmDuty> AlarmRoster::plan_removal(const AlarmDuty& duty) {
    return {.kept = {kept(duty_kind, duty, true)}, .item = duty, .removed = true};
}
AlarmRoster::Change<AlarmContact> AlarmRoster::plan_removal(const AlarmContact& contact) {
    return {.kept = {kept(contact_kind, contact, true)}, .item = contact, .removed = true};
}

void AlarmRoster::holds(const Change<AlarmDuty>& change) {
    for (const auto& each : change.kept)
        if (!each.body)
            std::erase_if(duties_, [&](const auto& duty) {
                return std::to_string(duty.first.value) == each.id;
            });
    if (!change.removed) duties_.insert_or_assign(change.item.id, change.item);
}
void AlarmRoster::holds(const Change<AlarmContact>& change) {
    if (change.removed)
        contacts_.erase(change.item.id);
    else
        contacts_.insert_or_assign(change.item.id, change.item);
}

}  // namespace vigil::share
