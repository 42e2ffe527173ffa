#include "net/http_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "net/connect.hpp"
#include "net/http_body.hpp"
#include "net/http_response_writer.hpp"
#include "net/uri.hpp"

namespace vigil::net {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t fields_max = 200;

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
          head_only_(head_only),
          body_bytes_max_(body_bytes_max),
          outcome_(outcome) {}

    void on_open(Timestamp, session::Waker, session::Actions& out) override {
        out.send = std::exchange(request_, {});
        opened_ = true;
    }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        take(bytes);
        out.close = outcome_.answer.has_value();
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {
        if (in_body_ && until_closed_)
            outcome_.set(std::move(response_));
        else
            outcome_.set(fail(Error::Kind::busy, opened_ ? "the server closed before it answered"
                                                         : "the server cannot be reached"));
    }

private:
    void take(std::string_view bytes) {
        while (!outcome_.answer && !in_body_) {
            const auto state = head_.feed(bytes, head_bytes_max);
            if (state == HttpHead::State::more) return;
            if (state != HttpHead::State::complete || !begin_body()) return broken();
            head_.clear();
        }
        if (outcome_.answer) return;
        switch (body_.feed(bytes, response_.body)) {
            case HttpBody::State::more:
                return;
            case HttpBody::State::complete:
                return outcome_.set(std::move(response_));
            case HttpBody::State::malformed:
                return broken();
            case HttpBody::State::too_large:
                return outcome_.set(fail(Error::Kind::too_large, "the answer is too long"));
        }
    }

    // False: what came is no HTTP.
    bool begin_body() {
        const std::string_view text = head_.text();
        if (!text.starts_with("HTTP/1.") || text.size() < 12) return false;
        const auto digits = text.substr(9, 3);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), response_.status);
        auto fields = parse_fields(text.substr(text.find("\r\n") + 2), fields_max);
        if (error != std::errc() || end != digits.data() + digits.size() || !fields) return false;
        if (response_.status < 200) return response_.status != 101;  // 100: the real one follows
        const auto framing = body_framing(*fields);
        if (framing.kind > BodyFraming::Kind::chunked) return false;
        response_.headers = std::move(*fields);
        in_body_ = true;
        if (head_only_ || is_bodiless(response_.status)) {
            outcome_.set(std::move(response_));
        } else if (framing.kind == BodyFraming::Kind::none) {
            until_closed_ = true;
            body_ = HttpBody::until_closed(body_bytes_max_);
        } else {
            body_ = HttpBody(framing, body_bytes_max_);
        }
        return true;
    }
    void broken() { outcome_.set(fail(Error::Kind::malformed, "the answer is no HTTP/1.1")); }

    std::string request_;
    bool head_only_, opened_ = false, in_body_ = false, until_closed_ = false;
    std::size_t body_bytes_max_;
    HttpHead head_;
    HttpBody body_;
    session::HttpResponse response_;
    Outcome& outcome_;
};

std::string written(const FetchRequest& request, const Url& url) {
    const auto host =
        url.host.find(':') == std::string::npos ? url.host : fmt::format("[{}]", url.host);
    auto text = fmt::format("{} {} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\n",
                            request.method, url.target, host, url.port);
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

}  // namespace

Result<session::HttpResponse> http_fetch(const FetchRequest& request) {
    VIGIL_CHECK(check(request));
    VIGIL_TRY(url, parse_url(request.url));
    std::shared_ptr<TlsClient> tls;
    if (url.tls) {
        VIGIL_TRY(made, TlsClient::make(request.tls));
        tls = std::move(made);
    }
    VIGIL_TRY(endpoints, resolve(url.host, url.port));
    Outcome outcome;
    Loop loop;
    for (const auto& endpoint : endpoints) {
        outcome.answer.reset();
        auto client =
            connect(loop,
                    {.endpoint = endpoint,
                     .tls = tls,
                     .host = url.host,
                     .limits = {.first_byte_time_max = request.time_max,
                                .send_queue_bytes_max = request.body.size() + 1024 * 1024}},
                    std::make_unique<FetchSession>(written(request, url), request.method == "HEAD",
                                                   request.body_bytes_max, outcome));
        if (!client) {
            outcome.set(tl::unexpected(client.error()));
            continue;
        }
        if (!loop.run_until([&] { return outcome.answer.has_value(); }, request.time_max))
            outcome.set(fail(Error::Kind::busy, "the server did not answer in time"));
        if (!*outcome.answer && (*client)->failure())
            outcome.answer = tl::unexpected(*(*client)->failure());
        client->reset();
        if (outcome.answer->has_value() || outcome.answer->error().kind != Error::Kind::busy) break;
    }
    if (outcome.answer->has_value() || outcome.answer->error().kind != Error::Kind::busy)
        return std::move(*outcome.answer);
    auto error = outcome.answer->error();
    error.place = request.url;
    return tl::unexpected(std::move(error));
}

}  // namespace vigil::net
