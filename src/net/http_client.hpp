#pragma once
// HTTP/1.1 requests from a loop, many at once, connections kept and used again: for what is told to
// others (subscriptions). Redirects are not followed: what was asked for is what is asked.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/connect.hpp"
#include "net/http_fetch.hpp"
#include "net/loop.hpp"
#include "net/reach.hpp"

namespace vigil::net {

struct HttpClientOptions {
    std::string ca_pem = {};  // trusted beside nobody else; empty: the system's store
    std::size_t connections_per_origin_max = 8;
    Nanoseconds idle_time_max = std::chrono::seconds(30);
    std::optional<Reach> reach = {};  // where host names may lead; none: anywhere
    Nanoseconds names_kept_for = std::chrono::seconds(60);
    // Looks host names up; must not run it on the loop's thread.
    std::function<void(std::function<void()>)> on_worker;
};

class HttpClient {
public:
    using Done = std::function<void(Result<session::HttpResponse>)>;

    HttpClient(Loop& loop, HttpClientOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // `done` is called once, later, on the loop's thread; an error says that there was no answer.
    // The client's own TLS material of the request is not used: options are for all.
    void send(const FetchRequest& request, Done done);

private:
    class Session;
    struct Origin;
    struct Job;
    using OriginPtr = std::shared_ptr<Origin>;

    OriginPtr origin_of(const Url& url);
    void find_addresses(const OriginPtr& origin);
    void dispatch(const OriginPtr& origin);
    void open(const OriginPtr& origin);
    void tidy();

    Loop& loop_;
    HttpClientOptions options_;
    std::shared_ptr<TlsClient> tls_;
    std::map<std::string, OriginPtr, std::less<>> origins_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer tidy_;
};

}  // namespace vigil::net
