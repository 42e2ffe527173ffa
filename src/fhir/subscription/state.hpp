#pragma once
// How far one subscription is: what happened for it, what of that it has been told, and what is
// kept of it over a restart.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/subscription/interests.hpp"
#include "fhir/subscription/notification.hpp"
#include "store/access.hpp"

namespace vigil::fhir {

// In whose name it is told: who wrote it last, by the numbers that identity/ gave them.
struct SubscriptionOwner {
    std::uint32_t account = 0, token = 0;  // token 0: signed in with a password
    std::uint64_t version = 0;             // of the resource that they wrote
    auto operator<=>(const SubscriptionOwner&) const = default;
};

// What one may read that goes on for long, to be looked at again.
struct SubscriptionAccess {
    SubscriptionOwner owner;
    std::string id;
    std::optional<PatientId> subject;  // the only one that it asks about
    std::optional<store::Access> access;
};

struct SubscriptionState {
    // Not yet allowed or not yet there · the first notification is on its way · told of events ·
    // ended (off), or given up (error).
    enum class Phase : std::uint8_t { waiting, handshake, active, over };

    SubscriptionNumber number = 0;
    Subscription subscription;
    std::uint64_t version = 0;  // of the resource
    Phase phase = Phase::waiting;
    std::optional<SubscriptionOwner> owner;
    bool asked = false;  // whether they may
    std::optional<store::Access> access;
    std::string error;

    std::uint64_t events = 0;                  // the number of the last
    std::deque<SubscriptionEvent> kept;        // the last of them, in order
    std::uint64_t durable = 0, delivered = 0;  // numbers up to which
    Timestamp since{};                         // only what was written later is for it
    bool changed = false;                      // since it was last kept
    bool told = false;                         // more of it since then; kept by and by

    bool in_flight = false;
    std::uint64_t turn = 0;  // answers to what was sent in an earlier one mean nothing any more
    unsigned failures = 0;   // in a row
    Timestamp due{}, last_sent{};

    static constexpr std::size_t pending_max = 1000;  // not told yet; the oldest are let go
    static constexpr std::size_t told_kept_max = 50;  // told already, for $events

    std::string_view status() const;
    void add(SubscriptionEvent event);
    void told_up_to(std::uint64_t event);
    // From `first` to `last`, as far as they are kept.
    std::vector<SubscriptionEvent> between(std::uint64_t first, std::uint64_t last) const;
    // Back to before its first event.
    void begin_anew();

private:
    void forget();
};

// What is kept: owner, numbers and events.
std::string encode(const SubscriptionState& state);
bool decode(std::string_view body, SubscriptionState& out);

}  // namespace vigil::fhir
