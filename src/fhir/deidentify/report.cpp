#include "fhir/deidentify/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "fhir/deidentify/people_table.hpp"

namespace vigil::fhir::deidentify {
namespace {

void write_measures(JsonWriter& json, const Measures& measures) {
    json.key("risk")
        .begin_object()
        .member("classes", measures.classes)
        .member("k", measures.k)
        .member("prosecutor", measures.prosecutor)
        .member("journalist", measures.journalist)
        .member("marketer", measures.marketer);
    json.key("sensitive").begin_array();
    for (const auto& one : measures.diversity)
        json.begin_object()
            .member("name", one.name)
            .member("l_distinct", one.distinct)
            .member("l_entropy", one.entropy)
            .member("t", one.closeness)
            .end_object();
    json.end_array().end_object();
}

void write_levels(JsonWriter& json, const Decision& decision) {
    json.key("quasi_identifiers").begin_array();
    for (const auto quasi : decision.measured) {
        const auto level = decision.levels[quasi];
        json.begin_object()
            .member("name", name_of(quasi))
            .member("level", level)
            .member("levels", level_max(quasi))
            .member("told", words_of(quasi, level))
            .end_object();
    }
    json.end_array();
}

void write_table(JsonWriter& json, const CountTable& table) {
    const auto counts = shown(table);
    json.key("table").begin_object().member("title", table.title);
    json.key("columns").begin_array();
    for (const auto& column : table.columns) json.text(column);
    json.text("all").end_array();
    json.key("rows").begin_array();
    for (std::size_t row = 0; row < counts.cells.size(); ++row) {
        json.begin_object().member("name", row < table.rows.size() ? table.rows[row] : "all");
        json.key("counts").begin_array();
        for (const auto& cell : counts.cells[row]) {
            if (cell)
                json.number(*cell);
            else
                json.null();
        }
        json.end_array().end_object();
    }
    json.end_array().end_object();
}

// A count that a receiver may see: so few resources are of fewer persons still.
void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
    if (count > 0 && count < cell_min)
        json.member(name, count_text(count));
    else
        json.member(name, count);
}

void write_by_type(JsonWriter& json, std::string_view name, const ReleaseReport::ByType& types) {
    json.key(name).begin_object();
    for (const auto& [type, count] : types) write_count(json, type, count);
    json.end_object();
}

}  // namespace

std::string json_of(const ReleaseReport& report) {
    const auto& decision = report.decision;
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .member("passes", decision.passes)
        .member("gate", report.gate)
        .member("method", name_of(report.settings.method))
        .member("times", report.settings.times == Times::year ? "year" : "relative")
        .member("has_data", report.has_data)
        .member("key_kept", report.has_key);
    json.key("persons").begin_object();
    // All who came, less the released, would tell how few were left out.
    if (count_text(decision.left_out) == fmt::format("{}", decision.left_out))
        write_count(json, "came", decision.persons);
    else
        json.key("came").null();
    write_count(json, "released", decision.measures.persons);
    write_count(json, "left_out", decision.left_out);
    write_count(json, "without_patient", decision.without_patient);
    write_count(json, "told_as_90_or_older", decision.over_89);
    json.end_object();
    json.member("information_loss", decision.loss);
    write_levels(json, decision);
    json.member("diagnoses_withheld", decision.withheld.size());
    write_measures(json, decision.measures);
    json.key("checks").begin_array();
    for (const auto& line : decision.lines)
        json.begin_object()
            .member("what", line.what)
            .member("found", line.found)
            .member("wanted", line.wanted)
            .member("holds", line.holds)
            .end_object();
    json.end_array();
    write_by_type(json, "came", report.came);
    write_by_type(json, "released", report.released);
    json.key("dropped")
        .begin_object()
        .member("required_elements_masked", report.counts.masked)
        .member("codings_of_unknown_systems", report.counts.codings)
        .member("codings_withheld", report.counts.withheld)
        .member("references", report.counts.references)
        .member("resources_refused", report.refused)
        .member("lines_unreadable", report.unreadable)
        .end_object();
    write_table(json, report.persons);
    json.end_object();
    out += '\n';
    return out;
}

CountTable persons_by_age_and_sex(const Survey& survey, const ReleaseSettings& settings) {
    constexpr int band = 10, bands = 9;
    CountTable table{.title = "persons by age at their first date, and sex",
                     .rows = {},
                     .columns = {"female", "male", "other", "unknown"},
                     .cells = {}};
    for (int i = 0; i < bands; ++i)
        table.rows.push_back(fmt::format("{}-{}", i * band, i * band + band - 1));
    table.rows.insert(table.rows.end(), {"90 or older", "unknown"});
    table.cells.assign(table.rows.size(), std::vector<std::uint64_t>(table.columns.size()));
    for (const auto& [id, facts] : survey.people()) {
        if (!facts.is_released) continue;
        constexpr std::uint8_t ten_years = 2;
        const auto low = age_band_low(facts, ten_years, settings.as_of);
        auto row = low ? static_cast<std::size_t>(*low / band) : table.rows.size() - 1;
        if (facts.made.is_over_89 || (low && *low / band >= bands)) row = bands;
        const auto sex = std::ranges::find(table.columns, facts.sex);
        const auto column = sex == table.columns.end()
                                ? table.columns.size() - 1
                                : static_cast<std::size_t>(sex - table.columns.begin());
        ++table.cells[row][column];
    }
    return table;
}

}  // namespace vigil::fhir::deidentify
