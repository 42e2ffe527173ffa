// Paths, queries, URLs and addresses: no path climbs, and what is read can be written and read.

#include <cstdlib>
#include <string>
#include <string_view>

#include "net/endpoint.hpp"
#include "net/uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto path = normalise_path(text)) {
        const auto guarded = *path + '/';
        if (!path->starts_with('/') || guarded.find("/../") != std::string::npos ||
            path->find('\0') != std::string::npos)
            std::abort();
    }
    if (const auto query = parse_query(text))
        for (const auto& [name, value] : *query)
            if (name.size() + value.size() > text.size()) std::abort();
    if (const auto url = parse_url(text))
        if (url->host.empty() || !url->target.starts_with('/')) std::abort();
    if (const auto endpoint = Endpoint::parse(text)) {
        const auto again = Endpoint::parse(endpoint->to_string());
        if (!again || again->to_string() != endpoint->to_string()) std::abort();
    }
    return 0;
}
