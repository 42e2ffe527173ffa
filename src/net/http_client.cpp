#include "net/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "net/http_response_parser.hpp"
#include "net/uri.hpp"

namespace vigil::net {

struct HttpClient::Job {
    std::string bytes;
    bool head_only = false;
    std::size_t body_bytes_max = 0;
    std::int64_t due_ns = 0;  // on the steady clock
    Done done;
    bool was_sent = false;
};

namespace {

constexpr auto tidy_interval = std::chrono::seconds(1);

Error too_late() {
    return {Error::Kind::busy, "the server did not answer in time", {}};
}

}  // namespace

// One connection, kept while it is of use.
class HttpClient::Session final : public session::ByteSession {
public:
    Session(HttpClient& client, OriginPtr origin) : client_(client), origin_(std::move(origin)) {}

    bool is_free() const { return open_ && !job_ && !ended_; }
    bool is_opening() const { return !open_ && !ended_; }
    bool has_ended() const { return ended_; }
    std::int64_t free_since_ns() const { return free_since_ns_; }
    void take(std::unique_ptr<Job> job) {
        job_ = std::move(job);
        wake_();
    }
    void end() {
        ending_ = true;
        if (wake_) wake_();
    }

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp now, session::Actions& out) override;
    void on_wake(Timestamp now, session::Actions& out) override;
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp now) override;

private:
    void finish(Result<session::HttpResponse> answer);

    HttpClient& client_;
    OriginPtr origin_;
    session::Waker wake_;
    std::unique_ptr<Job> job_;
    std::optional<HttpResponseParser> parser_;
    std::int64_t free_since_ns_ = 0;
    bool open_ = false, ended_ = false, ending_ = false;
};

struct HttpClient::Origin {
    Url url;
    std::vector<Endpoint> endpoints;
    std::size_t next_endpoint = 0;
    std::int64_t found_ns = 0;
    bool looking = false;
    std::deque<std::unique_ptr<Job>> queue;
    struct Open {
        Session* session;  // owned by the connection, until it has ended
        std::unique_ptr<Client> client;
    };
    std::vector<Open> connections;
    unsigned failures = 0;  // of connections in a row
    Error last_failure{Error::Kind::busy, "the server cannot be reached", {}};

    void forget_ended() {
        std::erase_if(connections, [this](const Open& one) {
            if (one.client->ended() && one.client->failure()) last_failure = *one.client->failure();
            return one.client->ended();
        });
    }
    void fail_all(const Error& error) {
        for (auto& job : std::exchange(queue, {})) job->done(tl::unexpected(error));
    }
};

// --- a connection ---

void HttpClient::Session::on_open(Timestamp, session::Waker wake, session::Actions&) {
    wake_ = std::move(wake);
    open_ = true;
    origin_->failures = 0;
    free_since_ns_ = client_.loop_.steady_now_ns();
    client_.loop_.post(
        [alive = std::weak_ptr(client_.alive_), client = &client_, origin = origin_] {
            if (!alive.expired()) client->dispatch(origin);
        });
}

void HttpClient::Session::on_wake(Timestamp now, session::Actions& out) {
    if (ending_ && !job_) {
        out.close = true;
        return;
    }
    if (!job_ || job_->was_sent) return;
    job_->was_sent = true;
    out.send += job_->bytes;
    out.wake_at = now + Nanoseconds(job_->due_ns - client_.loop_.steady_now_ns());
    parser_.emplace(job_->head_only, HttpResponseLimits{.body_bytes_max = job_->body_bytes_max});
}

void HttpClient::Session::on_bytes(Timestamp, std::string_view bytes, session::Actions& out) {
    using State = HttpResponseParser::State;
    if (!job_ || !parser_) {  // nothing was asked
        out.close = true;
        return;
    }
    switch (parser_->feed(bytes)) {
        case State::head:
        case State::body:
            return;
        case State::complete: {
            if (parser_->ends_connection()) ending_ = true;
            auto answer = parser_->take();
            for (const auto& [name, value] : answer.headers)
                if (name == "connection" && value.find("close") != std::string::npos)
                    ending_ = true;
            if (!bytes.empty()) ending_ = true;
            finish(std::move(answer));
            out.close = ending_;
            return;
        }
        case State::malformed:
            finish(fail(Error::Kind::malformed, "the answer is no HTTP/1.1"));
            break;
        case State::too_large:
            finish(fail(Error::Kind::too_large, "the answer is too long"));
            break;
    }
    out.close = ending_ = true;
}

void HttpClient::Session::on_timer(Timestamp, session::Actions& out) {
    if (!job_ || job_->due_ns > client_.loop_.steady_now_ns()) return;
    finish(tl::unexpected(too_late()));
    out.close = ending_ = true;
}

void HttpClient::Session::on_closed(Timestamp) {
    ended_ = true;
    if (!open_) ++origin_->failures;
    if (!job_) {
        client_.loop_.post(
            [alive = std::weak_ptr(client_.alive_), client = &client_, origin = origin_] {
                if (!alive.expired()) client->dispatch(origin);
            });
        return;
    }
    if (parser_ && parser_->end() == HttpResponseParser::State::complete)
        return finish(parser_->take());
    finish(fail(Error::Kind::busy, "the server closed before it answered"));
}

void HttpClient::Session::finish(Result<session::HttpResponse> answer) {
    free_since_ns_ = client_.loop_.steady_now_ns();
    auto job = std::move(job_);
    parser_.reset();
    client_.loop_.post([alive = std::weak_ptr(client_.alive_), client = &client_, origin = origin_,
                        done = std::move(job->done), answer = std::move(answer)]() mutable {
        done(std::move(answer));
        if (!alive.expired()) client->dispatch(origin);
    });
}

