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

Result<std::vector<ChunkRow>> SeriesReading::rows(Keys keys, Span span, bool vitals_only) {
    std::set<DeviceId> devices;
    for (const auto& key : keys) devices.insert(key.device);
    std::vector<ChunkRow> all;
    for (const auto device : devices) {
        VIGIL_TRY(found, chunks_.find(patient_, device, span));
        std::ranges::copy_if(found, std::back_inserter(all), [&](const ChunkRow& row) {
            return (!vitals_only || row.place.which == SampleClass::vitals) &&
                   std::ranges::any_of(keys, [&](const auto& key) { return may_hold(row, key); });
        });
    }
    return all;
}

Result<std::string_view> SeriesReading::clear(const ChunkRow& row) {
    if (loaded_ == row.id) return std::string_view(text_);
    loaded_ = 0;
    VIGIL_TRY(text, chunks_.load(row));
    text_ = std::move(text);
    loaded_ = row.id;
    return std::string_view(text_);
}

// Pieces whose times overlap are brought together, one such cluster at a time: a year is read in
// the memory of a day.
Result<bool> SeriesReading::each_cluster(
    Keys keys, Span span, bool vitals_only,
    const std::function<Result<bool>(std::span<const Piece>)>& visit) {
    VIGIL_TRY(found, rows(keys, span, vitals_only));
    std::vector<Piece> pieces;
    pieces.reserve(found.size() + view_.parts.size());
    for (const auto& row : found)
        pieces.push_back({.first = row.first, .last = row.last, .row = &row});
    for (const auto& part : view_.parts)
        if (part.run->first() < span.to && part.run->last() >= span.from &&
            std::ranges::find(keys, part.key) != keys.end())
            pieces.push_back({.first = part.run->first(), .last = part.run->last(), .part = &part});
    std::ranges::sort(pieces, {}, &Piece::first);
    for (std::size_t start = 0; start < pieces.size();) {
        std::size_t end = start;
        auto last = pieces[start].last;
        while (end < pieces.size() && pieces[end].first <= last)
            last = std::max(last, pieces[end++].last);
        VIGIL_TRY(more, visit(std::span(pieces).subspan(start, end - start)));
        if (!more) return false;
        start = end;
    }
    return true;
}

Result<void> SeriesReading::scan(Span span, const SampleVisitor& visit) {
    VIGIL_CHECK(each_cluster(view_.keys, span, false, [&](std::span<const Piece> pieces) {
        return visit_cluster(view_.keys, pieces, span, visit);
    }));
    return {};
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
        visit);
}

// A series at a time: what others have at the same time is then in nobody's way.
Result<void> SeriesReading::each_number(Span span, const ColumnsVisitor& columns,
                                        const SeriesStore::NumberVisitor& numbers) {
    const auto within = [&](const SeriesKey& key, std::span<const Number> all) {
        const auto from = std::ranges::lower_bound(all, span.from, {}, &Number::filed_time);
        const auto to = std::ranges::lower_bound(all, span.to, {}, &Number::filed_time);
        return from >= to || numbers(key, {from, to});
    };
    for (const auto& key : view_.keys) {
        const auto visit = [&](std::span<const Piece> pieces) -> Result<bool> {
            const auto& first = pieces.front();
            if (pieces.size() == 1 && first.row != nullptr)
                return visit_columns(key, *first.row, span, columns);
            if (pieces.size() == 1 && first.part->run->is_settled())
                return first.part->run->numbers(
                    [&](std::span<const Number> all) { return within(key, all); });
            VIGIL_TRY(samples, settled(key, pieces, span));
            std::vector<Number> all;
            for (const auto& sample : samples)
                if (const auto* number = std::get_if<NumericValue>(&sample.value))
                    all.push_back({sample.filed_time, *number, sample.status});
            return within(key, all);
        };
        VIGIL_TRY(more, each_cluster({&key, 1}, span, true, visit));
        if (!more) break;
    }
    return {};
}

Result<std::uint64_t> SeriesReading::count(Span span, std::uint32_t without) {
    std::uint64_t count = 0;
    for (const auto& key : view_.keys) {
        const auto visit = [&](std::span<const Piece> pieces) -> Result<bool> {
            if (pieces.size() == 1 && pieces.front().row != nullptr) {
                VIGIL_TRY(some, count_of(key, *pieces.front().row, span, without));
                count += some;
                return true;
            }
            VIGIL_TRY(samples, settled(key, pieces, span));
            count +=
                static_cast<std::uint64_t>(std::ranges::count_if(samples, [&](const auto& one) {
                    return span.from <= one.filed_time && one.filed_time < span.to &&
                           (one.status & without) == 0;
                }));
            return true;
        };
        VIGIL_CHECK(each_cluster({&key, 1}, span, false, visit));
    }
    return count;
}

