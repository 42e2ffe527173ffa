// What the configuration says of the collector.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "app/audit_syslog.hpp"
#include "app/read_file.hpp"

namespace vigil::app {
namespace {

constexpr std::uint16_t port_default = 6514;  // RFC 5425 4.1

tl::unexpected<Error> wrong(std::string what, std::string setting) {
    return fail(Error::Kind::malformed, std::move(what), std::move(setting));
}

// "collector.example", "collector.example:6514", "[2001:db8::1]:6514".
bool read_address(std::string_view text, SyslogCollector& out) {
    const bool is_bracketed = text.starts_with('[');
    const auto host_end = is_bracketed ? text.find(']') : text.find(':');
    if (is_bracketed && host_end == std::string_view::npos) return false;
    out.host = is_bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
    auto rest = host_end == std::string_view::npos ? std::string_view()
                                                   : text.substr(host_end + (is_bracketed ? 1 : 0));
    out.port = port_default;
    if (!rest.empty()) {
        if (rest.front() != ':') return false;
        rest.remove_prefix(1);
        const auto* const end = rest.data() + rest.size();
        const auto read = std::from_chars(rest.data(), end, out.port);
        if (read.ec != std::errc() || read.ptr != end || out.port == 0) return false;
    }
    return !out.host.empty() && out.host.find_first_of(" /@?#\\") == std::string::npos;
}

Result<std::string> file_of(const std::string& path, std::string_view setting) {
    if (path.empty()) return std::string();
    auto text = read_file(path);
    if (!text) return wrong(fmt::format("{} cannot be read", path), std::string(setting));
    return text;
}

}  // namespace

std::string SyslogCollector::shown() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Result<std::optional<SyslogCollector>> syslog_collector(const Config& config) {
    const std::array<std::pair<std::string_view, const std::string*>, 4> beside{
        {{"audit.syslog_ca", &config.audit_syslog_ca},
         {"audit.syslog_name", &config.audit_syslog_name},
         {"audit.syslog_certificate", &config.audit_syslog_certificate},
         {"audit.syslog_key", &config.audit_syslog_key}}};
    if (config.audit_syslog.empty()) {
        for (const auto& [setting, value] : beside)
            if (!value->empty())
                return wrong("audit.syslog, which says where to, is missing", std::string(setting));
        return std::optional<SyslogCollector>();
    }
    if (config.audit_syslog.find("://") != std::string::npos)
        return wrong(
            "takes HOST:PORT without a scheme: it is TLS always (RFC 5425); there is no "
            "syslog over plain TCP or UDP",
            "audit.syslog");
    SyslogCollector out;
    if (!read_address(config.audit_syslog, out))
        return wrong("takes HOST:PORT, such as collector.example:6514", "audit.syslog");
    out.name = config.audit_syslog_name.empty() ? out.host : config.audit_syslog_name;
    if (config.audit_syslog_certificate.empty() != config.audit_syslog_key.empty())
        return wrong(
            "audit.syslog_certificate and audit.syslog_key go together",
            config.audit_syslog_key.empty() ? "audit.syslog_key" : "audit.syslog_certificate");
    VIGIL_TRY(ca, file_of(config.audit_syslog_ca, "audit.syslog_ca"));
    VIGIL_TRY(certificate, file_of(config.audit_syslog_certificate, "audit.syslog_certificate"));
    VIGIL_TRY(key, file_of(config.audit_syslog_key, "audit.syslog_key"));
    const bool has_own = !certificate.empty();
    auto tls = net::TlsClient::make({.ca_pem = std::move(ca),
                                     .certificate_pem = std::move(certificate),
                                     .key_pem = std::move(key)});
    if (!tls)
        return wrong(tls.error().message, has_own ? "audit.syslog_certificate" : "audit.syslog_ca");
    // The name is checked as each connection is made: that it can be, now.
    if (const auto stream = (*tls)->stream(out.name); !stream)
        return wrong("this is no name that a certificate bears", "audit.syslog_name");
    out.tls = std::move(*tls);
    return std::optional(std::move(out));
}

}  // namespace vigil::app
