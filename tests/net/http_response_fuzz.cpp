// However a stream is cut, the parser makes the same answer of it, and none larger than allowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_response_parser.hpp"

namespace {

using vigil::net::HttpResponseParser;
using State = HttpResponseParser::State;

constexpr vigil::net::HttpResponseLimits limits{
    .head_bytes_max = 512, .fields_max = 8, .body_bytes_max = 64, .interim_max = 2};

struct Outcome {
    State state = State::head;
    int status = 0;
    vigil::session::HttpHeaders headers;
    std::string body, rest;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view stream, bool head_only, std::size_t step) {
    Outcome outcome;
    HttpResponseParser parser(head_only, limits);
    while (!stream.empty() && (outcome.state == State::head || outcome.state == State::body)) {
        auto part = stream.substr(0, step);
        const auto given = part.size();
        outcome.state = parser.feed(part);
        if (outcome.state <= State::body && !part.empty())
            std::abort();  // it wants more and leaves what it has
        stream.remove_prefix(given - part.size());
    }
    outcome.state = parser.end();
    if (outcome.state != State::complete) return outcome;
    auto response = parser.take();
    if (response.body.size() > limits.body_bytes_max || response.headers.size() > limits.fields_max)
        std::abort();
    if (response.status < 200 || response.status > 999) std::abort();
    outcome.status = response.status;
    outcome.headers = std::move(response.headers);
    outcome.body = std::move(response.body);
    outcome.rest = stream;
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream(reinterpret_cast<const char*>(data), size);
    for (const bool head_only : {false, true})
        if (parse(stream, head_only, stream.size() + 1) != parse(stream, head_only, 1))
            std::abort();
    return 0;
}
