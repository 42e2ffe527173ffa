#pragma once
// Moves readings of the past to whom they now belong, in the order of the acts that said so.

#include <cstdint>
#include <deque>
#include <functional>

#include "store/series.hpp"

namespace vigil::app {

// On the loop's thread, one at a time. What the store could not move stays first in line and is
// tried again: until it has moved the registry's snapshot must not pass its act, so that a start
// finds it.
class Refiler {
public:
    using Done = store::DoneWith<std::uint64_t>;

    Refiler(store::SeriesStore& series, std::function<void(std::function<void()>)> on_loop)
        : series_(series), on_loop_(std::move(on_loop)) {}

    // `done` is told how many readings have moved, or that they will later.
    void refile(const store::Refile& refile, Done done);
    void retry();
    bool settled() const { return waiting_.empty(); }

private:
    struct Waiting {
        store::Refile refile;
        Done done;  // empty: has been told
    };
    void start();
    void finished(const Result<std::uint64_t>& moved);

    store::SeriesStore& series_;
    std::function<void(std::function<void()>)> on_loop_;
    std::deque<Waiting> waiting_;  // the first is on its way, unless `stuck_`
    bool stuck_ = false;
};

}  // namespace vigil::app
