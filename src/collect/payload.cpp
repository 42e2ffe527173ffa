#include "collect/payload.hpp"

namespace vigil::collect {

std::optional<PayloadTopic> payload_topic(std::string_view topic) {
    constexpr std::string_view root = "vigil/";
    if (!topic.starts_with(root)) return std::nullopt;
    topic.remove_prefix(root.size());
    const auto end = topic.find('/');
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    const auto address = codec::classify(topic.substr(end + 1));
    if (!address) return std::nullopt;
    return PayloadTopic{topic.substr(0, end), *address};
}

}  // namespace vigil::collect
