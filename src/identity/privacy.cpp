#include "identity/privacy.hpp"

#include <fmt/format.h>

#include <charconv>

namespace vigil::identity {
namespace {

Result<void> check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(Error::Kind::malformed, "say why: it goes on record", "reason");
    if (reason.size() > reason_bytes_max)
        return fail(Error::Kind::too_large, "a reason has at most 1,000 bytes", "reason");
    return {};
}

Result<void> check_patient(PatientId patient) {
    if (patient) return {};
    return fail(Error::Kind::malformed, "no patient is named", "patient");
}

}  // namespace

Result<void> check(const PatientErased& act) {
    VIGIL_CHECK(check_patient(act.patient));
    VIGIL_CHECK(check_reason(act.reason));
    if (act.spans.size() > erased_spans_max)
        return fail(Error::Kind::too_large, "too many spans of devices", "spans");
    for (const auto& text : act.spans) VIGIL_CHECK(parse_device_span(text));
    return {};
}

Result<void> check(const HoldSet& act) {
    VIGIL_CHECK(check_patient(act.patient));
    return act.stands ? check_reason(act.reason) : Result<void>();
}

Result<void> check(const RestrictionSet& act) {
    VIGIL_CHECK(check_patient(act.patient));
    return act.stands ? check_reason(act.reason) : Result<void>();
}

std::string device_span_text(const DeviceSpan& span) {
    return fmt::format("{} {}/{}", span.device.value, format_rfc3339(span.from),
                       span.to == end_of_time ? std::string() : format_rfc3339(span.to));
}

Result<DeviceSpan> parse_device_span(std::string_view text) {
    const auto refused = [] {
        return fail(Error::Kind::malformed, "takes a device's number and an interval", "spans");
    };
    const auto space = text.find(' ');
    const auto slash = text.find('/');
    if (space == std::string_view::npos || slash == std::string_view::npos || slash < space)
        return refused();
    DeviceSpan span;
    const auto read = std::from_chars(text.data(), text.data() + space, span.device.value);
    if (read.ec != std::errc() || read.ptr != text.data() + space || !span.device) return refused();
    VIGIL_TRY(from, parse_rfc3339(text.substr(space + 1, slash - space - 1)));
    span.from = from.instant;
    if (slash + 1 < text.size()) {
        VIGIL_TRY(to, parse_rfc3339(text.substr(slash + 1)));
        span.to = to.instant;
    }
    if (span.from >= span.to) return refused();
    return span;
}

}  // namespace vigil::identity
