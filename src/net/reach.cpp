#include "net/reach.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace vigil::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned mapped_bits = 96;
constexpr Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};                   // RFC 4291
constexpr Bytes nat64{0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // RFC 6052

struct Block {
    const char* address;
    unsigned bits;
};
// IANA IPv4 Special-Purpose Address Registry; multicast and class E after them.
constexpr std::array ipv4_blocks{
    Block{"0.0.0.0", 8},      Block{"10.0.0.0", 8},     Block{"100.64.0.0", 10},
    Block{"127.0.0.0", 8},    Block{"169.254.0.0", 16}, Block{"172.16.0.0", 12},
    Block{"192.0.0.0", 24},   Block{"192.0.2.0", 24},   Block{"192.88.99.0", 24},
    Block{"192.168.0.0", 16}, Block{"198.18.0.0", 15},  Block{"198.51.100.0", 24},
    Block{"203.0.113.0", 24}, Block{"224.0.0.0", 4},    Block{"240.0.0.0", 4}};
// Of 2000::/3, which alone is given out (IANA IPv6 Special-Purpose Address Registry).
constexpr std::array ipv6_blocks{Block{"2001::", 23}, Block{"2001:db8::", 32}, Block{"2002::", 16},
                                 Block{"3fff::", 20}};

std::optional<Bytes> bytes_of(const std::string& text) {
    Bytes bytes = mapped;
    if (::inet_pton(AF_INET, text.c_str(), &bytes[12]) == 1) return bytes;
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
    return std::nullopt;
}

Bytes bytes_of(const Endpoint& endpoint) {
    Bytes bytes = mapped;
    if (endpoint.family() == AF_INET)
        std::memcpy(&bytes[12], &reinterpret_cast<const sockaddr_in*>(endpoint.data())->sin_addr,
                    4);
    else
        std::memcpy(bytes.data(),
                    &reinterpret_cast<const sockaddr_in6*>(endpoint.data())->sin6_addr, 16);
    return bytes;
}

bool begin_alike(const Bytes& a, const Bytes& b, unsigned bits) {
    const auto whole = bits / 8;
    if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
    const auto rest = bits % 8;
    return rest == 0 || ((a.at(whole) ^ b.at(whole)) >> (8 - rest)) == 0;
}

template <class Blocks>
bool is_in(const Bytes& address, const Blocks& blocks, unsigned offset_bits) {
    return std::ranges::any_of(blocks, [&](const Block& block) {
        return begin_alike(address, *bytes_of(std::string(block.address)),
                           block.bits + offset_bits);
    });
}

bool is_public(Bytes address) {
    if (begin_alike(address, nat64, mapped_bits)) std::copy_n(mapped.begin(), 12, address.begin());
    if (begin_alike(address, mapped, mapped_bits)) return !is_in(address, ipv4_blocks, mapped_bits);
    const bool given_out = (address[0] >> 5) == 1;
    return given_out && !is_in(address, ipv6_blocks, 0);
}

bool is_loopback(const Bytes& address) {
    constexpr Bytes ipv6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return address == ipv6_loopback ||
           (begin_alike(address, mapped, mapped_bits) && address[12] == 127);
}

}  // namespace

bool is_public(const Endpoint& endpoint) {
    return is_public(bytes_of(endpoint));
}

Result<Reach> Reach::parse(std::string_view networks) {
    Reach reach;
    while (!networks.empty()) {
        const auto end = std::min(networks.find(' '), networks.size());
        const auto word = networks.substr(0, end);
        networks.remove_prefix(std::min(end + 1, networks.size()));
        if (word.empty()) continue;
        const auto slash = std::min(word.find('/'), word.size());
        const std::string text(word.substr(0, slash));
        const auto address = bytes_of(text);
        const bool is_ipv4 = text.find(':') == std::string::npos;
        const unsigned bits_max = is_ipv4 ? 32 : 128;
        unsigned bits = bits_max;
        bool is_right = address.has_value();
        if (slash < word.size()) {
            const auto length = word.substr(slash + 1);
            const auto [stop, error] =
                std::from_chars(length.data(), length.data() + length.size(), bits);
            is_right = is_right && error == std::errc() && stop == length.data() + length.size();
        }
        if (!is_right || bits > bits_max)
            return fail(Error::Kind::malformed,
                        fmt::format("\"{}\" is no network: write it like 10.0.0.0/8", word));
        reach.networks_.push_back({*address, is_ipv4 ? bits + mapped_bits : bits});
    }
    return reach;
}

bool Reach::admits(std::string_view host, const Endpoint& endpoint) const {
    const auto address = bytes_of(endpoint);
    if (bytes_of(std::string(host))) return true;
    if (host == "localhost" && is_loopback(address)) return true;
    return is_public(address) || std::ranges::any_of(networks_, [&](const Network& network) {
               return begin_alike(address, network.address, network.bits);
           });
}

Result<std::vector<Endpoint>> Reach::within(const std::string& host,
                                            std::vector<Endpoint> endpoints) const {
    if (endpoints.empty()) return endpoints;
    const auto first = endpoints.front().host();
    std::erase_if(endpoints, [&](const Endpoint& one) { return !admits(host, one); });
    if (!endpoints.empty()) return endpoints;
    return fail(Error::Kind::forbidden,
                fmt::format("{} leads to {}, which is no public address: outbound.networks names "
                            "the networks that may be reached",
                            host, first));
}

}  // namespace vigil::net
