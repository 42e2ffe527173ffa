#include "identity/request_quota.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>

namespace vigil::identity {

RequestQuota::RequestQuota(QuotaRules rules, const RandomSource& random) : rules_(rules) {
    static_assert(crypto_shorthash_KEYBYTES == sizeof secret_);
    random(secret_);
    if (rules_.requests_per_second <= 0) return;
    rules_.burst = std::max(rules_.burst, 1.0);
    sets_.resize(std::bit_ceil(std::max(rules_.buckets / ways, std::size_t{1})));
}

Nanoseconds RequestQuota::take(std::string_view key, Nanoseconds now) {
    if (sets_.empty()) return Nanoseconds(0);
    auto& bucket = bucket_of(digest(key), now);
    bucket.tokens = tokens(bucket, now);
    bucket.last = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return Nanoseconds(0);
    }
    ++refused_;
    const auto wait_s = (1 - bucket.tokens) / rules_.requests_per_second;
    return std::max(Nanoseconds(1), Nanoseconds(static_cast<std::int64_t>(wait_s * 1e9)));
}

std::uint64_t RequestQuota::digest(std::string_view key) const {
    std::uint64_t out = 0;
    crypto_shorthash(reinterpret_cast<std::uint8_t*>(&out),
                     reinterpret_cast<const std::uint8_t*>(key.data()), key.size(), secret_.data());
    return std::max<std::uint64_t>(out, 1);
}

double RequestQuota::tokens(const Bucket& bucket, Nanoseconds now) const {
    const auto gone_s = static_cast<double>((now - bucket.last).count()) / 1e9;
    return std::min(rules_.burst, bucket.tokens + gone_s * rules_.requests_per_second);
}

RequestQuota::Bucket& RequestQuota::bucket_of(std::uint64_t key, Nanoseconds now) {
    auto& set = sets_[key & (sets_.size() - 1)];
    auto* fullest = set.data();
    for (auto& bucket : set) {
        if (bucket.key == key) return bucket;
        if (fullest->key == 0) continue;
        if (bucket.key == 0 || tokens(bucket, now) > tokens(*fullest, now)) fullest = &bucket;
    }
    *fullest = {.key = key, .last = now, .tokens = rules_.burst};
    return *fullest;
}

}  // namespace vigil::identity
