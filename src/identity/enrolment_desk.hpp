#pragma once
// Looks at the codes that devices show. Tries are slowed for each device at each address, and a
// code that was tried wrongly too often, by somebody who knows its locator, is to be taken back.
//
// Nobody can keep a device out from elsewhere: nothing counts for a device over all addresses, nor
// for an address over all devices (many may stand behind one). What 80 random bits leave to a
// guesser needs neither.

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "identity/registry.hpp"
#include "identity/sign_in_guard.hpp"

namespace vigil::identity {

class EnrolmentDesk {
public:
    static constexpr std::uint32_t wrong_tries_max = 10;  // of one code

    explicit EnrolmentDesk(const Registry& registry) : registry_(registry) {}

    // How long to wait before a code is looked at; zero is now.
    Nanoseconds wait(std::string_view device, std::string_view address, Timestamp now) const {
        return guard_.wait(device, address, now);
    }

    struct Shown {
        DeviceId device{};
        Digest code{};
    };
    // `forbidden`, and nothing more said, for whatever is wrong. A right code is not used up by it:
    // the act that issues the certificate does that.
    Result<Shown> check(std::string_view device, std::string_view typed, std::string_view address,
                        Timestamp now);

    // Of the code that the device was offered last.
    std::uint32_t wrong_tries(DeviceId device) const;
    // The device whose code was tried wrongly too often, to be taken back; 0: none of this name.
    DeviceId worn_out(std::string_view device) const;

private:
    struct Tries {
        Digest code{};
        std::uint32_t wrong = 0;
    };
    void count_wrong(const Device& device, std::string_view code, Timestamp now);

    const Registry& registry_;
    SignInGuard guard_{{.address_failures = UINT32_MAX, .account_failures = UINT32_MAX}};
    std::unordered_map<DeviceId, Tries> tries_;  // of devices that were offered a code: bounded
};

}  // namespace vigil::identity
