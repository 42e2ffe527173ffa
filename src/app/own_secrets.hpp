#pragma once
// What this process was told in confidence, and keeps from whoever looks at it from outside: other
// processes of the same user, ps, crash dumps.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "identity/key256.hpp"

namespace vigil::app {

// No core dumps, and no other process without privilege reads this one's memory or environment
// (prctl(2), PR_SET_DUMPABLE). First of all, before a key is read.
void keep_memory_to_itself();

// The command line; values of options that hold a secret are overwritten in what ps shows.
std::vector<std::string> take_words(std::span<char*> words);

// For an empty data folder: VIGIL_ADMIN_PASSWORD, wiped from the environment as it is read, or the
// first line of the file that VIGIL_ADMIN_PASSWORD_FILE names. Empty: neither. While there is one
// thread.
Result<std::string> admin_password();

// Of the first administrator, made on an empty folder: shown where a person looks, else left in a
// file of the data folder, for its owner only, as what is printed there would stay in a log.
Result<void> tell_password(const std::string& password, const std::string& data);

// VIGIL_KEYS_MASTER, 64 hexadecimal digits, wiped from the environment as it is read. Nothing: it
// is not set. While there is one thread.
Result<std::optional<identity::Key256>> given_master_key();

void wipe_from_environment(const char* name);

}  // namespace vigil::app
