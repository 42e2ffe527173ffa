#pragma once
// What $get-ws-binding-token gives out: good once, for a short while, to be told over a websocket
// of these subscriptions and nothing else.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace vigil::fhir {

class SocketTokens {
public:
    explicit SocketTokens(std::string url) : url_(std::move(url)) {}

    const std::string& url() const { return url_; }  // of the websocket
    // False: too many are out. `token` is a secret of the caller's making.
    bool give(std::string token, std::vector<std::string> subscriptions, Timestamp now) {
        const std::lock_guard lock(mutex_);
        std::erase_if(given_, [&](const auto& one) { return one.second.expires <= now; });
        if (given_.size() >= given_max) return false;
        given_.insert_or_assign(std::move(token), Given{std::move(subscriptions), now + kept_for});
        return true;
    }
    std::optional<std::vector<std::string>> take(std::string_view token, Timestamp now) {
        const std::lock_guard lock(mutex_);
        const auto found = given_.find(token);
        if (found == given_.end()) return std::nullopt;
        auto given = std::move(found->second);
        given_.erase(found);
        if (given.expires <= now) return std::nullopt;
        return std::move(given.subscriptions);
    }

    static constexpr Nanoseconds kept_for = std::chrono::minutes(5);
    static constexpr std::size_t given_max = 10'000;

private:
    struct Given {
        std::vector<std::string> subscriptions;
        Timestamp expires;
    };
    std::string url_;
    std::mutex mutex_;
    std::map<std::string, Given, std::less<>> given_;
};

}  // namespace vigil::fhir
