// `vigil simulate` and `vigil demo`.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "app/commands.hpp"
#include "app/ward_player.hpp"

namespace vigil::app {
namespace {

Result<std::shared_ptr<net::TlsClient>> tls_client(const std::string& authority_file) {
    net::TlsClientMaterial material;
    if (!authority_file.empty()) {
        std::ifstream file(authority_file, std::ios::binary);
        if (!file) return fail(Error::Kind::not_found, "cannot be read", authority_file);
        material.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
    }
    material.application_protocols = {"mqtt"};
    return net::TlsClient::make(material);
}

void show_progress(std::size_t done, std::size_t all) {
    fmt::print(stderr, "\rvigil: preparing beds {}/{}{}", done, all, done == all ? "\n" : "");
}

// A server in this process, asked as the operator at the machine.
AskServer ask_locally(Server& server) {
    return [&server](const std::string& path, const std::string& body) -> Result<std::string> {
        session::HttpRequest request;
        request.method = "POST";
        request.path = path;
        request.body = body;
        request.peer.address = "this machine";
        auto response = server.ask(std::move(request));
        if (response.status >= 400)
            return fail(Error::Kind::internal,
                        fmt::format("{} answered {}: {}", path, response.status, response.body));
        return std::move(response.body);
    };
}

struct TemporaryFolder {
    std::filesystem::path path;
    bool keep = false;
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!keep) std::filesystem::remove_all(path, ignored);
    }
};

Result<std::unique_ptr<WardPlayer>> prepare_demo(Server& server, const Addresses& addresses,
                                                 std::size_t beds) {
    WardPlayerOptions ward;
    ward.beds = beds;
    VIGIL_TRY(endpoint, net::Endpoint::parse(addresses.mqtt));
    ward.mqtt = endpoint;
    return WardPlayer::prepare(ward, ask_locally(server),
                               [beds](std::size_t done) { show_progress(done, beds); });
}

}  // namespace

int simulate(const OperatorOptions& where, const SimulateOptions& options) {
    if (where.server.empty())
        return report({Error::Kind::malformed,
                       "name the running server: --server https://HOST:8443 --api-token TOKEN",
                       "--server"});
    auto desk = Operator::open(where, "");
    if (!desk) return report(desk.error());
    WardPlayerOptions ward{.beds = options.beds,
                           .seed = options.seed,
                           .speed = options.speed,
                           .scenario = options.scenario,
                           .mqtt = {},
                           .tls = {}};
    const auto endpoint = net::Endpoint::parse(options.mqtt);
    if (!endpoint) return report(endpoint.error());
    ward.mqtt = *endpoint;
    if (options.tls) {
        auto tls = tls_client(where.authority);
        if (!tls) return report(tls.error());
        ward.tls = *tls;
    }
    auto player = WardPlayer::prepare(
        ward,
        [&desk](const std::string& path, const std::string& body) {
            return desk->post(path, body);
        },
        [&](std::size_t done) { show_progress(done, options.beds); });
    if (!player) return report(player.error());
    if (!options.duration.empty()) {
        const auto duration = parse_duration(options.duration);
        if (!duration) return report(duration.error());
        (*player)->stop_after(*duration);
    }
    (*player)->stop_on_signals();
    fmt::print(stderr, "vigil: {} beds are playing; stop with Ctrl-C\n", options.beds);
    (*player)->run();
    const auto totals = (*player)->totals();
    fmt::print("{{\"acknowledged\":{},\"refused\":{}}}\n", totals.acknowledged, totals.refused);
    return 0;
}

int demo(const DemoOptions& options) {
    TemporaryFolder folder{
        std::filesystem::temp_directory_path() / fmt::format("vigil-demo-{}", ::getpid()),
        !options.data.empty()};
    Config config;
    config.data = options.data.empty() ? folder.path.string() : options.data;
    config.https = options.https;
    config.mqtt = "127.0.0.1:0";
    config.mqtts = "127.0.0.1:0";
    const auto* given =
        std::getenv("VIGIL_ADMIN_PASSWORD");  // NOLINT(concurrency-mt-unsafe): one thread yet
    auto server = Server::open(config, given == nullptr ? "" : given, true);
    if (!server) return report(server.error());
    const auto addresses = (*server)->listen();
    if (!addresses) return report(addresses.error());
    auto player = prepare_demo(**server, *addresses, options.beds);
    if (!player) return report(player.error());

    std::thread ward([&player] { (*player)->run(); });
    fmt::print("\n  The ward is at   https://{}\n  Sign in as       admin\n", addresses->https);
    if (!(*server)->made_password().empty())
        fmt::print("  with password    {}\n", (*server)->made_password());
    fmt::print(
        "  The browser will warn: the certificate is this server's own.\n"
        "  Devices connect by MQTT over TLS to {}.\n  Stop with Ctrl-C.\n\n",
        addresses->mqtts);
    std::fflush(stdout);
    (*server)->run();
    (*player)->stop();
    ward.join();
    return 0;
}

}  // namespace vigil::app
