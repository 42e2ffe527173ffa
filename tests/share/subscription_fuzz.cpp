// What a viewer of the live stream may send: refused, or a subscription within its bounds.

#include <cstdlib>
#include <string_view>

#include "share/subscription.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    static const Catalogue catalogue;
    const auto subscription =
        share::read_subscription({reinterpret_cast<const char*>(data), size}, catalogue);
    if (!subscription) return 0;
    if (subscription->patients.size() + subscription->refused.size() >
        share::Subscription::patients_max)
        std::abort();
    if (subscription->wants(PatientId{})) std::abort();
    return 0;
}
