#include "codec/fhirjson/observation_reader.hpp"

#include <fmt/format.h>

#include <charconv>

#include "codec/fhirjson/sampled_data.hpp"
#include "codec/fhirjson/terminology.hpp"
#include "codec/fhirjson/value.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::fhirjson {
namespace {

// MDC_ATTR_SUPPLEMENTAL_TYPES: a component that says more about the code, and holds no reading.
constexpr std::string_view supplemental_types = "68193";

tl::unexpected<Error> malformed(std::string message) {
    return fail(Error::Kind::malformed, std::move(message));
}

bool has_code(JsonValue part, std::string_view code) {
    for (const auto coding : part["code"]["coding"])
        if (coding["code"].string() == code) return true;
    return false;
}

// The Device resource that a contained reference ("#dev") names.
JsonValue contained(JsonValue observation, std::string_view reference) {
    if (!reference.starts_with('#')) return {};
    for (const auto resource : observation["contained"])
        if (resource["id"].string() == reference.substr(1)) return resource;
    return {};
}

bool has_value_x(JsonValue part) {
    for (auto member = part.begin(); member != part.end(); ++member)
        if (member.key().starts_with("value")) return true;
    return false;
}

UnitId unit_hint(JsonValue part) {
    const auto unit = quantity_unit(part["valueQuantity"]);
    return unit ? unit->value_or(UnitId()) : UnitId();
}

}  // namespace

void ObservationReader::unread(JsonValue where, Error problem) {
    problem.place = place_ + where.pointer();
    note_unread(out_, std::move(problem));
}

void ObservationReader::read(JsonValue observation, std::string_view place) {
    place_ = place;
    ++count_;
    note_identifier(observation);
    const auto frame = read_frame(observation);
    if (!frame) return unread(observation, frame.error());
    const auto before = out_.readings.size();
    read_values(observation, *frame);
    if (out_.readings.size() == before) return;
    // One message carries one device: the first that readings came from.
    const auto device = device_of(observation);
    if (!device_) device_ = device;
    if (*device_ == device) return;
    out_.readings.resize(before);
    unread(observation,
           {Error::Kind::unsupported, "is of another device: one message carries one device", {}});
}

void ObservationReader::finish() {
    // A bare reference names a resource of some server, not a device of ours.
    if (device_ && device_->has_identifier && device_->name != context_.device)
        out_.sub_device = device_->name;
    if (identified_ == count_) out_.payload_identity = identity_;
}

Result<ObservationReader::Frame> ObservationReader::read_frame(JsonValue observation) {
    const auto status_code = observation["status"].string();
    if (status_code == "entered-in-error" || status_code == "cancelled")
        return fail(Error::Kind::unsupported,
                    fmt::format("the Observation is {}: correct the reading by hand", status_code));
    Frame frame;
    frame.status = interpretation_status(observation);
    if (status_code == "preliminary") frame.status |= status::measurement_ongoing;
    if (status_code == "amended" || status_code == "corrected") frame.status |= status::corrected;
    for (const auto label : observation["meta"]["security"])
        if (label["code"].string() == "HTEST") frame.status |= status::test_data;
    for (const auto extension : observation["extension"])
        if (extension["url"].string() == terminology::vigil_channel)
            frame.channel = static_cast<std::uint16_t>(
                extension["valueUnsignedInt"].integer().value_or(0) & 0xFFFF);
    VIGIL_TRY(time, read_effective(observation));
    frame.time = time;
    return frame;
}

Result<Timestamp> ObservationReader::read_date_time(JsonValue value) {
    constexpr std::size_t date_length = 10;
    const auto text = value.string();
    if (text.size() == date_length) {
        VIGIL_TRY(midnight, read_time(std::string(text) + "T00:00:00", context_));
        return midnight.instant;
    }
    const auto time = read_time(text, context_);
    if (!time) return malformed("a time is not as precise as a day, or is none");
    if (time->offset_minutes != 0) out_.offset_minutes = time->offset_minutes;
    return time->instant;
}

Result<std::optional<Timestamp>> ObservationReader::read_effective(JsonValue observation) {
    const auto period = observation["effectivePeriod"];
    for (const auto value : {observation["effectiveDateTime"], observation["effectiveInstant"],
                             period["start"], period["end"]})
        if (value) {
            VIGIL_TRY(time, read_date_time(value));
            return std::optional(time);
        }
    if (observation["effectiveTiming"])
        return fail(Error::Kind::unsupported, "effectiveTiming is not read");
    return std::optional<Timestamp>();
}

void ObservationReader::refer_to(JsonValue bundle) {
    for (const auto entry : bundle["entry"]) {
        const auto resource = entry["resource"];
        if (const auto url = entry["fullUrl"].string(); !url.empty())
            referred_.emplace(url, resource);
        referred_.emplace(
            fmt::format("{}/{}", resource["resourceType"].string(), resource["id"].string()),
            resource);
    }
}

