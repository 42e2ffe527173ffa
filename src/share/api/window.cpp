#include "share/api/window.hpp"

#include <algorithm>
#include <array>

#include "share/reading_json.hpp"

namespace vigil::share {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

struct Step {
    WindowResolution name;
    store::Resolution resolution;
    std::int64_t seconds;
};
constexpr std::array steps{Step{WindowResolution::minute, store::Resolution::minute, 60},
                           Step{WindowResolution::hour, store::Resolution::hour, 3600},
                           Step{WindowResolution::day, store::Resolution::day, 86400}};

// As a point of the curve; nothing where it does not count.
std::optional<double> drawn(const Metric& metric, const store::Number& number) {
    if ((number.status & status::invalid) != 0) return std::nullopt;
    const auto normal = normal_value(metric, number.value);
    return normal ? std::optional(normal->to_double()) : std::nullopt;
}

std::int64_t span_s(const store::Span& span) {
    return std::max<std::int64_t>(1, (span.to - span.from).count() / second_ns);
}

// Whole multiples of `seconds`, as many as needed to stay within `points`.
std::int64_t bucket_for(const WindowQuery& query, std::int64_t seconds) {
    const auto points = static_cast<std::int64_t>(query.points);
    const auto needed = (span_s(query.span) + seconds * points - 1) / (seconds * points);
    return seconds * std::max<std::int64_t>(1, needed);
}

Timestamp floor_to(Timestamp time, std::int64_t bucket_s) {
    const auto bucket = bucket_s * second_ns;
    auto ns = unix_ns(time);
    ns -= ((ns % bucket) + bucket) % bucket;
    return from_unix_ns(ns);
}

void merge(store::Bucket& into, const store::Bucket& next) {
    if (into.count == 0) {
        const auto start = into.start;
        into = next;
        into.start = start;
        return;
    }
    const auto count = into.count + next.count;
    into.mean = (into.mean * static_cast<double>(into.count) +
                 next.mean * static_cast<double>(next.count)) /
                static_cast<double>(count);
    into.count = count;
    into.min = std::min(into.min, next.min);
    into.max = std::max(into.max, next.max);
    into.last = next.last;
}

void add_to(WindowColumn& column, const store::Bucket& next, std::int64_t bucket_s) {
    const auto start = floor_to(next.start, bucket_s);
    if (column.buckets.empty() || column.buckets.back().start != start)
        column.buckets.push_back({.start = start});
    merge(column.buckets.back(), next);
}

bool chosen(const WindowQuery& query, const store::SeriesKey& key) {
    return (!query.device || *query.device == key.device) &&
           (!query.channel || *query.channel == key.channel);
}

// take(column, number, value) for each sample that is drawn; it returns false to stop.
template <class Take>
Result<void> each_drawn(store::SeriesStore& series, const Metric& metric,
                        const store::Access& access, const WindowQuery& query, Window& window,
                        Take take) {
    VIGIL_CHECK(series.scan_numbers(
        access, query.patient, query.metric, query.span,
        [&](const store::SeriesKey& key, std::span<const store::Number> numbers) {
            if (!chosen(query, key)) return true;
            auto& column = window.series[key];
            return std::ranges::all_of(numbers, [&](const store::Number& number) {
                const auto value = drawn(metric, number);
                return !value || take(column, number, *value);
            });
        }));
    std::erase_if(window.series, [](const auto& each) { return each.second.buckets.empty(); });
    return {};
}

store::Bucket bucket_of(const store::Number& number, double value) {
    return {number.filed_time, 1, value, value, value, value};
}

// Samples as they are; false if a series has more than `points`.
Result<bool> read_raw(store::SeriesStore& series, const Metric& metric, const store::Access& access,
                      const WindowQuery& query, Window& window) {
    bool fits = true;
    VIGIL_CHECK(each_drawn(series, metric, access, query, window,
                           [&](WindowColumn& column, const store::Number& number, double value) {
                               fits = column.buckets.size() < query.points;
                               if (!fits) return false;
                               column.buckets.push_back(bucket_of(number, value));
                               column.values.push_back(to_string(number.value.value));
                               return true;
                           }));
    return fits;
}

Result<void> read_buckets(store::SeriesStore& series, const store::Access& access,
                          const WindowQuery& query, const Step& step, Window& window) {
    window.resolution = step.name;
    window.bucket_s = bucket_for(query, step.seconds);
    VIGIL_TRY(infos, series.list(access, query.patient));
    for (const auto& info : infos) {
        if (info.key.metric != query.metric || !chosen(query, info.key)) continue;
        VIGIL_TRY(buckets,
                  series.scan(access, query.patient, info.key, query.span, step.resolution));
        auto& column = window.series[info.key];
        for (const auto& bucket : buckets) add_to(column, bucket, window.bucket_s);
    }
    return {};
}

// Samples gathered in buckets of whole seconds: finer than a minute.
Result<void> gather_samples(store::SeriesStore& series, const Metric& metric,
                            const store::Access& access, const WindowQuery& query, Window& window) {
    window.resolution = WindowResolution::raw;
    window.bucket_s = bucket_for(query, 1);
    return each_drawn(series, metric, access, query, window,
                      [&](WindowColumn& column, const store::Number& number, double value) {
                          add_to(column, bucket_of(number, value), window.bucket_s);
                          return true;
                      });
}

// Hours put together are drawn up to here: beyond, a day says as much and costs less.
constexpr std::int64_t hours_together_s_max = 6 * 3600;

// The one named; automatically the finest of minutes put together up to an hour, hours up to six of
// them, and days.
const Step& step_for(const WindowQuery& query) {
    const bool automatic = query.resolution == WindowResolution::automatic;
    for (const auto& step : steps) {
        const auto bucket_s = bucket_for(query, step.seconds);
        const bool fine = step.name == WindowResolution::minute ? bucket_s < 3600
                          : step.name == WindowResolution::hour ? bucket_s <= hours_together_s_max
                                                                : true;
        if (step.name == query.resolution || (automatic && fine)) return step;
    }
    return steps.back();
}

// Buckets at the ends may count what is outside the span.
bool holds_more_than(const Window& window, std::size_t points) {
    return std::ranges::any_of(window.series, [&](const auto& each) {
        const auto& buckets = each.second.buckets;
        std::uint64_t count = 0;
        for (std::size_t i = 1; i + 1 < buckets.size(); ++i) count += buckets[i].count;
        return count > points;
    });
}

bool has_buckets(const Window& window) {
    return std::ranges::any_of(window.series,
                               [](const auto& each) { return !each.second.buckets.empty(); });
}

// Of a span without samples: retention may have left its roll-ups and nothing else.
Result<Window> read_rolled_up(store::SeriesStore& series, const store::Access& access,
                              const WindowQuery& query) {
    Window window;
    VIGIL_CHECK(read_buckets(series, access, query, step_for(query), window));
    if (!has_buckets(window)) window.series.clear();
    return window;
}

}  // namespace

