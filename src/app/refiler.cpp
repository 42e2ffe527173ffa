#include "app/refiler.hpp"

#include <utility>

namespace vigil::app {

void Refiler::refile(const store::Refile& refile, Done done) {
    waiting_.push_back({refile, std::move(done)});
    if (waiting_.size() == 1) return start();
    if (!stuck_) return;
    // What stands before it could not be moved: it is that disk's turn.
    std::exchange(waiting_.back().done, nullptr)(
        fail(Error::Kind::busy, "readings kept before are moved once the disk lets them"));
}

void Refiler::retry() {
    if (std::exchange(stuck_, false)) start();
}

void Refiler::start() {
    series_.refile(waiting_.front().refile, [this](Result<std::uint64_t> moved) {
        on_loop_([this, moved = std::move(moved)] { finished(moved); });
    });
}

void Refiler::finished(const Result<std::uint64_t>& moved) {
    stuck_ = !moved;
    const auto tell = [&](Waiting& waiting) {
        if (const auto done = std::exchange(waiting.done, nullptr)) done(moved);
    };
    if (!moved) {
        for (auto& waiting : waiting_) tell(waiting);
        return;
    }
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    if (!waiting_.empty()) start();
    tell(first);
}

}  // namespace vigil::app
