#include "store/residuals.hpp"

#include <cstring>
#include <type_traits>

namespace vigil::store {

namespace {

using Four = std::uint32_t __attribute__((vector_size(16)));

template <class Code>
std::uint64_t unzigzag(Code code) {
    const auto value = static_cast<std::uint64_t>(code);
    return (value >> 1) ^ (0 - (value & 1));
}

// Codes to residuals, four at a time. What lies behind `count` up to a multiple of four is garbage.
void undo_zigzag(std::array<std::uint32_t, block_size>& codes, std::size_t count,
                 std::uint32_t centre) {
    for (std::size_t i = 0; i < count; i += 4) {
        Four four;
        std::memcpy(&four, &codes[i], sizeof four);
        four = ((four >> 1U) ^ (0U - (four & 1U))) + centre;
        std::memcpy(&codes[i], &four, sizeof four);
    }
}

// Each becomes the sum of all up to it and of `before`; returns the last one's.
std::uint32_t sum_up(std::array<std::uint32_t, block_size>& numbers, std::size_t count,
                     std::uint32_t before) {
    Four last = Four{} + before;
    for (std::size_t i = 0; i < count; i += 4) {
        Four four;
        std::memcpy(&four, &numbers[i], sizeof four);
        four += __builtin_shufflevector(four, Four{}, 4, 0, 1, 2);
        four += __builtin_shufflevector(four, Four{}, 4, 5, 0, 1);
        // Only this last sum waits for the four before.
        const Four with = four + last;
        last += __builtin_shufflevector(four, four, 3, 3, 3, 3);
        std::memcpy(&numbers[i], &with, sizeof with);
    }
    return numbers[count - 1];
}

// Sums of a whole block of these stay within 31 bits.
constexpr std::uint32_t small = std::uint32_t{1} << 22;

}  // namespace

template <class Value>
Integrator<Value>::Integrator(const Prediction& prediction, Value* out)
    : prediction_(prediction), out_(out) {
    for (std::size_t i = 0; i < prediction_.order; ++i) {
        sum_[i] = prediction_.seeds[i];
        for (std::size_t j = i; j-- > 0;) sum_[j] += sum_[j + 1];
        *out_++ = static_cast<Value>(sum_[0] * prediction_.step + prediction_.base);
    }
}

template <class Value>
void Integrator<Value>::add(Residuals& residuals) {
    if (residuals.is_wide) {
        add_in_order(std::span<const std::uint64_t>(residuals.wide).first(residuals.count));
    } else if (residuals.bits == 0 && prediction_.order <= 1) {
        add_steadily(residuals.count);
    } else if (std::is_same_v<Value, std::int32_t> ||
               (prediction_.order == 1 && residuals.bits < small)) {
        add_narrow(residuals);
    } else {
        add_in_order(std::span<const std::uint32_t>(residuals.narrow).first(residuals.count));
    }
}

// No residuals at all: a value that stays, or grows by the same each time.
template <class Value>
void Integrator<Value>::add_steadily(std::size_t count) {
    auto& u = sum_[0];
    if (prediction_.order == 0) u = prediction_.centre;
    const auto growth = prediction_.order == 0 ? 0 : prediction_.centre * prediction_.step;
    const auto first = u * prediction_.step + prediction_.base;
    for (std::size_t i = 0; i < count; ++i) {
        const auto times = prediction_.order == 0 ? i : i + 1;
        out_[i] = static_cast<Value>(first + growth * times);
    }
    if (prediction_.order == 1) u += prediction_.centre * count;
    out_ += count;
}

template <>
void Integrator<std::int32_t>::add_narrow(Residuals& residuals) {
    auto& numbers = residuals.narrow;
    undo_zigzag(numbers, residuals.count, static_cast<std::uint32_t>(prediction_.centre));
    for (std::size_t of = prediction_.order; of-- > 0;)
        sum_[of] = sum_up(numbers, residuals.count, static_cast<std::uint32_t>(sum_[of]));
    const auto step = static_cast<std::uint32_t>(prediction_.step);
    const auto base = static_cast<std::uint32_t>(prediction_.base);
    for (std::size_t i = 0; i < residuals.count; ++i)
        out_[i] = static_cast<std::int32_t>(numbers[i] * step + base);
    out_ += residuals.count;
}

// Of the first order, with sums within 31 bits: they are widened only at the end.
template <>
void Integrator<std::int64_t>::add_narrow(Residuals& residuals) {
    auto& numbers = residuals.narrow;
    const auto count = residuals.count;
    undo_zigzag(numbers, count, 0);
    const auto last = static_cast<std::int32_t>(sum_up(numbers, count, 0));
    const auto [order, base, step, centre, seeds] = prediction_;
    auto steady = sum_[0] * step + base;
    const auto growth = centre * step;
    if (step == 1) {
        for (std::size_t i = 0; i < count; ++i, steady += growth)
            out_[i] = static_cast<std::int64_t>(
                steady + growth +
                static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(numbers[i])}));
    } else {
        for (std::size_t i = 0; i < count; ++i, steady += growth)
            out_[i] = static_cast<std::int64_t>(steady + growth +
                                                step * static_cast<std::uint64_t>(std::int64_t{
                                                           static_cast<std::int32_t>(numbers[i])}));
    }
    sum_[0] += centre * count + static_cast<std::uint64_t>(std::int64_t{last});
    out_ += count;
}

template <class Value>
template <class Code>
void Integrator<Value>::add_in_order(std::span<const Code> codes) {
    switch (prediction_.order) {
        case 0:
            return add_each<0>(codes);
        case 1:
            return add_each<1>(codes);
        case 2:
            return add_each<2>(codes);
        default:
            return add_each<3>(codes);
    }
}

// One loop for each order, so that the running sums stay in registers.
template <class Value>
template <std::size_t order, class Code>
void Integrator<Value>::add_each(std::span<const Code> codes) {
    auto sum = sum_;
    const auto [order_, base, step, centre, seeds] = prediction_;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        sum[order] = unzigzag(codes[i]) + centre;
        for (std::size_t j = order; j-- > 0;) sum[j] += sum[j + 1];
        out_[i] = static_cast<Value>(sum[0] * step + base);
    }
    sum_ = sum;
    out_ += codes.size();
}

template class Integrator<std::int64_t>;
template class Integrator<std::int32_t>;

}  // namespace vigil::store