// --- the client ---

HttpClient::HttpClient(Loop& loop, HttpClientOptions options)
    : loop_(loop), options_(std::move(options)), tidy_(loop, [this] { tidy(); }) {
    tidy_.after(tidy_interval);
}

HttpClient::~HttpClient() {
    alive_.reset();
    for (const auto& [name, origin] : origins_) {
        origin->fail_all({Error::Kind::busy, "the server is going down", {}});
        origin->connections.clear();
    }
}

HttpClient::OriginPtr HttpClient::origin_of(const Url& url) {
    const auto name = fmt::format("{}{}:{}", url.tls ? "s" : "", url.host, url.port);
    auto& origin = origins_[name];
    if (!origin) {
        origin = std::make_shared<Origin>();
        origin->url = url;
    }
    return origin;
}

void HttpClient::send(const FetchRequest& request, Done done) {
    const auto refuse = [&](Error error) {
        loop_.post(
            [done = std::move(done), error = std::move(error)] { done(tl::unexpected(error)); });
    };
    if (auto checked = check(request); !checked) return refuse(std::move(checked).error());
    auto url = parse_url(request.url);
    if (!url) return refuse(std::move(url).error());
    if (url->tls && !tls_) {
        auto made = TlsClient::make({.ca_pem = options_.ca_pem});
        if (!made) return refuse(std::move(made).error());
        tls_ = std::move(*made);
    }
    auto job = std::make_unique<Job>();
    job->bytes = written(request, *url, true);
    job->head_only = request.method == "HEAD";
    job->body_bytes_max = request.body_bytes_max;
    job->due_ns = loop_.steady_now_ns() + request.time_max.count();
    job->done = std::move(done);
    const auto origin = origin_of(*url);
    origin->queue.push_back(std::move(job));
    dispatch(origin);
}

void HttpClient::find_addresses(const OriginPtr& origin) {
    if (std::exchange(origin->looking, true)) return;
    options_.on_worker([alive = std::weak_ptr(alive_), client = this, poster = loop_.poster(),
                        origin, host = origin->url.host, port = origin->url.port,
                        reach = options_.reach] {
        auto found = resolve(host, port);
        if (found && reach) found = reach->within(host, std::move(*found));
        poster([alive, client, origin, found = std::move(found)] {
            if (alive.expired()) return;
            origin->looking = false;
            if (!found || found->empty())
                return origin->fail_all(found ? Error{Error::Kind::busy, "it has no address", {}}
                                              : found.error());
            origin->endpoints = *found;
            origin->found_ns = client->loop_.steady_now_ns();
            client->dispatch(origin);
        });
    });
}

// Gives what waits to connections that are free, and opens more where there are too few.
void HttpClient::dispatch(const OriginPtr& origin) {
    origin->forget_ended();
    for (auto& one : origin->connections) {
        if (origin->queue.empty()) return;
        if (one.client->ended() || !one.session->is_free()) continue;
        one.session->take(std::move(origin->queue.front()));
        origin->queue.pop_front();
    }
    if (origin->queue.empty()) return;
    const bool names_are_old =
        origin->endpoints.empty() ||
        loop_.steady_now_ns() - origin->found_ns > options_.names_kept_for.count();
    if (names_are_old) return find_addresses(origin);
    // Each address was tried.
    if (origin->failures >= origin->endpoints.size() && origin->connections.empty()) {
        origin->failures = 0;
        origin->found_ns = 0;
        return origin->fail_all(origin->last_failure);
    }
    std::size_t opening = 0;
    for (const auto& one : origin->connections)
        if (!one.client->ended() && one.session->is_opening()) ++opening;
    while (opening < origin->queue.size() &&
           origin->connections.size() < options_.connections_per_origin_max) {
        open(origin);
        ++opening;
    }
}

void HttpClient::open(const OriginPtr& origin) {
    const auto& endpoint = origin->endpoints[origin->next_endpoint++ % origin->endpoints.size()];
    auto session = std::make_unique<Session>(*this, origin);
    auto* watched = session.get();
    auto client = connect(loop_,
                          {.endpoint = endpoint,
                           .tls = origin->url.tls ? tls_ : nullptr,
                           .host = origin->url.host,
                           .limits = {.first_byte_time_max = std::chrono::minutes(5)}},
                          std::move(session));
    if (!client) {
        ++origin->failures;
        loop_.post([this, alive = std::weak_ptr(alive_), origin] {
            if (!alive.expired()) dispatch(origin);
        });
        return;
    }
    origin->connections.push_back({watched, std::move(*client)});
}

// Ends what waited too long for a connection, and connections that nobody needs.
void HttpClient::tidy() {
    const auto now = loop_.steady_now_ns();
    std::vector<Done> late;
    for (auto place = origins_.begin(); place != origins_.end();) {
        auto& origin = *place->second;
        std::erase_if(origin.queue, [&](auto& job) {
            if (job->due_ns > now) return false;
            late.push_back(std::move(job->done));
            return true;
        });
        origin.forget_ended();
        for (auto& one : origin.connections)
            if (one.session->is_free() &&
                now - one.session->free_since_ns() > options_.idle_time_max.count())
                one.session->end();
        const bool is_over = origin.queue.empty() && origin.connections.empty() && !origin.looking;
        place = is_over ? origins_.erase(place) : std::next(place);
    }
    for (const auto& done : late) done(tl::unexpected(too_late()));
    tidy_.after(tidy_interval);
}

}  // namespace vigil::net
