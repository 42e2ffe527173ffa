#pragma once
// The MQTT server behind the connections: sessions, routing, retained messages and wills, and the
// promise that an acknowledgement leaves only after the commit that holds its message.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "broker/backlog.hpp"
#include "broker/inbound.hpp"
#include "broker/limits.hpp"
#include "broker/message.hpp"
#include "broker/outgoing.hpp"
#include "broker/retained.hpp"
#include "broker/session_state.hpp"
#include "broker/subscriptions.hpp"
#include "codec/mqtt/packet.hpp"
#include "session/session.hpp"
#include "store/log.hpp"

namespace vigil::broker {

class MqttSession;

struct BrokerStatistics {
    std::uint64_t connects_accepted = 0, connects_refused = 0;
    std::uint64_t published = 0;          // PUBLISH taken from clients
    std::uint64_t publish_refused = 0;    // not authorised, or over a bound
    std::uint64_t delivered = 0;          // PUBLISH sent to clients
    std::uint64_t dropped_withheld = 0;   // by a patient, since it was queued
    std::uint64_t dropped_expired = 0;    // Message Expiry Interval passed
    std::uint64_t dropped_too_large = 0;  // over the client's Maximum Packet Size
    // Sessions ended with 0x97: over their own bound; as those that held most, when all queues were
    // over theirs; connected, but before the oldest entry that the log's bound in bytes allows.
    std::uint64_t sessions_over_queue = 0, sessions_over_all_queues = 0, sessions_overtaken = 0;
    std::uint64_t lost = 0;       // messages of sessions that ended with a queue, and the next
    std::uint64_t overtaken = 0;  // of clients that are away, taken by the log's bound in bytes
};

// Messages that a session never got, because it ended or the log could not keep them: shown to
// people.
struct DeliveryGap {
    Timestamp time;
    std::string principal, client_identifier;
    std::uint64_t messages = 0;
    Position first, last;
};

// Everything on the loop's thread. Start: restore() if there is a snapshot, replay() every entry
// after its position, then start(). It must outlive the sessions it made.
class Broker {
public:
    Broker(store::Log& log, Gatekeeper& gatekeeper, Inbound& inbound, Backlog& backlog,
           const BrokerLimits& limits = {});
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    std::unique_ptr<session::ByteSession> connect(session::Peer peer);

    // Every commit of the log, in order, whoever appended.
    void on_commit(const store::Commit& commit);
    void on_backlog(SessionNumber session, const std::vector<BacklogEntry>& entries);
    // Once a second or so: wills and sessions whose time has come.
    void on_timer(Timestamp now);

    Result<void> replay(const store::Entry& entry);
    // The connections of the former run are gone: their wills and expiry count from now.
    void start(Timestamp now);
    // The state after the last commit, with its position; restored it wants the entries after that.
    std::string snapshot() const;
    Result<void> restore(std::string_view snapshot);
    Position applied() const { return applied_; }
    // Entries before it are of no use to any queue; offset 0: nothing is waiting.
    Position needed_from() const;
    // Sessions that need entries before this one, in the order of their numbers.
    std::vector<SessionNumber> behind(Position before) const;
    // The log is to keep nothing before `before`, so these sessions lose what they would read
    // there: ended with 0x97 if the client is connected; otherwise the messages go, once that is
    // committed.
    void let_go(const std::vector<SessionNumber>& sessions, Position before, Timestamp now);

    // A message of the server's own to those who are connected and subscribe to `topic`, at QoS 1
    // and neither retained nor kept; to how many it went.
    std::size_t tell(std::string_view topic, std::string_view content_type,
                     std::string_view payload, std::uint32_t lifetime_s, Timestamp now);
    bool is_heard(std::string_view topic);  // somebody who is connected would get it

    // Closes the connections of one principal, whose rights have changed or ended.
    void disconnect(Principal::Kind kind, std::string_view id, mqtt::ReasonCode reason);

    const BrokerStatistics& statistics() const { return statistics_; }
    const std::deque<DeliveryGap>& gaps() const { return gaps_; }  // the newest, bounded
    std::size_t connections() const { return connected_; }
    std::size_t sessions() const { return sessions_.size(); }
    const WaitingMessages& waiting() const { return waiting_; }  // for all clients
    std::size_t retained_messages() const { return retained_.count(); }
    const BrokerLimits& limits() const { return limits_; }

private:
    friend class MqttSession;

