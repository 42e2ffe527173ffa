#include "store/sqlite/series_reading.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "store/merge.hpp"
#include "store/sqlite/rollup_table.hpp"
#include "store/sqlite/series_table.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr auto day_length = length_of(Resolution::day);

}  // namespace

Result<SeriesReading> SeriesReading::begin(StoreBodies& bodies, Database& database,
                                           PatientId patient, Head::View view) {
    VIGIL_TRY(flushes, flush_count(database));  // the snapshot begins here
    std::erase_if(view.parts, [&](const Head::Part& part) { return part.generation <= flushes; });
    return SeriesReading(bodies, database, patient, std::move(view));
}

Result<std::vector<ChunkRow>> SeriesReading::rows(Span span, bool vitals_only) {
    std::set<DeviceId> devices;
    for (const auto& key : view_.keys) devices.insert(key.device);
    std::vector<ChunkRow> all;
    for (const auto device : devices) {
        VIGIL_TRY(found, chunks_.find(patient_, device, span));
        std::ranges::copy_if(found, std::back_inserter(all), [&](const ChunkRow& row) {
            return (!vitals_only || row.place.which == SampleClass::vitals) &&
                   std::ranges::any_of(view_.keys,
                                       [&](const auto& key) { return may_hold(row, key); });
        });
    }
    return all;
}

// Pieces whose times overlap are brought together, one such cluster at a time: a year is read in
// the memory of a day.
Result<void> SeriesReading::each_cluster(
    Span span, bool vitals_only, const std::function<Result<bool>(std::span<const Piece>)>& visit) {
    VIGIL_TRY(found, rows(span, vitals_only));
    std::vector<Piece> pieces;
    pieces.reserve(found.size() + view_.parts.size());
    for (const auto& row : found)
        pieces.push_back({.first = row.first, .last = row.last, .row = &row});
    for (const auto& part : view_.parts)
        if (part.run->first() < span.to && part.run->last() >= span.from)
            pieces.push_back({.first = part.run->first(), .last = part.run->last(), .part = &part});
    std::ranges::sort(pieces, {}, &Piece::first);
    for (std::size_t start = 0; start < pieces.size();) {
        std::size_t end = start;
        auto last = pieces[start].last;
        while (end < pieces.size() && pieces[end].first <= last)
            last = std::max(last, pieces[end++].last);
        VIGIL_TRY(more, visit(std::span(pieces).subspan(start, end - start)));
        if (!more) return {};
        start = end;
    }
    return {};
}

Result<void> SeriesReading::scan(
    Span span, const std::function<bool(const SeriesKey&, const Sample&)>& visit) {
    return each_cluster(span, false, [&](std::span<const Piece> pieces) {
        return visit_cluster(pieces, span, visit);
    });
}

Result<void> SeriesReading::numbers(Span span, const SeriesStore::NumberVisitor& visit) {
    std::array<Number, 256> numbers;
    return each_number(
        span,
        [&](const SeriesKey& key, const NumericColumns& columns, std::size_t from, std::size_t to) {
            while (from < to) {
                const auto count = std::min(numbers.size(), to - from);
                for (std::size_t i = 0; i < count; ++i, ++from)
                    numbers[i] = {from_unix_ns(columns.filed_ns[from]), columns.number(from),
                                  static_cast<std::uint32_t>(columns.status[from])};
                if (!visit(key, {numbers.data(), count})) return false;
            }
            return true;
        },
        [&](const SeriesKey& key, const Number& number) { return visit(key, {&number, 1}); });
}

Result<void> SeriesReading::each_number(Span span, const ColumnsVisitor& columns,
                                        const NumberVisitor& one) {
    return each_cluster(span, true, [&](std::span<const Piece> pieces) {
        if (pieces.size() == 1 && pieces[0].row != nullptr)
            return visit_columns(*pieces[0].row, span, columns);
        return visit_cluster(pieces, span, [&](const SeriesKey& key, const Sample& sample) {
            const auto* number = std::get_if<NumericValue>(&sample.value);
            return number == nullptr || one(key, {sample.filed_time, *number, sample.status});
        });
    });
}

// What a chunk holds was settled when it was written: alone in its time, it is read as it stands.
Result<bool> SeriesReading::visit_columns(const ChunkRow& row, Span span,
                                          const ColumnsVisitor& visit) {
    VIGIL_TRY(clear, chunks_.load(row));
    VIGIL_TRY(reader, ChunkReader::open(clear));
    for (std::size_t run = 0; run < reader.runs().size(); ++run) {
        const auto& of = reader.runs()[run];
        const SeriesKey key{row.place.device, of.metric, of.channel};
        if (of.kind != ValueKind::numeric || std::ranges::find(view_.keys, key) == view_.keys.end())
            continue;
        VIGIL_CHECK(reader.columns(run, decoder_, columns_));
        const auto& times = columns_.filed_ns;
        const auto place = [&](Timestamp time) {
            return static_cast<std::size_t>(std::ranges::lower_bound(times, unix_ns(time)) -
                                            times.begin());
        };
        if (!visit(key, columns_, place(span.from), place(span.to))) return false;
    }
    return true;
}

