#include "store/column.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>

#include "store/bit_packing.hpp"

namespace vigil::store {

namespace {

enum class Mode : std::uint8_t { constant = 0, packed = 1, packed_zstd = 2, symbols_zstd = 3 };

// The first byte: the mode, and above it the order of prediction.
constexpr int order_shift = 4;
constexpr std::uint8_t escape = 255;  // a symbol: the residual is 255 plus the next varint

// zstd pays for its frame and for the time to undo it only on something this long.
constexpr std::size_t compress_from_bytes = 48;

constexpr std::size_t tried_max = 4'096;

std::uint64_t zigzag(std::uint64_t value) {
    return (value << 1) ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(value) >> 63);
}

// The largest number that divides every step; 1 where there is none, or a step overflows.
std::uint64_t common_step(std::span<const std::int64_t> values) {
    std::uint64_t step = 0;
    for (const auto value : values) {
        std::int64_t difference = 0;
        if (__builtin_sub_overflow(value, values[0], &difference) || difference == INT64_MIN)
            return 1;
        const auto distance = static_cast<std::uint64_t>(std::abs(difference));
        if (step != 0 && distance % step == 0) continue;
        step = std::gcd(step, distance);
        if (step == 1) return 1;
    }
    return step == 0 ? 1 : step;
}

std::uint64_t unsigned_of(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

void difference(std::span<std::uint64_t> values, std::size_t from) {
    for (std::size_t i = values.size(); i-- > from + 1;) values[i] -= values[i - 1];
}

// Of at most 255 of them, evenly taken.
std::int64_t median_of_some(std::span<const std::uint64_t> values) {
    std::array<std::int64_t, 255> some{};
    const auto stride = std::max<std::size_t>(1, values.size() / some.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < values.size() && count < some.size(); i += stride)
        some[count++] = static_cast<std::int64_t>(values[i]);
    const auto middle = some.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(some.begin(), middle, some.begin() + static_cast<std::ptrdiff_t>(count));
    return *middle;
}

Error damaged() {
    return {.kind = Error::Kind::malformed, .message = "a column cannot be read", .place = {}};
}

struct Shape {
    Mode mode = Mode::constant;
    Prediction prediction;
};

std::optional<Shape> read_shape(ByteReader& in, std::size_t count) {
    Shape shape;
    auto& prediction = shape.prediction;
    const auto first = in.u8();
    const auto base = in.signed_varint();
    if (!first || !base) return std::nullopt;
    prediction.base = unsigned_of(*base);
    shape.mode = static_cast<Mode>(*first & 0x0F);
    prediction.order = *first >> order_shift;
    if (shape.mode == Mode::constant) return shape;
    if (shape.mode > Mode::symbols_zstd || prediction.order > order_max || prediction.order > count)
        return std::nullopt;
    const auto step = in.varint();
    const auto centre = in.signed_varint();
    if (!step || !centre) return std::nullopt;
    prediction.step = *step;
    prediction.centre = unsigned_of(*centre);
    for (std::size_t i = 0; i < prediction.order; ++i) {
        const auto seed = in.signed_varint();
        if (!seed) return std::nullopt;
        prediction.seeds[i] = unsigned_of(*seed);
    }
    return shape;
}

// A byte a residual, and behind them all the escapes.
class SymbolReader {
public:
    SymbolReader(std::string_view bytes, std::size_t count)
        : symbols_(bytes.substr(0, count)), escaped_(bytes.substr(symbols_.size())) {}

    bool next(Residuals& out) {
        if (symbols_.size() < out.count) return false;
        // In locals: a store to `out` must not seem to touch what the loop reads.
        const auto* const from = reinterpret_cast<const unsigned char*>(symbols_.data());
        auto* const to = out.narrow.data();
        const auto count = out.count;
        std::uint32_t bits = 0, any = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t symbol = from[i];
            to[i] = symbol;
            bits |= symbol;
            any |= symbol == escape ? 1U : 0U;
        }
        out.bits = bits;
        out.is_wide = false;
        symbols_.remove_prefix(out.count);
        return any == 0 || add_escapes(out);
    }

private:
    bool add_escapes(Residuals& out) {
        for (std::size_t i = 0; i < out.count; ++i) {
            if ((out.is_wide ? out.wide[i] : out.narrow[i]) != escape) continue;
            const auto more = escaped_.varint();
            if (!more) return false;
            const auto whole = *more + escape;
            if (*more > UINT32_MAX - escape) out.widen();
            if (out.is_wide) {
                out.wide[i] = whole;
            } else {
                out.narrow[i] = static_cast<std::uint32_t>(whole);
                out.bits |= out.narrow[i];
            }
        }
        return true;
    }
    std::string_view symbols_;
    ByteReader escaped_;
};

// False where `next` cannot give as many residuals as there are values.
template <class Value>
bool read_blocks(const Prediction& prediction, std::span<Value> values, auto&& next) {
    Integrator<Value> integrator(prediction, values.data());
    Residuals residuals;
    for (std::size_t left = values.size() - prediction.order; left > 0; left -= residuals.count) {
        residuals.count = std::min(left, block_size);
        if (!next(residuals)) return false;
        integrator.add(residuals);
    }
    return true;
}

}  // namespace

