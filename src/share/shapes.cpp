#include "share/shapes.hpp"

#include <algorithm>

namespace vigil::share {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The first character of a word, whole in UTF-8.
std::string_view first_character(std::string_view word) {
    std::size_t length = 1;
    while (length < word.size() && (static_cast<unsigned char>(word[length]) & 0xC0) == 0x80)
        ++length;
    return word.substr(0, length);
}

std::string_view connection_word(const collect::DeviceState* state) {
    if (state == nullptr || !state->since) return "never";
    return state->connections > 0 ? "connected" : "disconnected";
}

std::string_view clock_word(collect::ClockState state) {
    switch (state) {
        case collect::ClockState::unknown:
            return "unknown";
        case collect::ClockState::good:
            return "good";
        case collect::ClockState::off:
            return "off";
        case collect::ClockState::no_zone:
            return "no_zone";
        case collect::ClockState::jumped:
            return "jumped";
        case collect::ClockState::drifting:
            return "drifting";
    }
    return "unknown";
}

std::string_view credential_word(const identity::Registry& registry, const identity::Device& device,
                                 Timestamp now) {
    if (registry.has_token(device.id)) return "token";
    return registry.has_certificate(device.id, now) ? "certificate" : "none";
}

// What it signs in with, and the code that it may get a certificate by.
void write_credentials(JsonWriter& json, const identity::Registry& registry,
                       const identity::Device& device, Timestamp now) {
    json.member("credential", credential_word(registry, device, now)).key("certificate");
    if (const auto* newest = registry.newest_certificate(device.id, now))
        write_certificate(json, *newest, now);
    else
        json.null();
    const auto* offered = registry.enrolment(device.id);
    json.key("enrolment");
    if (offered != nullptr && now < offered->expires)
        json.begin_object().member("expires", offered->expires).end_object();
    else
        json.null();
}

void write_battery_and_clock(JsonWriter& json, const collect::DeviceState* state) {
    json.key("battery");
    if (state != nullptr && state->battery_percent) {
        json.begin_object().member("percent", to_string(*state->battery_percent));
        json.member("time", state->battery_at).end_object();
    } else {
        json.null();
    }
    json.key("clock");
    if (state == nullptr) {
        json.null();
        return;
    }
    json.begin_object().member("state", clock_word(state->clock.state()));
    json.member("offset_ms", state->clock.offset().count() / 1'000'000);
    json.member("words", collect::describe(state->clock)).end_object();
}

}  // namespace

std::string patient_id_text(PatientId patient) {
    return std::to_string(patient.value);
}

std::optional<PatientId> parse_patient_id(std::string_view text) {
    PatientId patient;
    const auto [end, failure] =
        std::from_chars(text.data(), text.data() + text.size(), patient.value);
    if (failure != std::errc() || end != text.data() + text.size() || !patient) return std::nullopt;
    return patient;
}

std::string initials_of(std::string_view display_name) {
    const auto first = display_name.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    display_name = display_name.substr(first, display_name.find_last_not_of(' ') - first + 1);
    std::string initials(first_character(display_name));
    if (const auto space = display_name.rfind(' '); space != std::string_view::npos)
        initials += first_character(display_name.substr(space + 1));
    return initials;
}

void write_patient(JsonWriter& json, const identity::Patient& patient, std::string_view fhir_id) {
    json.begin_object().member("id", patient_id_text(patient.id));
    json.member("display_name", patient.display_name);
    json.member("initials", initials_of(patient.display_name));
    json.member_or_null("fhir_id", fhir_id).member_or_null("identifier", patient.identifier);
    json.member_or_null("birth_date", patient.birth_date).member_or_null("sex", patient.sex);
    json.member_or_null("unit", patient.unit).member_or_null("bed", patient.bed);
    json.member("registered", patient.registered).end_object();
}

void write_device(JsonWriter& json, const identity::Registry& registry,
                  const identity::Device& device, const collect::DeviceState* state,
                  Timestamp now) {
    json.begin_object().member("id", device.external_id).member("display", device.display);
    json.member("model", device.model);
    write_credentials(json, registry, device, now);
    json.member("registered", device.registered).member("connection", connection_word(state));
    json.member("since", state != nullptr && state->since ? *state->since : device.registered);
    json.member_or_null("last_seen", state != nullptr ? state->last_seen : std::nullopt);
    write_battery_and_clock(json, state);
    const auto* gateway = registry.device(device.gateway);
    json.member_or_null("gateway", gateway != nullptr ? gateway->external_id : std::string());
    json.member("utc_offset_minutes", device.utc_offset_minutes).key("clock_tolerance_s");
    if (device.clock_tolerance)
        json.number(
            std::chrono::duration_cast<std::chrono::seconds>(*device.clock_tolerance).count());
    else
        json.null();

    const auto patient = registry.patient_at(device.id, now);
    json.member_or_null("patient", patient ? patient_id_text(patient) : std::string());
    std::optional<Timestamp> attached_from;
    for (const auto& span : registry.spans(device.id))
        if (span.from <= now && now < span.to) attached_from = span.from;
    json.member_or_null("attached_from", attached_from).end_object();
}

void write_certificate(JsonWriter& json, const identity::DeviceCertificate& certificate,
                       Timestamp now) {
    json.begin_object().member("serial", certificate.serial);
    json.member("not_before", certificate.not_before).member("not_after", certificate.not_after);
    json.member("state", identity::to_string(identity::state_of(certificate, now)));
    json.member("origin", identity::to_string(certificate.origin)).end_object();
}

void write_association(JsonWriter& json, const identity::Registry& registry, DeviceId device,
                       const identity::Association& association) {
    const auto* known = registry.device(device);
    json.begin_object().member("device", known != nullptr ? known->external_id : std::string());
    json.member_or_null("patient",
                        association.patient ? patient_id_text(association.patient) : std::string());
    json.member("from", association.from);
    json.member_or_null("to", association.to == identity::end_of_time
                                  ? std::nullopt
                                  : std::optional(association.to));
    json.member("origin", identity::to_string(association.rank));
    json.member("recorded", association.recorded).member("by", association.by).end_object();
}

bool natural_less(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (!is_digit(a.front()) || !is_digit(b.front())) {
            if (a.front() != b.front()) return a.front() < b.front();
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        const auto number = [](std::string_view& text) {
            text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
            const auto digits =
                text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
            text.remove_prefix(digits.size());
            return digits;
        };
        const auto left = number(a);
        const auto right = number(b);
        if (left.size() != right.size()) return left.size() < right.size();
        if (left != right) return left < right;
    }
    return a.size() < b.size();
}

}  // namespace vigil::share