    // A place in the table of connections; the generation tells its occupants apart.
    struct ConnectionReference {
        std::uint32_t index = 0, generation = 0;
    };
    struct ConnectionSlot {
        MqttSession* session = nullptr;
        std::uint32_t generation = 1;
    };

    struct RetainedWanted {
        std::string filter;
        std::uint8_t qos = 0;
        std::uint32_t identifier = 0;
    };
    // SUBACK or UNSUBACK; a PUBACK or PUBREC that says why.
    struct Answer {
        std::string packet;  // encoded
        std::vector<RetainedWanted> retained;
    };
    // What waits for a commit. Tickets complete in order, so this is a queue.
    struct Pending {
        enum class Kind : std::uint8_t {
            publish,        // deliver; PUBACK or PUBREC
            complete,       // PUBREL was recorded: PUBCOMP
            sending,        // packet identifiers were recorded: PUBLISH
            releasing,      // PUBREC was recorded: PUBREL
            filter_answer,  // SUBACK, UNSUBACK, retained messages
            overtaking,     // it was recorded that messages before `before` are lost
        };
        store::Ticket ticket = 0;
        Kind kind = Kind::publish;
        std::uint8_t qos = 0;  // of the PUBLISH to acknowledge
        mqtt::ReasonCode reason = mqtt::ReasonCode::success;
        std::uint16_t packet = 0;
        ConnectionReference connection;
        SessionNumber session = 0;
        std::uint64_t before = 0;    // an offset of the log
        Counted<Outgoing> outgoing;  // with an entry, the ticket is its own
        std::unique_ptr<Answer> answer;
    };

    // broker.cpp
    MqttSession* at(ConnectionReference reference) const;
    ConnectionReference add_connection(MqttSession& session);
    void remove_connection(ConnectionReference reference);
    // Performs it once everything appended before has been committed.
    void wait(Pending pending, Timestamp now);
    void drain(const store::Commit* commit, Timestamp now);
    void perform(Pending& pending, const store::Commit* commit, Timestamp now);
    void published(Pending& pending, const store::Commit* commit, Timestamp now);
    static void recorded(SessionState& state, const Pending& pending);
    void commit_failed(const store::Commit& commit, Timestamp now);
    store::Ticket record(const SessionEntry& entry);
    void resume_slowed();
    bool log_is_behind() const { return log_.pending_bytes() > limits_.pending_log_bytes_max; }

    // broker_sessions.cpp
    struct SessionRequest {
        Principal principal;
        std::string client_identifier;
        bool clean_start = true;
        std::uint32_t expiry_s = 0;
        std::optional<StoredWill> will;
    };
    struct OpenedSession {
        SessionState* state = nullptr;  // nothing: there are too many sessions
        bool present = false;
    };
    OpenedSession open_session(SessionRequest request, MqttSession& connection, Timestamp now);
    std::string unused_client_identifier(const Principal& principal, Timestamp now);
    void close_session(SessionState& state, bool will_owed, Timestamp now);
    void end_session(SessionState& state, mqtt::ReasonCode reason, Timestamp now);
    void forget_session(SessionNumber number);
    void publish_will(SessionState& state, Timestamp now);
    SessionState* find(SessionNumber number) const;
    SessionState& create(SessionNumber number, std::uint64_t exchange_base, std::string key);
    void schedule(const SessionState& state, Timestamp time);

