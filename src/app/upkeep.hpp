#pragma once
// Keeps snapshots, makes large chunks of small ones, lets go of what the site keeps no longer
// (docs/guides/retention.md), and looks through the audit each night (docs/guides/audit.md): on a
// thread of its own, one small step after the other, so that neither a commit nor an answer waits
// for it.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "app/config.hpp"
#include "app/data_folder.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "broker/message.hpp"

namespace vigil::app {

class Upkeep {
public:
    // These MQTT sessions still need entries before `before`, where the log is to begin.
    using LetGo = std::function<void(std::vector<broker::SessionNumber>, Position before)>;

    // The folder outlives it. `idle`: how much longer than it worked it rests after each step.
    Upkeep(DataFolder& folder, const Config& config, double idle, LetGo let_go)
        : folder_(folder), config_(config), idle_(idle), let_go_(std::move(let_go)) {}
    ~Upkeep() { stop(); }
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    void start();
    // Asks for a round; while one is under way, for one after it. `taken`: the last entry that the
    // loop has taken.
    void ask(Timestamp now, Position taken);
    void stop();

    // One whole round, on the caller's thread.
    Result<void> round(Timestamp now, Position taken);

private:
    void run();
    // Steps until there is no more, with a rest after each; false once the server stops.
    Result<void> steps(const std::function<Result<bool>()>& step);
    bool rest(Nanoseconds worked);
    Result<void> tidy(Timestamp now, Position taken);
    Result<void> compact(Timestamp now);
    Result<void> forget(Timestamp now);
    Result<void> digest_raw(Timestamp now, Position queued_from);
    Result<void> trim(Timestamp now, Position queued_from);
    Result<void> check_audit(Timestamp now);
    Position consumed() const;

    DataFolder& folder_;
    const Config& config_;
    double idle_;
    LetGo let_go_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool wanted_ = false, stopping_ = false;
    Timestamp now_{};
    Position taken_;
    std::thread thread_;
};

}  // namespace vigil::app
