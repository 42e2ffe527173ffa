#pragma once
// The newest samples of one series as they wait in memory for their chunk: each written as its
// difference from the one before, a few bytes for a vital sign, about one for a waveform sample.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/series.hpp"

namespace vigil::store {

class HeadRun {
public:
    // Receive times are kept to the millisecond.
    void add(const Sample& sample);
    // Appends what was added, in that order, or what of it is filed within a span.
    void read(std::vector<Sample>& out, const std::optional<Span>& within = {}) const;
    // The numbers alone, many at a time, until the visitor returns false; then it is false.
    bool numbers(const std::function<bool(std::span<const Number>)>& visit) const;
    // As `settle` would leave it: each later than the one before, no clock in doubt.
    bool is_settled() const { return settled_; }
    std::size_t count() const { return count_; }
    std::size_t byte_count() const { return bytes_.capacity() + sizeof *this; }
    Timestamp first() const { return first_; }  // earliest and latest filed time
    Timestamp last() const { return last_; }

private:
    // What the next sample is written against.
    struct Before {
        std::int64_t filed = 0, filed_step = 0, device_lead = 0, delay_ms = 0;
        std::int64_t mantissa = 0;
        std::uint32_t status = 0, sequence = 0;
        std::uint16_t unit = 0;
        std::int8_t exponent = 0;
        SpecialValue special = SpecialValue::none;
        bool device_known = false;

        bool same_marks(const NumericValue& number) const {
            return number.value.exponent == exponent && number.unit.value == unit &&
                   number.special == special;
        }
    };
    friend class HeadReader;

    std::string bytes_;
    Before before_;
    std::size_t count_ = 0;
    bool settled_ = true;
    Timestamp first_, last_;
};

}  // namespace vigil::store
