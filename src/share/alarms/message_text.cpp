#include "share/alarms/message_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "identity/secret.hpp"
#include "metric/unit.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

std::string loud(std::string_view word) {
    std::string out(word);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::string measured(const AlarmMessage& message, const AlarmWords& words) {
    const auto& event = message.event;
    if (!event.value) return {};
    const auto* metric =
        event.condition.metric ? words.catalogue.find(event.condition.metric) : nullptr;
    const auto unit = metric != nullptr ? units::at(metric->unit).shown : std::string_view();
    auto text = fmt::format("{} {}", to_string(*event.value), unit);
    if (event.limit) text += fmt::format(", limit {} {}", to_string(*event.limit), unit);
    return text;
}

std::string page_of(const AlarmMessage& message, const MessageSite& site) {
    if (message.kind == AlarmMessage::Kind::emergency) return site.public_url + "/emergencies";
    const auto patient = message.event.id.subject.patient;
    return patient ? fmt::format("{}/patients/{}", site.public_url, patient_id_text(patient))
                   : site.public_url + "/";
}

// The host of an address: of what a message's id is made.
std::string_view domain_of(std::string_view address) {
    return address.substr(std::min(address.find('@') + 1, address.size()));
}

}  // namespace

codec::mail::Message mail_of(const AlarmMessage& message, const AlarmWords& words,
                             const MessageSite& site) {
    const auto& event = message.event;
    codec::mail::Message mail{.from = site.mail_from,
                              .to = message.to.contact.address,
                              .id = fmt::format("{}@{}", message.id, domain_of(site.mail_from)),
                              .date = message.made,
                              .is_urgent = event.priority == monitor::AlarmPriority::high};
    if (message.kind == AlarmMessage::Kind::test) {
        mail.subject = "Test: no alarm";
        mail.text = fmt::format("This is a test of {}: alarms would come to this address.\n",
                                site.name.empty() ? std::string("Vigil") : site.name);
        return mail;
    }
    if (message.kind == AlarmMessage::Kind::emergency) {
        mail.subject = fmt::format("Emergency access by {}", message.by);
        mail.text = fmt::format(
            "{} opened the record of a patient whom they do not look after.\n\nWhose, why they "
            "say, "
            "and what they did there:\n{}/emergencies\n",
            message.by, site.public_url);
        return mail;
    }
    mail.subject = fmt::format("{} alarm: {}, {}", loud(to_string(*event.priority)), message.words,
                               message.place);
    mail.text = message.words + '\n';
    const auto* patient = words.registry.patient(event.id.subject.patient);
    if (site.names_patients && patient != nullptr)
        mail.text += fmt::format("Patient: {}\n", patient->display_name);
    mail.text += fmt::format("Where: {}\n", message.place);
    if (const auto value = measured(message, words); !value.empty())
        mail.text += fmt::format("Measured: {}\n", value);
    mail.text += fmt::format(
        "Since: {}\n",
        format_rfc3339(std::chrono::floor<std::chrono::seconds>(event.since.value_or(event.time))));
    mail.text += fmt::format("You are told as: {}\n", monitor::recipients_text(message.to.as));
    mail.text += fmt::format("\nSee it, take it or acknowledge it:\n{}\n", page_of(message, site));
    mail.text += "\nThe alarm at the bedside counts. This message may come late or not at all.\n";
    return mail;
}

std::string webhook_body(const AlarmMessage& message, const AlarmWords& words,
                         const MessageSite& site) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", message.id);
    switch (message.kind) {
        case AlarmMessage::Kind::told:
            json.member("type", "alarm");
            break;
        case AlarmMessage::Kind::changed:
            json.member("type", "change");
            break;
        case AlarmMessage::Kind::emergency:
            json.member("type", "emergency").member("by", message.by);
            json.member("reason", message.reason);
            break;
        case AlarmMessage::Kind::test:
            json.member("type", "test");
            break;
    }
    json.member("time", message.made).member("site", site.name);
    json.member("as", monitor::recipients_text(message.to.as));
    json.member("place", message.place).member("words", message.words);
    const auto* patient = words.registry.patient(message.event.id.subject.patient);
    json.member("unit", patient != nullptr ? patient->unit : std::string());
    json.member("bed", patient != nullptr ? patient->bed : std::string());
    json.member("page", page_of(message, site));
    json.member("receipt", fmt::format("{}/api/alarm-receipts/{}", site.public_url, message.id));
    json.key("event");
    if (!message.event.alarm)
        json.null();
    else
        write_event(json, words, message.event);
    json.end_object();
    return body;
}

std::string webhook_signature(const AlarmMessage& message, const std::string& body) {
    const auto time =
        std::chrono::floor<std::chrono::seconds>(message.made).time_since_epoch().count();
    return fmt::format(
        "t={},v1={}", time,
        identity::derived_secret(message.to.contact.secret, fmt::format("{}.{}", time, body)));
}

}  // namespace vigil::share
