#include <algorithm>
#include <limits>
#include <type_traits>

#include "store/chunk.hpp"
#include "store/chunk_layout.hpp"

namespace vigil::store {

namespace {

Error damaged(const char* what) {
    return {.kind = Error::Kind::malformed, .message = what, .place = {}};
}

std::int64_t power_of_ten(std::int64_t exponent) {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent) power *= 10;
    return power;
}

// What a column of small numbers is read into.
template <class T>
using ColumnOf = Column<std::conditional_t<sizeof(T) <= 2, std::int32_t, std::int64_t>>;

template <class T>
bool within(const ColumnOf<T>& column) {
    if constexpr (std::is_same_v<T, std::int64_t>) return true;
    auto least = column.all.value_or(0), greatest = least;
    for (const auto value : column.each) {
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    return least >= std::numeric_limits<T>::min() && greatest <= std::numeric_limits<T>::max();
}

// Reads columns of one length from one place.
class Columns {
public:
    Columns(std::string_view bytes, std::size_t count, ColumnDecoder& decoder)
        : in_(bytes), count_(count), decoder_(decoder) {}

    Result<void> read(std::vector<std::int64_t>& out) {
        out.resize(count_);
        return decoder_.decode(in_, out);
    }
    // A column of a smaller type: what does not fit is damage.
    template <class T>
    Result<void> read_as(ColumnOf<T>& out) {
        VIGIL_CHECK(decoder_.decode(in_, count_, out));
        if (within<T>(out)) return {};
        return tl::unexpected(damaged("a number of a chunk is out of range"));
    }
    ByteReader& in() { return in_; }
    ColumnDecoder& decoder() { return decoder_; }

private:
    ByteReader in_;
    std::size_t count_;
    ColumnDecoder& decoder_;
};

struct Times {
    std::vector<std::int64_t> filed;
    Column<std::int64_t> delay_s, known, difference;
    layout::DeviceTimes device = layout::DeviceTimes::none;
};

Result<void> read_times(Columns columns, Times& times) {
    VIGIL_CHECK(columns.read(times.filed));
    VIGIL_CHECK(columns.read_as<std::int64_t>(times.delay_s));
    const auto device = columns.in().u8();
    if (!device || *device > 2) return tl::unexpected(damaged("a chunk's times cannot be read"));
    times.device = static_cast<layout::DeviceTimes>(*device);
    if (times.device == layout::DeviceTimes::own) {
        VIGIL_CHECK(columns.read_as<std::int64_t>(times.known));
        VIGIL_CHECK(columns.read_as<std::int64_t>(times.difference));
    }
    if (!std::ranges::is_sorted(times.filed))
        return tl::unexpected(damaged("a chunk's times are out of order"));
    return {};
}

// What a chunk is read into on its way to samples. Kept by the thread from one to the next: a day
// at 1 Hz takes 700 kB a column, which malloc gets from the kernel anew each time, page by page.
struct Scratch {
    Times times;
    NumericColumns numbers;
};
Scratch& scratch() {
    thread_local Scratch kept;
    return kept;
}

std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Which rows of a run are wanted.
struct Rows {
    std::size_t from = 0, count = 0;
};

Rows rows_within(const Times& times, const std::optional<Span>& within) {
    if (!within) return {0, times.filed.size()};
    const auto place = [&](Timestamp time) {
        return static_cast<std::size_t>(std::ranges::lower_bound(times.filed, unix_ns(time)) -
                                        times.filed.begin());
    };
    const auto from = place(within->from), to = place(within->to);
    return {from, std::max(from, to) - from};
}

// In all that follows `samples` are those of the rows from `from` on.
void put_times(const Times& times, std::size_t from, std::span<Sample> samples) {
    constexpr std::int64_t second = 1'000'000'000;
    for (auto i = from; i < from + samples.size(); ++i) {
        auto& sample = samples[i - from];
        sample.filed_time = from_unix_ns(times.filed[i]);
        sample.receive_time = from_unix_ns(wrapping_sum(
            times.filed[i], static_cast<std::int64_t>(static_cast<std::uint64_t>(times.delay_s[i]) *
                                                      static_cast<std::uint64_t>(second))));
        if (times.device == layout::DeviceTimes::as_filed)
            sample.device_time = sample.filed_time;
        else if (times.device == layout::DeviceTimes::own && times.known[i] != 0)
            sample.device_time = from_unix_ns(wrapping_sum(times.filed[i], times.difference[i]));
    }
}

// Mantissas were brought to the least exponent of the run: back to the exponents as sent.
Result<void> undo_alignment(std::span<std::int64_t> mantissas,
                            const ColumnOf<std::int8_t>& exponents) {
    if (exponents.all) return {};
    const auto [least, greatest] = std::ranges::minmax(exponents.each);
    if (greatest - least > layout::alignment_max)
        return tl::unexpected(damaged("a chunk's exponents cannot be right"));
    if (greatest == least) return {};
    for (std::size_t i = 0; i < mantissas.size(); ++i)
        mantissas[i] /= power_of_ten(exponents[i] - least);
    return {};
}

Result<void> read_numbers(Columns& columns, NumericColumns& out) {
    const auto aligned = columns.in().u8();
    if (!aligned || *aligned > 1) return tl::unexpected(damaged("a chunk's values cannot be read"));
    VIGIL_CHECK(columns.read_as<std::int8_t>(out.exponent));
    VIGIL_CHECK(columns.read(out.mantissa));
    if (*aligned == 1) VIGIL_CHECK(undo_alignment(out.mantissa, out.exponent));
    VIGIL_CHECK(columns.read_as<std::uint16_t>(out.unit));
    VIGIL_CHECK(columns.read_as<std::uint8_t>(out.special));
    // The known ones are all that fit into three bits: told without a comparison for each.
    static_assert(static_cast<int>(SpecialValue::not_available) == 7);
    auto bits = out.special.all.value_or(0);
    for (const auto special : out.special.each) bits |= special;
    if (bits > 7) return tl::unexpected(damaged("a chunk names a special value that is none"));
    return {};
}

Result<void> put_numbers(Columns& columns, std::size_t from, std::span<Sample> samples) {
    auto& numbers = scratch().numbers;
    VIGIL_CHECK(read_numbers(columns, numbers));
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i].value = numbers.number(from + i);
    return {};
}

std::optional<decltype(Sample::value)> read_words(ByteReader& in, ValueKind kind) {
    const auto word = [&]() -> std::optional<std::string> {
        const auto bytes = in.sized();
        return bytes ? std::optional(std::string(*bytes)) : std::nullopt;
    };
    const auto first = word();
    if (!first) return std::nullopt;
    if (kind == ValueKind::text) return TextValue{*first};
    const auto second = word();
    if (!second) return std::nullopt;
    if (kind == ValueKind::event) return EventValue{*first, *second};
    const auto third = word();
    if (!third) return std::nullopt;
    return CodedValue{*first, *second, *third};
}

Result<void> put_words(Columns& columns, const ChunkRun& run, std::size_t from,
                       std::span<Sample> samples) {
    const auto count = columns.in().varint();
    const auto bytes = columns.in().sized();
    if (!count || !bytes || *count > run.count)
        return tl::unexpected(damaged("a chunk's words cannot be read"));
    ByteReader dictionary(*bytes);
    std::vector<decltype(Sample::value)> words;
    for (std::size_t i = 0; i < *count; ++i) {
        auto each = read_words(dictionary, run.kind);
        if (!each) return tl::unexpected(damaged("a chunk's words end too early"));
        words.push_back(std::move(*each));
    }
    std::vector<std::int64_t> indices;
    VIGIL_CHECK(columns.read(indices));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto index = static_cast<std::uint64_t>(indices[from + i]);
        if (index >= words.size()) return tl::unexpected(damaged("a chunk names no such word"));
        samples[i].value = words[index];
    }
    return {};
}

