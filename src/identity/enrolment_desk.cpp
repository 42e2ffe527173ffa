#include "identity/enrolment_desk.hpp"

namespace vigil::identity {

Result<EnrolmentDesk::Shown> EnrolmentDesk::check(std::string_view device, std::string_view typed,
                                                  std::string_view address, Timestamp now) {
    guard_.attempt(device, address, now);
    const auto code = normal_code(typed);
    // Hashed and compared whatever was typed: the answer takes as long.
    const auto digest = sha256(code ? *code : std::string_view("no code"));
    auto known = registry_.check_enrolment(device, digest, now);
    const auto* named = registry_.find_device(device);
    const bool over = named != nullptr && wrong_tries(named->id) >= wrong_tries_max;
    if (known && !over) {
        guard_.succeeded(device, address, now);
        return Shown{*known, digest};
    }
    if (named != nullptr && code) count_wrong(*named, *code, now);
    return fail(Error::Kind::forbidden, "the device or its code is not valid");
}

void EnrolmentDesk::count_wrong(const Device& device, std::string_view code, Timestamp now) {
    const auto* offered = registry_.enrolment(device.id);
    if (offered == nullptr || offered->expires <= now || !code.starts_with(offered->locator))
        return;
    auto& tries = tries_[device.id];
    if (tries.code != offered->code) tries = {.code = offered->code, .wrong = 0};
    ++tries.wrong;
}

std::uint32_t EnrolmentDesk::wrong_tries(DeviceId device) const {
    const auto* offered = registry_.enrolment(device);
    const auto found = tries_.find(device);
    if (offered == nullptr || found == tries_.end() || found->second.code != offered->code)
        return 0;
    return found->second.wrong;
}

DeviceId EnrolmentDesk::worn_out(std::string_view device) const {
    const auto* named = registry_.find_device(device);
    return named != nullptr && wrong_tries(named->id) >= wrong_tries_max ? named->id : DeviceId{};
}

}  // namespace vigil::identity
