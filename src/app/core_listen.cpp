// The ways in: MQTT and HTTP, plain and over TLS.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "app/core.hpp"
#include "app/read_file.hpp"
#include "app/setting_values.hpp"
#include "app/standing_fields.hpp"
#include "share/alarms/occurrences.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view http_protocol = "http/1.1";  // as ALPN calls it (RFC 7301 6)

bool is_off(const std::string& address) {
    return address.empty() || address == "off";
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

// Beside the program in a build tree, or where an installation puts it.
std::string web_folder(const Config& config) {
    if (!config.web.empty()) return config.web;
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const auto& candidate : {program / "../../web/dist", program / "../share/vigil/web"})
        if (std::filesystem::exists(candidate / "index.html", ignored)) return candidate.string();
    return {};
}

fhir::ValidationMode validation_mode(std::string_view word) {
    if (word == "off") return fhir::ValidationMode::off;
    return word == "warn" ? fhir::ValidationMode::warn : fhir::ValidationMode::enforce;
}

}  // namespace

Result<identity::KeyPair> Server::Core::server_certificate() {
    if (!config_.tls_certificate.empty()) {
        VIGIL_TRY(certificate, read_file(config_.tls_certificate));
        VIGIL_TRY(key, read_file(config_.tls_key));
        return identity::KeyPair{certificate, key};
    }
    VIGIL_CHECK(write_authority());
    return folder_->keys().server_certificate(
        folder_->authority(), {"localhost", "127.0.0.1", "::1", host_name()}, started_);
}

// What devices and browsers trust, without its key: for a person to hand on.
Result<void> Server::Core::write_authority() {
    const auto path = std::filesystem::path(config_.data) / "vigil-ca.pem";
    const auto& certificate = folder_->authority().pair().certificate_pem;
    if (read_file(path.string()).value_or("") == certificate) return {};
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << certificate;
    if (!file.flush()) return fail(Error::Kind::internal, "cannot be written", path.string());
    return {};
}

Result<std::shared_ptr<net::TlsServer>> Server::Core::tls_server(
    bool ask_devices, std::vector<std::string> protocols) {
    VIGIL_TRY(pair, server_certificate());
    net::TlsServerMaterial material;
    material.certificate_pem = pair.certificate_pem;
    material.key_pem = pair.private_key_pem;
    if (ask_devices) material.client_ca_pem = folder_->authority().pair().certificate_pem;
    material.application_protocols = std::move(protocols);
    return net::TlsServer::make(material);
}

Result<Addresses> Server::Core::listen() {
    Addresses addresses;
    if (const auto folder = web_folder(config_); !folder.empty()) {
        VIGIL_TRY(web, net::StaticFiles::load(folder));
        web_ = std::move(web);
    }
    VIGIL_CHECK(listen_mqtt(addresses));
    VIGIL_CHECK(listen_http(addresses));
    VIGIL_CHECK(open_fhir(addresses));
    return addresses;
}

Result<void> Server::Core::listen_mqtt(Addresses& out) {
    const auto open = [this](const std::string& address, std::shared_ptr<net::TlsServer> tls,
                             std::string& bound) -> Result<void> {
        VIGIL_TRY(endpoint, net::Endpoint::parse(address));
        net::ListenOptions options;
        options.endpoint = endpoint;
        options.tls = std::move(tls);
        options.connections_max = static_cast<std::size_t>(config_.connections_max);
        options.connections_per_address_max =
            static_cast<std::size_t>(config_.connections_per_address_max);
        net::HttpOptions http;
        http.standing = standing_fields(options.tls != nullptr);
        http.limits.body_bytes_max = DevicePort::body_bytes_max;
        auto port = std::make_shared<net::HttpServer>(
            net::HttpServer{std::move(http), device_port_, loop_.poster()});
        VIGIL_TRY(listener, net::listen(loop_, std::move(options),
                                        [this, port = std::move(port)](session::Peer peer)
                                            -> std::unique_ptr<session::ByteSession> {
                                            if (peer.application_protocol == http_protocol)
                                                return std::make_unique<net::HttpSession>(
                                                    port, std::move(peer));
                                            return broker_->connect(std::move(peer));
                                        }));
        bound = listener->endpoint().to_string();
        mqtt_listeners_.push_back(listener.get());
        listeners_.push_back(std::move(listener));
        return {};
    };
    if (!is_off(config_.mqtt)) VIGIL_CHECK(open(config_.mqtt, nullptr, out.mqtt));
    if (!is_off(config_.mqtts)) {
        VIGIL_TRY(tls, tls_server(true, {"mqtt", std::string(http_protocol)}));
        VIGIL_CHECK(open(config_.mqtts, tls, out.mqtts));
    }
    return {};
}

Result<void> Server::Core::listen_http(Addresses& out) {
    const auto open = [this](const std::string& address, std::shared_ptr<net::TlsServer> tls,
                             std::string& bound) -> Result<void> {
        VIGIL_TRY(endpoint, net::Endpoint::parse(address));
        net::ListenOptions options;
        options.endpoint = endpoint;
        options.tls = std::move(tls);
        options.connections_max = static_cast<std::size_t>(config_.connections_max);
        options.connections_per_address_max =
            static_cast<std::size_t>(config_.http_connections_per_address_max);
        net::HttpOptions http;
        http.standing = standing_fields(options.tls != nullptr);
        http.limits.body_bytes_max = static_cast<std::size_t>(config_.http_body_bytes_max);
        VIGIL_TRY(listener, net::listen_http(loop_, std::move(options), http, *this));
        bound = listener->endpoint().to_string();
        http_listeners_.push_back(listener.get());
        listeners_.push_back(std::move(listener));
        return {};
    };
    if (!is_off(config_.http)) VIGIL_CHECK(open(config_.http, nullptr, out.http));
    if (!is_off(config_.https)) {
        VIGIL_TRY(tls, tls_server(false, {std::string(http_protocol)}));
        VIGIL_CHECK(open(config_.https, tls, out.https));
    }
    return {};
}

