#include "app/root_keys.hpp"

#include <cstdlib>

#include "app/own_secrets.hpp"
#include "identity/token_root_key.hpp"
#include "identity/tpm_root_key.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view prefix = "VIGIL_KEYS_";

std::shared_ptr<identity::RootKey> token_of(const Config& config) {
    return std::make_shared<identity::TokenRootKey>(
        identity::TokenSettings{.module = config.pkcs11_module,
                                .token = config.pkcs11_token,
                                .key = config.pkcs11_key,
                                .pin_file = config.pkcs11_pin_file});
}

std::shared_ptr<identity::RootKey> given_key_of(const Config& config) {
    return std::make_shared<identity::BareRootKey>(
        [key = *config.given_master_key]() -> Result<identity::Key256> { return key; },
        "VIGIL_KEYS_MASTER");
}

std::shared_ptr<identity::RootKey> file_of(const std::string& path) {
    return identity::BareRootKey::of_file(path);
}

// None: the store's own file.
Result<std::shared_ptr<identity::RootKey>> wanted_of(const Config& config) {
    std::shared_ptr<identity::RootKey> none;
    if (config.keys_source == "pkcs11") {
        if (config.pkcs11_module.empty() || config.pkcs11_token.empty() ||
            config.pkcs11_key.empty())
            return fail(Error::Kind::malformed,
                        "keys.source is \"pkcs11\": name keys.pkcs11_module, keys.pkcs11_token and "
                        "keys.pkcs11_key",
                        "keys.source");
        return token_of(config);
    }
    if (config.keys_source == "tpm") return std::make_shared<identity::TpmRootKey>(config.tpm);
    if (config.keys_source == "environment") {
        if (!config.given_master_key)
            return fail(Error::Kind::not_found,
                        "keys.source is \"environment\": set VIGIL_KEYS_MASTER to the root key, 64 "
                        "hexadecimal digits",
                        "keys.source");
        return given_key_of(config);
    }
    return config.master_key_file.empty() ? none : file_of(config.master_key_file);
}

}  // namespace

Result<void> read_key_environment(Config& config) {
    // What tpm2-tss would write to our standard error, our own errors say.
    ::setenv("TSS2_LOG", "all+none", 0);  // NOLINT(concurrency-mt-unsafe): there is one thread yet
    VIGIL_TRY(given, given_master_key());
    config.given_master_key = given;
    for (const auto& setting : settings()) {
        const auto name = environment_name(setting.key);
        if (!name.starts_with(prefix)) continue;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet
        if (const auto* value = std::getenv(name.c_str())) config.environment[name] = value;
    }
    return read_environment(config, config.environment);
}

Result<identity::RootKeys> root_keys(const Config& config) {
    VIGIL_TRY(wanted, wanted_of(config));
    identity::RootKeys roots{.wanted = std::move(wanted)};
    for (const auto& path : {config.master_key_file, config.keys_previous_file})
        if (!path.empty()) roots.others.push_back(file_of(path));
    if (config.given_master_key) roots.others.push_back(given_key_of(config));
    if (!config.pkcs11_module.empty() && config.keys_source != "pkcs11")
        roots.others.push_back(token_of(config));
    if (config.keys_source != "tpm")
        roots.others.push_back(std::make_shared<identity::TpmRootKey>(config.tpm));
    if (!config.keys_recovery_file.empty()) roots.recovery = file_of(config.keys_recovery_file);
    return roots;
}

Result<identity::RootKeys> root_keys_read_again(const Config& config) {
    if (config.file.empty()) return root_keys(config);
    Config now;
    VIGIL_CHECK(read_config_file(now, config.file));
    VIGIL_CHECK(read_environment(now, config.environment));
    now.given_master_key = config.given_master_key;
    return root_keys(now);
}

}  // namespace vigil::app
