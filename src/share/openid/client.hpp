#pragma once
// This server as a client of the hospital's provider (OpenID Connect Core 1.0, code flow).

#include <utility>

#include "share/openid/handshake.hpp"
#include "share/openid/provider.hpp"

namespace vigil::share::openid {

struct Client {
    Handshakes handshakes;
    Provider provider;
};

}  // namespace vigil::share::openid
