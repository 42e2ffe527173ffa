// GET /api/series/raw: samples as they were stored, in pages or as one stream.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <memory>

#include "share/api/api.hpp"
#include "share/api/series_query.hpp"
#include "share/api/series_shape.hpp"

namespace vigil::share {
namespace {

using Samples = std::vector<std::pair<store::SeriesKey, store::Sample>>;

struct RawPage {
    Samples samples;
    std::string next;
};

// A cursor is the filed time of the last sample shown and how many of that very time were.
struct RawCursor {
    Timestamp time = from_unix_ns(INT64_MIN / 2);
    std::size_t shown = 0;
};

Result<RawCursor> read_cursor(std::string_view text) {
    RawCursor cursor;
    if (text.empty()) return cursor;
    std::int64_t ns = 0;
    const auto* const end = text.data() + text.size();
    const auto time = std::from_chars(text.data(), end, ns);
    const bool dot = time.ec == std::errc() && time.ptr != end && *time.ptr == '.';
    if (!dot || std::from_chars(time.ptr + 1, end, cursor.shown).ptr != end)
        return fail(Error::Kind::malformed, "not a cursor that this server gave", "cursor");
    cursor.time = from_unix_ns(ns);
    return cursor;
}

// A metric's samples of the span in order of filed time: at most the last so many.
Result<Samples> read_last(ApiContext& api, const AllowedSeries& allowed, MetricId metric,
                          store::Span span, std::size_t count) {
    Samples samples;
    const auto drop_first = [&] {
        if (samples.size() > count)
            samples.erase(samples.begin(), samples.end() - static_cast<std::ptrdiff_t>(count));
    };
    VIGIL_CHECK(api.series.scan(allowed.access, allowed.filter.patient, metric, span,
                                [&](const store::SeriesKey& key, const store::Sample& sample) {
                                    if (!allowed.filter.fits(key)) return true;
                                    samples.emplace_back(key, sample);
                                    if (samples.size() >= 2 * count) drop_first();
                                    return true;
                                }));
    drop_first();
    return samples;
}

// What `read` gives of each metric, together in order of filed time; at one time the metrics stand
// as they were asked for, so that a cursor finds its place again.
Result<Samples> read_all(const SeriesFilter& filter,
                         const std::function<Result<Samples>(MetricId)>& read) {
    Samples all;
    for (const auto metric : filter.metrics) {
        VIGIL_TRY(samples, read(metric));
        Samples merged;
        merged.reserve(all.size() + samples.size());
        std::merge(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
                   std::make_move_iterator(samples.begin()), std::make_move_iterator(samples.end()),
                   std::back_inserter(merged), [](const auto& a, const auto& b) {
                       return a.second.filed_time < b.second.filed_time;
                   });
        all = std::move(merged);
    }
    return all;
}

Result<RawPage> read_page(ApiContext& api, const AllowedSeries& allowed, RawCursor cursor,
                          std::size_t limit) {
    const auto& filter = allowed.filter;
    const store::Span span{std::max(filter.span.from, cursor.time), filter.span.to};
    std::size_t skip = cursor.shown;  // of the cursor's time, the first metric's first
    VIGIL_TRY(samples, read_all(filter, [&](MetricId metric) -> Result<Samples> {
                  Samples found;
                  VIGIL_CHECK(api.series.scan(
                      allowed.access, filter.patient, metric, span,
                      [&](const store::SeriesKey& key, const store::Sample& sample) {
                          if (!filter.fits(key)) return true;
                          if (skip > 0 && sample.filed_time == cursor.time)
                              --skip;
                          else
                              found.emplace_back(key, sample);
                          return found.size() <= limit;  // one more tells that another page follows
                      }));
                  return found;
              }));
    RawPage page;
    if (samples.size() > limit) {
        samples.resize(limit);
        const auto last = samples.back().second.filed_time;
        auto shown = static_cast<std::size_t>(std::ranges::count_if(
            samples, [&](const auto& entry) { return entry.second.filed_time == last; }));
        if (last == cursor.time) shown += cursor.shown;
        page.next = fmt::format("{}.{}", unix_ns(last), shown);
    }
    page.samples = std::move(samples);
    return page;
}

Result<RawPage> read_newest(ApiContext& api, const AllowedSeries& allowed, std::size_t limit) {
    VIGIL_TRY(samples, read_all(allowed.filter, [&](MetricId metric) {
                  return read_last(api, allowed, metric, allowed.filter.span, limit);
              }));
    std::ranges::reverse(samples);
    if (samples.size() > limit) samples.resize(limit);
    return RawPage{std::move(samples), {}};
}

// The whole span as CSV or as JSON lines. Pages are read on a worker, one ahead at most, and
// written a few rows at a time on the loop, which knows the devices' names.
class RowStream : public std::enable_shared_from_this<RowStream> {
public:
    RowStream(ApiContext& api, AllowedSeries allowed, identity::Principal who, bool csv)
        : api_(api), allowed_(std::move(allowed)), who_(std::move(who)), csv_(csv) {}

