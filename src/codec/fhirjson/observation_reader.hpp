#pragma once
// One Observation into readings; observations.cpp finds the Observations.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::fhirjson {

class ObservationReader {
public:
    ObservationReader(const DecodeContext& context, DecodedMessage& out)
        : context_(context), out_(out) {}
    // References from now on may lead to the resources of this Bundle.
    void refer_to(JsonValue bundle);

    // `place` stands before every pointer into this document: "" or "line 3 ".
    void read(JsonValue observation, std::string_view place = {});

    std::size_t count() const { return count_; }
    // Names the message's device, and its identity if each Observation has an identifier.
    void finish();

private:
    // What an Observation says of all its values.
    struct Frame {
        std::optional<Timestamp> time;
        std::uint32_t status = 0;
        std::uint16_t channel = 0;
    };

    void unread(JsonValue where, Error problem);
    Result<Frame> read_frame(JsonValue observation);
    Result<std::optional<Timestamp>> read_effective(JsonValue observation);
    Result<Timestamp> read_date_time(JsonValue value);
    struct Device {
        std::string name;  // its identifier, else the reference to it, else nothing
        bool has_identifier = false;
        bool operator==(const Device&) const = default;
    };
    Device device_of(JsonValue observation) const;
    void note_identifier(JsonValue observation);
    void read_values(JsonValue observation, const Frame& frame);
    // Adds what `part`, an Observation or one of its components, has as value or absent reason.
    Result<void> read_value(JsonValue part, const Frame& frame);
    Result<const Metric*> metric_of(JsonValue part) const;
    Result<void> read_waveforms(const Metric& metric, JsonValue sampled, const Frame& frame);
    Reading& add(const Metric& metric, const Frame& frame);

    const DecodeContext& context_;
    DecodedMessage& out_;
    std::string place_;
    std::unordered_map<std::string, JsonValue> referred_;  // by fullUrl and by type/id
    std::optional<Device> device_;                         // of the first reading
    std::size_t count_ = 0, identified_ = 0;
    Fingerprint identity_;
};

}  // namespace vigil::codec::fhirjson
