#include "identity/sign_in_guard.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vigil::identity {
namespace {

std::string address_key(std::string_view network) {
    return fmt::format("a {}", network);
}
std::string account_key(std::string_view user_name) {
    return fmt::format("u {}", user_name.substr(0, 64));
}

}  // namespace

Nanoseconds SignInGuard::wait(std::string_view user_name, std::string_view address,
                              Timestamp now) const {
    const auto network = network_of(address);
    const auto pair = pairs_.find(pair_key(user_name, network));
    Nanoseconds wait{};
    if (pair != pairs_.end() && pair->second.failures >= rules_.free_failures) {
        const auto doublings = std::min(pair->second.failures - rules_.free_failures, 20U);
        const auto delay = std::min(rules_.delay_first * (1U << doublings), rules_.delay_max);
        wait = std::max(wait, pair->second.last + delay - now);
    }
    if (pair != pairs_.end() && pair->second.familiar) return wait;
    wait = std::max(wait, bucket_wait(address_key(network), rules_.address_failures,
                                      rules_.address_refill, now));
    return std::max(wait, bucket_wait(account_key(user_name), rules_.account_failures,
                                      rules_.account_refill, now));
}

void SignInGuard::attempt(std::string_view user_name, std::string_view address, Timestamp now) {
    make_room(now);
    const auto network = network_of(address);
    auto& pair = pairs_[pair_key(user_name, network)];
    ++pair.failures;
    pair.last = now;
    change(address_key(network), +1, rules_.address_refill, now);
    if (!pair.familiar) change(account_key(user_name), +1, rules_.account_refill, now);
}

void SignInGuard::succeeded(std::string_view user_name, std::string_view address, Timestamp now) {
    const auto network = network_of(address);
    auto& pair = pairs_[pair_key(user_name, network)];
    if (!pair.familiar) change(account_key(user_name), -1, rules_.account_refill, now);
    change(address_key(network), -1, rules_.address_refill, now);
    pair = {.familiar = true, .failures = 0, .last = now};
}

std::string SignInGuard::pair_key(std::string_view user_name, std::string_view network) {
    return fmt::format("{} {}", network, user_name.substr(0, 64));
}

double SignInGuard::level(const std::string& key, Nanoseconds refill, Timestamp now) const {
    const auto found = buckets_.find(key);
    if (found == buckets_.end()) return 0;
    const auto since = std::max(now - found->second.last, Nanoseconds(0));
    const double back = static_cast<double>(since.count()) / static_cast<double>(refill.count());
    return std::max(0.0, found->second.level - back);
}

Nanoseconds SignInGuard::bucket_wait(const std::string& key, std::uint32_t capacity,
                                     Nanoseconds refill, Timestamp now) const {
    const double over = level(key, refill, now) + 1 - capacity;
    if (over <= 0) return Nanoseconds(0);
    return Nanoseconds(static_cast<std::int64_t>(over * static_cast<double>(refill.count())));
}

void SignInGuard::change(const std::string& key, double by, Nanoseconds refill, Timestamp now) {
    const double changed = std::max(0.0, level(key, refill, now) + by);
    buckets_[key] = {changed, now};
}

// Forgets what is old, then what has been quiet longest: familiar pairs last, so that a flood of
// made-up names cannot wash them out.
void SignInGuard::make_room(Timestamp now) {
    if (size() < rules_.entries_max) return;
    const auto old = [&](const auto& entry) {
        return entry.second.last + rules_.forget_after < now;
    };
    std::erase_if(pairs_, old);
    std::erase_if(buckets_, old);
    if (size() < rules_.entries_max) return;
    std::erase_if(pairs_, [](const auto& entry) { return !entry.second.familiar; });
    if (size() < rules_.entries_max) return;
    buckets_.clear();
    if (size() >= rules_.entries_max) pairs_.clear();
}

std::string network_of(std::string_view peer_address) {
    std::string host(peer_address);
    const bool bracketed = host.starts_with('[');
    if (bracketed)
        host = host.substr(1, host.find(']') - 1);
    else if (std::ranges::count(host, ':') == 1)
        host.resize(host.find(':'));
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return host;
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin()))  // ::ffff:192.0.2.7
        return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
    return fmt::format("{:02x}{:02x}:{:02x}{:02x}:{:02x}{:02x}:{:02x}{:02x}::/64", bytes[0],
                       bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}

}  // namespace vigil::identity
