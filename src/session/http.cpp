#include "session/http.hpp"

#include "identity/purposes.hpp"

namespace vigil::session {

// RFC 6265 5.4: "name=value; name=value", in one Cookie field (HTTP/1.1).
std::optional<std::string_view> HttpRequest::cookie(std::string_view name) const {
    auto rest = header("cookie").value_or("");
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto start = std::min(pair.find_first_not_of(' '), pair.size());
        const auto equals = pair.find('=', start);
        if (equals != std::string_view::npos && pair.substr(start, equals - start) == name)
            return pair.substr(equals + 1);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

Result<std::string> HttpRequest::purpose() const {
    const auto said = header("purpose-of-use");
    if (!said) return std::string();
    const auto* known = identity::find_purpose(*said);
    if (known != nullptr && !known->name.empty()) return std::string(known->name);
    return fail(Error::Kind::malformed,
                "names no purpose of use that this server acts for, such as TREAT or HRESCH",
                "Purpose-Of-Use");
}

}  // namespace vigil::session
