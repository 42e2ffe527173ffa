#include "share/live_ring.hpp"

#include <algorithm>
#include <cassert>

namespace vigil::share {
namespace {

// What the ring drops at a time, as a part of all that it keeps.
constexpr int parts_in_time = 60;
constexpr std::size_t parts_in_bytes = 64;
constexpr std::size_t block_bytes_max = std::size_t{128} << 10;
// Viewers who keep up read in these; each message is decoded once for all of them.
constexpr std::size_t decoded_blocks = 4;

}  // namespace

LiveRing::LiveRing(Nanoseconds kept_for, std::size_t kept_bytes)
    : kept_for_(kept_for),
      block_for_(kept_for / parts_in_time),
      kept_bytes_(kept_bytes),
      block_bytes_(std::min(block_bytes_max, kept_bytes / parts_in_bytes)) {}

void LiveRing::push(const collect::FiledMessage& message, Timestamp now) {
    if (message.stored()) reached_ = message.position;
    auto& block = block_for(message.receive_time);
    const auto start = block.readings.size();
    if (message.encoded.empty())
        encode_readings(message.readings, message.receive_time, block.readings);
    else
        block.readings.append(message.encoded);
    block.headers.push_back({.reached = reached_.offset,
                             .receive_time = message.receive_time,
                             .patient = message.patient,
                             .device = message.device,
                             .first_sequence = message.first_sequence,
                             .end = static_cast<std::uint32_t>(block.readings.size()) & 0x7FFF'FFFF,
                             .stored = message.stored()});
    bytes_ += sizeof(Header) + block.readings.size() - start;
    ++next_;
    drop_what_is_over(now);
}

LiveRing::Block& LiveRing::block_for(Timestamp receive_time) {
    if (!blocks_.empty()) {
        auto& newest = blocks_.back();
        if (newest.byte_count() < block_bytes_ && newest.partition == reached_.partition &&
            receive_time - newest.headers.front().receive_time < block_for_)
            return newest;
        close(newest);
    }
    auto& block = blocks_.emplace_back();
    block.partition = reached_.partition;
    block.first_number = next_;
    return block;
}

// Nothing is added to it any more, so the room to grow goes.
void LiveRing::close(Block& block) {
    block.headers.shrink_to_fit();
    block.readings.shrink_to_fit();
    if (blocks_.size() >= decoded_blocks)
        std::vector<LiveMessage>().swap(blocks_[blocks_.size() - decoded_blocks].decoded);
}

void LiveRing::drop_what_is_over(Timestamp now) {
    while (blocks_.size() > 1) {
        auto& oldest = blocks_.front();
        if (bytes_ <= kept_bytes_ && oldest.headers.back().receive_time >= now - kept_for_) return;
        bytes_ -= oldest.byte_count();
        dropped_up_to_ = oldest.reached(oldest.headers.back());
        blocks_.pop_front();
    }
}

const LiveRing::Block& LiveRing::block_of(std::uint64_t number) const {
    assert(begin() <= number && number < end());
    const auto after = std::ranges::upper_bound(blocks_, number, {}, &Block::first_number);
    return *std::prev(after);
}

PatientId LiveRing::patient_of(std::uint64_t number) const {
    const auto& block = block_of(number);
    return block.headers[number - block.first_number].patient;
}

const LiveMessage& LiveRing::at(std::uint64_t number) const {
    assert(begin() <= number && number < end());
    const auto after = std::ranges::upper_bound(blocks_, number, {}, &Block::first_number);
    auto& block = *std::prev(after);
    const auto place = number - block.first_number;
    if (blocks_.end() - after >= static_cast<std::ptrdiff_t>(decoded_blocks)) {
        decode(block, place, looked_up_);
        return looked_up_;
    }
    if (block.decoded.size() <= place) block.decoded.resize(block.headers.size());
    auto& message = block.decoded[place];
    if (!message.device) decode(block, place, message);
    return message;
}

void LiveRing::decode(const Block& block, std::size_t place, LiveMessage& out) {
    const auto& header = block.headers[place];
    const std::size_t start = place == 0 ? 0 : block.headers[place - 1].end;
    out.position = header.stored != 0 ? block.reached(header) : Position{};
    out.patient = header.patient;
    out.device = header.device;
    out.receive_time = header.receive_time;
    out.first_sequence = header.first_sequence;
    out.json.clear();
    [[maybe_unused]] const auto read =
        decode_readings(std::string_view(block.readings).substr(start, header.end - start),
                        header.receive_time, out.readings);
    assert(read);  // `push` was given what this process wrote
}

std::optional<std::uint64_t> LiveRing::after(Position position) const {
    if (position < dropped_up_to_) return std::nullopt;
    const auto block = std::ranges::partition_point(
        blocks_, [&](const Block& one) { return one.reached(one.headers.back()) <= position; });
    if (block == blocks_.end()) return end();
    const auto header = std::ranges::partition_point(
        block->headers, [&](const Header& one) { return block->reached(one) <= position; });
    return block->first_number + static_cast<std::uint64_t>(header - block->headers.begin());
}

Position LiveRing::reached(std::uint64_t number) const {
    if (number <= begin()) return dropped_up_to_;
    const auto last = std::min(number, end()) - 1;
    const auto& block = block_of(last);
    return block.reached(block.headers[last - block.first_number]);
}

}  // namespace vigil::share
