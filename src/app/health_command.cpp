// `vigil health`: whether a server answers, for whoever restarts it if not.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "app/commands.hpp"
#include "net/http_fetch.hpp"

namespace vigil::app {
namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr int server_fault = 500;

}  // namespace

int health(const OperatorOptions& where) {
    net::FetchRequest request;
    // Asks for no data and takes no credential: 401 is an answer.
    request.url = (where.server.empty() ? "https://127.0.0.1:8443" : where.server) + "/api/session";
    request.time_max = patience;
    if (!where.authority.empty()) {
        std::ifstream file(where.authority, std::ios::binary);
        if (!file) return report({Error::Kind::not_found, "cannot be read", where.authority});
        request.tls.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
    }
    const auto answer = net::http_fetch(request);
    if (!answer) return report(answer.error());
    if (answer->status >= server_fault)
        return report({Error::Kind::busy, fmt::format("it answers {}", answer->status), ""});
    return 0;
}

}  // namespace vigil::app
