#include "net/http_stream.hpp"

#include <limits>
#include <optional>

#include "net/connect.hpp"
#include "net/http_response_parser.hpp"

namespace vigil::net {
namespace {

// What may have come and not been taken: the other end waits then.
constexpr std::size_t ahead_bytes_max = std::size_t{1} << 20;

using State = HttpResponseParser::State;

struct Answer {
    HttpResponseParser parser{
        false, HttpResponseLimits{.body_bytes_max = std::numeric_limits<std::int64_t>::max()}};
    State state = State::head;
    std::string body;
    std::optional<Error> failure;
    session::Waker wake;
    bool paused = false;

    bool is_over() const { return failure || state == State::complete; }
};

class StreamSession final : public session::ByteSession {
public:
    StreamSession(std::string request, Answer& answer)
        : request_(std::move(request)), answer_(answer) {}

    void on_open(Timestamp, session::Waker wake, session::Actions& out) override {
        answer_.wake = std::move(wake);
        out.send = std::exchange(request_, {});
        opened_ = true;
    }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        if (answer_.is_over()) return;
        answer_.state = answer_.parser.feed(bytes);
        if (answer_.state == State::body || answer_.state == State::complete)
            answer_.body += answer_.parser.take_body();
        if (answer_.state == State::malformed || answer_.state == State::too_large)
            answer_.failure = Error{Error::Kind::malformed, "the answer is no HTTP/1.1", {}};
        out.close = answer_.is_over();
        if (answer_.body.size() < ahead_bytes_max) return;
        out.reading = false;
        answer_.paused = true;
    }
    void on_wake(Timestamp, session::Actions& out) override {
        if (std::exchange(answer_.paused, false)) out.reading = true;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {
        answer_.wake = {};
        if (answer_.is_over()) return;
        answer_.state = answer_.parser.end();
        if (answer_.state != State::complete)
            answer_.failure = Error{Error::Kind::busy,
                                    opened_ ? "the server closed before its answer was whole"
                                            : "the server cannot be reached",
                                    {}};
    }

private:
    std::string request_;
    bool opened_ = false;
    Answer& answer_;
};

}  // namespace

struct HttpStream::Parts {
    Loop loop;
    Answer answer;
    std::unique_ptr<Client> client;
};

HttpStream::HttpStream(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpStream::~HttpStream() = default;

Result<std::unique_ptr<HttpStream>> HttpStream::open(const FetchRequest& request) {
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
    Error error{Error::Kind::busy, "the server has no address", {}};
    for (const auto& endpoint : found) {
        auto parts = std::make_unique<Parts>();
        auto& answer = parts->answer;
        auto client =
            connect(parts->loop,
                    {.endpoint = endpoint,
                     .tls = tls,
                     .host = url.host,
                     .limits = {.first_byte_time_max = request.time_max}},
                    std::make_unique<StreamSession>(written(request, url, false), answer));
        if (!client) {
            error = client.error();
            continue;
        }
        parts->client = std::move(*client);
        parts->loop.run_until([&] { return answer.is_over() || answer.state != State::head; },
                              request.time_max);
        if (!answer.failure && answer.state != State::head)
            return std::unique_ptr<HttpStream>(new HttpStream(std::move(parts)));
        error = answer.failure.value_or(
            Error{Error::Kind::busy, "the server did not answer in time", {}});
        if (const auto& failure = parts->client->failure()) error = *failure;
        if (error.kind != Error::Kind::busy) break;
    }
    return tl::unexpected(std::move(error));
}

int HttpStream::status() const {
    return parts_->answer.parser.head().status;
}
const session::HttpHeaders& HttpStream::headers() const {
    return parts_->answer.parser.head().headers;
}

Result<bool> HttpStream::next(std::string& out, Nanoseconds wait_max) {
    auto& answer = parts_->answer;
    if (answer.body.empty() && !answer.is_over()) {
        if (answer.paused && answer.wake) answer.wake();
        parts_->loop.run_until([&] { return !answer.body.empty() || answer.is_over(); }, wait_max);
    }
    out += std::exchange(answer.body, {});
    if (answer.failure) return tl::unexpected(*answer.failure);
    return answer.state != State::complete;
}

}  // namespace vigil::net