// Most often all of a run are counted or none, and if it lies within the span that is all to know.
Result<std::uint64_t> SeriesReading::count_of(const SeriesKey& key, const ChunkRow& row, Span span,
                                              std::uint32_t without) {
    VIGIL_TRY(text, clear(row));
    VIGIL_TRY(reader, ChunkReader::open(text));
    std::uint64_t count = 0;
    for (std::size_t run = 0; run < reader.runs().size(); ++run) {
        const auto& of = reader.runs()[run];
        if (of.metric != key.metric || of.channel != key.channel) continue;
        std::size_t from = 0, to = of.count;
        if (of.first < span.from || of.last >= span.to) {
            auto& times = columns_.filed_ns;
            VIGIL_CHECK(reader.times(run, decoder_, times));
            const auto place = [&](Timestamp time) {
                return static_cast<std::size_t>(std::ranges::lower_bound(times, unix_ns(time)) -
                                                times.begin());
            };
            from = place(span.from);
            to = std::max(from, place(span.to));
        }
        auto& status = columns_.status;
        VIGIL_CHECK(reader.statuses(run, decoder_, status));
        const auto counts = [&](std::int64_t bits) {
            return (static_cast<std::uint32_t>(bits) & without) == 0;
        };
        if (status.all)
            count += counts(*status.all) ? to - from : 0;
        else
            count += static_cast<std::uint64_t>(
                std::ranges::count_if(std::span(status.each).subspan(from, to - from), counts));
    }
    return count;
}

// What a chunk holds was settled when it was written: alone in its time, it is read as it stands.
Result<bool> SeriesReading::visit_columns(const SeriesKey& key, const ChunkRow& row, Span span,
                                          const ColumnsVisitor& visit) {
    VIGIL_TRY(text, clear(row));
    VIGIL_TRY(reader, ChunkReader::open(text));
    for (std::size_t run = 0; run < reader.runs().size(); ++run) {
        const auto& of = reader.runs()[run];
        if (of.kind != ValueKind::numeric || of.metric != key.metric || of.channel != key.channel)
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

// A piece alone in its time is read no further than the span, and most often needs no settling.
Result<std::vector<Sample>> SeriesReading::settled(const SeriesKey& key,
                                                   std::span<const Piece> pieces, Span span) {
    // In order of arrival: merged chunks, then later ones, then the head's generations.
    std::vector<Piece> arrived(pieces.begin(), pieces.end());
    std::ranges::sort(arrived, [](const Piece& a, const Piece& b) {
        if (a.row != nullptr && b.row != nullptr)
            return std::pair(b.row->place.tier, a.row->id) <
                   std::pair(a.row->place.tier, b.row->id);
        if (a.part != nullptr && b.part != nullptr) return a.part->generation < b.part->generation;
        return a.row != nullptr && b.row == nullptr;
    });
    std::vector<Sample> samples;
    bool as_it_stands = pieces.size() == 1;
    for (const auto& piece : arrived) {
        if (piece.part != nullptr) {
            as_it_stands = as_it_stands && piece.part->run->is_settled();
            piece.part->run->read(samples, as_it_stands ? std::optional(span) : std::nullopt);
            continue;
        }
        VIGIL_TRY(text, clear(*piece.row));
        VIGIL_TRY(kinds, read_series(text, key.metric, key.channel, decoder_, samples,
                                     as_it_stands ? std::optional(span) : std::nullopt));
        as_it_stands = as_it_stands && kinds <= 1;
    }
    if (!as_it_stands) settle(samples);
    return samples;
}

Result<bool> SeriesReading::visit_cluster(Keys keys, std::span<const Piece> pieces, Span span,
                                          const SampleVisitor& visit) {
    std::map<SeriesKey, std::vector<Sample>> series;
    for (const auto& key : keys) {
        std::vector<Piece> of_key;
        std::ranges::copy_if(pieces, std::back_inserter(of_key), [&](const Piece& piece) {
            return piece.part != nullptr ? piece.part->key == key : may_hold(*piece.row, key);
        });
        VIGIL_TRY(samples, settled(key, of_key, span));
        series[key] = std::move(samples);
    }
    struct Cursor {
        const SeriesKey* key;
        const Sample *next, *end;
    };
    std::vector<Cursor> cursors;
    for (const auto& [key, samples] : series) {
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
    for (const auto& part : view_.parts)
        part.run->numbers([&](std::span<const Number> numbers) {
            for (const auto& number : numbers) {
                const auto day = floor_to(number.filed_time, day_length);
                if (days.empty() || days.back() != day) days.push_back(day);
            }
            return true;
        });
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
        [&](const SeriesKey& of, std::span<const Number> numbers) {
            if (of != key) return true;
            for (const auto& [filed_time, value, status] : numbers) {
                const auto normal =
                    normaliser.normal(value.value, value.unit, value.special, status);
                if (normal) builder.add(filed_time, *normal);
            }
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
