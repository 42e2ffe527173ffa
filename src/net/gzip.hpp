#pragma once
// The gzip content coding (RFC 1952, RFC 9110 8.4.1.3).

#include <memory>
#include <string>
#include <string_view>

#include "session/http.hpp"

namespace vigil::net {

// One stream, a part at a time, in the memory of one window (256 kB).
class Gzip {
public:
    // 1 (fast) to 9 (small).
    explicit Gzip(int level);
    // Both append. What was added so far can be read at the other end after each call.
    void add(std::string_view clear, std::string& out);
    void finish(std::string& out);

private:
    struct Stream;
    struct StreamCloser {
        void operator()(Stream* stream) const;
    };
    void run(std::string_view clear, int flush, std::string& out);
    std::unique_ptr<Stream, StreamCloser> stream_;
};

std::string gzip(std::string_view clear, int level);

// Is the content coding acceptable? A quality of zero says no (RFC 9110 12.5.3).
bool accepts_encoding(std::string_view accept_encoding, std::string_view coding);
// Text of some kind: worth compressing.
bool is_compressible(std::string_view content_type);

// The response as gzip, if it is worth it: what is whole at once, what is streamed part by part as
// it is asked for. A strong ETag is then another one ("x-gzip").
bool worth_gzip(const session::HttpResponse& response);
session::HttpResponse gzipped(session::HttpResponse response, int level);

}  // namespace vigil::net
