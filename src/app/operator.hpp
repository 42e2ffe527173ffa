#pragma once
// The command line's way to a server: over its API with a token, or on an idle data folder in this
// very process. Both answer the same requests.

#include <memory>
#include <string>

#include "app/config.hpp"
#include "app/server.hpp"
#include "base/result.hpp"
#include "session/http.hpp"

namespace vigil::app {

struct OperatorOptions {
    std::string server;     // "https://host:8443"; empty: the data folder
    std::string token;      // for the server
    std::string authority;  // PEM file of who vouches for the server; empty: the system's
    std::string data = "vigil-data";
    std::string config_file;
    bool make_folder = true;  // where there is none yet
};

class Operator {
public:
    static Result<Operator> open(const OperatorOptions& options);

    // `path` with its query: "/api/devices?limit=10". The answer's body, or its error.
    Result<std::string> get(const std::string& path) { return ask("GET", path, ""); }
    Result<std::string> post(const std::string& path, const std::string& body) {
        return ask("POST", path, body);
    }
    Result<std::string> ask(const std::string& method, const std::string& path,
                            const std::string& body);

private:
    Operator() = default;
    Result<session::HttpResponse> fetch(const std::string& method, const std::string& path,
                                        const std::string& body) const;

    OperatorOptions options_;
    std::string authority_pem_;
    std::unique_ptr<Server> local_;
};

// Asks a server of this process as the operator at the machine does.
Result<std::string> ask_server(Server& server, const std::string& method, const std::string& path,
                               const std::string& body);

// What the API calls it, back again.
Error::Kind error_kind(std::string_view word);

}  // namespace vigil::app
