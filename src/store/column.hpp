#pragma once
// A column of integers, compressed without loss: linear prediction, then bit-packing in blocks or
// one byte a residual under zstd, whichever is smaller. docs/reference/chunk.md has the layout.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vigil::store {

// What encoding may cost: a flush is soon merged into something larger, a compaction is for good.
enum class Effort : std::uint8_t { flush, compaction };

// Both are kept and reused by one thread, for their scratch space.
class ColumnEncoder {
public:
    ColumnEncoder();
    ColumnEncoder(const ColumnEncoder&) = delete;
    ColumnEncoder& operator=(const ColumnEncoder&) = delete;
    ~ColumnEncoder();
    // Appends. The count is not written: the reader must know it.
    void encode(std::span<const std::int64_t> values, Effort effort, std::string& out);

private:
    struct Zstd;
    struct Choice {
        int order = 0;
        std::int64_t centre = 0;
    };
    void residuals(std::span<const std::int64_t> values, Choice prediction);
    Choice predict(std::span<const std::int64_t> values);
    bool compress(std::string_view clear, std::string& out);

    std::unique_ptr<Zstd> zstd_;
    std::vector<std::int64_t> scaled_;
    std::vector<std::uint64_t> zigzag_;
    std::string packed_, symbols_, compressed_;
};

// A column as it is read: most hold one value throughout, which is then kept once.
// Value is std::int64_t, or std::int32_t for what was encoded from numbers of 32 bits.
template <class Value>
struct Column {
    std::optional<Value> all;
    std::vector<Value> each;  // empty where `all` is known
    Value operator[](std::size_t i) const { return all ? *all : each[i]; }
};

class ColumnDecoder {
public:
    ColumnDecoder();
    ColumnDecoder(ColumnDecoder&&) noexcept;
    ColumnDecoder& operator=(ColumnDecoder&&) noexcept;
    ~ColumnDecoder();
    // Fills `values`, whose size is the count that was encoded. The bytes are not trusted.
    Result<void> decode(ByteReader& in, std::span<std::int64_t> values);
    // The same modulo 2^32: for what was encoded from numbers of 32 bits.
    Result<void> decode(ByteReader& in, std::span<std::int32_t> values);
    template <class Value>
    Result<void> decode(ByteReader& in, std::size_t count, Column<Value>& out);

private:
    struct Zstd;
    Result<std::string_view> payload(ByteReader& in, std::size_t bytes_max);
    template <class Value>
    Result<void> decode_as(ByteReader& in, std::span<Value> values);

    std::unique_ptr<Zstd> zstd_;     // made for the first column that needs it
    std::unique_ptr<char[]> clear_;  // NOLINT(modernize-avoid-c-arrays): of a size of run time
    std::size_t clear_bytes_ = 0;
};

}  // namespace vigil::store
