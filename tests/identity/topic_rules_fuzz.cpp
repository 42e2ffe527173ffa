// Three lines: a rule's filter, a filter that somebody asks for, a topic. Whoever may subscribe to
// the second by the first may see nothing by it that the first does not name.

#include <cstdlib>
#include <string>
#include <string_view>

#include "identity/topic_rules.hpp"

namespace {

std::string_view line(std::string_view& rest) {
    const auto end = rest.find('\n');
    const auto found = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::identity;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto rule = line(rest);
    const auto asked = line(rest);
    const auto topic = line(rest);
    const auto rules = TopicRules::make({{"*", std::string(rule), true, true}});
    if (!rules) return 0;
    Principal account;
    account.kind = Principal::Kind::account;
    account.name = "staff";
    Principal device;
    device.kind = Principal::Kind::device;
    device.name = "d";
    const bool is_topic = !topic.empty() && topic.find_first_of("+#") == std::string_view::npos;
    const bool share = asked.starts_with("$share/");
    const bool device_may = rules->may_subscribe(device, asked);
    if (!rules->may_subscribe(account, asked) && !device_may) return 0;
    if (!is_topic || share || !covers(asked, topic)) return 0;
    // vigil/d/# matches its parent too (MQTT 5.0 4.7.1.2): that is the device's own.
    if (device_may && topic != "vigil/d" && !topic.starts_with("vigil/d/")) std::abort();
    if (rules->may_subscribe(account, asked) && !covers(rule, topic)) std::abort();
    return 0;
}
