#include "share/api/series_query.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "metric/unit.hpp"
#include "share/api/csv.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

// More in one answer would make one request read a whole record many times over.
constexpr std::size_t metrics_max = 16;

Result<std::vector<MetricId>> read_metrics(const ApiContext& api,
                                           const session::HttpRequest& request, Metrics needed) {
    std::vector<MetricId> metrics;
    for (const auto& [name, value] : request.query) {
        if (name != "metric") continue;
        const auto* known = api.catalogue.find(value);
        if (known == nullptr) return fail(Error::Kind::not_found, "no such metric here", "metric");
        if (std::ranges::find(metrics, known->id) == metrics.end()) metrics.push_back(known->id);
    }
    if (needed != Metrics::any && metrics.empty())
        return fail(Error::Kind::malformed, "say which: metric=KEY", "metric");
    if (needed == Metrics::one && metrics.size() > 1)
        return fail(Error::Kind::malformed, "takes one metric", "metric");
    if (needed == Metrics::some && metrics.size() > metrics_max)
        return fail(Error::Kind::malformed, fmt::format("takes {} metrics at most", metrics_max),
                    "metric");
    return metrics;
}

Result<SeriesFilter> read_filter(const ApiContext& api, const ApiCall& call, Metrics needed) {
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
    VIGIL_TRY(metrics, read_metrics(api, request, needed));
    filter.metrics = std::move(metrics);
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

}  // namespace

std::optional<AllowedSeries> allow_series(ApiContext& api, const ApiCallPtr& call, Metrics needed,
                                          std::string_view what) {
    auto filter = read_filter(api, *call, needed);
    if (!filter) {
        answer_error(api, call, filter.error());
        return std::nullopt;
    }
    auto access = decide(api, call,
                         {.act = store::Act::read,
                          .areas = {identity::Area::vitals},
                          .subjects = identity::Subjects::of(filter->patient),
                          .what = std::string(what)});
    if (!access) return std::nullopt;
    return AllowedSeries{std::move(*filter), std::move(*access)};
}

const std::string_view sample_csv_header =
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

}  // namespace vigil::share