Result<void> put_missing(ByteReader& in, std::span<std::int32_t> samples,
                         std::vector<std::pair<std::size_t, std::size_t>>& runs) {
    const auto count = in.varint();
    std::size_t at = 0;
    for (std::uint64_t i = 0; count && i < *count; ++i) {
        const auto gap = in.varint();
        const auto length = in.varint();
        if (!gap || !length || *length == 0 || *gap > samples.size() - at ||
            *length > samples.size() - at - *gap)
            return tl::unexpected(damaged("a chunk's gaps cannot be read"));
        runs.emplace_back(at + *gap, *length);
        at += *gap + *length;
    }
    if (!count) return tl::unexpected(damaged("a chunk's gaps cannot be read"));
    return {};
}

// The samples of all blocks in one column; what is missing is marked again.
Result<std::vector<std::int32_t>> read_wave(Columns& columns, std::size_t blocks,
                                            const ColumnOf<std::uint32_t>& counts) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < blocks; ++i) {
        total += static_cast<std::uint64_t>(counts[i]);
        if (total > chunk_samples_max) return tl::unexpected(damaged("a chunk is too large"));
    }
    std::vector<std::int32_t> wave(total);
    std::vector<std::pair<std::size_t, std::size_t>> missing;
    VIGIL_CHECK(put_missing(columns.in(), wave, missing));
    VIGIL_CHECK(columns.decoder().decode(columns.in(), std::span(wave)));
    for (const auto& [start, length] : missing)
        std::fill_n(wave.begin() + static_cast<std::ptrdiff_t>(start), length,
                    WaveformBlock::missing);
    return wave;
}

