#include "app/own_secrets.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "identity/key_file.hpp"
#include "identity/secret.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view secret_option = "--api-token";
constexpr std::size_t password_line_bytes_max = 4096;

void overwrite(char* text) {
    std::memset(text, '*', std::strlen(text));
}

}  // namespace

void keep_memory_to_itself() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::vector<std::string> take_words(std::span<char*> words) {
    std::vector<std::string> out(words.begin(), words.end());
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] == secret_option && i + 1 < out.size()) overwrite(words[i + 1]);
        if (out[i].starts_with(fmt::format("{}=", secret_option)))
            overwrite(words[i] + secret_option.size() + 1);
    }
    return out;
}

Result<std::string> admin_password() {
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread yet
    if (const auto* given = std::getenv("VIGIL_ADMIN_PASSWORD"); given != nullptr) {
        std::string password(given);
        wipe_from_environment("VIGIL_ADMIN_PASSWORD");
        return password;
    }
    const auto* path = std::getenv("VIGIL_ADMIN_PASSWORD_FILE");
    // NOLINTEND(concurrency-mt-unsafe)
    if (path == nullptr) return std::string();
    std::ifstream file(path, std::ios::binary);
    std::string password;
    if (!std::getline(file, password) || password.size() > password_line_bytes_max)
        return fail(Error::Kind::not_found,
                    "the administrator's password cannot be read (VIGIL_ADMIN_PASSWORD_FILE)",
                    path);
    if (password.ends_with('\r')) password.pop_back();
    return password;
}

Result<void> tell_password(const std::string& password, const std::string& data) {
    if (::isatty(STDERR_FILENO) == 1) {
        fmt::print(stderr, "vigil: the administrator is admin, the password {} (shown once)\n",
                   password);
        return {};
    }
    const auto path = data + "/admin-password";
    VIGIL_CHECK(identity::write_key_file(path, password + "\n"));
    fmt::print(stderr,
               "vigil: the administrator is admin, the password stands in {}: delete the file "
               "once you have it\n",
               path);
    return {};
}

// NOLINTBEGIN(concurrency-mt-unsafe): there is one thread yet
Result<std::optional<identity::Key256>> given_master_key() {
    const auto* given = std::getenv("VIGIL_KEYS_MASTER");
    if (given == nullptr) return std::optional<identity::Key256>();
    const auto key = identity::digest_from_hex(given);
    wipe_from_environment("VIGIL_KEYS_MASTER");
    if (!key)
        return fail(Error::Kind::malformed,
                    "the master key is 64 hexadecimal digits, as `openssl rand -hex 32` makes them",
                    "VIGIL_KEYS_MASTER");
    return std::optional(key->bytes);
}

void wipe_from_environment(const char* name) {
    auto* value = std::getenv(name);
    if (value == nullptr) return;
    overwrite(value);  // unsetenv alone leaves it where /proc/PID/environ shows it
    ::unsetenv(name);
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace vigil::app
