#include "collect/seen_messages.hpp"

namespace vigil::collect {
namespace {

constexpr std::size_t first_capacity = 8;

// 64 of the 128 bits: at 4,096 remembered, one chance in 4·10¹⁵ a message of a false match.
std::uint64_t key_of(const Fingerprint& identity) {
    return identity.low | 1;
}

std::int64_t seconds_of(Timestamp t) {
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace

std::size_t SeenMessages::slot_of(std::uint64_t key) const {
    const std::size_t mask = index_.size() - 1;
    std::size_t slot = (key >> 1) & mask;
    while (index_[slot] != empty && ring_[index_[slot]].key != key) slot = (slot + 1) & mask;
    return slot;
}

bool SeenMessages::contains(const Fingerprint& identity, Timestamp now) const {
    if (index_.empty()) return false;
    const auto at = index_[slot_of(key_of(identity))];
    return at != empty && seconds_of(now) - ring_[at].since_s <= remembered_for.count();
}

bool SeenMessages::add(const Fingerprint& identity, Timestamp now) {
    if (next_ == ring_.size() && ring_.size() < remembered_max) grow();
    if (next_ == ring_.size()) next_ = 0;
    const auto key = key_of(identity);
    auto slot = slot_of(key);
    if (index_[slot] != empty) {
        auto& known = ring_[index_[slot]];
        if (seconds_of(now) - known.since_s <= remembered_for.count()) return false;
        known.key = 0;  // too long ago: it starts anew
        remove_slot(slot);
    }
    if (auto& oldest = ring_[next_]; oldest.key != 0) remove_slot(slot_of(oldest.key));
    slot = slot_of(key);  // what was removed may have moved it
    ring_[next_] = {key, seconds_of(now)};
    index_[slot] = static_cast<std::uint16_t>(next_);
    ++next_;
    return true;
}

void SeenMessages::forget(const Fingerprint& identity) {
    if (index_.empty()) return;
    const auto slot = slot_of(key_of(identity));
    if (index_[slot] == empty) return;
    const auto at = index_[slot];
    remove_slot(slot);
    ring_[at].key = 0;
}

void SeenMessages::remove_slot(std::size_t slot) {
    // Linear probing: later entries of the same run move up, so that no search stops short.
    const std::size_t mask = index_.size() - 1;
    std::size_t hole = slot;
    index_[hole] = empty;
    for (std::size_t at = (hole + 1) & mask; index_[at] != empty; at = (at + 1) & mask) {
        const std::size_t home = (ring_[index_[at]].key >> 1) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        index_[hole] = index_[at];
        index_[at] = empty;
        hole = at;
    }
}

void SeenMessages::grow() {
    ring_.resize(ring_.empty() ? first_capacity : ring_.size() * 2);
    index_.assign(ring_.size() * 2, empty);
    for (std::size_t i = 0; i < ring_.size(); ++i)
        if (ring_[i].key != 0) index_[slot_of(ring_[i].key)] = static_cast<std::uint16_t>(i);
}

}  // namespace vigil::collect
