#pragma once
// No access without a reason on record (promise 5 of docs/architecture.md). Every store call on
// patient data takes an Access, and only identity::decide can make one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace vigil::identity {
class AccessDesk;
}

namespace vigil::store {

enum class Act : std::uint8_t { read, write, administer };

class Access {
public:
    Act act() const { return act_; }
    // The filter that queries apply: may this access touch the patient's data? PatientId 0 is data
    // not yet filed under anybody (unassociated devices, quarantine).
    bool covers(PatientId patient) const {
        return everyone_ || (patients_ && patients_->contains(patient));
    }
    bool covers_everyone() const { return everyone_; }
    // For the audit line: who, in what role, why.
    const std::string& principal() const { return principal_; }
    const std::string& purpose() const { return purpose_; }
    // The numbers that identity/ gave whoever asked, to find them again; 0: none.
    std::uint32_t account() const { return account_; }
    std::uint32_t token() const { return token_; }

private:
    friend class identity::AccessDesk;
    Access() = default;
    Act act_ = Act::read;
    bool everyone_ = false;
    std::shared_ptr<const std::unordered_set<PatientId>> patients_;
    std::string principal_, purpose_;
    std::uint32_t account_ = 0, token_ = 0;
};

}  // namespace vigil::store
