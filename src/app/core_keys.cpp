// The keys of what is stored: their state, and their rotation.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/core.hpp"
#include "app/root_keys.hpp"

namespace vigil::app {

void Server::Core::tell_about_keys() {
    const auto& keys = folder_->key_store();
    for (const auto& notice : keys.notices()) fmt::print(stderr, "vigil: {}\n", notice);
    if (const auto due = keys.state().due; !due.empty())
        fmt::print(stderr, "vigil: {}: `vigil keys rotate` moves them\n", due);
}

void Server::Core::write_keys(JsonWriter& json) {
    const auto state = folder_->key_store().state();
    json.key("keys").begin_object().member("source", state.source);
    json.key("wrapped_by").begin_array();
    for (const auto& each : state.wrapped_by) json.text(each);
    json.end_array().member("version", state.version).key("since");
    if (state.version > 0)
        json.text(format_rfc3339(state.since));
    else
        json.null();
    json.member("keys", state.keys).member_or_null("rotation_due", state.due);
    json.key("rotation").begin_object().member("running", state.rotating);
    json.member("rewrapped", state.rewrapped).member_or_null("failed", state.failed);
    json.end_object().end_object();
}

Result<identity::KeyRotation> Server::Core::rotate_keys() {
    VIGIL_TRY(to, root_keys_read_again(config_));
    auto rotated = folder_->key_store().rotate(to);
    if (!rotated) {
        fmt::print(stderr, "vigil: the keys were not rotated: {} ({})\n", rotated.error().message,
                   rotated.error().place);
        return tl::unexpected(std::move(rotated).error());
    }
    fmt::print(stderr, "vigil: version {} of the master key wraps {} keys, itself wrapped by {}\n",
               rotated->version, rotated->keys, fmt::join(rotated->wrapped_by, "; "));
    return rotated;
}

}  // namespace vigil::app