Result<Window> read_window(store::SeriesStore& series, const Catalogue& catalogue,
                           const store::Access& access, const WindowQuery& query) {
    const auto& metric = catalogue.at(query.metric);
    Window window;
    const bool automatic = query.resolution == WindowResolution::automatic;
    if (query.resolution == WindowResolution::raw || (automatic && bucket_for(query, 1) < 60)) {
        VIGIL_TRY(fits, read_raw(series, metric, access, query, window));
        if (automatic && fits && window.series.empty()) {
            VIGIL_TRY(rolled_up, read_rolled_up(series, access, query));
            return rolled_up.series.empty() ? std::move(window) : std::move(rolled_up);
        }
        if (fits) return window;
        window = {};
        VIGIL_CHECK(gather_samples(series, metric, access, query, window));
        return window;
    }
    VIGIL_CHECK(read_buckets(series, access, query, step_for(query), window));
    // A span whose points are all wider than ten minutes is drawn from roll-ups without a look at
    // samples; so is one of which the roll-ups have counted too many.
    const bool short_span = span_s(query.span) <= static_cast<std::int64_t>(query.points) * 600;
    if (!automatic || !short_span || holds_more_than(window, query.points)) return window;
    Window samples;
    VIGIL_TRY(fits, read_raw(series, metric, access, query, samples));
    const bool gone = fits && samples.series.empty() && has_buckets(window);
    return fits && !gone ? std::move(samples) : std::move(window);
}

}  // namespace vigil::share
