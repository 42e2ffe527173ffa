// GET /api/series…: list, latest, window; as JSON and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "metric/unit.hpp"
#include "share/api/api.hpp"
#include "share/api/csv.hpp"
#include "share/api/series_query.hpp"
#include "share/api/series_shape.hpp"
#include "share/api/window.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto allowed = allow_series(api, call, Metrics::any, "series");
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

void latest(ApiContext& api, const ApiCallPtr& call) {
    const auto allowed = allow_series(api, call, Metrics::any, "series.latest");
    if (!allowed) return;
    api.on_worker([&api, call, allowed = *allowed] {
        auto samples = api.series.latest(allowed.access, allowed.filter.patient);
        api.on_loop([&api, call, filter = allowed.filter, samples = std::move(samples)] {
            if (!samples) return answer_error(api, call, samples.error());
            const bool csv = wants_csv(call->request);
            std::string body(csv ? sample_csv_header : std::string_view());
            JsonWriter json(body);
            if (!csv) json.begin_object().key("readings").begin_array();
            for (const auto& [key, sample] : *samples) {
                if (!filter.fits(key)) continue;
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
    const auto allowed = allow_series(api, call, Metrics::one, "series.window");
    if (!allowed) return;
    const auto metric = allowed->filter.metrics.front();
    if (api.catalogue.at(metric).kind == MetricKind::waveform)
        return answer_error(
            api, call, {Error::Kind::unsupported, "a window is of a numeric metric", "metric"});
    const WindowQuery query{.patient = allowed->filter.patient,
                            .metric = metric,
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

}  // namespace

void add_series(Api& api) {
    api.add("GET", "/api/series", list);
    api.add("GET", "/api/series/latest", latest);
    api.add("GET", "/api/series/window", window);
}

}  // namespace vigil::share
