// Observation/$stats (http://hl7.org/fhir/R4/observation-operation-stats.html), over Observations
// that are records and those that are views of readings alike. Roll-ups are not asked: they know no
// corrections and no percentiles, and a month of one reading a second is counted in some 70 ms.
#include <fmt/format.h>

#include <algorithm>

#include "codec/fhirjson/terminology.hpp"
#include "fhir/operation/measured.hpp"
#include "fhir/operation/operation_input.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

namespace systems = codec::fhirjson::terminology;
constexpr std::string_view statistics_system =
    "http://terminology.hl7.org/CodeSystem/observation-statistics";
constexpr std::size_t codes_max = 20, sources_max = 1'000;
constexpr double hours_max = 24.0 * 366 * 200;

struct StatsRequest {
    MeasuredScope scope;
    std::vector<StatsCoding> codings;
    std::vector<const StatisticCode*> statistics;
    std::size_t sources = 0;  // so many to bring along
};

Answer<void> read_subject(const OperationInput& input, const RestContext& context,
                          MeasuredScope& scope) {
    FHIR_TRY(subject, input.text("subject"));
    if (!subject)
        return refuse(400, "required", "$stats takes subject, such as Patient/123", "subject");
    const auto to = read_reference(*subject, context.base, context.definitions);
    if (to.id.empty())
        return refuse(400, "value", "subject is a resource of this server, such as Patient/123",
                      "subject");
    scope.subject_type = to.type;
    scope.subject_id = to.id;
    return {};
}

Answer<std::vector<StatsCoding>> read_codings(const OperationInput& input) {
    std::vector<StatsCoding> codings;
    const auto codes = input.texts("code");
    FHIR_TRY(system, input.text("system"));
    if (!codes.empty() && !system)
        return refuse(400, "required", "$stats takes system along with code, or coding", "system");
    codings.reserve(codes.size());
    for (const auto& code : codes) codings.push_back({*system, code, {}});
    FHIR_TRY(given, input.values("coding", "valueCoding"));
    for (const auto coding : given)
        codings.push_back({std::string(coding["system"].string()),
                           std::string(coding["code"].string()),
                           std::string(coding["display"].string())});
    if (codings.empty())
        return refuse(400, "required", "$stats takes code and system, or coding", "code");
    if (codings.size() > codes_max)
        return refuse(400, "too-costly", fmt::format("more than {} codes", codes_max), "code");
    for (const auto& coding : codings)
        if (coding.system.empty() || coding.code.empty())
            return refuse(400, "value", "a coding has system and code", "coding");
    return codings;
}

Answer<void> read_time(const OperationInput& input, Timestamp now, MeasuredScope& scope) {
    FHIR_TRY(duration, input.text("duration"));
    FHIR_TRY(periods, input.values("period", "valuePeriod"));
    scope.span = {Timestamp::min(), Timestamp::max()};
    scope.has_span = duration || !periods.empty();
    if (duration) {
        const auto hours = parse_decimal(*duration);
        const auto length = hours ? hours->to_double() : 0;
        if (length <= 0 || length > hours_max)
            return refuse(400, "value", "duration is a number of hours", "duration");
        scope.span.from = now - std::chrono::duration_cast<Nanoseconds>(
                                    std::chrono::duration<double, std::ratio<3600>>(length));
        scope.span.to = now + Nanoseconds(1);
    } else if (!periods.empty()) {
        const auto end = [&](std::string_view name, Timestamp DateSpan::* side,
                             Timestamp& out) -> Answer<void> {
            const auto text = periods.front()[name].string();
            if (text.empty()) return {};
            const auto span = read_date(text);
            if (!span) return refuse(400, "value", "period has dates", "period");
            out = (*span).*side;
            return {};
        };
        FHIR_CHECK(end("start", &DateSpan::start, scope.span.from));
        FHIR_CHECK(end("end", &DateSpan::end, scope.span.to));
    }
    scope.line_start = scope.span.from == Timestamp::min() ? Timestamp{} : scope.span.from;
    return {};
}

Answer<StatsRequest> read_stats(const OperationInput& input, const RestContext& context) {
    StatsRequest asked;
    FHIR_CHECK(read_subject(input, context, asked.scope));
    FHIR_TRY(codings, read_codings(input));
    asked.codings = std::move(codings);
    FHIR_CHECK(read_time(input, context.now(), asked.scope));
    for (const auto& code : input.texts("statistic")) {
        const auto* statistic = find_statistic(code);
        if (statistic == nullptr)
            return refuse(400, "value", fmt::format("there is no statistic {}", code.substr(0, 64)),
                          "statistic");
        if (std::ranges::find(asked.statistics, statistic) == asked.statistics.end())
            asked.statistics.push_back(statistic);
        asked.scope.wants_line |= statistic->statistic == Statistic::regression;
    }
    if (asked.statistics.empty())
        return refuse(400, "required", "$stats takes statistic, such as average", "statistic");
    FHIR_TRY(include, input.boolean("include"));
    if (include.value_or(false)) {
        FHIR_TRY(limit, input.positive("limit"));
        asked.sources = std::min<std::uint64_t>(limit.value_or(sources_max), sources_max);
    }
    return asked;
}

void write_coding(JsonWriter& json, std::string_view system, std::string_view code,
                  std::string_view display) {
    json.begin_object().key("coding").begin_array().begin_object();
    json.member("system", system).member("code", code);
    if (!display.empty()) json.member("display", display);
    json.end_object().end_array();
}

