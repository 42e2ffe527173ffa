#pragma once
// Header fields that tell a browser what it must not do with an answer of this server, whichever
// handler made it.

#include "session/http.hpp"

namespace vigil::app {

// `tls`: of a listener that speaks TLS. A handler's own field of the same name stands in place of
// one of these: a page has a policy that lets it run its scripts, a file of the web app is kept.
session::HttpHeaders standing_fields(bool tls);

}  // namespace vigil::app
