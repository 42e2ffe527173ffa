#pragma once
// The Consents that are in force, by whose they are. Written as the record's Consents are, before
// whoever wrote one is answered; from any thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "identity/consent.hpp"

namespace vigil::identity {

class Consents {
public:
    using List = std::vector<std::shared_ptr<const Consent>>;
    // Of one patient: each decision looks at all. With more, nothing of theirs is seen until some
    // are withdrawn.
    static constexpr std::size_t of_one_max = 200;

    // One as of that version of its resource; an older one than is known changes nothing.
    void put(Consent consent, std::uint64_t version);
    // That version says nothing any more: it is not active, or deleted.
    void remove(std::string_view id, std::uint64_t version);
    // All of an erased patient's.
    void erase(PatientId patient);

    // Null: there are none.
    std::shared_ptr<const List> of(PatientId patient) const;
    bool empty() const { return count_.load(std::memory_order_acquire) == 0; }
    // Counts up with each change.
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    // When one of them begins or ceases to say what it says, the first time after `since`.
    Timestamp next_turn(Timestamp since) const;

private:
    struct Known {
        std::uint64_t version = 0;
        PatientId patient{};  // 0: it is not in force
    };
    enum class Before : std::uint8_t { newer, in_force, not_in_force };
    // What was known of it; where that is not newer, it is not in force from then on.
    Before take_out(std::string_view id, std::uint64_t version);
    void changed();

    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, Known> known_;
    std::unordered_map<PatientId, std::shared_ptr<const List>> lists_;
    std::set<Timestamp> turns_;  // those of Consents that are gone may stay
    std::atomic<std::size_t> count_ = 0;
    std::atomic<std::uint64_t> generation_ = 1;
};

}  // namespace vigil::identity