struct ColumnEncoder::Zstd {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    Zstd() {
        // Residuals are noise: what pays is entropy coding, not a search for long matches.
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
        ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 6);
    }
    Zstd(const Zstd&) = delete;
    Zstd& operator=(const Zstd&) = delete;
    ~Zstd() { ZSTD_freeCCtx(context); }
};

ColumnEncoder::ColumnEncoder() : zstd_(std::make_unique<Zstd>()) {}
ColumnEncoder::~ColumnEncoder() = default;

bool ColumnEncoder::compress(std::string_view clear, std::string& out) {
    out.resize(ZSTD_compressBound(clear.size()));
    const auto size =
        ZSTD_compress2(zstd_->context, out.data(), out.size(), clear.data(), clear.size());
    if (ZSTD_isError(size) != 0) return false;
    out.resize(size);
    return true;
}

// The order, and the middle its residuals lie around, with the fewest bits in sum: a few outliers
// decide nothing. Of a long column the middle is tried.
ColumnEncoder::Choice ColumnEncoder::predict(std::span<const std::int64_t> values) {
    if (values.size() > tried_max)
        values = values.subspan((values.size() - tried_max) / 2, tried_max);
    zigzag_.assign(values.size(), 0);
    std::ranges::transform(values, zigzag_.begin(), unsigned_of);
    Choice best;
    std::size_t best_cost = SIZE_MAX;
    for (std::size_t order = 0; order <= order_max && order < values.size(); ++order) {
        if (order > 0) difference(zigzag_, order - 1);
        const auto rest = std::span<const std::uint64_t>(zigzag_).subspan(order);
        for (const auto centre : {std::int64_t{0}, median_of_some(rest)}) {
            std::size_t cost = 0;
            for (const auto value : rest)
                cost +=
                    static_cast<std::size_t>(std::bit_width(zigzag(value - unsigned_of(centre))));
            if (cost >= best_cost) continue;
            best = {.order = static_cast<int>(order), .centre = centre};
            best_cost = cost;
        }
    }
    return best;
}

void ColumnEncoder::residuals(std::span<const std::int64_t> values, Choice prediction) {
    zigzag_.assign(values.size(), 0);
    std::ranges::transform(values, zigzag_.begin(), unsigned_of);
    const auto order = static_cast<std::size_t>(prediction.order);
    for (std::size_t i = 0; i < order; ++i) difference(zigzag_, i);
    for (std::size_t i = order; i < values.size(); ++i)
        zigzag_[i] = zigzag(zigzag_[i] - unsigned_of(prediction.centre));
}

void ColumnEncoder::encode(std::span<const std::int64_t> values, Effort effort, std::string& out) {
    ByteWriter writer(out);
    const auto base = values.empty() ? 0 : values[0];
    if (std::ranges::all_of(values, [&](auto value) { return value == base; })) {
        writer.u8(static_cast<std::uint8_t>(Mode::constant));
        writer.signed_varint(base);
        return;
    }
    const auto step = common_step(values);
    scaled_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto distance = unsigned_of(values[i]) - unsigned_of(base);
        scaled_[i] = step == 1
                         ? static_cast<std::int64_t>(distance)
                         : static_cast<std::int64_t>(distance) / static_cast<std::int64_t>(step);
    }
    const auto prediction = predict(scaled_);
    residuals(scaled_, prediction);
    const auto order = static_cast<std::size_t>(prediction.order);
    const auto rest = std::span<const std::uint64_t>(zigzag_).subspan(order);

    packed_.clear();
    pack(rest, packed_);
    auto mode = Mode::packed;
    std::string_view payload = packed_;
    if (effort == Effort::compaction && packed_.size() >= compress_from_bytes) {
        symbols_.resize(rest.size());
        for (std::size_t i = 0; i < rest.size(); ++i)
            symbols_[i] = static_cast<char>(std::min<std::uint64_t>(rest[i], escape));
        ByteWriter escaped(symbols_);
        for (const auto value : rest)
            if (value >= escape) escaped.varint(value - escape);
        if (symbols_.size() <= packed_bytes_max(rest.size()) && compress(symbols_, compressed_) &&
            compressed_.size() < payload.size()) {
            mode = Mode::symbols_zstd;
            symbols_.swap(compressed_);
            payload = symbols_;
        }
        if (compress(packed_, compressed_) && compressed_.size() < payload.size()) {
            mode = Mode::packed_zstd;
            payload = compressed_;
        }
    }
    writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(mode) | (order << order_shift)));
    writer.signed_varint(base);
    writer.varint(step);
    writer.signed_varint(prediction.centre);
    for (std::size_t i = 0; i < order; ++i)
        writer.signed_varint(static_cast<std::int64_t>(zigzag_[i]));
    if (mode == Mode::packed)
        writer.bytes(payload);  // its length follows from the count
    else
        writer.sized(payload);
}

