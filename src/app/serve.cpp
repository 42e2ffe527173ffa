// `vigil serve` and `vigil restore`.
#include <fmt/format.h>

#include <filesystem>

#include "app/commands.hpp"
#include "app/data_folder.hpp"
#include "app/own_secrets.hpp"
#include "app/root_keys.hpp"
#include "base/json_writer.hpp"
#include "identity/key_file.hpp"
#include "net/loop.hpp"
#include "store/sqlite/backup.hpp"

// POSIX leaves it to be declared.
extern char**
    environ;  // NOLINT(readability-redundant-declaration,cppcoreguidelines-avoid-non-const-global-variables)

namespace vigil::app {
namespace {

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> out;
    for (auto** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

Result<Config> configuration(const ServeOptions& options) {
    Config config;
    if (!options.config_file.empty()) VIGIL_CHECK(read_config_file(config, options.config_file));
    VIGIL_CHECK(read_key_environment(config));
    VIGIL_CHECK(read_environment(config, environment()));
    for (const auto& [key, value] : options.settings) VIGIL_CHECK(set(config, key, value));
    return config;
}

void say_ready(const Addresses& addresses) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("ready", true).key("addresses").begin_object();
    for (const auto& [name, address] :
         {std::pair{"http", addresses.http}, std::pair{"https", addresses.https},
          std::pair{"mqtt", addresses.mqtt}, std::pair{"mqtts", addresses.mqtts}})
        if (!address.empty()) json.member(name, address);
    json.end_object().member("version", VIGIL_VERSION).end_object();
    fmt::print("{}\n", line);
    (void)std::fflush(stdout);
}

Result<Config> configuration_of_keys(const OperatorOptions& where) {
    Config config;
    if (!where.config_file.empty()) VIGIL_CHECK(read_config_file(config, where.config_file));
    config.data = where.data;
    VIGIL_CHECK(read_key_environment(config));
    return config;
}

// What opening the folder would refuse later is refused before anything is copied.
Result<identity::KeyFolder> ready_for_restore(const Config& config) {
    VIGIL_CHECK(identity::make_private_folder(config.data));
    VIGIL_TRY(keys, identity::KeyFolder::open(config.data + "/keys"));
    const auto random = identity::system_random();
    VIGIL_TRY(roots, root_keys(config));
    VIGIL_CHECK(identity::KeyStore::open(keys.path(), roots, random, net::system_clocks().wall));
    VIGIL_CHECK(keys.audit_key(random));
    VIGIL_CHECK(keys.audit_checkpoints());
    VIGIL_CHECK(keys.is_marked_restored());
    return std::move(keys);
}

// What the audit was after the backup is given up by this, and a checkpoint says so.
Result<void> open_restored(const Config& config) {
    const Catalogue catalogue;  // nothing is read by it
    VIGIL_TRY(roots, root_keys(config));
    VIGIL_TRY(folder, DataFolder::open({.path = config.data,
                                        .roots = std::move(roots),
                                        .site_name = Config().site_name,
                                        .catalogue = catalogue,
                                        .clock = net::system_clocks().wall,
                                        .committed = [](const auto&) {},
                                        .restored = true}));
    folder->finish();
    return {};
}

}  // namespace

int serve(const ServeOptions& options) {
    const auto config = configuration(options);
    if (!config) return report(config.error());
    wipe_from_environment("VIGIL_METRICS_TOKEN");
    wipe_from_environment("VIGIL_OPENID_CLIENT_SECRET");
    auto password = admin_password();
    if (!password) return report(password.error());
    auto server = Server::open(*config, std::move(*password), true);
    if (!server) return report(server.error());
    const auto addresses = (*server)->listen();
    if (!addresses) return report(addresses.error());
    if (!(*server)->made_password().empty())
        if (const auto told = tell_password((*server)->made_password(), config->data); !told)
            return report(told.error());
    say_ready(*addresses);
    (*server)->run();
    return 0;
}

int restore(const std::string& folder, const OperatorOptions& where) {
    const auto& data = where.data;
    std::error_code failure;
    const auto keys = std::filesystem::path(data) / "keys";
    if (!std::filesystem::exists(keys, failure))
        return report({Error::Kind::not_found,
                       "bring the keys back first: a backup cannot be read without them",
                       keys.string()});
    const auto config = configuration_of_keys(where);
    if (!config) return report(config.error());
    const auto opened_keys = ready_for_restore(*config);
    if (!opened_keys) return report(opened_keys.error());
    bool marked = false;
    const auto done = store::sqlite::restore(folder, data, [&] {
        marked = true;
        return opened_keys->mark_restored();
    });
    if (!done) {
        if (marked) (void)opened_keys->unmark_restored();  // nothing was put back
        return report(done.error());
    }
    if (const auto opened = open_restored(*config); !opened) return report(opened.error());
    fmt::print("restored {} from {}; `vigil verify` checks it\n", data, folder);
    return 0;
}

}  // namespace vigil::app