Result<bool> SeriesReading::visit_cluster(
    std::span<const Piece> pieces, Span span,
    const std::function<bool(const SeriesKey&, const Sample&)>& visit) {
    // In order of arrival: merged chunks, then later ones, then the head's generations.
    std::vector<Piece> arrived(pieces.begin(), pieces.end());
    std::ranges::sort(arrived, [](const Piece& a, const Piece& b) {
        if (a.row != nullptr && b.row != nullptr)
            return std::pair(b.row->place.tier, a.row->id) <
                   std::pair(a.row->place.tier, b.row->id);
        if (a.part != nullptr && b.part != nullptr) return a.part->generation < b.part->generation;
        return a.row != nullptr && b.row == nullptr;
    });
    std::map<SeriesKey, std::vector<Sample>> series;
    for (const auto& piece : arrived) {
        if (piece.part != nullptr) {
            piece.part->run->read(series[piece.part->key]);
            continue;
        }
        VIGIL_TRY(clear, chunks_.load(*piece.row));
        for (const auto& key : view_.keys)
            if (may_hold(*piece.row, key))
                VIGIL_CHECK(read_series(clear, key.metric, key.channel, decoder_, series[key]));
    }
    struct Cursor {
        const SeriesKey* key;
        const Sample *next, *end;
    };
    std::vector<Cursor> cursors;
    for (auto& [key, samples] : series) {
        settle(samples);
        const auto from = std::ranges::lower_bound(samples, span.from, {}, &Sample::filed_time);
        const auto to = std::ranges::lower_bound(samples, span.to, {}, &Sample::filed_time);
        if (from < to) cursors.push_back({&key, &*from, &*from + (to - from)});
    }
    while (!cursors.empty()) {
        const auto next = std::ranges::min_element(
            cursors, {}, [](const Cursor& cursor) { return cursor.next->filed_time; });
        if (!visit(*next->key, *next->next)) return false;
        if (++next->next == next->end) cursors.erase(next);
    }
    return true;
}

// Days whose roll-ups do not stand: marked so in the file, or touched by what is in memory.
Result<std::vector<Timestamp>> SeriesReading::open_days_in(const SeriesKey& key, Span span) {
    VIGIL_TRY(days, open_days_of(database_, patient_, key.device, span));
    for (const auto& part : view_.parts) {
        std::vector<Sample> samples;
        part.run->read(samples);
        for (const auto& sample : samples) days.push_back(floor_to(sample.filed_time, day_length));
    }
    std::ranges::sort(days);
    const auto repeated = std::ranges::unique(days);
    days.erase(repeated.begin(), repeated.end());
    std::erase_if(days,
                  [&](Timestamp day) { return day + day_length <= span.from || day >= span.to; });
    return days;
}

Result<std::vector<Rollup>> SeriesReading::summed_up(const SeriesKey& key, const Metric& metric,
                                                     Span span, Resolution resolution) {
    const Normaliser normaliser(metric);
    RollupBuilder builder(length_of(resolution));
    VIGIL_CHECK(each_number(
        span,
        [&](const SeriesKey& of, const NumericColumns& columns, std::size_t from, std::size_t to) {
            if (of == key) builder.add(columns, from, to, normaliser);
            return true;
        },
        [&](const SeriesKey& of, const Number& number) {
            if (of != key) return true;
            const auto& [filed_time, value, status] = number;
            const auto normal = normaliser.normal(value.value, value.unit, value.special, status);
            if (normal) builder.add(filed_time, *normal);
            return true;
        }));
    return builder.finish();
}

Result<std::vector<Rollup>> SeriesReading::rollups(const SeriesKey& key, const Metric& metric,
                                                   Span span, Resolution resolution) {
    span.from = floor_to(span.from, length_of(resolution));
    VIGIL_TRY(open, open_days_in(key, span));
    RollupTable table(bodies_, database_);
    VIGIL_TRY(all, table.read({patient_, key}, resolution, span));
    std::erase_if(all, [&](const Rollup& rollup) {
        return std::ranges::binary_search(open, floor_to(rollup.start, day_length));
    });
    // Runs of open days at once: each costs a search for its chunks.
    for (std::size_t i = 0; i < open.size();) {
        std::size_t j = i + 1;
        while (j < open.size() && open[j] == open[j - 1] + day_length) ++j;
        const Span days{std::max(open[i], span.from),
                        std::min(open[j - 1] + day_length,
                                 floor_to(span.to + length_of(resolution) - Nanoseconds(1),
                                          length_of(resolution)))};
        VIGIL_TRY(fresh, summed_up(key, metric, days, resolution));
        all.insert(all.end(), fresh.begin(), fresh.end());
        i = j;
    }
    std::ranges::sort(all, {}, &Rollup::start);
    return all;
}

}  // namespace vigil::store::sqlite