struct ColumnDecoder::Zstd {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    Zstd() = default;
    Zstd(const Zstd&) = delete;
    Zstd& operator=(const Zstd&) = delete;
    ~Zstd() { ZSTD_freeDCtx(context); }
};

ColumnDecoder::ColumnDecoder() = default;
ColumnDecoder::ColumnDecoder(ColumnDecoder&&) noexcept = default;
ColumnDecoder& ColumnDecoder::operator=(ColumnDecoder&&) noexcept = default;
ColumnDecoder::~ColumnDecoder() = default;

Result<std::string_view> ColumnDecoder::payload(ByteReader& in, std::size_t bytes_max) {
    const auto compressed = in.sized();
    if (!compressed) return tl::unexpected(damaged());
    if (!zstd_) zstd_ = std::make_unique<Zstd>();
    // Not filled with zeros, as a vector would: of a bound so wide most is never touched.
    if (clear_bytes_ < bytes_max) {
        // NOLINTNEXTLINE(modernize-avoid-c-arrays): its size is known at run time only
        clear_ = std::make_unique_for_overwrite<char[]>(bytes_max);
        clear_bytes_ = bytes_max;
    }
    const auto size = ZSTD_decompressDCtx(zstd_->context, clear_.get(), bytes_max,
                                          compressed->data(), compressed->size());
    if (ZSTD_isError(size) != 0) return tl::unexpected(damaged());
    return std::string_view(clear_.get(), size);
}

template <class Value>
Result<void> ColumnDecoder::decode_as(ByteReader& in, std::span<Value> values) {
    const auto shape = read_shape(in, values.size());
    if (!shape) return tl::unexpected(damaged());
    if (shape->mode == Mode::constant) {
        std::ranges::fill(values, static_cast<Value>(shape->prediction.base));
        return {};
    }
    bool read = false;
    if (shape->mode == Mode::packed) {
        read = read_blocks(shape->prediction, values,
                           [&](Residuals& out) { return unpack_block(in, out); });
    } else {
        VIGIL_TRY(clear, payload(in, packed_bytes_max(values.size())));
        if (shape->mode == Mode::packed_zstd) {
            ByteReader clear_in(clear);
            read = read_blocks(shape->prediction, values,
                               [&](Residuals& out) { return unpack_block(clear_in, out); });
        } else {
            SymbolReader symbols(clear, values.size() - shape->prediction.order);
            read = read_blocks(shape->prediction, values,
                               [&](Residuals& out) { return symbols.next(out); });
        }
    }
    if (!read) return tl::unexpected(damaged());
    return {};
}

Result<void> ColumnDecoder::decode(ByteReader& in, std::span<std::int64_t> values) {
    return decode_as(in, values);
}

Result<void> ColumnDecoder::decode(ByteReader& in, std::span<std::int32_t> values) {
    return decode_as(in, values);
}

template <class Value>
Result<void> ColumnDecoder::decode(ByteReader& in, std::size_t count, Column<Value>& out) {
    auto ahead = in;
    const auto shape = read_shape(ahead, count);
    out.all.reset();
    if (!shape || shape->mode != Mode::constant) {
        out.each.resize(count);
        return decode_as(in, std::span(out.each));
    }
    in = ahead;
    out.each.clear();
    const auto value = static_cast<std::int64_t>(shape->prediction.base);
    out.all = static_cast<Value>(value);
    return *out.all == value ? Result<void>() : tl::unexpected(damaged());
}

template Result<void> ColumnDecoder::decode(ByteReader&, std::size_t, Column<std::int64_t>&);
template Result<void> ColumnDecoder::decode(ByteReader&, std::size_t, Column<std::int32_t>&);

}  // namespace vigil::store
