#pragma once
// MQTT 5.0 4.1: what the server knows of a client beyond one connection.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "broker/message.hpp"
#include "broker/ring.hpp"
#include "broker/session_entry.hpp"
#include "store/log.hpp"

namespace vigil::broker {

class MqttSession;

constexpr std::uint32_t never_expires = 0xFFFF'FFFF;  // Session Expiry Interval

struct QueuedMessage {
    MessagePointer message;    // nothing: its body has to be read back from the log
    std::uint64_t offset = 0;  // of its entry in the log; 0: it has none
    std::uint32_t size = 0;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint32_t share = 0;  // share_of() the shared subscription it is for; 0: none
    std::optional<Timestamp> expires;
    std::vector<std::uint32_t> subscription_identifiers;
    bool is_judged = false;  // that they may have it: when it came, in this process
};

SessionEntry queued_record(SessionNumber session, const QueuedMessage& message);

// One QoS 1 or 2 message that has its packet identifier.
struct InFlight {
    enum class Stage : std::uint8_t {
        recording,  // the identifier is on its way to the log
        ready,      // PUBLISH may be sent
        sent,
        releasing,      // PUBREC came, and is on its way to the log
        release_ready,  // PUBREL may be sent
        released
    };
    std::uint16_t packet = 0;
    std::uint64_t serial = 0;  // SessionState::assigned when it got its identifier
    Stage stage = Stage::recording;
    bool duplicate = false;         // it was sent before, on another connection
    store::Ticket recorded_by = 0;  // while recording or releasing
    QueuedMessage queued;
};

// A QoS 2 PUBLISH of the client whose PUBREL has not come.
struct ReceivedPacket {
    std::uint16_t packet = 0;
    bool durable = false;
};

// Names the exchange that a packet identifier stands for at the moment, so that a resend is known
// for one after a restart too: the base is the session's for ever, the rest counts.
class Exchanges {
public:
    explicit Exchanges(std::uint64_t base) : base_(base) {}

    // DUP says: the client believes that it has sent this before.
    Fingerprint next(std::uint16_t packet, bool duplicate, bool remember);
    // An entry with this identity stands in the log.
    void recall(const Fingerprint& identity);
    std::uint64_t base() const { return base_; }
    // For a snapshot: the numbers themselves.
    std::vector<std::uint64_t> remembered() const;
    void remember(std::uint64_t exchange);

private:
    static constexpr std::size_t remembered_max = 256;
    Fingerprint name(std::uint64_t exchange) const;

    std::uint64_t base_;
    std::uint64_t count_ = 0;
    std::vector<std::uint64_t> last_;  // by packet modulo remembered_max: count << 16 | packet
};

// A client identifier belongs to who uses it: two principals with the same one have two sessions,
// so nobody can take over, read or end another's by naming it.
std::string session_key(const Principal& principal, std::string_view client_identifier);

// What waits for clients, in queues and in flight.
struct WaitingMessages {
    std::size_t messages = 0, bytes = 0;  // bytes: of topics, properties and payloads
};

struct SessionState {
    // `waiting_of_all` counts what all sessions hold, and outlives them.
    SessionState(SessionNumber session_number, std::uint64_t exchange_base,
                 WaitingMessages& waiting_of_all)
        : number(session_number), exchanges(exchange_base), of_all_(waiting_of_all) {}
    ~SessionState();
    SessionState(const SessionState&) = delete;
    SessionState& operator=(const SessionState&) = delete;

    const SessionNumber number;
    std::string key;  // principal and client identifier: what makes it the same session
    Principal principal;
    std::string client_identifier;
    std::uint32_t expiry_s = 0;
    bool recorded = false;     // it stands in the log, and so do its changes
    bool record_lost = false;  // a commit failed: record it anew when the client comes back
    bool open = false;         // a client is connected, or was when the former run ended
    MqttSession* connection = nullptr;

    std::map<std::string, StoredSubscription, std::less<>> subscriptions;
    Ring<QueuedMessage> queue;  // not yet given a packet identifier
    std::size_t queue_bytes = 0;
    Ring<InFlight> in_flight;  // in the order of sending
    WaitingMessages waiting;   // both
    std::vector<ReceivedPacket> received;
    Exchanges exchanges;
    std::uint16_t last_packet = 0;
    std::uint64_t assigned = 0;  // how many identifiers have been passed, used or not
    std::vector<std::uint64_t> backlog_wanted;  // asked of the log, not answered yet

    std::optional<StoredWill> will;
    std::optional<Timestamp> will_due;
    std::optional<Timestamp> expires;  // while nobody is connected

    bool outlives_connection() const { return expiry_s > 0; }

    void push(QueuedMessage message);
    QueuedMessage pop();  // it waits no longer
    // Those for which `goes` is true wait no longer.
    template <class Goes>
    void drop_queued_if(Goes goes) {
        queue.erase_if([&](QueuedMessage& one) {
            if (!goes(one)) return false;
            queue_bytes -= one.size;
            waits_no_longer(one);
            return true;
        });
    }
    template <class Goes>
    void drop_in_flight_if(Goes goes) {
        in_flight.erase_if([&](InFlight& one) {
            if (!goes(one)) return false;
            waits_no_longer(one.queued);
            return true;
        });
    }
    // Gives the queue's message the next identifier that is not in use; in_flight is far below
    // 65,535.
    InFlight next_in_flight();
    InFlight* find_in_flight(std::uint16_t packet);
    ReceivedPacket* find_received(std::uint16_t packet);
    // A new connection: what was sent on the old one is to be sent again (4.4).
    void resume();
    // Without a connection, bodies that the log holds need no memory.
    void release_bodies();

    // Replay: the queue's message at `offset` has this packet identifier.
    void assign(std::uint16_t packet, std::uint64_t offset);
    void acknowledge(std::uint16_t packet);
    // The commit that was to make identifiers durable failed.
    void take_back_unrecorded();

private:
    QueuedMessage take_first();
    void waits_no_longer(const QueuedMessage& message);

    WaitingMessages& of_all_;
};

}  // namespace vigil::broker
