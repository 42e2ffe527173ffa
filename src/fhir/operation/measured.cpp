#include "fhir/operation/measured.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/fhirjson/terminology.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "metric/unit.hpp"

namespace vigil::fhir {
namespace {

namespace systems = codec::fhirjson::terminology;
constexpr std::size_t page = 500, members_max = 5'000;

bool has(const Metric& metric, const StatsCoding& wanted) {
    if (wanted.system == systems::loinc) return metric.loinc == wanted.code;
    if (wanted.system == systems::mdc)
        return metric.mdc_code != 0 && std::to_string(metric.mdc_code) == wanted.code;
    return wanted.system == systems::vigil_metric && metric.key == wanted.code;
}

// The code by which a part of a panel is told apart: LOINC before others.
StatsCoding coding_of(const Metric& metric) {
    if (!metric.loinc.empty()) return {std::string(systems::loinc), metric.loinc, {}};
    if (metric.mdc_code != 0)
        return {std::string(systems::mdc), std::to_string(metric.mdc_code), metric.mdc_refid};
    return {std::string(systems::vigil_metric), metric.key, metric.display};
}

std::optional<StatsCoding> coding_of(JsonValue part) {
    std::optional<StatsCoding> first;
    for (const auto coding : part["code"]["coding"]) {
        StatsCoding read{std::string(coding["system"].string()),
                         std::string(coding["code"].string()),
                         std::string(coding["display"].string())};
        if (read.code.empty()) continue;
        if (read.system == systems::loinc) return read;
        if (!first) first = std::move(read);
    }
    return first;
}

bool has(JsonValue part, const StatsCoding& wanted) {
    for (const auto coding : part["code"]["coding"])
        if (coding["system"].string() == wanted.system && coding["code"].string() == wanted.code)
            return true;
    return false;
}

// In the unit that `to` is kept in.
std::optional<Decimal> in_unit(const Decimal& value, std::string_view unit, const Measured& to) {
    if (unit == to.unit) return value;
    const auto from = units::find(unit), wanted = units::find(to.unit);
    if (!from || !wanted) return std::nullopt;
    const auto converted = units::convert(value, *from, *wanted, to.molar_mass);
    return converted ? std::optional(*converted) : std::nullopt;
}

// Of a Period its start.
std::optional<Timestamp> time_of(JsonValue observation) {
    for (const auto text :
         {observation["effectiveDateTime"].string(), observation["effectiveInstant"].string(),
          observation["effectivePeriod"]["start"].string()})
        if (const auto span = read_date(text)) return span->start;
    return std::nullopt;
}

double hours_since(Timestamp start, Timestamp time) {
    return std::chrono::duration<double, std::ratio<3600>>(time - start).count();
}

tl::unexpected<Problem> too_many_values() {
    return refuse(
        400, "too-costly",
        fmt::format("more than {} different values: ask for a shorter time", Tally::values_max));
}

}  // namespace

store::RecordQuery observations_of(const MeasuredScope& scope,
                                   const std::vector<StatsCoding>& codings) {
    store::AnyOf codes;
    for (const auto& coding : codings)
        codes.conditions.push_back({store::TokenMatch{"combo-code", coding.system, coding.code}});
    store::AllOf all{
        {{store::ReferenceMatch{"subject", {scope.subject_type, scope.subject_id, {}}}},
         {std::move(codes)},
         {store::NoneOf{{{store::TokenMatch{"status", {}, "entered-in-error"}}}}}}};
    if (scope.has_span) {
        all.conditions.push_back({store::DateMatch{
            "date", store::Comparison::greater_equal, {scope.span.from, scope.span.from}}});
        all.conditions.push_back(
            {store::DateMatch{"date", store::Comparison::less, {scope.span.to, scope.span.to}}});
    }
    return {.type = "Observation",
            .where = {std::move(all)},
            .sort = {{.by = store::SortKey::By::parameter, .parameter = "date"}},
            .after = {},
            .count_max = page};
}

Answer<void> Gathering::gather(const StatsCoding& wanted) {
    const auto before = measured_.size();
    of(wanted);
    if (scope_.subject_type == "Patient") FHIR_CHECK(readings(wanted));
    FHIR_CHECK(records(wanted));
    // A panel has no value of its own: its parts tell of it.
    if (measured_.size() > before + 1 && measured_[before].total == 0)
        measured_.erase(measured_.begin() + static_cast<std::ptrdiff_t>(before));
    return {};
}

Measured& Gathering::of(const StatsCoding& coding) {
    for (auto& one : measured_)
        if (one.coding.system == coding.system && one.coding.code == coding.code) return one;
    auto& added = measured_.emplace_back();
    added.coding = coding;
    return added;
}

Answer<void> Gathering::readings(const StatsCoding& wanted) {
    for (const auto& metric : reader_.catalogue().all()) {
        if (!has(metric, wanted)) continue;
        for (const auto part : reader_.parts(metric.id)) {
            const auto& of_part = reader_.catalogue().at(part);
            FHIR_CHECK(readings(part, of(part == metric.id ? wanted : coding_of(of_part))));
        }
    }
    return {};
}

Answer<void> Gathering::readings(MetricId metric, Measured& out) {
    const auto& known = reader_.catalogue().at(metric);
    Answer<void> answer;
    const auto read = reader_.numbers(
        scope_.subject_id, metric, scope_.span, [&](std::span<const store::Number> numbers) {
            if (!std::exchange(out.has_unit, true)) {
                out.unit = units::at(known.unit).ucum;
                out.molar_mass = known.molar_mass;
            }
            readings_ += numbers.size();
            if (readings_ > readings_max)
                answer = refuse(
                    400, "too-costly",
                    fmt::format("more than {} readings: ask for a shorter time", readings_max));
            else if (!add(numbers, out))
                answer = too_many_values();
            return answer.has_value();
        });
    if (!read) return refuse(read.error());
    return answer;
}

// Millions at a time: what is asked of each is little.
bool Gathering::add(std::span<const store::Number> numbers, Measured& out) const {
    const auto unit = units::find(out.unit);
    out.total += numbers.size();
    out.first = std::min(out.first, numbers.front().filed_time);
    out.last = std::max(out.last, numbers.back().filed_time);
    for (const auto& number : numbers) {
        const auto& [value, in, special] = number.value;
        if (special != SpecialValue::none || (number.status & status::invalid) != 0) continue;
        const auto here =
            in == unit ? std::optional(value) : in_unit(value, units::at(in).ucum, out);
        if (!here)
            ++out.other_unit;
        else if (!out.tally.add(*here))
            return false;
        else if (scope_.wants_line)
            out.line.add(hours_since(scope_.line_start, number.filed_time), here->to_double());
    }
    return true;
}

Answer<void> Gathering::records(const StatsCoding& wanted) {
    auto query = observations_of(scope_, {wanted});
    do {
        FHIR_TRY(found, reader_.records().search(query));
        records_ += found.records.size();
        if (records_ > records_max)
            return refuse(
                400, "too-costly",
                fmt::format("more than {} Observations: ask for a shorter time", records_max));
        for (const auto& record : found.records) {
            FHIR_TRY(resource, Resource::parse(resource_text(record)));
            FHIR_CHECK(take(resource.json(), wanted));
        }
        query.after = std::move(found.next);
    } while (!query.after.empty());
    return {};
}

Answer<void> Gathering::take(JsonValue observation, const StatsCoding& wanted) {
    const auto time = time_of(observation);
    if (scope_.has_span && (!time || *time < scope_.span.from || *time >= scope_.span.to))
        return {};
    const auto components = observation["component"];
    if (!has(observation, wanted)) {
        for (const auto component : components)
            if (has(component, wanted)) FHIR_CHECK(add(component, wanted, time));
        return {};
    }
    const bool is_panel = components.size() > 0 || observation["hasMember"].size() > 0;
    if (!is_panel || observation["valueQuantity"]) FHIR_CHECK(add(observation, wanted, time));
    for (const auto component : components)
        if (const auto coding = coding_of(component)) FHIR_CHECK(add(component, *coding, time));
    return take_members(observation);
}

Answer<void> Gathering::take_members(JsonValue observation) {
    for (const auto member : observation["hasMember"]) {
        const auto to =
            read_reference(member["reference"].string(), context_.base, context_.definitions);
        if (to.type != "Observation") continue;
        if (members_.size() >= members_max)
            return refuse(
                400, "too-costly",
                fmt::format("more than {} members of panels: ask for a shorter time", members_max));
        FHIR_TRY(record, reader_.get("Observation", to.id));
        if (!record || record->deleted) continue;
        FHIR_TRY(resource, Resource::parse(resource_text(*record)));
        const auto json = resource.json();
        if (json["status"].string() == "entered-in-error") continue;
        if (const auto coding = coding_of(json)) FHIR_CHECK(add(json, *coding, time_of(json)));
        members_.push_back(std::move(*record));
    }
    return {};
}

// An Observation or a component of it.
Answer<void> Gathering::add(JsonValue part, const StatsCoding& coding,
                            std::optional<Timestamp> time) {
    auto& out = of(coding);
    ++out.total;
    const auto quantity = part["valueQuantity"];
    const auto value = quantity["value"].decimal();
    const auto unit = quantity["code"].string();
    const bool valid = value && quantity["system"].string() == systems::ucum && !unit.empty() &&
                       !quantity["comparator"];
    if (!valid) return {};
    if (!std::exchange(out.has_unit, true)) out.unit = unit;
    const auto here = in_unit(*value, unit, out);
    if (!here) {
        ++out.other_unit;
        return {};
    }
    return add(out, *here, time);
}

Answer<void> Gathering::add(Measured& out, const Decimal& value,
                            std::optional<Timestamp> time) const {
    if (!out.tally.add(value)) return too_many_values();
    if (!time) return {};
    out.first = std::min(out.first, *time);
    out.last = std::max(out.last, *time);
    if (scope_.wants_line) out.line.add(hours_since(scope_.line_start, *time), value.to_double());
    return {};
}

}  // namespace vigil::fhir
