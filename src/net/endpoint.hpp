#pragma once
// An address to listen on or to connect to.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vigil::net {

class Endpoint {
public:
    Endpoint() = default;
    Endpoint(const sockaddr* address, socklen_t length);

    // "127.0.0.1:1883", "[::1]:8443", "*:1883" and ":1883" (every address, IPv6 and IPv4),
    // "localhost:0". Names other than localhost are not looked up.
    static Result<Endpoint> parse(std::string_view text);

    int family() const { return storage_.sin6_family; }
    std::uint16_t port() const;
    bool any() const;  // every address of this machine
    // The address without its port, IPv4 in IPv6 taken out: what limits per address count by.
    std::string host() const;
    std::string to_string() const;  // "192.0.2.7:50312", "[2001:db8::1]:443"

    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }
    void resize(socklen_t size) { size_ = size; }
    static constexpr socklen_t capacity = sizeof(sockaddr_in6);

private:
    sockaddr_in6 storage_{};  // the larger of the two
    socklen_t size_ = 0;
};

// Looks a host name up; blocks, so never on a loop.
Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port);

}  // namespace vigil::net
