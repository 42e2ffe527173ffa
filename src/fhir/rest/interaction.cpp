#include "fhir/rest/interaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "fhir/rest/write_entry.hpp"

namespace vigil::fhir {
namespace {

using store::Interaction;

Needed needed_to_change(std::string_view method, std::string_view type, bool is_conditional) {
    // A batch or transaction: each of its entries is looked at by itself.
    if (type.empty()) return {.any_of = store::every_interaction};
    const auto interaction = method == "POST"     ? Interaction::create
                             : method == "DELETE" ? Interaction::remove
                                                  : Interaction::update;
    return {.any_of = bit(interaction), .type = std::string(type), .searches = is_conditional};
}

bool is_type(std::string_view segment) {
    return !segment.empty() && segment[0] >= 'A' && segment[0] <= 'Z';
}

}  // namespace

Needed needed(std::string_view method, std::span<const std::string_view> segments,
              bool is_conditional) {
    const auto segment = [&](std::size_t i) {
        return i < segments.size() ? segments[i] : std::string_view();
    };
    const auto type = is_type(segment(0)) ? segment(0) : std::string_view();
    const auto last = segments.empty() ? std::string_view() : segments.back();
    if (last.starts_with('$')) return {.any_of = store::looking, .type = std::string(type)};
    const bool looks = method == "GET" || method == "HEAD" || last == "_search";
    if (!looks) return needed_to_change(method, type, is_conditional);
    // Patient/12/Observation: what is found in a compartment is of that type.
    if (is_type(segment(2)))
        return {.any_of = bit(Interaction::search), .type = std::string(segment(2))};
    const bool names_one =
        segments.size() > 1 && segment(1) != "_search" && segment(1) != "_history";
    return {.any_of = bit(names_one ? Interaction::read : Interaction::search),
            .type = std::string(type)};
}

Answer<void> check_may(const store::Access& access, const Request& request) {
    const std::vector<std::string_view> segments(request.segments.begin(), request.segments.end());
    const auto wanted =
        needed(request.method, segments, is_conditional(request) || request.if_none_exist);
    // What an app leaves behind would be told to it after its person has ended its access.
    if (access.app() != 0 && wanted.type == "Subscription" &&
        (wanted.any_of & store::changing) != 0)
        return refuse(403, "forbidden",
                      "an app leaves no Subscription behind: subscribe with an API token");
    if (wanted.type.empty() || access.may_any(wanted.any_of, wanted.type)) {
        if (!wanted.searches || access.may(Interaction::search, wanted.type)) return {};
        return refuse(403, "forbidden",
                      fmt::format("a condition searches: that is not allowed of {} here",
                                  wanted.type.substr(0, 64)));
    }
    return refuse(403, "forbidden",
                  fmt::format("{} is not allowed of {} in this role or scope",
                              request.method == "GET" ? "reading or searching" : request.method,
                              wanted.type.substr(0, 64)));
}

}  // namespace vigil::fhir
