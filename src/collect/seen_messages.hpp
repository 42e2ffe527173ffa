#pragma once
// Delivered twice is stored once (promise 3): what one sender has already been stored with.

#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"

namespace vigil::collect {

// The last `remembered_max` message identities of one sender, none older than `remembered_for`.
// Memory follows use: 16 bytes an identity, 80 kB at most.
class SeenMessages {
public:
    static constexpr std::size_t remembered_max = 4096;
    static constexpr std::chrono::seconds remembered_for = std::chrono::hours(24);

    // True: it is new, and remembered from now on. False: it was seen before.
    bool add(const Fingerprint& identity, Timestamp now);
    bool contains(const Fingerprint& identity, Timestamp now) const;
    // Its append failed: the resend must be stored.
    void forget(const Fingerprint& identity);

private:
    struct Remembered {
        std::uint64_t key = 0;  // 0: forgotten
        std::int64_t since_s = 0;
    };
    static constexpr std::uint16_t empty = 0xFFFF;

    std::size_t slot_of(std::uint64_t key) const;  // where it is, or where it would go
    void remove_slot(std::size_t slot);
    void grow();

    // A ring of identities in order of arrival, and an open-addressing index of twice its size.
    std::vector<Remembered> ring_;
    std::vector<std::uint16_t> index_;
    std::size_t next_ = 0;
};

}  // namespace vigil::collect