    // broker_routing.cpp
    struct Incoming {
        const mqtt::Publish& packet;  // with its topic, not an alias
        SessionState& publisher;
        const Matches& matches;
        Timestamp received;
        Fingerprint exchange;
        bool refusable = true;  // its sender reads reason codes
        bool is_will = false;
    };
    struct Taken {
        store::Ticket ticket = 0;
        mqtt::ReasonCode reason = mqtt::ReasonCode::success;
        bool kept = true;  // false: nothing was stored, and nobody gets it
        std::string why;   // of an error
        Counted<Outgoing> outgoing;
    };
    Taken take(const Incoming& incoming);
    bool may_retain(std::string_view topic, std::size_t bytes) const;
    bool may_receive(SessionNumber session, std::span<const PatientId> patients);
    bool may_still_receive(const SessionState& state, const QueuedMessage& message);
    void route(const Incoming& incoming, std::span<const PatientId> patients,
               std::vector<Delivery>& out);
    const Subscriber* choose(ShareGroup& group, std::span<const PatientId> patients);
    bool wants_entry(const Delivery& delivery) const;
    void say_deliveries(const std::vector<Delivery>& deliveries, MessageEntry& entry) const;
    bool has_room(const SessionState& state, std::size_t bytes) const;
    bool all_have_room(std::size_t bytes) const;
    void deliver(const Counted<Outgoing>& outgoing, Timestamp now);
    void queue(SessionState& state, QueuedMessage message, Timestamp now);
    void queue_retained(SessionState& state, const RetainedWanted& wanted, Timestamp now);
    void hand_on(SessionState& ended, Timestamp now);
    bool hand_on(const QueuedMessage& message, ShareGroup& group, Timestamp now);
    void subscribe(SessionState& state, const StoredSubscription& subscription);
    bool unsubscribe(SessionState& state, std::string_view filter);
    void ask_backlog(SessionState& state);

    // broker_bounds.cpp
    struct LostMessages {
        std::uint64_t count = 0, first = 0, last = 0;  // offsets; 0: it was not in the log
        void add(const QueuedMessage& message);
    };
    void note_gap(const SessionState& state, const LostMessages& lost, Timestamp now);
    // Only where nothing else is under way: it ends sessions.
    void keep_all_queues_bounded(Timestamp now);
    std::uint64_t needed_from(const QueuedMessage& message) const;
    std::uint64_t needed_from(const SessionState& state) const;
    void overtake(SessionState& state, std::uint64_t before, Timestamp now);

    // broker_replay.cpp
    void apply(Position position, const DecodedMessageEntry& decoded);
    void apply(const Opened& entry);
    void apply(const Subscribed& entry);
    void apply(const Unsubscribed& entry);
    void apply(const Sending& entry);
    void apply(const Acknowledged& entry);
    void apply(const Released& entry);
    void apply(const Received& entry);
    void apply(const Completed& entry);
    void apply(const Disconnected& entry);
    void apply(const Ended& entry);
    void apply(const Queued& entry, std::uint32_t share = 0);
    void apply(const QueuedShared& entry) { apply(entry, entry.share); }
    void apply(const Exchanged& entry);
    void apply(const Overtaken& entry);
    void recall_exchange(const Fingerprint& identity);

    store::Log& log_;
    Gatekeeper& gatekeeper_;
    Inbound& inbound_;
    Backlog& backlog_;
    const BrokerLimits limits_;
    OutgoingPool outgoing_;  // before whatever holds messages

    std::vector<ConnectionSlot> connections_;
    std::vector<std::uint32_t> free_slots_;
    std::size_t connected_ = 0;
    std::vector<ConnectionReference> slowed_;  // publishers that wait for the log

    WaitingMessages waiting_;  // before the sessions, which count in it
    std::unordered_map<SessionNumber, std::unique_ptr<SessionState>> sessions_;
    std::unordered_map<std::string, SessionNumber> by_key_;
    std::unordered_map<std::uint64_t, SessionNumber> by_exchange_base_;
    std::multimap<Timestamp, SessionNumber> deadlines_;
    SessionNumber last_session_ = 0;

    Subscriptions subscriptions_;
    Retained retained_;
    Ring<Pending, 4096> pending_;
    bool draining_ = false;
    store::Ticket completed_ticket_ = 0;
    Position applied_;
    std::uint64_t let_go_before_ = 0;  // entries before it are of use to nobody any more
    Timestamp newest_time_;            // that came with a commit or the timer
    // Used anew for each message.
    std::string scratch_;
    std::vector<Delivery> routed_;
    MessageEntry entry_;
    BrokerStatistics statistics_;
    std::deque<DeliveryGap> gaps_;
};

}  // namespace vigil::broker
