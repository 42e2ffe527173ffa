#include "share/live_ring.hpp"

#include <algorithm>

namespace vigil::share {
namespace {

std::size_t bytes_of(const collect::FiledMessage& message) {
    std::size_t bytes = sizeof(LiveMessage) + message.readings.size() * sizeof(FiledReading);
    for (const auto& filed : message.readings)
        if (const auto* block = std::get_if<WaveformBlock>(&filed.reading.value))
            bytes += block->samples.size() * sizeof(std::int32_t);
    return bytes;
}

}  // namespace

void LiveRing::push(collect::FiledMessage message, Timestamp now) {
    const auto before = messages_.empty() ? dropped_up_to_ : messages_.back().reached;
    const auto bytes = bytes_of(message);
    const auto reached = message.stored() ? message.position : before;
    bytes_ += bytes;
    messages_.push_back({{std::move(message), {}}, reached, bytes});
    while (bytes_ > kept_bytes_ || messages_.front().message.receive_time < now - kept_for_) {
        if (messages_.size() == 1) break;
        bytes_ -= messages_.front().bytes;
        dropped_up_to_ = messages_.front().reached;
        messages_.pop_front();
        ++begin_;
    }
}

std::optional<std::uint64_t> LiveRing::after(Position position) const {
    if (position < dropped_up_to_) return std::nullopt;
    const auto first =
        std::upper_bound(messages_.begin(), messages_.end(), position,
                         [](Position p, const Kept& kept) { return p < kept.reached; });
    return begin_ + static_cast<std::uint64_t>(first - messages_.begin());
}

std::uint64_t LiveRing::since(Timestamp time) const {
    const auto first = std::lower_bound(
        messages_.begin(), messages_.end(), time,
        [](const Kept& kept, Timestamp t) { return kept.message.receive_time < t; });
    return begin_ + static_cast<std::uint64_t>(first - messages_.begin());
}

Position LiveRing::reached(std::uint64_t number) const {
    if (number <= begin_) return dropped_up_to_;
    return messages_[std::min(number, end()) - begin_ - 1].reached;
}

}  // namespace vigil::share