// Links in answers lead to this server as its clients know it: by its public address, else by the
// first one it listens at.
Result<void> Server::Core::open_fhir(const Addresses& addresses) {
    auto base = config_.public_url;
    while (base.ends_with('/')) base.pop_back();
    if (base.empty()) {
        const bool secure = !addresses.https.empty();
        auto address = secure ? addresses.https : addresses.http;
        for (const auto* any : {"0.0.0.0:", "[::]:"})
            if (address.starts_with(any))
                address = "localhost:" + address.substr(std::string_view(any).size());
        base = (secure ? "https://" : "http://") + address;
    }
    VIGIL_CHECK(open_apps(base));
    tell_people(base);
    VIGIL_TRY(endpoints_ca, pem_setting(config_.fhir_subscription_ca));
    VIGIL_TRY(import_ca, pem_setting(config_.fhir_import_ca));
    VIGIL_TRY(reach, net::Reach::parse(config_.outbound_networks));
    const auto& organization = config_.site_organization;
    if (!organization.empty() && !organization.starts_with("Organization/"))
        return fail(Error::Kind::malformed, "takes a reference such as Organization/1",
                    "site.organization");
    fhir_ = std::make_unique<FhirDoor>(FhirDoorParts{
        .registry = registry_,
        .acts = *acts_,
        .desk = *desk_,
        .audit = *audit_,
        .records = folder_->records(),
        .documents = folder_->documents(),
        .series = folder_->series(),
        .intake = *intake_,
        .log = folder_->log(),
        .when_durable =
            [this](store::Ticket ticket, std::function<void(Result<void>)> done) {
                when_durable(ticket, std::move(done));
            },
        .catalogue = catalogue_,
        .now = [this] { return loop_.now(); },
        .clock = [] { return net::system_clocks().wall(); },
        .on_worker = [this](std::function<void()> work) { workers_->post(std::move(work)); },
        .on_loop = [this](std::function<void()> call) { loop_.post(std::move(call)); },
        .sender = [this](const session::HttpRequest& request) { return api_->sender(request); },
        .access_changed = [this] { access_changed(); },
        .stands =
            [this](const identity::Principal& who) { return share::still_stands(*context_, who); },
        .sealer = folder_->sealer(),
        .export_folder = folder_->path() + "/export",
        .exports = {.at_once = static_cast<std::size_t>(config_.fhir_exports_max),
                    .kept_for = config_.fhir_export_kept_for,
                    .bytes_max = static_cast<std::uint64_t>(config_.fhir_export_bytes_max)},
        .import_folder = folder_->path() + "/import",
        .import_sources = words_of(config_.fhir_import_sources),
        .import_ca_pem = std::move(import_ca),
        .imports = {.kept_for = config_.fhir_import_kept_for},
        .base = base + std::string(FhirDoor::path),
        .organization = organization,
        .authorization = base + "/oauth",
        .validation = validation_mode(config_.fhir_validation),
        .cors_origins = config_.fhir_cors_origins,
        .packages = config_.fhir_packages,
        .subscription_endpoints = words_of(config_.fhir_subscription_endpoints),
        .subscription_ca_pem = std::move(endpoints_ca),
        .reach = std::move(reach),
        .version = VIGIL_VERSION,
        .read_audit =
            [this](std::uint64_t before, const fhir::EventViews::Visit& visit) {
                return folder_->audit().read(identity::AccessDesk::for_system("audit events"),
                                             before, visit);
            },
        .read_alarms =
            [this](const store::Access& access, const fhir::AlarmQuery& query) {
                return share::read_occurrences(folder_->events(), watch_->tables(), catalogue_,
                                               access, query);
            },
        .site_name = config_.site_name});
    VIGIL_TRY(readings_seen, fhir_->start());
    if (readings_seen) VIGIL_CHECK(tell_readings_again(*readings_seen));
    return open_syslog(base + std::string(FhirDoor::path));
}

Result<void> Server::Core::open_syslog(const std::string& fhir_base) {
    VIGIL_TRY(collector, syslog_collector(config_));
    if (!collector) return {};
    syslog_ = std::make_unique<AuditSyslog>(
        std::move(*collector),
        AuditSyslog::Sources{
            .loop = loop_,
            .on_worker = [this](std::function<void()> work) { workers_->post(std::move(work)); },
            .follow =
                [this](std::uint64_t after, const auto& visit) {
                    return folder_->audit_passage().follow(
                        identity::AccessDesk::for_system("audit syslog"), after, visit);
                },
            .newest = [this] { return folder_->newest_audit_line(); },
            .documents = folder_->documents(),
            .source = {.host = host_name(),
                       .process = std::to_string(::getpid()),
                       .site_name = config_.site_name,
                       .fhir_base = fhir_base},
            .say = [](const std::string& line) { fmt::print(stderr, "vigil: {}\n", line); }});
    VIGIL_CHECK(syslog_->start());
    const std::lock_guard lock(measures_mutex_);
    figures_.syslog = syslog_->state();
    return {};
}

}  // namespace vigil::app
