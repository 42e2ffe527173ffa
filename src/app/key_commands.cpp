// `vigil keys status|rotate`: docs/guides/keys.md.
#include <fmt/format.h>

#include "app/commands.hpp"

namespace vigil::app {

int keys_status(const OperatorOptions& where, Output output) {
    return ask(where, output, "GET", "/api/status", "", [](JsonValue root) {
        const auto keys = root["keys"];
        fmt::print("{} keys, wrapped by version {} of the master key", keys["keys"].text(),
                   keys["version"].text());
        if (const auto since = keys["since"].string(); !since.empty())
            fmt::print(" since {}", since);
        fmt::print("\n");
        for (const auto each : keys["wrapped_by"])
            fmt::print("the master key is wrapped by {}\n", each.string());
        if (const auto due = keys["rotation_due"].string(); !due.empty())
            fmt::print("{}: `vigil keys rotate` moves them\n", due);
        const auto rotation = keys["rotation"];
        if (rotation["running"].is_true())
            fmt::print("a rotation is under way: {} of {} keys are wrapped anew\n",
                       rotation["rewrapped"].text(), keys["keys"].text());
        if (const auto failed = rotation["failed"].string(); !failed.empty())
            fmt::print("the last rotation failed: {}\n", failed);
    });
}

int keys_rotate(const OperatorOptions& where, Output output) {
    return ask(where, output, "POST", "/api/keys/rotate", "{}", [](JsonValue root) {
        fmt::print(
            "{} keys are wrapped by version {} of the master key; no key in the folder opens "
            "with what was there before\n",
            root["keys"].text(), root["version"].text());
        for (const auto each : root["wrapped_by"])
            fmt::print("the master key is wrapped by {}\n", each.string());
        for (const auto each : root["left_to_do"]) fmt::print("yours to do: {}\n", each.string());
    });
}

}  // namespace vigil::app