    session::NextPart next(std::string& out) {
        using session::NextPart;
        // The rights that it was asked with may have ended meanwhile.
        if (failed_ || !still_stands(api_, who_)) return NextPart::broken;
        if (!std::exchange(begun_, true)) {
            if (csv_) out += sample_csv_header;
            read();
        }
        const auto end = std::min(at_ + rows_per_part, page_.samples.size());
        for (; at_ < end; ++at_) write(page_.samples[at_], out);
        if (reading_ || at_ < page_.samples.size()) return NextPart::more;
        if (page_.next.empty()) return NextPart::end;
        read();
        return NextPart::more;
    }

private:
    static constexpr std::size_t rows_per_part = 256, rows_per_page = 5'000;

    void read() {
        reading_ = true;
        const auto cursor = read_cursor(page_.next);
        page_ = {};
        at_ = 0;
        api_.on_worker([self = shared_from_this(), cursor = cursor.value_or(RawCursor{})] {
            // Each metric is read that far ahead.
            const auto limit = rows_per_page / self->allowed_.filter.metrics.size();
            auto page = read_page(self->api_, self->allowed_, cursor, limit);
            self->api_.on_loop([self, page = std::move(page)]() mutable {
                self->reading_ = false;
                self->failed_ = !page;
                if (page) self->page_ = std::move(*page);
            });
        });
    }
    void write(const std::pair<store::SeriesKey, store::Sample>& row, std::string& out) const {
        const auto& [key, sample] = row;
        if (csv_) return append_csv_sample(out, api_, allowed_.filter.patient, key, sample);
        JsonWriter json(out);
        write_sample(json, api_, allowed_.filter.patient, key, sample, true);
        out += '\n';
    }

    ApiContext& api_;
    AllowedSeries allowed_;
    identity::Principal who_;
    bool csv_;
    RawPage page_;
    std::size_t at_ = 0;
    bool begun_ = false, reading_ = false, failed_ = false;
};

void stream_rows(ApiContext& api, const ApiCallPtr& call, const AllowedSeries& allowed, bool csv) {
    auto response = csv_answer("");
    if (!csv) response.headers.front().second = "application/x-ndjson";
    response.next_part = [rows = std::make_shared<RowStream>(api, allowed, call->who, csv)](
                             std::string& out) { return rows->next(out); };
    answer(api, call, std::move(response));
}

void raw(ApiContext& api, const ApiCallPtr& call) {
    const auto limit = count_parameter(call->request, "limit", 200, 10'000);
    const auto cursor = read_cursor(call->request.parameter("cursor").value_or(""));
    if (!limit) return answer_error(api, call, limit.error());
    if (!cursor) return answer_error(api, call, cursor.error());
    const auto allowed = allow_series(api, call, Metrics::some, "series.raw");
    if (!allowed) return;
    const bool lines = wants_lines(call->request);
    if (lines || wants_csv(call->request)) return stream_rows(api, call, *allowed, !lines);
    const bool newest_first = call->request.parameter("order").value_or("asc") == "desc";
    api.on_worker([&api, call, allowed = *allowed, cursor = *cursor, limit = *limit, newest_first] {
        auto page = newest_first ? read_newest(api, allowed, limit)
                                 : read_page(api, allowed, cursor, limit);
        api.on_loop([&api, call, patient = allowed.filter.patient, page = std::move(page)] {
            if (!page) return answer_error(api, call, page.error());
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("readings").begin_array();
            for (const auto& [key, sample] : page->samples)
                write_sample(json, api, patient, key, sample, true);
            json.end_array().member_or_null("next", page->next).end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

}  // namespace

void add_raw_series(Api& api) {
    api.add("GET", "/api/series/raw", raw);
}

}  // namespace vigil::share
