#pragma once
// What the broker asks of the rooms below it: who a client is and may do, and who takes readings.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "session/session.hpp"
#include "store/log.hpp"

namespace vigil::broker {

struct Principal {
    enum class Kind : std::uint8_t { device, account };
    Kind kind = Kind::device;
    std::string id;     // the device's external id, or the account's user name
    DeviceId device;    // of a device
    AccountId account;  // of an account
};

struct Credentials {
    std::string client_identifier;
    std::optional<std::string> user_name;
    std::optional<std::string> password;
    session::Peer peer;
    std::uint8_t protocol_version = 5;  // 4 is MQTT 3.1.1
};

class Gatekeeper {
public:
    virtual ~Gatekeeper() = default;
    // Answers once, on the loop's thread, at once or later (passwords are hashed elsewhere). An
    // error of kind `forbidden` is a wrong credential (0x86), `busy` is 0x97, anything else 0x88.
    // Every refusal is counted and audited by the gatekeeper.
    virtual void authenticate(Credentials credentials,
                              std::function<void(Result<Principal>)> answer) = 0;
    // Decisions may be remembered for a session until `generation` changes.
    virtual bool may_publish(const Principal& principal, std::string_view topic) = 0;
    virtual bool may_subscribe(const Principal& principal, std::string_view topic_filter) = 0;
    virtual std::uint64_t generation() const = 0;
    // Whether a message about these patients is for them. Asked for each message: what patients
    // agree to changes at any time.
    virtual bool may_receive(const Principal& principal, std::span<const PatientId> patients) = 0;
};

// A PUBLISH that its sender was allowed to make.
struct Published {
    const Principal& sender;
    std::string_view topic, payload;
    std::string_view content_type;  // MQTT 5 Content Type; empty: none
    std::uint8_t qos = 0;
    bool duplicate = false;  // DUP
    bool retain = false;
    // Of (MQTT session, packet identifier): the same while one QoS 1 or 2 exchange is open. Zero at
    // QoS 0.
    Fingerprint exchange;
    Timestamp received;
};

struct Accepted {
    store::Ticket ticket = 0;      // the acknowledgement waits for this to be durable
    std::uint8_t reason_code = 0;  // MQTT 5 PUBACK/PUBREC reason once it is
    // Of the entry, appended by this call, that holds topic and payload whole; 0: there is none (a
    // resend of what was stored before).
    store::Ticket carrier = 0;
    std::span<const PatientId> patients = {};  // whose readings it holds; until the next call
    bool kept = true;         // false: nothing was stored, the publisher is to be told so
    std::string reason = {};  // of an error, for the people who make the device; may be empty
};

// What an entry says of the message it was made of. The texts are views of the entry's body.
struct KeptMessage {
    std::string_view topic, payload;
};

class Inbound {
public:
    virtual ~Inbound() = default;
    // Takes readings: appends what it makes of them (`batch` or `unread` entries, whose body holds
    // topic and payload) to the log. Nothing: the topic carries no readings, the message is the
    // broker's own to keep as a `message` entry.
    virtual std::optional<Accepted> publish(const Published& message) = 0;
    // The message that a carrier was made of; nothing: its raw form is no longer kept. From any
    // thread.
    virtual std::optional<KeptMessage> kept(const store::Entry& entry) const = 0;
    // Whom a message that came on that topic at some time may be about.
    virtual std::vector<PatientId> patients_of(std::string_view topic) const = 0;
    // A device's conversation began or ended: for its clock, and for the screens.
    virtual void connected(const Principal& principal, Timestamp now) = 0;
    virtual void disconnected(const Principal& principal, Timestamp now) = 0;
};

}  // namespace vigil::broker