// UCUM has no powers of a term: the square of /min is (1/min).(1/min).
std::string squared(std::string_view unit) {
    if (unit.empty()) return {};
    const bool is_simple = unit.find_first_of("/.") == std::string_view::npos;
    if (is_simple) return fmt::format("{}2", unit);
    const auto whole = fmt::format("{}{}", unit.starts_with('/') ? "1" : "", unit);
    return fmt::format("({}).({})", whole, whole);
}

class StatisticsWriter {
public:
    StatisticsWriter(JsonWriter& json, const StatsRequest& asked) : json_(json), asked_(asked) {}

    void write(const Measured& measured) {
        values_ = measured.tally.sorted();
        json_.begin_object().member("name", "statistics").key("resource").begin_object();
        json_.member("resourceType", "Observation").member("status", "final").key("code");
        const auto& coding = measured.coding;
        write_coding(json_, coding.system, coding.code, coding.display);
        json_.end_object();
        json_.key("subject")
            .begin_object()
            .member("reference",
                    fmt::format("{}/{}", asked_.scope.subject_type, asked_.scope.subject_id))
            .end_object();
        write_period(measured);
        if (measured.other_unit > 0)
            json_.key("note")
                .begin_array()
                .begin_object()
                .member("text", fmt::format("{} values without a unit, or in one that does not "
                                            "convert to {}, are counted in total-count alone",
                                            measured.other_unit, measured.unit))
                .end_object()
                .end_array();
        json_.key("component").begin_array();
        for (const auto* code : asked_.statistics) write(*code, measured);
        json_.end_array().end_object().end_object();
    }

private:
    void write_period(const Measured& measured) {
        const auto& span = asked_.scope.span;
        const auto start = span.from == Timestamp::min() ? measured.first : span.from;
        const auto end = span.to == Timestamp::max() ? measured.last : span.to - Nanoseconds(1);
        if (start > end) return;
        json_.key("effectivePeriod")
            .begin_object()
            .member("start", instant(start))
            .member("end", instant(end))
            .end_object();
    }

    void begin(const StatisticCode& code, std::string_view text) {
        json_.begin_object().key("code");
        write_coding(json_, statistics_system, code.code, code.display);
        if (!text.empty()) json_.member("text", text);
        json_.end_object();
    }

    void write_value(std::optional<double> value, std::string_view unit) {
        if (!value) {
            json_.key("dataAbsentReason");
            write_coding(json_, systems::data_absent_reason, "not-a-number", "Not a Number (NaN)");
            json_.end_object();
        } else {
            // Twelve digits: what lies beyond is the arithmetic's, not the measurement's.
            json_.key("valueQuantity").begin_object();
            json_.key("value").verbatim(fmt::format("{:.12g}", *value));
            if (!unit.empty())
                json_.member("unit", unit).member("system", systems::ucum).member("code", unit);
            json_.end_object();
        }
        json_.end_object();
    }

    void write(const StatisticCode& code, const Measured& measured) {
        const auto& unit = measured.unit;
        switch (code.statistic) {
            case Statistic::count:
                begin(code, {});
                return write_value(static_cast<double>(measured.tally.count()), "1");
            case Statistic::total_count:
                begin(code, {});
                return write_value(static_cast<double>(measured.total), "1");
            case Statistic::regression:
                return write_line(code, measured);
            case Statistic::variance:
                begin(code, {});
                return write_value(statistic_of(code.statistic, values_), squared(unit));
            case Statistic::skew:
            case Statistic::kurtosis:
                begin(code, {});
                return write_value(statistic_of(code.statistic, values_), "1");
            default:
                begin(code, {});
                return write_value(statistic_of(code.statistic, values_), unit);
        }
    }

    // "Will return both a gradient and an intercept value": a component each.
    void write_line(const StatisticCode& code, const Measured& measured) {
        const auto fit = measured.line.fit();
        const auto& unit = measured.unit;
        begin(code, "gradient");
        write_value(fit ? std::optional(fit->gradient) : std::nullopt,
                    unit.empty() ? "/h" : fmt::format("{}/h", unit));
        begin(code, "intercept");
        write_value(fit ? std::optional(fit->intercept) : std::nullopt, unit);
    }

    JsonWriter& json_;
    const StatsRequest& asked_;
    std::vector<Tally::Value> values_;
};

void write_source(JsonWriter& json, const store::Record& record) {
    json.begin_object()
        .member("name", "source")
        .key("resource")
        .verbatim(resource_text(record))
        .end_object();
}

}  // namespace

Answer<Response> answer_stats(const Request& request, ViewReader& reader,
                              const RestContext& context) {
    FHIR_TRY(input, OperationInput::read(request));
    FHIR_TRY(asked, read_stats(input, context));
    const auto& scope = asked.scope;
    FHIR_TRY(subject, reader.get(scope.subject_type, scope.subject_id));
    if (!subject || subject->deleted)
        return refuse(404, "not-found",
                      fmt::format("there is no {}/{}", scope.subject_type, scope.subject_id));
    Gathering gathering(scope, reader, context);
    for (const auto& coding : asked.codings) FHIR_CHECK(gathering.gather(coding));

    std::string body;
    JsonWriter json(body);
    json.begin_object().member("resourceType", "Parameters").key("parameter").begin_array();
    StatisticsWriter writer(json, asked);
    for (const auto& measured : gathering.measured()) writer.write(measured);
    if (asked.sources > 0) {
        auto query = observations_of(scope, asked.codings);
        query.count_max = asked.sources;
        FHIR_TRY(page, reader.search(query));
        for (const auto& record : page.records) write_source(json, record);
        const auto room = asked.sources - page.records.size();
        const auto& members = gathering.members();
        for (std::size_t i = 0; i < std::min(room, members.size()); ++i)
            write_source(json, members[i]);
    }
    json.end_array().end_object();
    return Response{
        .status = 200, .body = std::move(body), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
