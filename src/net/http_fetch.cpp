#include "net/http_fetch.hpp"

#include <fmt/format.h>

#include <optional>

#include "net/connect.hpp"
#include "net/http_response_parser.hpp"
#include "net/uri.hpp"

namespace vigil::net {
namespace {

struct Outcome {
    std::optional<Result<session::HttpResponse>> answer;
    void set(Result<session::HttpResponse> value) {
        if (!answer) answer = std::move(value);
    }
};

// Sends a request and takes the answer off the stream. The outcome outlives it.
class FetchSession final : public session::ByteSession {
public:
    FetchSession(std::string request, bool head_only, std::size_t body_bytes_max, Outcome& outcome)
        : request_(std::move(request)),
          parser_(head_only, {.body_bytes_max = body_bytes_max}),
          outcome_(outcome) {}

    void on_open(Timestamp, session::Waker, session::Actions& out) override {
        out.send = std::exchange(request_, {});
        opened_ = true;
    }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        using State = HttpResponseParser::State;
        switch (parser_.feed(bytes)) {
            case State::head:
            case State::body:
                return;
            case State::complete:
                outcome_.set(parser_.take());
                break;
            case State::malformed:
                outcome_.set(fail(Error::Kind::malformed, "the answer is no HTTP/1.1"));
                break;
            case State::too_large:
                outcome_.set(fail(Error::Kind::too_large, "the answer is too long"));
                break;
        }
        out.close = true;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {
        if (parser_.end() == HttpResponseParser::State::complete)
            outcome_.set(parser_.take());
        else
            outcome_.set(fail(Error::Kind::busy, opened_ ? "the server closed before it answered"
                                                         : "the server cannot be reached"));
    }

private:
    std::string request_;
    bool opened_ = false;
    HttpResponseParser parser_;
    Outcome& outcome_;
};

Result<session::HttpResponse> fetch_from(const Endpoint& endpoint, const FetchRequest& request,
                                         const Url& url, const std::shared_ptr<TlsClient>& tls) {
    Outcome outcome;
    Loop loop;
    auto client = connect(
        loop,
        {.endpoint = endpoint,
         .tls = tls,
         .host = url.host,
         .limits = {.first_byte_time_max = request.time_max,
                    .send_queue_bytes_max = request.body.size() + 1024 * 1024}},
        std::make_unique<FetchSession>(written(request, url, false), request.method == "HEAD",
                                       request.body_bytes_max, outcome));
    if (!client) return tl::unexpected(client.error());
    loop.run_until([&] { return outcome.answer.has_value(); }, request.time_max);
    Result<session::HttpResponse> answer =
        fail(Error::Kind::busy, "the server did not answer in time");
    if (outcome.answer) answer = std::move(*outcome.answer);
    if (const auto& failure = (*client)->failure(); !answer && failure)
        return tl::unexpected(*failure);
    return answer;
}

}  // namespace

std::string written(const FetchRequest& request, const Url& url, bool kept) {
    const auto host =
        url.host.find(':') == std::string::npos ? url.host : fmt::format("[{}]", url.host);
    auto text = fmt::format("{} {} HTTP/1.1\r\nhost: {}:{}\r\nconnection: {}\r\n", request.method,
                            url.target, host, url.port, kept ? "keep-alive" : "close");
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
        text += fmt::format("content-length: {}\r\n", request.body.size());
    for (const auto& [name, value] : request.headers)
        text += fmt::format("{}: {}\r\n", name, value);
    return text + "\r\n" + request.body;
}

Result<void> check(const FetchRequest& request) {
    const auto line_breaks = [](std::string_view text) {
        return text.find_first_of("\r\n") != std::string_view::npos;
    };
    if (!is_token(request.method)) return fail(Error::Kind::malformed, "no such method");
    for (const auto& [name, value] : request.headers)
        if (!is_token(name) || line_breaks(value))
            return fail(Error::Kind::malformed, "a header field cannot be sent", name);
    return {};
}

Result<session::HttpResponse> http_fetch(const FetchRequest& request) {
    VIGIL_CHECK(check(request));
    VIGIL_TRY(url, parse_url(request.url));
    std::shared_ptr<TlsClient> tls;
    if (url.tls) {
        VIGIL_TRY(made, TlsClient::make(request.tls));
        tls = std::move(made);
    }
    VIGIL_TRY(found, resolve(url.host, url.port));
    if (request.reach) {
        VIGIL_TRY(admitted, request.reach->within(url.host, std::move(found)));
        found = std::move(admitted);
    }
    Result<session::HttpResponse> answer = fail(Error::Kind::busy, "the server has no address");
    for (const auto& endpoint : found) {
        answer = fetch_from(endpoint, request, url, tls);
        if (answer || answer.error().kind != Error::Kind::busy) return answer;
    }
    answer.error().place = request.url;
    return answer;
}

}  // namespace vigil::net
