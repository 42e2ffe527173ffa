#include "share/router.hpp"

#include <fmt/format.h>

namespace vigil::share {
namespace {

constexpr std::size_t segments_max = 16;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (path.starts_with('/') && segments.size() < segments_max) {
        path.remove_prefix(1);
        const auto end = path.find('/');
        segments.push_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return segments;
}

bool captures(std::string_view segment) {
    return segment.starts_with('{');
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
    if (pattern.size() != path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (captures(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
    }
    return true;
}

}  // namespace

std::size_t Router::add(std::string_view method, std::string_view pattern) {
    Route route{std::string(method), {}};
    for (const auto segment : segments_of(pattern)) route.segments.emplace_back(segment);
    routes_.push_back(std::move(route));
    return routes_.size() - 1;
}

Result<RouteMatch> Router::match(std::string_view method, std::string_view path) const {
    const auto segments = segments_of(path);
    const auto wanted = method == "HEAD" ? "GET" : method;
    std::string others;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!fits(routes_[i].segments, segments)) continue;
        if (routes_[i].method != wanted) {
            others += (others.empty() ? "" : ", ") + routes_[i].method;
            continue;
        }
        RouteMatch match{i, {}};
        for (std::size_t s = 0; s < segments.size(); ++s)
            if (captures(routes_[i].segments[s])) match.captured.push_back(segments[s]);
        return match;
    }
    if (others.empty()) return fail(Error::Kind::not_found, "there is nothing at this address");
    return fail(Error::Kind::unsupported, fmt::format("this address takes {}", others), "method");
}

}  // namespace vigil::share
