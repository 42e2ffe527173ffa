// GET /api/series…: list, latest, window, raw; as JSON and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "metric/unit.hpp"
#include "share/api/api.hpp"
#include "share/api/csv.hpp"
#include "share/api/series_shape.hpp"
#include "share/api/window.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using session::HttpResponse;

struct SeriesFilter {
    PatientId patient;
    std::optional<MetricId> metric;
    std::optional<DeviceId> device;
    std::optional<std::uint16_t> channel;
    store::Span span;

    bool fits(const store::SeriesKey& key) const {
        return (!device || *device == key.device) && (!channel || *channel == key.channel);
    }
};

Result<SeriesFilter> read_filter(const ApiContext& api, const ApiCall& call, bool metric_needed) {
    SeriesFilter filter;
    const auto& request = call.request;
    if (const auto device = request.parameter("device")) {
        VIGIL_TRY(known, device_named(api, *device, "device"));
        filter.device = known->id;
    }
    if (const auto patient = request.parameter("patient")) {
        VIGIL_TRY(known, patient_named(api, *patient, "patient"));
        filter.patient = known->id;
    } else if (!filter.device) {
        return fail(Error::Kind::malformed, "say whose: patient=ID", "patient");
    }
    if (const auto metric = request.parameter("metric")) {
        const auto* known = api.catalogue.find(*metric);
        if (known == nullptr) return fail(Error::Kind::not_found, "no such metric here", "metric");
        filter.metric = known->id;
    } else if (metric_needed) {
        return fail(Error::Kind::malformed, "say which: metric=KEY", "metric");
    }
    if (const auto text = request.parameter("channel")) {
        std::uint16_t channel = 0;
        const auto [end, failure] =
            std::from_chars(text->data(), text->data() + text->size(), channel);
        if (failure != std::errc() || end != text->data() + text->size())
            return fail(Error::Kind::malformed, "takes a whole number", "channel");
        filter.channel = channel;
    }
    VIGIL_TRY(from, time_parameter(request, "from", from_unix_ns(0)));
    VIGIL_TRY(to, time_parameter(request, "to", call.now + std::chrono::minutes(2)));
    filter.span = {from, to};
    return filter;
}

