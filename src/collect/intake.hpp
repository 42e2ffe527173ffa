#pragma once
// decode → identify → normalise → file → log: the way of every device message
// (docs/architecture.md). On the loop's thread; pure but for the log it appends to.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.hpp"
#include "base/result.hpp"
#include "broker/inbound.hpp"
#include "collect/device_state.hpp"
#include "collect/filed_message.hpp"
#include "collect/payload.hpp"
#include "collect/unread.hpp"
#include "identity/registry.hpp"
#include "metric/catalogue.hpp"
#include "store/log.hpp"

namespace vigil::collect {

struct IntakeRules {
    ClockRules clock;
    // A reading filed longer ago than this is late: kept, but no alarm is made of it.
    Nanoseconds late_after = std::chrono::seconds(30);
    std::uint32_t open_unread_per_sender_max = 10'000;
};

// What a device measured, as the record of FHIR holds it already.
struct RecordedReadings {
    DeviceId device;
    Timestamp received;
    std::string_view source;  // "fhir/Observation/12/_history/1"
    std::string_view raw;     // the resource, as it was written
    Fingerprint identity;
    std::optional<std::int16_t> offset_minutes;  // that its times are written with
    std::vector<FiledReading> readings;          // at least one, all of one patient
    // Of the first: where it is marked `corrected`, that of the reading whose place it takes.
    std::uint32_t first_sequence = 0;
};

struct IntakeCounts {
    std::uint64_t messages = 0, readings = 0, samples = 0, bytes = 0;
    std::uint64_t unread = 0, resent = 0, over_quota = 0;
};

class Intake : public broker::Inbound {
public:
    // Whom it tells, in log order.
    struct Audience {
        // A message that the log has, or could not keep (position 0).
        std::function<void(const FiledMessage&)> arrived;
        // An `unread` entry that the log has, by its body, and whom the device was on.
        std::function<void(Position, PatientId, const std::string& body)> unread;
        // A device came or went, or its battery was heard of.
        std::function<void(DeviceId)> device_changed;
    };

    Intake(const Catalogue& catalogue, const identity::Registry& registry, store::Log& log,
           IntakeRules rules, Audience audience);

    std::optional<broker::Accepted> publish(const broker::Published& message) override;
    std::vector<PatientId> patients_of(std::string_view topic) const override;
    std::optional<broker::KeptMessage> kept(const store::Entry& entry) const override;
    void connected(const broker::Principal& principal, Timestamp now) override;
    void disconnected(const broker::Principal& principal, Timestamp now) override;

    // To be called for every commit, after the acts in it have taken effect and before anything
    // that lets an acknowledgement leave.
    void on_commit(const store::Commit& commit);

    // Learns from the log at start which messages were stored already.
    void replay(const store::Entry& entry);

    // Reads an unread message again with what is known now. The number of readings it gave and the
    // ticket that stores them; an error with the reason where it still cannot be read.
    struct Reread {
        store::Ticket ticket = 0;
        std::size_t readings = 0;
    };
    Result<Reread> read_again(const Unread& unread);

    // Files what the record says, where it says. Who sends the same again is for the caller to
    // know. Durable with the ticket.
    store::Ticket file_recorded(RecordedReadings recorded);

    // At start: this device was heard before, and when at least.
    void begin_last_seen(DeviceId device, Timestamp when);
    // At start: how many of this sender's are in quarantine that nobody has decided yet.
    void begin_open_unread(DeviceId sender, std::uint32_t count);
    // A person has replayed or dismissed one of this sender's: room in its quota.
    void unread_decided(std::string_view sender);

    DeviceStates& devices() { return devices_; }
    const IntakeCounts& counts() const { return counts_; }

private:
    // One message on its way: who sent it, whose device measured, and what it says.
    struct Message {
        std::string_view topic, content_type, raw;
        DeviceId sender;
        std::string_view sender_name;
        const identity::Device* device = nullptr;
        Timestamp received;
        Fingerprint identity;
        bool by_gateway() const { return sender != device->id; }
    };
    // A batch on its way to the disk; its readings wait in `pending_readings_`.
    struct Pending {
        store::Ticket ticket = 0;
        Fingerprint identity;
        std::uint64_t registry_generation = 0;
        Timestamp receive_time;
        DeviceId sender, device;
        PatientId patient;
        std::uint32_t first_sequence = 0;
        std::uint32_t readings_bytes = 0;
    };

    Result<void> decode(const PayloadTopic& topic, Message& message);
    const identity::Device* device_named(DeviceId sender, std::string_view name) const;
    Fingerprint identity_of(const Message& message) const;
    void note_patient(PatientId patient);
    store::Ticket file_and_append(const Message& message, bool suspected);
    Timestamp file(const Message& message, const DeviceState& state, const FiledTime& said,
                   Reading& reading, bool suspected);
    store::Ticket append_group(const Message& message, PatientId patient, std::size_t from,
                               std::size_t to, std::uint32_t first_sequence = 0);
    void arrive(const Pending& pending, Position position);
    void note_battery(DeviceId device, DeviceState& state, const Reading& reading,
                      Timestamp filed_time) const;
    broker::Accepted quarantine(const Message& message, std::vector<Error> reasons);

    // intake_clock.cpp
    ClockRules clock_rules(const identity::Device* device) const;
    FiledTime heard(const Message& message);
    FiledTime look_at_clock(const Message& message, DeviceState& state);
    FiledTime placed(const Message& message, const DeviceState& state, const FiledTime& said,
                     const Reading& reading) const;

    const Catalogue& catalogue_;
    const identity::Registry& registry_;
    store::Log& log_;
    IntakeRules rules_;
    Audience audience_;
    MetricId battery_;
    DeviceStates devices_;
    IntakeCounts counts_;
    std::uint64_t sessions_ = 0;  // connections counted, to tell one from another
    store::Ticket last_ticket_ = 0;
    store::Ticket raw_ticket_ = 0;  // of the entry that holds the latest message's raw form
    std::deque<Pending> pending_;
    ByteQueue pending_readings_;  // as `encode_readings` writes them, in the order of `pending_`
    struct PendingUnread {
        store::Ticket ticket = 0;
        PatientId patient;
        std::string body;
    };
    std::deque<PendingUnread> pending_unread_;
    // Reused from message to message.
    codec::PayloadDecoder decoder_;
    DecodedMessage decoded_;
    std::vector<PatientId> patients_;     // of the message at hand
    std::vector<Timestamp> filed_times_;  // of decoded_.readings
    std::vector<FiledReading> arriving_;
    std::string body_;
};

// The message in parts, each under the patient whom the registry now names at its filed times.
void filed_by_patient(const identity::Registry& registry, const FiledMessage& message,
                      const std::function<void(const FiledMessage&)>& visit);

// The MQTT 5 reason of a message that was kept in quarantine, by why it could not be read.
std::uint8_t reason_code(Error::Kind kind);

}  // namespace vigil::collect
