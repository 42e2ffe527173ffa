#pragma once
// What a column's prediction left, a block at a time, and back from it to the column's values.

#include <array>
#include <cstdint>
#include <span>

namespace vigil::store {

constexpr std::size_t block_size = 256;

// Zigzag codes of one block's residuals; of the last block of a column there are fewer.
struct Residuals {  // NOLINT(cppcoreguidelines-pro-type-member-init): arrays filled up to count
    std::size_t count = 0;
    bool is_wide = false;    // one of them has more than 32 bits: then all are in `wide`
    std::uint32_t bits = 0;  // of all in `narrow`, or-ed
    std::array<std::uint32_t, block_size> narrow;
    std::array<std::uint64_t, block_size> wide;

    void widen() {
        for (std::size_t i = 0; i < count && !is_wide; ++i) wide[i] = narrow[i];
        is_wide = true;
    }
};

constexpr std::size_t order_max = 3;

// How values were turned into residuals: value = base + step × u, residual = Δ^order u − centre.
// All sums are modulo 2^64: whatever the values, undoing a difference gives them back.
struct Prediction {
    std::size_t order = 0;
    std::uint64_t base = 0, step = 1, centre = 0;
    std::array<std::uint64_t, order_max> seeds{};
};

// Value is std::int64_t, or std::int32_t for what is wanted modulo 2^32.
template <class Value>
class Integrator {
public:
    // Writes the first `order` values, which the seeds give. `out` is as long as the column.
    Integrator(const Prediction& prediction, Value* out);
    // The next values.
    void add(Residuals& residuals);

private:
    void add_steadily(std::size_t count);
    void add_narrow(Residuals& residuals);
    template <std::size_t order, class Code>
    void add_each(std::span<const Code> codes);
    template <class Code>
    void add_in_order(std::span<const Code> codes);

    Prediction prediction_;
    std::array<std::uint64_t, order_max + 1> sum_{};  // u and its differences, of the last value
    Value* out_;
};

template <>
void Integrator<std::int64_t>::add_narrow(Residuals& residuals);
template <>
void Integrator<std::int32_t>::add_narrow(Residuals& residuals);

extern template class Integrator<std::int64_t>;
extern template class Integrator<std::int32_t>;

}  // namespace vigil::store