// The device by its identifier, said at once or in the Device resource referred to; by the bare
// reference where nothing tells the identifier.
ObservationReader::Device ObservationReader::device_of(JsonValue observation) const {
    const auto device = observation["device"];
    if (const auto name = device["identifier"]["value"].string(); !name.empty())
        return {std::string(name), true};
    const std::string reference(device["reference"].string());
    auto resource = contained(observation, reference);
    if (const auto found = referred_.find(reference); !resource && found != referred_.end())
        resource = found->second;
    const auto identifier = resource["identifier"][std::size_t{0}]["value"].string();
    if (identifier.empty()) return {reference, false};
    return {std::string(identifier), true};
}

// Status and version too: what is amended under its identifier is no resend.
void ObservationReader::note_identifier(JsonValue observation) {
    const auto identifier = observation["identifier"][std::size_t{0}];
    const auto value = identifier["value"].string();
    if (value.empty()) return;
    ++identified_;
    for (const auto text : {identifier["system"].string(), value, observation["status"].string(),
                            observation["meta"]["versionId"].string()})
        identity_ = fingerprint(text, identity_.high ^ identity_.low);
}

void ObservationReader::read_values(JsonValue observation, const Frame& frame) {
    const auto components = observation["component"];
    const bool has_parts = components || observation["hasMember"];
    // A panel's own code needs no metric: its parts have theirs.
    const auto own = read_value(observation, frame);
    if (!own && (!has_parts || own.error().kind != Error::Kind::not_found))
        unread(observation, own.error());
    for (const auto component : components) {
        if (has_code(component, supplemental_types)) continue;
        Frame part = frame;
        part.status |= interpretation_status(component);
        if (const auto done = read_value(component, part); !done) unread(component, done.error());
    }
}

Result<void> ObservationReader::read_value(JsonValue part, const Frame& frame) {
    const auto sampled = part["valueSampledData"];
    const bool has_value = sampled || part["dataAbsentReason"] || has_value_x(part);
    if (!has_value)
        return fail(Error::Kind::not_found, "has neither a value nor a reason why it is absent");
    VIGIL_TRY(metric, metric_of(part));
    if (sampled) return read_waveforms(*metric, sampled, frame);
    VIGIL_TRY(content, read_value_x(*metric, part));
    if (content) add(*metric, frame).value = std::move(*content);
    return {};
}

// The catalogue's own key is exact; IEEE 11073 is finer than LOINC for devices.
Result<const Metric*> ObservationReader::metric_of(JsonValue part) const {
    const Metric* by_mdc = nullptr;
    const Metric* by_loinc = nullptr;
    for (const auto coding : part["code"]["coding"]) {
        const auto system = coding["system"].string();
        const auto code = coding["code"].string();
        if (system == terminology::mdc || system == terminology::mdc_oid) {
            std::uint32_t number = 0;
            const auto read = std::from_chars(code.data(), code.data() + code.size(), number);
            if (read.ec != std::errc() || read.ptr != code.data() + code.size()) continue;
            if (by_mdc == nullptr) by_mdc = context_.catalogue.find_mdc(number, unit_hint(part));
        } else if (system == terminology::loinc || system == terminology::loinc_oid) {
            if (by_loinc == nullptr) by_loinc = context_.catalogue.find_loinc(code);
        } else if (system == terminology::vigil_metric) {
            if (const auto* metric = context_.catalogue.find(code)) return metric;
        }
    }
    if (by_mdc != nullptr) return by_mdc;
    if (by_loinc != nullptr) return by_loinc;
    const auto first = part["code"]["coding"][std::size_t{0}];
    return fail(
        Error::Kind::unsupported,
        fmt::format("no metric has the code {}|{}: map it, or add a site metric",
                    first["system"].string().substr(0, 64), first["code"].string().substr(0, 64)));
}

Result<void> ObservationReader::read_waveforms(const Metric& metric, JsonValue sampled,
                                               const Frame& frame) {
    VIGIL_TRY(unit, unit_for(metric, sampled["origin"]));
    VIGIL_TRY(data, read_sampled_data(sampled));
    for (std::size_t dimension = 0; dimension < data.dimensions.size(); ++dimension) {
        auto& reading = add(metric, frame);
        reading.channel = static_cast<std::uint16_t>(frame.channel + dimension);
        if (data.has_limits) reading.status |= status::questionable;
        auto& block = data.dimensions[dimension];
        block.unit = unit;
        reading.value = std::move(block);
    }
    return {};
}

Reading& ObservationReader::add(const Metric& metric, const Frame& frame) {
    auto& reading = out_.readings.emplace_back();
    reading.metric = metric.id;
    reading.channel = frame.channel;
    reading.status = frame.status;
    reading.device_time = frame.time;
    return reading;
}

}  // namespace vigil::codec::fhirjson
