#include "collect/seen_messages.hpp"

#include <utility>

namespace vigil::collect {
namespace {

constexpr std::size_t first_capacity = 8;

// 64 of the 128 bits: at 4,096 remembered, one chance in 4·10¹⁵ a message of a false match.
std::uint64_t key_of(const Fingerprint& identity) {
    return identity.low | 1;
}

std::uint32_t seconds_of(Timestamp t) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count());
}

}  // namespace

bool SeenMessages::is_old(std::size_t place, Timestamp now) const {
    // Modulo 2^32, as the seconds are kept; a clock set back makes nothing old.
    const auto age_s = static_cast<std::int32_t>(seconds_of(now) - since_s_[place]);
    return age_s > static_cast<std::int32_t>(remembered_for.count());
}

std::size_t SeenMessages::slot_of(std::uint64_t key) const {
    const std::size_t mask = index_.size() - 1;
    const auto tag = tag_of(key);
    std::size_t slot = tag & mask;
    while (!index_[slot].empty() && (index_[slot].tag != tag || keys_[index_[slot].place()] != key))
        slot = (slot + 1) & mask;
    return slot;
}

bool SeenMessages::contains(const Fingerprint& identity, Timestamp now) const {
    if (index_.empty()) return false;
    const auto slot = index_[slot_of(key_of(identity))];
    return !slot.empty() && !is_old(slot.place(), now);
}

bool SeenMessages::add(const Fingerprint& identity, Timestamp now) {
    if (next_ == keys_.size() && keys_.size() < remembered_max) grow();
    if (next_ == keys_.size()) next_ = 0;
    const auto key = key_of(identity);
    auto slot = slot_of(key);
    if (!index_[slot].empty()) {
        const auto known = index_[slot].place();
        if (!is_old(known, now)) return false;
        keys_[known] = 0;  // too long ago: it starts anew
        remove_slot(slot);
    }
    if (const auto oldest = keys_[next_]; oldest != 0) remove_slot(slot_of(oldest));
    slot = slot_of(key);  // what was removed may have moved it
    keys_[next_] = key;
    since_s_[next_] = seconds_of(now);
    index_[slot].place_and_one = static_cast<std::uint32_t>(next_ + 1) & 0x1FFF;
    index_[slot].tag = tag_of(key);
    ++next_;
    return true;
}

void SeenMessages::prefetch() const {
    if (index_.empty()) return;
    const auto oldest = keys_[next_ < keys_.size() ? next_ : 0];
    __builtin_prefetch(&index_[tag_of(oldest) & (index_.size() - 1)]);
}

void SeenMessages::forget(const Fingerprint& identity) {
    if (index_.empty()) return;
    const auto slot = slot_of(key_of(identity));
    if (index_[slot].empty()) return;
    keys_[index_[slot].place()] = 0;
    remove_slot(slot);
}

void SeenMessages::remove_slot(std::size_t slot) {
    // Linear probing: later entries of the same run move up, so that no search stops short.
    const std::size_t mask = index_.size() - 1;
    std::size_t hole = slot;
    index_[hole] = {};
    for (std::size_t at = (hole + 1) & mask; !index_[at].empty(); at = (at + 1) & mask) {
        const std::size_t home = index_[at].tag & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        index_[hole] = std::exchange(index_[at], {});
        hole = at;
    }
}

void SeenMessages::grow() {
    const auto capacity = keys_.empty() ? first_capacity : keys_.size() * 2;
    keys_.resize(capacity);
    since_s_.resize(capacity);
    index_.assign(capacity * 2, {});
    for (std::size_t i = 0; i < capacity; ++i) {
        if (keys_[i] == 0) continue;
        auto& slot = index_[slot_of(keys_[i])];
        slot.place_and_one = static_cast<std::uint32_t>(i + 1) & 0x1FFF;
        slot.tag = tag_of(keys_[i]);
    }
}

}  // namespace vigil::collect
