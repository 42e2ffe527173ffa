#pragma once
// Where decisions of people become entries: an act is appended, and takes effect once it is
// committed. On the loop's thread.

#include <deque>
#include <functional>

#include "base/result.hpp"
#include "identity/registry.hpp"
#include "store/log.hpp"

namespace vigil::collect {

class ActDesk {
public:
    // Told what each act changed, in log order, live and on replay.
    using Took = std::function<void(const identity::Act&, const identity::Applied&, Position)>;

    ActDesk(identity::Registry& registry, store::Log& log, Took took)
        : registry_(registry), log_(log), took_(std::move(took)) {}

    // `done` is called once the act is durable and in force, or could not be.
    using Done = std::function<void(Result<identity::Applied>)>;
    void give(identity::Act act, Done done);

    void on_commit(const store::Commit& commit);
    // What of the past its act moves: seen to by whoever replays (live, by whoever gave the act).
    std::vector<store::Refile> replay(const store::Entry& entry);

private:
    struct Pending {
        store::Ticket ticket;
        identity::Act act;
        Done done;
    };
    identity::Registry& registry_;
    store::Log& log_;
    Took took_;
    std::deque<Pending> pending_;
};

}  // namespace vigil::collect
