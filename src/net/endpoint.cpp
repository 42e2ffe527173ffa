#include "net/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace vigil::net {
namespace {

const sockaddr_in& v4(const sockaddr_in6& storage) {
    return reinterpret_cast<const sockaddr_in&>(storage);
}

Endpoint make_v4(in_addr address, std::uint16_t port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr = address;
    in.sin_port = htons(port);
    return {reinterpret_cast<const sockaddr*>(&in), sizeof in};
}

Endpoint make_v6(in6_addr address, std::uint16_t port) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_addr = address;
    in.sin6_port = htons(port);
    return {reinterpret_cast<const sockaddr*>(&in), sizeof in};
}

}  // namespace

Endpoint::Endpoint(const sockaddr* address, socklen_t length)
    : size_(std::min<socklen_t>(length, capacity)) {
    std::memcpy(&storage_, address, size_);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
    const auto bad = [&] {
        return fail(Error::Kind::malformed,
                    fmt::format("\"{}\" is no address: write it like 127.0.0.1:1883, [::1]:8443 "
                                "or *:1883",
                                text));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad();
    std::string host(text.substr(0, colon));
    const auto port_text = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (error != std::errc() || end != port_text.data() + port_text.size()) return bad();
    if (host.empty() || host == "*") return make_v6(in6addr_any, port);
    if (host == "localhost") host = "127.0.0.1";
    if (host.front() == '[' && host.back() == ']') {
        in6_addr address{};
        if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1)
            return bad();
        return make_v6(address, port);
    }
    in_addr address{};
    if (::inet_pton(AF_INET, host.c_str(), &address) != 1) return bad();
    return make_v4(address, port);
}

std::uint16_t Endpoint::port() const {
    if (family() == AF_INET) return ntohs(v4(storage_).sin_port);
    if (family() == AF_INET6) return ntohs(storage_.sin6_port);
    return 0;
}

bool Endpoint::any() const {
    return family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&storage_.sin6_addr);
}

std::string Endpoint::host() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family() == AF_INET) {
        ::inet_ntop(AF_INET, &v4(storage_).sin_addr, text.data(), text.size());
    } else if (family() == AF_INET6) {
        const auto& address = storage_.sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&address))
            ::inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
        else
            ::inet_ntop(AF_INET6, &address, text.data(), text.size());
    }
    return text.data();
}

std::string Endpoint::to_string() const {
    const auto name = host();
    return name.find(':') == std::string::npos ? fmt::format("{}:{}", name, port())
                                               : fmt::format("[{}]:{}", name, port());
}

Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const auto service = fmt::format("{}", port);
    const int error = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
    if (error != 0)
        return fail(Error::Kind::not_found, fmt::format("{}: {}", host, ::gai_strerror(error)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::vector<Endpoint> endpoints;
    for (const auto* entry = found; entry != nullptr; entry = entry->ai_next)
        endpoints.emplace_back(entry->ai_addr, entry->ai_addrlen);
    return endpoints;
}

}  // namespace vigil::net
