#include "app/site_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "metric/unit.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view document_kind = "metric";

constexpr std::array<std::pair<MetricKind, std::string_view>, 4> kinds{
    {{MetricKind::numeric, "numeric"},
     {MetricKind::waveform, "waveform"},
     {MetricKind::event, "event"},
     {MetricKind::setting, "setting"}}};

Result<Metric> metric_of(const SiteMetric& site) {
    const auto kind = std::ranges::find(kinds, std::string_view(site.kind),
                                        [](const auto& entry) { return entry.second; });
    const auto unit = site.unit.empty() ? std::optional(UnitId{}) : units::find(site.unit);
    if (kind == kinds.end() || !unit)
        return fail(Error::Kind::malformed,
                    "a metric needs a kind (numeric, waveform, event, setting) and a UCUM unit",
                    "metric " + site.key);
    Metric metric;
    metric.key = site.key;
    metric.display = site.display.empty() ? site.key : site.display;
    metric.kind = kind->first;
    metric.unit = *unit;
    metric.mdc_refid = site.mdc_refid;
    metric.mdc_code = site.mdc_code;
    metric.loinc = site.loinc;
    metric.expected_interval = site.expected_interval;
    return metric;
}

std::string body_of(const SiteMetric& site) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("key", site.key).member("display", site.display);
    json.member("kind", site.kind).member("unit", site.unit).end_object();
    return body;
}

// What tells a metric that is no longer configured: enough to show what was stored. Its codes are
// free for another.
Result<SiteMetric> kept_metric(std::string_view body) {
    JsonDocument document;
    VIGIL_TRY(root, document.parse(body));
    SiteMetric site;
    site.key = root["key"].string();
    site.display = root["display"].string();
    site.kind = root["kind"].string();
    site.unit = root["unit"].string();
    return site;
}

using Kept = std::map<std::uint16_t, SiteMetric>;

Result<Kept> read_kept(store::Documents& documents) {
    Kept kept;
    std::optional<Error> damaged;
    VIGIL_CHECK(documents.each(document_kind, [&](std::string_view id, std::string_view body) {
        std::uint16_t number = 0;
        std::from_chars(id.data(), id.data() + id.size(), number);
        auto site = kept_metric(body);
        if (!site) {
            damaged = site.error();
            return false;
        }
        kept.emplace(number, std::move(*site));
        return true;
    }));
    if (damaged) return tl::unexpected(*damaged);
    return kept;
}

Result<void> check_same(const SiteMetric& before, const SiteMetric& now) {
    if (before.kind == now.kind && before.unit == now.unit) return {};
    return fail(
        Error::Kind::conflict,
        fmt::format("this metric was {} in \"{}\" when readings of it were stored: give the "
                    "new one another key",
                    before.kind, before.unit),
        "metric " + now.key);
}

store::DocumentChange keep(MetricId id, const SiteMetric& site) {
    return {.kind = std::string(document_kind),
            .id = std::to_string(id.value),
            .subject = {},
            .body = body_of(site)};
}

}  // namespace

Result<void> load_site_metrics(std::span<const SiteMetric> configured, store::Documents& documents,
                               Catalogue& catalogue) {
    VIGIL_TRY(kept, read_kept(documents));
    std::vector<store::DocumentChange> changes;
    const auto add = [&](const SiteMetric& site, std::uint16_t number) -> Result<MetricId> {
        VIGIL_TRY(metric, metric_of(site));
        metric.id = MetricId{number};
        return catalogue.add_site_metric(std::move(metric));
    };
    for (const auto& [number, before] : kept) {
        const auto now = std::ranges::find(configured, before.key, &SiteMetric::key);
        if (now != configured.end()) VIGIL_CHECK(check_same(before, *now));
        const auto& site = now != configured.end() ? *now : before;
        VIGIL_TRY(id, add(site, number));
        if (body_of(site) != body_of(before)) changes.push_back(keep(id, site));
    }
    for (const auto& site : configured) {
        if (std::ranges::any_of(kept,
                                [&](const auto& each) { return each.second.key == site.key; }))
            continue;
        VIGIL_TRY(id, add(site, 0));
        changes.push_back(keep(id, site));
    }
    if (changes.empty()) return {};
    return store::await<void>([&](store::Done done) {
        documents.change(std::move(changes), std::nullopt, std::move(done));
    });
}

}  // namespace vigil::app