Result<void> put_waveform(Columns& columns, std::size_t blocks, std::size_t from,
                          std::span<Sample> samples) {
    ColumnOf<std::int64_t> period, scale, offset;
    ColumnOf<std::int8_t> scale_exponent, offset_exponent;
    ColumnOf<std::uint16_t> unit;
    ColumnOf<std::uint32_t> counts;
    VIGIL_CHECK(columns.read_as<std::int64_t>(period));
    VIGIL_CHECK(columns.read_as<std::int64_t>(scale));
    VIGIL_CHECK(columns.read_as<std::int8_t>(scale_exponent));
    VIGIL_CHECK(columns.read_as<std::int64_t>(offset));
    VIGIL_CHECK(columns.read_as<std::int8_t>(offset_exponent));
    VIGIL_CHECK(columns.read_as<std::uint16_t>(unit));
    VIGIL_CHECK(columns.read_as<std::uint32_t>(counts));
    VIGIL_TRY(wave, read_wave(columns, blocks, counts));
    auto next = wave.cbegin();
    for (std::size_t i = 0; i < from; ++i) next += counts[i];
    for (auto i = from; i < from + samples.size(); ++i) {
        WaveformBlock block{.period = Nanoseconds(period[i]),
                            .scale = {scale[i], static_cast<std::int8_t>(scale_exponent[i])},
                            .offset = {offset[i], static_cast<std::int8_t>(offset_exponent[i])},
                            .unit = UnitId{static_cast<std::uint16_t>(unit[i])},
                            .samples = {next, next + counts[i]}};
        next += counts[i];
        samples[i - from].value = std::move(block);
    }
    return {};
}

struct TimesPlace {
    std::size_t count = 0;
    std::int64_t first = 0, last = 0;
    std::size_t bytes = 0;
};

std::optional<TimesPlace> read_times_place(ByteReader& in) {
    const auto count = in.varint();
    const auto first = in.signed_varint();
    const auto length = in.varint();
    const auto bytes = in.varint();
    if (!count || !first || !length || !bytes || *count == 0 || *count > chunk_rows_max)
        return std::nullopt;
    return TimesPlace{*count, *first, wrapping_sum(*first, static_cast<std::int64_t>(*length)),
                      *bytes};
}

}  // namespace

