// `vigil rebuild`: what vigil.db derives from the log is thrown away and made again.
#include <fmt/format.h>

#include <filesystem>

#include "app/commands.hpp"
#include "app/data_folder.hpp"
#include "app/root_keys.hpp"
#include "base/json_writer.hpp"
#include "net/loop.hpp"

namespace vigil::app {
namespace {

Result<std::uint64_t> throw_away(const Config& config) {
    std::error_code failure;
    if (!std::filesystem::exists(config.data + "/log.db", failure))
        return fail(Error::Kind::not_found, "there is no log here to rebuild from", config.data);
    const Catalogue catalogue;  // nothing is read by it
    VIGIL_TRY(roots, root_keys(config));
    VIGIL_TRY(folder, DataFolder::open({.path = config.data,
                                        .roots = std::move(roots),
                                        .site_name = config.site_name,
                                        .catalogue = catalogue,
                                        .clock = net::system_clocks().wall,
                                        .committed = [](const auto&) {}}));
    auto done = folder->forget_derived();
    folder->finish();
    return done;
}

}  // namespace

int rebuild(const OperatorOptions& where, Output output) {
    Config config;
    if (!where.config_file.empty())
        if (const auto read = read_config_file(config, where.config_file); !read)
            return report(read.error());
    config.data = where.data;
    if (const auto read = read_key_environment(config); !read) return report(read.error());
    const auto entries = throw_away(config);
    if (!entries) return report(entries.error());
    // A start brings memory up to the log; stopping, it goes to disk.
    auto server = Server::open(config, "", false);
    if (!server) return report(server.error());
    (*server)->finish();
    if (output.json) {
        std::string line;
        JsonWriter(line).begin_object().member("entries", *entries).end_object();
        fmt::print("{}\n", line);
    } else {
        fmt::print("rebuilt from the log's {} entries; `vigil verify` checks it\n", *entries);
    }
    return 0;
}

}  // namespace vigil::app
