#include "app/simulated_device.hpp"

#include <algorithm>

namespace vigil::app {
namespace {

// Further behind the wall clock than this, what is said is stored data.
constexpr Nanoseconds late_after = std::chrono::seconds(20);
// While somebody listens it says no more than it can send; while nobody does, what a device's own
// memory would hold.
constexpr std::size_t said_ahead_max = 1'024;
constexpr std::size_t kept_max = 20'000;

}  // namespace

Timestamp Pace::due(Timestamp now) const {
    auto due = now;
    if (speed > 0) {
        const auto played = static_cast<double>((now - began).count()) * speed;
        due = std::min(due, from + Nanoseconds(static_cast<std::int64_t>(played)));
    }
    return to ? std::min(due, *to) : due;
}

std::vector<simulate::Publication> SimulatedDevice::greeting(Timestamp now) const {
    std::vector<simulate::Publication> out;
    source_->greet(now, out);
    return out;
}

void SimulatedDevice::play(Timestamp now, bool listened) {
    const auto due = pace_.due(now);
    while (source_->now() < due && (!listened || waiting_.size() < said_ahead_max)) {
        said_.clear();
        const bool later = !listened || now - source_->now() > late_after;
        source_->advance(std::min<Nanoseconds>(due - source_->now(), std::chrono::seconds(1)),
                         later, said_);
        waiting_.insert(waiting_.end(), std::move_iterator(said_.begin()),
                        std::move_iterator(said_.end()));
        // Its network is gone with this step: the connection is to be ended before it goes on.
        if (listened && !link_up()) break;
    }
    for (; waiting_.size() > kept_max; ++dropped) waiting_.pop_front();
}

bool SimulatedDevice::finished() const {
    return pace_.to && source_->now() >= *pace_.to && waiting_.empty() && unacknowledged_.empty();
}

std::uint16_t SimulatedDevice::free_packet() {
    while (next_packet_ == 0 || unacknowledged_.contains(next_packet_)) ++next_packet_;
    return next_packet_++;
}

std::optional<std::pair<std::uint16_t, const simulate::Publication*>> SimulatedDevice::next() {
    if (waiting_.empty()) return std::nullopt;
    const auto packet = free_packet();
    const auto& sent = unacknowledged_.emplace(packet, std::move(waiting_.front())).first->second;
    waiting_.pop_front();
    return std::pair{packet, &sent};
}

bool SimulatedDevice::acknowledge(std::uint16_t packet) {
    if (unacknowledged_.erase(packet) == 0) return false;
    ++acknowledged;
    return true;
}

void SimulatedDevice::forget_exchanges() {
    std::vector<simulate::Publication> again;
    again.reserve(unacknowledged_.size());
    for (auto& [packet, publication] : unacknowledged_) again.push_back(std::move(publication));
    unacknowledged_.clear();
    std::ranges::sort(again, [](const auto& a, const auto& b) { return a.time < b.time; });
    waiting_.insert(waiting_.begin(), std::move_iterator(again.begin()),
                    std::move_iterator(again.end()));
}

}  // namespace vigil::app