// The filter, and access to its patient; on failure the call has been answered.
struct Allowed {
    SeriesFilter filter;
    store::Access access;
};
std::optional<Allowed> allow(ApiContext& api, const ApiCallPtr& call, bool metric_needed,
                             std::string_view what) {
    const auto filter = read_filter(api, *call, metric_needed);
    if (!filter) {
        answer_error(api, call, filter.error());
        return std::nullopt;
    }
    const auto subjects = identity::Subjects::of(filter->patient);
    auto access = decide(api, call, store::Act::read, subjects, std::string(what));
    if (!access) return std::nullopt;
    return Allowed{*filter, std::move(*access)};
}

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto allowed = allow(api, call, false, "series");
    if (!allowed) return;
    api.on_worker([&api, call, allowed = *allowed] {
        auto shapes = series_of(api, allowed.access, allowed.filter.patient);
        api.on_loop([&api, call, filter = allowed.filter, shapes = std::move(shapes)] {
            if (!shapes) return answer_error(api, call, shapes.error());
            const auto now = api.now();
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("series").begin_array();
            for (const auto& shape : *shapes)
                if (filter.fits(shape.info.key)) write_series(json, api, shape, now);
            json.end_array().member("server_time", now).end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

bool metric_asked_for(const ApiContext& api, const session::HttpRequest& request, MetricId metric) {
    bool any = false;
    for (const auto& [name, value] : request.query) {
        if (name != "metric") continue;
        any = true;
        if (value == api.catalogue.at(metric).key) return true;
    }
    return !any;
}

constexpr std::string_view csv_header =
    "patient,device,metric,channel,type,value,display,unit,normal,special,status,filed_time,device_"
    "time,"
    "receive_time,sequence\r\n";

void append_csv_sample(std::string& out, const ApiContext& api, PatientId patient,
                       const store::SeriesKey& key, const store::Sample& sample) {
    const Reading reading{.metric = key.metric,
                          .channel = key.channel,
                          .status = sample.status,
                          .device_time = sample.device_time,
                          .value = sample.value};
    const auto& metric = api.catalogue.at(key.metric);
    const auto* device = api.registry.device(key.device);
    const auto* numeric = std::get_if<NumericValue>(&sample.value);
    const auto* coded = std::get_if<CodedValue>(&sample.value);
    const auto* event = std::get_if<EventValue>(&sample.value);
    const auto normal = numeric != nullptr ? normal_value(metric, *numeric) : std::nullopt;
    constexpr std::array<std::string_view, 5> types{"numeric", "coded", "text", "event",
                                                    "waveform"};
    append_csv_record(
        out,
        {patient ? patient_id_text(patient) : "",
         device != nullptr ? std::string_view(device->external_id) : "", metric.key,
         std::to_string(key.channel), types[sample.value.index()], value_text(reading),
         coded != nullptr   ? std::string_view(coded->display)
         : event != nullptr ? std::string_view(event->text)
                            : std::string_view(),
         numeric != nullptr ? units::at(numeric->unit).ucum : "", normal ? to_string(*normal) : "",
         numeric != nullptr ? special_word(numeric->special) : std::string_view(),
         status_words(sample.status, true), format_rfc3339(sample.filed_time),
         sample.device_time ? format_rfc3339(*sample.device_time) : "",
         format_rfc3339(sample.receive_time), std::to_string(sample.sequence)});
}

void latest(ApiContext& api, const ApiCallPtr& call) {
    const auto allowed = allow(api, call, false, "series.latest");
    if (!allowed) return;
    api.on_worker([&api, call, allowed = *allowed] {
        auto samples = api.series.latest(allowed.access, allowed.filter.patient);
        api.on_loop([&api, call, filter = allowed.filter, samples = std::move(samples)] {
            if (!samples) return answer_error(api, call, samples.error());
            const bool csv = wants_csv(call->request);
            std::string body(csv ? csv_header : std::string_view());
            JsonWriter json(body);
            if (!csv) json.begin_object().key("readings").begin_array();
            for (const auto& [key, sample] : *samples) {
                if (!filter.fits(key) || !metric_asked_for(api, call->request, key.metric))
                    continue;
                if (csv)
                    append_csv_sample(body, api, filter.patient, key, sample);
                else
                    write_sample(json, api, filter.patient, key, sample, false);
            }
            if (csv) return answer(api, call, csv_answer(std::move(body)));
            json.end_array().member("server_time", api.now()).end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

// --- window
// -----------------------------------------------------------------------------------------

constexpr std::array<std::pair<std::string_view, WindowResolution>, 5> resolutions{
    {{"auto", WindowResolution::automatic},
     {"raw", WindowResolution::raw},
     {"minute", WindowResolution::minute},
     {"hour", WindowResolution::hour},
     {"day", WindowResolution::day}}};

Result<WindowResolution> read_resolution(const session::HttpRequest& request) {
    const auto word = request.parameter("resolution").value_or("auto");
    for (const auto& [name, resolution] : resolutions)
        if (name == word) return resolution;
    return fail(Error::Kind::malformed, "takes auto, raw, minute, hour or day", "resolution");
}

std::string_view word_of(WindowResolution resolution) {
    for (const auto& [name, value] : resolutions)
        if (value == resolution) return name;
    return "auto";
}

void write_column(JsonWriter& json, std::string_view name,
                  const std::vector<store::Bucket>& buckets,
                  double (*value)(const store::Bucket&)) {
    json.key(name).begin_array();
    for (const auto& bucket : buckets) json.number(value(bucket));
    json.end_array();
}

std::string window_json(const ApiContext& api, const WindowQuery& query, const Window& window) {
    const auto& metric = api.catalogue.at(query.metric);
    const auto& unit = units::at(metric.unit);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("metric", metric.key).member("unit", unit.ucum);
    json.member("unit_shown", unit.shown)
        .member("from", query.span.from)
        .member("to", query.span.to);
    json.member("resolution", word_of(window.resolution)).member("bucket_s", window.bucket_s);
    json.key("series").begin_array();
    for (const auto& [key, column] : window.series) {
        const auto* device = api.registry.device(key.device);
        json.begin_object().member("device",
                                   device != nullptr ? std::string_view(device->external_id) : "");
        json.member("channel", key.channel);
        write_column(json, "t", column.buckets, [](const store::Bucket& b) {
            return static_cast<double>(unix_ns(b.start)) / 1e6;
        });
        write_column(json, "min", column.buckets, [](const store::Bucket& b) { return b.min; });
        write_column(json, "max", column.buckets, [](const store::Bucket& b) { return b.max; });
        write_column(json, "mean", column.buckets, [](const store::Bucket& b) { return b.mean; });
        write_column(json, "last", column.buckets, [](const store::Bucket& b) { return b.last; });
        json.key("count").begin_array();
        for (const auto& bucket : column.buckets) json.number(bucket.count);
        json.end_array();
        if (window.bucket_s == 0) {
            json.key("value").begin_array();
            for (const auto& value : column.values) json.text(value);
            json.end_array();
        }
        json.end_object();
    }
    json.end_array().end_object();
    return body;
}

std::string window_csv(const ApiContext& api, const Window& window) {
    std::string body = "device,channel,time,min,max,mean,last,count\r\n";
    for (const auto& [key, column] : window.series) {
        const auto* device = api.registry.device(key.device);
        for (const auto& b : column.buckets)
            append_csv_record(body, {device != nullptr ? std::string_view(device->external_id) : "",
                                     std::to_string(key.channel), format_rfc3339(b.start),
                                     fmt::format("{}", b.min), fmt::format("{}", b.max),
                                     fmt::format("{}", b.mean), fmt::format("{}", b.last),
                                     std::to_string(b.count)});
    }
    return body;
}

void window(ApiContext& api, const ApiCallPtr& call) {
    const auto resolution = read_resolution(call->request);
    const auto points = count_parameter(call->request, "points", 1000, 10'000);
    if (!resolution) return answer_error(api, call, resolution.error());
    if (!points) return answer_error(api, call, points.error());
    const auto allowed = allow(api, call, true, "series.window");
    if (!allowed) return;
    if (api.catalogue.at(*allowed->filter.metric).kind == MetricKind::waveform)
        return answer_error(
            api, call, {Error::Kind::unsupported, "a window is of a numeric metric", "metric"});
    const WindowQuery query{.patient = allowed->filter.patient,
                            .metric = *allowed->filter.metric,
                            .device = allowed->filter.device,
                            .channel = allowed->filter.channel,
                            .span = allowed->filter.span,
                            .resolution = *resolution,
                            .points = *points};
    api.on_worker([&api, call, query, access = allowed->access] {
        auto read = read_window(api.series, api.catalogue, access, query);
        api.on_loop([&api, call, query, read = std::move(read)] {
            if (!read) return answer_error(api, call, read.error());
            if (wants_csv(call->request))
                return answer(api, call, csv_answer(window_csv(api, *read)));
            answer(api, call, json_answer(window_json(api, query, *read)));
        });
    });
}

// --- raw
// --------------------------------------------------------------------------------------------

struct RawPage {
    std::vector<std::pair<store::SeriesKey, store::Sample>> samples;
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

Result<RawPage> read_page(ApiContext& api, const Allowed& allowed, RawCursor cursor,
                          std::size_t limit) {
    auto span = allowed.filter.span;
    span.from = std::max(span.from, cursor.time);
    RawPage page;
    std::size_t skip = cursor.shown;
    VIGIL_CHECK(api.series.scan(
        allowed.access, allowed.filter.patient, *allowed.filter.metric, span,
        [&](const store::SeriesKey& key, const store::Sample& sample) {
            if (!allowed.filter.fits(key)) return true;
            if (skip > 0 && sample.filed_time == cursor.time) {
                --skip;
                return true;
            }
            if (page.samples.size() == limit) {
                const auto last = page.samples.back().second.filed_time;
                auto shown = static_cast<std::size_t>(std::ranges::count_if(
                    page.samples,
                    [&](const auto& entry) { return entry.second.filed_time == last; }));
                if (last == cursor.time) shown += cursor.shown;
                page.next = fmt::format("{}.{}", unix_ns(last), shown);
                return false;
            }
            page.samples.emplace_back(key, sample);
            return true;
        }));
    return page;
}

Result<RawPage> read_newest(ApiContext& api, const Allowed& allowed, std::size_t limit) {
    RawPage page;
    VIGIL_CHECK(api.series.scan(
        allowed.access, allowed.filter.patient, *allowed.filter.metric, allowed.filter.span,
        [&](const store::SeriesKey& key, const store::Sample& sample) {
            if (!allowed.filter.fits(key)) return true;
            page.samples.emplace_back(key, sample);
            if (page.samples.size() >= 2 * limit)
                page.samples.erase(page.samples.begin(),
                                   page.samples.end() - static_cast<std::ptrdiff_t>(limit));
            return true;
        }));
    if (page.samples.size() > limit)
        page.samples.erase(page.samples.begin(),
                           page.samples.end() - static_cast<std::ptrdiff_t>(limit));
    std::ranges::reverse(page.samples);
    return page;
}

// The whole span as CSV or as JSON lines, a part at a time: each part is one page, read when the
// client has taken the one before.
void stream_rows(ApiContext& api, const ApiCallPtr& call, const Allowed& allowed, bool csv) {
    constexpr std::size_t part = 2000;
    struct Progress {
        RawCursor cursor;
        bool begun = false, done = false;
    };
    auto progress = std::make_shared<Progress>();
    auto response = csv_answer("");
    if (!csv) response.headers.front().second = "application/x-ndjson";
    response.next_part = [&api, allowed, progress, csv](std::string& out) {
        if (progress->done) return false;
        if (!std::exchange(progress->begun, true) && csv) out += csv_header;
        const auto page = read_page(api, allowed, progress->cursor, part);
        if (!page) {
            progress->done = true;
            return true;
        }
        for (const auto& [key, sample] : page->samples) {
            if (csv) {
                append_csv_sample(out, api, allowed.filter.patient, key, sample);
                continue;
            }
            JsonWriter json(out);
            write_sample(json, api, allowed.filter.patient, key, sample, true);
            out += '\n';
        }
        progress->done = page->next.empty();
        if (const auto next = read_cursor(page->next)) progress->cursor = *next;
        return true;
    };
    answer(api, call, std::move(response));
}

void raw(ApiContext& api, const ApiCallPtr& call) {
    const auto limit = count_parameter(call->request, "limit", 200, 10'000);
    const auto cursor = read_cursor(call->request.parameter("cursor").value_or(""));
    if (!limit) return answer_error(api, call, limit.error());
    if (!cursor) return answer_error(api, call, cursor.error());
    const auto allowed = allow(api, call, true, "series.raw");
    if (!allowed) return;
    const bool lines = call->request.parameter("format").value_or("") == "ndjson";
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

void add_series(Api& api) {
    api.add("GET", "/api/series", list);
    api.add("GET", "/api/series/latest", latest);
    api.add("GET", "/api/series/window", window);
    api.add("GET", "/api/series/raw", raw);
}

}  // namespace vigil::share
