#pragma once
// Percent-encoding (RFC 3986 2.1).

#include <string>
#include <string_view>

namespace vigil {

// Every byte but the unreserved characters (RFC 3986 2.3: letters, digits, "-", ".", "_", "~") and
// those of `also_kept` becomes %XX: fit for a path segment, a query, and a form
// (application/x-www-form-urlencoded, which takes %20 for a space as well as "+").
std::string percent_encoded(std::string_view text, std::string_view also_kept = {});

}  // namespace vigil
