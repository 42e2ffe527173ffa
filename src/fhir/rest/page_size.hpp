#pragma once
// How much of what is found makes a page: as many as were asked for, or fewer where they are large.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "store/records.hpp"

namespace vigil::fhir {

class PageSize {
public:
    static constexpr std::size_t bytes_max = std::size_t{32} << 20;

    // `first`: how many are asked for before it is known how large they are.
    explicit PageSize(std::size_t count_max, std::size_t first = 100)
        : count_max_(count_max), first_(first) {}

    // How many to ask the store for next, by the size of those so far.
    std::size_t step() const {
        const auto mean = count_ == 0 ? std::size_t{0} : bytes_ / count_;
        const auto fitting = mean == 0 ? first_ : (bytes_max - bytes_) / mean + 1;
        return std::min(count_max_ - count_, fitting);
    }
    void add(const std::vector<store::Record>& records) {
        count_ += records.size();
        for (const auto& record : records) bytes_ += record.body.size();
    }
    bool is_full() const { return count_ >= count_max_ || bytes_ >= bytes_max; }

private:
    std::size_t count_max_, first_, count_ = 0, bytes_ = 0;
};

}  // namespace vigil::fhir
