#pragma once
// Where a host name may lead when this server asks others (rest-hooks, imports): whoever answers
// for the name decides its addresses, and may change them (DNS rebinding), so each connection is
// made to an address that was looked at. Public addresses are open; those of a machine, a site or a
// link (RFC 1918, 4193, 3927, 6598, 6890 and the registries of special-purpose addresses) only
// where the operator named their network.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace vigil::net {

// Of the Internet at large. An IPv4 address inside an IPv6 one (mapped, NAT64) is judged itself.
bool is_public(const Endpoint& endpoint);

class Reach {
public:
    // "10.0.0.0/8 fd00:1::/32", or single addresses; empty: none beside what is public.
    static Result<Reach> parse(std::string_view networks);

    // An address that stands in the URL itself, and localhost, were named by whoever allowed the
    // URL; where else a name leads is looked at.
    bool admits(std::string_view host, const Endpoint& endpoint) const;

    // Those of `endpoints` that are admitted; `forbidden` where none is left.
    Result<std::vector<Endpoint>> within(const std::string& host,
                                         std::vector<Endpoint> endpoints) const;

private:
    struct Network {
        std::array<std::uint8_t, 16> address{};  // IPv4 as ::ffff:a.b.c.d
        unsigned bits = 0;
    };
    std::vector<Network> networks_;
};

}  // namespace vigil::net
