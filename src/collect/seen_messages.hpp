#pragma once
// Delivered twice is stored once (promise 3): what one sender has already been stored with.

#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"

namespace vigil::collect {

// The last `remembered_max` message identities of one sender, none older than `remembered_for`.
// Memory follows use: 20 bytes an identity, 80 kB at most.
class SeenMessages {
public:
    static constexpr std::size_t remembered_max = 4096;
    static constexpr std::chrono::seconds remembered_for = std::chrono::hours(24);

    // True: it is new, and remembered from now on. False: it was seen before.
    bool add(const Fingerprint& identity, Timestamp now);
    bool contains(const Fingerprint& identity, Timestamp now) const;
    // Its append failed: the resend must be stored.
    void forget(const Fingerprint& identity);
    // An `add` follows soon: where it makes room is fetched meanwhile.
    void prefetch() const;

private:
    // Where an identity stands in the ring, with 19 bits of its key: a search goes on without
    // looking into the ring, which under load is seldom in a near cache.
    struct Slot {
        std::uint32_t place_and_one : 13 = 0;  // 0: empty
        std::uint32_t tag : 19 = 0;
        bool empty() const { return place_and_one == 0; }
        std::size_t place() const { return place_and_one - 1U; }
    };

    static std::uint32_t tag_of(std::uint64_t key) { return key >> 1 & 0x7'FFFF; }
    bool is_old(std::size_t place, Timestamp now) const;
    std::size_t slot_of(std::uint64_t key) const;  // where it is, or where it would go
    void remove_slot(std::size_t slot);
    void grow();

    // A ring of identities in order of arrival (0: forgotten), with the second of each, and an
    // open-addressing index of twice its size.
    std::vector<std::uint64_t> keys_;
    std::vector<std::uint32_t> since_s_;
    std::vector<Slot> index_;
    std::size_t next_ = 0;
};

}  // namespace vigil::collect
