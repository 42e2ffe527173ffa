#pragma once
// From [keys] of the configuration to what wraps the keys of a data folder.

#include "app/config.hpp"
#include "base/result.hpp"
#include "identity/root_key.hpp"

namespace vigil::app {

// VIGIL_KEYS_… over what stands, for commands that read no other configuration; VIGIL_KEYS_MASTER
// is wiped. While there is one thread.
Result<void> read_key_environment(Config& config);

// Nothing is asked for a key yet.
Result<identity::RootKeys> root_keys(const Config& config);
// The same, by what the file of the configuration says now: a rotation may lead to what the server
// was not started with.
Result<identity::RootKeys> root_keys_read_again(const Config& config);

}  // namespace vigil::app
