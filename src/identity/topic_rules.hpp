#pragma once
// Which MQTT topics a principal may use. A device has its own tree, vigil/<its id>/; accounts have
// what the site's rules give them, by default nothing.

#include <string>
#include <string_view>
#include <vector>

#include "identity/rights.hpp"

namespace vigil::identity {

struct TopicRule {
    std::string principal;  // a user name, "role:engineer", or "*" for every account
    std::string filter;     // an MQTT topic filter
    bool publish = false;
    bool subscribe = false;
};

class TopicRules {
public:
    TopicRules() = default;
    // Refuses a filter that MQTT would refuse (5.0 4.7) and a role that does not exist.
    static Result<TopicRules> make(std::vector<TopicRule> rules);

    bool may_publish(const Principal& who, std::string_view topic) const;
    // Allowed where one rule covers all that the filter could match. A shared subscription
    // ($share/group/filter, 5.0 4.8.2) is judged by its filter.
    bool may_subscribe(const Principal& who, std::string_view topic_filter) const;

private:
    explicit TopicRules(std::vector<TopicRule> rules) : rules_(std::move(rules)) {}
    std::vector<TopicRule> rules_;
};

constexpr std::string_view device_topic_root = "vigil/";

// Every topic that matches `narrow` matches `wide`. Both are valid filters (a topic is one too).
bool covers(std::string_view wide, std::string_view narrow);

}  // namespace vigil::identity
