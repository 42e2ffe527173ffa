// However a stream is cut, the parser makes the same requests of it, and none larger than allowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "net/http_request_parser.hpp"

namespace {

using vigil::net::HttpRequestParser;

const vigil::net::HttpLimits limits{.head_bytes_max = 512, .fields_max = 8, .body_bytes_max = 64};

struct Outcome {
    std::vector<std::string> requests;
    int refusal = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view stream, std::size_t step) {
    Outcome outcome;
    HttpRequestParser parser(limits);
    while (!stream.empty() && outcome.refusal == 0) {
        auto part = stream.substr(0, step);
        stream.remove_prefix(part.size());
        while (!part.empty() && outcome.refusal == 0) {
            const auto before = part.size();
            const auto state = parser.feed(part);
            if (state == HttpRequestParser::State::refused)
                outcome.refusal = parser.refusal_status();
            if (state == HttpRequestParser::State::complete) {
                const auto request = parser.take();
                if (request.body.size() > limits.body_bytes_max) std::abort();
                if (request.path.find("/../") != std::string::npos) std::abort();
                outcome.requests.push_back(request.method + request.path + request.body);
            } else if (part.size() == before && outcome.refusal == 0) {
                std::abort();  // took nothing and wants nothing: a loop without an end
            }
        }
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream(reinterpret_cast<const char*>(data), size);
    if (parse(stream, stream.size() + 1) != parse(stream, 1)) std::abort();
    return 0;
}
