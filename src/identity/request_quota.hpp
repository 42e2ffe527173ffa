#pragma once
// How many requests one identity, or one address, may have looked at: a bucket of tokens for each,
// which fills at a steady rate up to its burst. Nothing here knows a clock: time is given, counted
// from any moment by one that never goes back.
//
// The table has a fixed size, whoever asks and however many there are of them: buckets stand in
// small sets, found by a keyed hash that nobody outside can aim, and a newcomer to a full set takes
// the place of the bucket that is fullest, whose owner asked least. One look costs two cache lines.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

struct QuotaRules {
    double requests_per_second = 5'000;  // 0: no quota
    double burst = 10'000;
    std::size_t buckets = 65'536;  // at most; 24 bytes each
};

class RequestQuota {
public:
    RequestQuota(QuotaRules rules, const RandomSource& random);

    // Takes one token of the bucket of `key`. Zero: go on; else how long until there is one, and
    // nothing was taken: asking too early makes nobody wait longer.
    Nanoseconds take(std::string_view key, Nanoseconds now);

    std::uint64_t refused() const { return refused_; }
    std::size_t bytes() const { return sets_.size() * sizeof(Set); }

private:
    struct Bucket {
        std::uint64_t key = 0;  // 0: nobody's
        Nanoseconds last{};
        double tokens = 0;
    };
    static constexpr std::size_t ways = 8;
    using Set = std::array<Bucket, ways>;

    std::uint64_t digest(std::string_view key) const;
    double tokens(const Bucket& bucket, Nanoseconds now) const;
    Bucket& bucket_of(std::uint64_t key, Nanoseconds now);

    QuotaRules rules_;
    std::array<std::uint8_t, 16> secret_{};
    std::vector<Set> sets_;
    std::uint64_t refused_ = 0;
};

}  // namespace vigil::identity
