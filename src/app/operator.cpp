#include "app/operator.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/own_secrets.hpp"
#include "app/root_keys.hpp"
#include "base/json.hpp"
#include "net/http_fetch.hpp"
#include "net/uri.hpp"
#include "share/answer.hpp"

namespace vigil::app {
namespace {

Error error_of(const session::HttpResponse& response) {
    JsonDocument document;
    const auto body = document.parse(response.body);
    if (!body)
        return {Error::Kind::internal, fmt::format("the server answered {}", response.status), ""};
    const auto error = (*body)["error"];
    return {error_kind(error["kind"].string()), std::string(error["message"].string()),
            std::string(error["place"].string())};
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// Our own paths, taken apart for a server in this process.
session::HttpRequest request_of(const std::string& method, const std::string& path,
                                const std::string& body) {
    session::HttpRequest request;
    request.method = method;
    request.body = body;
    request.peer.address = "this machine";
    const auto mark = path.find('?');
    request.path = unescaped(path.substr(0, mark));
    std::string_view query =
        mark == std::string::npos ? std::string_view() : std::string_view(path).substr(mark + 1);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        request.query.emplace_back(unescaped(pair.substr(0, equals)),
                                   unescaped(pair.substr(std::min(equals + 1, pair.size()))));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return request;
}

}  // namespace

Error::Kind error_kind(std::string_view word) {
    for (const auto kind :
         {Error::Kind::malformed, Error::Kind::unsupported, Error::Kind::too_large,
          Error::Kind::unknown_device, Error::Kind::not_found, Error::Kind::conflict,
          Error::Kind::forbidden, Error::Kind::busy})
        if (share::kind_word(kind) == word) return kind;
    return word == "unauthenticated" ? Error::Kind::forbidden : Error::Kind::internal;
}

Result<Operator> Operator::open(const OperatorOptions& options) {
    Operator out;
    out.options_ = options;
    if (!options.server.empty()) {
        if (options.token.empty())
            return fail(Error::Kind::malformed,
                        "a running server wants --api-token (made with `vigil account token`), or "
                        "VIGIL_TOKEN");
        if (!options.authority.empty()) {
            std::ifstream file(options.authority, std::ios::binary);
            if (!file) return fail(Error::Kind::not_found, "cannot be read", options.authority);
            out.authority_pem_.assign(std::istreambuf_iterator<char>(file), {});
        }
        return out;
    }
    Config config;
    if (!options.config_file.empty()) VIGIL_CHECK(read_config_file(config, options.config_file));
    config.data = options.data;
    VIGIL_CHECK(read_key_environment(config));
    if (std::error_code failure;
        !options.make_folder && !std::filesystem::exists(config.data + "/log.db", failure))
        return fail(Error::Kind::not_found, "there is no data folder here", config.data);
    VIGIL_TRY(password, admin_password());
    auto server = Server::open(config, std::move(password), false);
    if (!server) {
        auto error = std::move(server).error();
        if (error.kind == Error::Kind::conflict)
            error.message += "; ask the running server instead, with --server and --api-token";
        return tl::unexpected(std::move(error));
    }
    out.local_ = std::move(*server);
    if (!out.local_->made_password().empty())
        VIGIL_CHECK(tell_password(out.local_->made_password(), config.data));
    return out;
}

Result<std::string> ask_server(Server& server, const std::string& method, const std::string& path,
                               const std::string& body) {
    auto response = server.ask(request_of(method, path, body));
    if (response.status >= 400) return tl::unexpected(error_of(response));
    return std::move(response.body);
}

Result<session::HttpResponse> Operator::fetch(const std::string& method, const std::string& path,
                                              const std::string& body) const {
    net::FetchRequest request;
    request.method = method;
    request.url = options_.server + path;
    request.headers = {{"authorization", "Bearer " + options_.token}};
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.body = body;
    request.tls.ca_pem = authority_pem_;
    return net::http_fetch(request);
}

Result<std::string> Operator::ask(const std::string& method, const std::string& path,
                                  const std::string& body) {
    if (local_) return ask_server(*local_, method, path, body);
    Result<session::HttpResponse> response = fetch(method, path, body);
    if (!response) return tl::unexpected(response.error());
    if (response->status >= 400) return tl::unexpected(error_of(*response));
    return std::move(response->body);
}

}  // namespace vigil::app
