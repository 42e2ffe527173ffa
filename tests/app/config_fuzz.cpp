// Whatever a configuration file holds, it is read or refused with its name.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::app;
    Config config;
    const auto read = read_config(config, {reinterpret_cast<const char*>(data), size}, "site.toml");
    if (!read && (read.error().message.empty() || !read.error().place.starts_with("site.toml")))
        std::abort();
    if (!read) return 0;
    for (const auto& topic : config.topics)
        if (topic.account.empty() || topic.filter.empty()) std::abort();
    for (const auto& metric : config.metrics)
        if (metric.key.empty()) std::abort();
    if (config.connections_max < 1) std::abort();
    return 0;
}