Result<ChunkReader> ChunkReader::open(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != layout::version)
        return fail(Error::Kind::unsupported, "the chunk was written by another version of Vigil");
    const auto times_count = in.varint();
    const auto run_count = in.varint();
    // Each takes several bytes: more than there are bytes is damage, and bounds what is reserved.
    if (!times_count || !run_count || *times_count > in.remaining() || *run_count > in.remaining())
        return tl::unexpected(damaged("a chunk's directory cannot be read"));
    std::vector<TimesPlace> times;
    for (std::size_t i = 0; i < *times_count; ++i) {
        const auto place = read_times_place(in);
        if (!place) return tl::unexpected(damaged("a chunk's directory cannot be read"));
        times.push_back(*place);
    }
    ChunkReader reader;
    std::vector<std::pair<std::size_t, std::size_t>> values;  // times, bytes
    for (std::size_t i = 0; i < *run_count; ++i) {
        const auto metric = in.varint();
        const auto channel = in.varint();
        const auto kind = in.u8();
        const auto of = in.varint();
        const auto size = in.varint();
        if (!metric || *metric > UINT16_MAX || !channel || *channel > UINT16_MAX || !kind ||
            *kind == 0 || *kind > static_cast<int>(ValueKind::waveform) || !of ||
            *of >= times.size() || !size)
            return tl::unexpected(damaged("a chunk's directory cannot be read"));
        reader.runs_.push_back({.metric = MetricId{static_cast<std::uint16_t>(*metric)},
                                .channel = static_cast<std::uint16_t>(*channel),
                                .kind = static_cast<ValueKind>(*kind),
                                .count = times[*of].count,
                                .first = from_unix_ns(times[*of].first),
                                .last = from_unix_ns(times[*of].last)});
        values.emplace_back(*of, *size);
    }
    std::vector<std::string_view> times_bytes;
    for (const auto& place : times) {
        const auto part = in.take(place.bytes);
        if (!part) return tl::unexpected(damaged("a chunk ends too early"));
        times_bytes.push_back(*part);
    }
    for (const auto& [of, size] : values) {
        const auto part = in.take(size);
        if (!part) return tl::unexpected(damaged("a chunk ends too early"));
        reader.places_.push_back({times_bytes[of], *part});
    }
    if (!in.empty()) return tl::unexpected(damaged("a chunk has more bytes than it names"));
    return reader;
}

Result<void> ChunkReader::samples(std::size_t index, ColumnDecoder& decoder,
                                  std::vector<Sample>& out,
                                  const std::optional<Span>& within) const {
    const auto& run = runs_[index];
    auto& times = scratch().times;
    VIGIL_CHECK(read_times({places_[index].times, run.count, decoder}, times));
    const auto [from, count] = rows_within(times, within);
    if (count == 0) return {};
    Columns columns(places_[index].values, run.count, decoder);
    ColumnOf<std::uint32_t> status, sequence;
    VIGIL_CHECK(columns.read_as<std::uint32_t>(status));
    VIGIL_CHECK(columns.read_as<std::uint32_t>(sequence));
    const auto before = out.size();
    out.resize(before + count);
    const auto fresh = std::span(out).subspan(before);
    put_times(times, from, fresh);
    for (std::size_t i = 0; i < count; ++i) {
        fresh[i].status = static_cast<std::uint32_t>(status[from + i]);
        fresh[i].sequence = static_cast<std::uint32_t>(sequence[from + i]);
    }
    const auto put = run.kind == ValueKind::numeric ? put_numbers(columns, from, fresh)
                     : run.kind == ValueKind::waveform
                         ? put_waveform(columns, run.count, from, fresh)
                         : put_words(columns, run, from, fresh);
    if (!put) out.resize(before);
    return put;
}

Result<void> ChunkReader::times(std::size_t index, ColumnDecoder& decoder,
                                std::vector<std::int64_t>& filed_ns) const {
    VIGIL_CHECK(Columns(places_[index].times, runs_[index].count, decoder).read(filed_ns));
    if (std::ranges::is_sorted(filed_ns)) return {};
    return tl::unexpected(damaged("a chunk's times are out of order"));
}

Result<void> ChunkReader::statuses(std::size_t index, ColumnDecoder& decoder,
                                   Column<std::int64_t>& out) const {
    return Columns(places_[index].values, runs_[index].count, decoder).read_as<std::uint32_t>(out);
}

Result<void> ChunkReader::columns(std::size_t index, ColumnDecoder& decoder,
                                  NumericColumns& out) const {
    const auto& run = runs_[index];
    if (run.kind != ValueKind::numeric)
        return fail(Error::Kind::unsupported, "the run holds no numbers");
    VIGIL_CHECK(Columns(places_[index].times, run.count, decoder).read(out.filed_ns));
    Columns columns(places_[index].values, run.count, decoder);
    VIGIL_CHECK(columns.read_as<std::uint32_t>(out.status));
    ColumnOf<std::uint32_t> sequence;
    VIGIL_CHECK(columns.read_as<std::uint32_t>(sequence));
    return read_numbers(columns, out);
}

}  // namespace vigil::store
