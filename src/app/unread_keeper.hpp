#pragma once
// Moves what could not be read from the log to the quarantine of vigil.db.

#include <functional>
#include <string_view>
#include <vector>

#include "store/quarantine.hpp"

namespace vigil::app {

inline constexpr std::string_view quarantine_consumer = "quarantine";

// On the loop's thread. What vigil.db could not take is kept and tried again: until it is there,
// its entries do not count as passed, and a start finds them in the log.
class UnreadKeeper {
public:
    UnreadKeeper(store::Quarantine& quarantine, std::function<void(std::function<void()>)> on_loop)
        : quarantine_(quarantine), on_loop_(std::move(on_loop)) {}

    // vigil.db has come this far already.
    void begin(Position kept_up_to) { seen_up_to_ = kept_up_to_ = kept_up_to; }
    // In the log's order.
    void hold(store::Quarantine::Held unread) { waiting_.push_back(std::move(unread)); }
    // All up to here has been held.
    void seen(Position up_to);
    // Sends what waits on its way.
    void flush();

    Position kept_up_to() const { return kept_up_to_; }
    bool settled() const { return on_way_.empty(); }

private:
    void written(Position up_to, const Result<void>& result);

    store::Quarantine& quarantine_;
    std::function<void(std::function<void()>)> on_loop_;
    std::vector<store::Quarantine::Held> waiting_;
    std::vector<store::Quarantine::Held> on_way_;  // one transaction at a time
    Position seen_up_to_, kept_up_to_;
    bool failing_ = false;
};

}  // namespace vigil::app
