// `vigil simulate` and `vigil demo`.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "app/commands.hpp"
#include "app/own_secrets.hpp"
#include "app/simulation.hpp"
#include "simulate/scenario.hpp"

namespace vigil::app {
namespace {

Result<void> use_tls(SimulationOptions& out, const std::string& authority_file) {
    if (!authority_file.empty()) {
        std::ifstream file(authority_file, std::ios::binary);
        if (!file) return fail(Error::Kind::not_found, "cannot be read", authority_file);
        out.authority_pem.assign(std::istreambuf_iterator<char>(file), {});
    }
    net::TlsClientMaterial material;
    material.ca_pem = out.authority_pem;
    material.application_protocols = {"mqtt"};
    VIGIL_TRY(tls, net::TlsClient::make(material));
    out.tls = std::move(tls);
    return {};
}

void show_progress(std::size_t done, std::size_t all) {
    fmt::print(stderr, "\rvigil: preparing {}/{}{}", done, all, done == all ? "\n" : "");
}

// "broker.example:8883": names are looked up, the certificate must hold them.
Result<void> aim(SimulationOptions& out, const std::string& address) {
    const auto colon = address.rfind(':');
    out.tls_host = address.substr(0, colon);
    if (const auto endpoint = net::Endpoint::parse(address)) {
        out.mqtt = *endpoint;
        return {};
    }
    std::uint16_t port = 0;
    const auto* const end = address.data() + address.size();
    if (colon == std::string::npos ||
        std::from_chars(address.data() + colon + 1, end, port).ptr != end || port == 0)
        return fail(Error::Kind::malformed, "expected HOST:PORT", "--mqtt");
    VIGIL_TRY(endpoints, net::resolve(out.tls_host, port));
    out.mqtt = endpoints.front();
    return {};
}

// "6h" ago, or a time.
Result<Timestamp> moment_of(const std::string& since) {
    const auto now = net::system_clocks().wall();
    if (const auto ago = parse_duration(since)) return now - *ago;
    VIGIL_TRY(time, parse_rfc3339(since));
    if (time.instant > now) return fail(Error::Kind::malformed, "lies in the future", "--since");
    return time.instant;
}

Result<SimulationOptions> simulation_of(const PlayOptions& play) {
    SimulationOptions out;
    const bool others = play.homes > 0 || !play.records.empty();
    out.beds = play.beds.value_or(others ? 0 : 8);
    out.homes = play.homes;
    out.records = play.records;
    out.seed = play.seed;
    out.scenario = play.scenario;
    out.scenario_file = play.scenario_file;
    if (!play.since.empty()) {
        VIGIL_TRY(since, moment_of(play.since));
        out.since = since;
    }
    out.speed = play.speed.value_or(out.since ? 0 : 1);
    if (out.speed > 1 && !out.since)
        return fail(Error::Kind::malformed,
                    "time goes faster only through a past: say since when, as with --since 6h",
                    "--speed");
    if (!play.duration.empty()) {
        VIGIL_TRY(duration, parse_duration(play.duration));
        out.duration = duration;
    }
    return out;
}

// A server in this process, asked as the operator at the machine.
AskServer ask_locally(Server& server) {
    return [&server](const std::string& method, const std::string& path, const std::string& body) {
        return ask_server(server, method, path, body);
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

Result<std::unique_ptr<Simulation>> prepare_demo(Server& server, const Addresses& addresses,
                                                 const PlayOptions& play) {
    VIGIL_TRY(options, simulation_of(play));
    VIGIL_CHECK(aim(options, addresses.mqtt));
    return Simulation::prepare(options, ask_locally(server), show_progress);
}

Result<std::unique_ptr<Simulation>> prepare_simulation(Operator& desk, const std::string& authority,
                                                       const SimulateOptions& given) {
    VIGIL_TRY(options, simulation_of(given.play));
    VIGIL_CHECK(aim(options, given.mqtt));
    options.log_file = given.log_file;
    options.certificates = given.certificates;
    if (given.tls || given.certificates || !given.cafile.empty())
        VIGIL_CHECK(use_tls(options, given.cafile.empty() ? authority : given.cafile));
    const auto ask = [&desk](const std::string& method, const std::string& path,
                             const std::string& body) {
        return method == "GET" ? desk.get(path) : desk.post(path, body);
    };
    return Simulation::prepare(options, ask, show_progress);
}

}  // namespace

std::string scenario_list() {
    std::string out;
    for (const auto& scenario : simulate::built_in_scenarios())
        out += fmt::format("  {:<26}{}\n", scenario.name, scenario.description);
    return out;
}

int simulate(const OperatorOptions& where, const SimulateOptions& options) {
    if (options.list_scenarios) {
        fmt::print("{}", scenario_list());
        return 0;
    }
    if (where.server.empty())
        return report({Error::Kind::malformed,
                       "name the running server: --server https://HOST:8443 --api-token TOKEN",
                       "--server"});
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    auto simulation = prepare_simulation(*desk, where.authority, options);
    if (!simulation) return report(simulation.error());
    (*simulation)->stop_on_signals();
    fmt::print(stderr, "vigil: playing; stop with Ctrl-C\n");
    (*simulation)->run();
    const auto totals = (*simulation)->totals();
    fmt::print("{{\"acknowledged\":{},\"refused\":{},\"dropped\":{}}}\n", totals.acknowledged,
               totals.refused, totals.dropped);
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
    auto password = admin_password();
    if (!password) return report(password.error());
    auto server = Server::open(config, std::move(*password), true);
    if (!server) return report(server.error());
    const auto addresses = (*server)->listen();
    if (!addresses) return report(addresses.error());
    auto simulation = prepare_demo(**server, *addresses, options.play);
    if (!simulation) return report(simulation.error());

    std::thread ward([&simulation] { (*simulation)->run(); });
    fmt::print("\n  The ward is at   https://{}\n  Sign in as       admin\n", addresses->https);
    if (!(*server)->made_password().empty())
        fmt::print("  with password    {}\n", (*server)->made_password());
    fmt::print(
        "  The browser will warn: the certificate is this server's own.\n"
        "  Devices connect by MQTT over TLS to {}.\n  Stop with Ctrl-C.\n\n",
        addresses->mqtts);
    (void)std::fflush(stdout);
    (*server)->run();
    (*simulation)->stop();
    ward.join();
    return 0;
}

}  // namespace vigil::app
