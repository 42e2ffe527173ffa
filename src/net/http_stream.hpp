#pragma once
// One HTTP/1.1 request whose answer's body is read as it comes, in bounded memory; blocking. Never
// on a loop's thread. Redirects are not followed: what was asked for is what is asked.

#include <memory>
#include <string>

#include "net/http_fetch.hpp"

namespace vigil::net {

class HttpStream {
public:
    // Until the head of the answer is there, at most request.time_max; request.body_bytes_max is
    // not looked at. Errors as of http_fetch.
    static Result<std::unique_ptr<HttpStream>> open(const FetchRequest& request);
    ~HttpStream();
    HttpStream(const HttpStream&) = delete;
    HttpStream& operator=(const HttpStream&) = delete;

    int status() const;
    const session::HttpHeaders& headers() const;
    // Appends what came next of the body, waiting for it at most so long: then nothing is appended.
    // False: that was all. `busy`: the connection broke.
    Result<bool> next(std::string& out, Nanoseconds wait_max);

private:
    struct Parts;
    explicit HttpStream(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace vigil::net
