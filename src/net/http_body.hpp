#pragma once
// Takes the body of an HTTP/1.1 message off a stream, however the stream is cut.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_fields.hpp"

namespace vigil::net {

class HttpBody {
public:
    enum class State : std::uint8_t { more, complete, malformed, too_large };

    HttpBody() = default;
    HttpBody(BodyFraming framing, std::size_t bytes_max);
    // A response without either framing ends with its connection.
    static HttpBody until_closed(std::size_t bytes_max);

    // Takes what belongs to the body from the front of `bytes`, and appends what it carries.
    State feed(std::string_view& bytes, std::string& out);

private:
    enum class Step : std::uint8_t {
        data,
        chunk_size,
        chunk_data,
        chunk_end,
        trailer,
        until_closed,
        complete
    };
    State advance(std::string_view& bytes, std::string& out);
    bool take_line(std::string_view& bytes);
    State size_line();
    void take_data(std::string_view& bytes, std::string& out);

    Step step_ = Step::complete;
    std::uint64_t left_ = 0;
    std::size_t bytes_max_ = 0, taken_ = 0, trailer_bytes_ = 0;
    std::string line_;
    bool line_broken_ = false;
};

}  // namespace vigil::net
