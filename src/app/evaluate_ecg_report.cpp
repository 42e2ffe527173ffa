#include <fmt/format.h>

#include "app/evaluate_ecg.hpp"
#include "app/evaluate_ecg_rhythm_report.hpp"
#include "base/json_writer.hpp"
#include "signal/ecg/lead_input.hpp"

namespace vigil::app {
namespace {

using ecg::BeatAccuracy;
using ecg::Comparison;
using ecg::Measure;

std::string percent(const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "-";
}

std::string milliseconds(const std::optional<double>& seconds) {
    constexpr double ms = 1000;
    return seconds ? fmt::format("{:.1f}", *seconds * ms) : "-";
}

constexpr std::string_view heading =
    "                 QRS                            within 50 ms    place, ms      VEB            "
    "                SVEB\n"
    "record   beats   FN   FP     Se %    +P %      Se %    +P %   mean    SD     beats   Se %   "
    "+P %  FPR %   beats   Se %   +P %  FPR %\n";

std::string line(std::string_view name, const BeatAccuracy* counts,
                 const ecg::Percentages& percentages) {
    const auto of = [&](Measure measure) {
        return percent(percentages[static_cast<std::size_t>(measure)]);
    };
    const auto number = [&](std::uint64_t value) {
        return counts != nullptr ? std::to_string(value) : std::string();
    };
    const auto& all = counts != nullptr ? counts->standard : Comparison();
    const auto sensitivity = all.qrs_sensitivity(), found = all.qrs_positive_predictivity();
    return fmt::format(
        "{:8} {:>5} {:>4} {:>4}  {:>7} {:>7}   {:>7} {:>7}  {:>5} {:>5}    {:>6} {:>6} {:>6} {:>6} "
        "  {:>5} {:>6} {:>6} {:>6}\n",
        name, number(sensitivity.whole), number(sensitivity.whole - sensitivity.part),
        number(found.whole - found.part), of(Measure::qrs_sensitivity),
        of(Measure::qrs_positive_predictivity), of(Measure::qrs_sensitivity_50_ms),
        of(Measure::qrs_positive_predictivity_50_ms),
        counts != nullptr ? milliseconds(all.error_mean_s()) : "",
        counts != nullptr ? milliseconds(all.error_deviation_s()) : "",
        number(ecg::ventricular_statistics(all).sensitivity.whole), of(Measure::veb_sensitivity),
        of(Measure::veb_positive_predictivity), of(Measure::veb_false_positive_rate),
        number(ecg::supraventricular_statistics(all).sensitivity.whole),
        of(Measure::sveb_sensitivity), of(Measure::sveb_positive_predictivity),
        of(Measure::sveb_false_positive_rate));
}

std::string confusion(const Comparison& all) {
    std::string text =
        "\nBeats by class: rows as annotated (O: no beat there), columns as found (o: missed)\n"
        "          n        s        v        f        q        o\n";
    constexpr std::string_view rows = "NSVFQO";
    for (std::size_t row = 0; row < rows.size(); ++row) {
        text += fmt::format("  {}", rows[row]);
        for (std::size_t column = 0; column < Comparison::shut_down; ++column) {
            const auto missed = column == Comparison::missed ? all.cells[row][Comparison::shut_down]
                                                             : std::uint64_t{0};
            text += fmt::format(" {:>8}", all.cells[row][column] + missed);
        }
        text += '\n';
    }
    return text;
}

void write_measures(JsonWriter& json, const ecg::Percentages& percentages) {
    for (std::size_t i = 0; i < ecg::measures; ++i) {
        json.key(name_of(static_cast<Measure>(i)));
        if (percentages[i])
            json.number(*percentages[i]);
        else
            json.null();
    }
}

void write_accuracy(JsonWriter& json, const BeatAccuracy& accuracy) {
    const auto& all = accuracy.standard;
    const auto sensitivity = all.qrs_sensitivity(), found = all.qrs_positive_predictivity();
    json.member("reference_beats", sensitivity.whole)
        .member("true_positives", sensitivity.part)
        .member("false_negatives", sensitivity.whole - sensitivity.part)
        .member("false_positives", found.whole - found.part);
    write_measures(json, percentages_of(accuracy));
    const auto seconds = [&](std::string_view name, const std::optional<double>& value) {
        json.key(name);
        if (value)
            json.number(*value);
        else
            json.null();
    };
    seconds("location_error_mean_s", all.error_mean_s());
    seconds("location_error_sd_s", all.error_deviation_s());
    json.key("confusion").begin_object();
    constexpr std::string_view rows = "NSVFQO", columns = "nsvfqox";
    for (std::size_t row = 0; row < rows.size(); ++row) {
        json.key(rows.substr(row, 1)).begin_object();
        for (std::size_t column = 0; column < columns.size(); ++column)
            json.member(columns.substr(column, 1), all.cells[row][column]);
        json.end_object();
    }
    json.end_object();
}

std::vector<BeatAccuracy> accuracies(const EcgEvaluation& evaluation) {
    std::vector<BeatAccuracy> list;
    for (const auto& record : evaluation.records)
        if (record.beats) list.push_back(*record.beats);
    return list;
}

std::string beat_tables(const EcgEvaluation& evaluation) {
    std::string text = fmt::format(
        "Beats by ANSI/AAMI EC57 as WFDB's bxb applies it: pairs within 150 ms, from {:g} s to the "
        "end{};\n"
        "ventricular fibrillation left out; classes by the table \"{}\".\n\n",
        evaluation.from_s,
        evaluation.from_s == ecg::learning_s ? "" : " (not the standard's 300 s)",
        name_of(evaluation.table));
    const auto records = accuracies(evaluation);
    if (records.empty()) return text + "none annotated: no record has beat annotations\n";
    text += heading;
    for (const auto& record : records) text += line(record.record, &record, percentages_of(record));
    const auto all = gross(records);
    text += line("gross", &all, percentages_of(all));
    text += line("average", nullptr, average(records));
    for (const auto& record : evaluation.records)
        if (!record.beats) text += fmt::format("{:8} no beats annotated\n", record.name);
    return text + confusion(all.standard);
}

void write_record(JsonWriter& json, const EvaluatedRecord& record) {
    json.begin_object().member("record", record.name);
    json.key("leads").begin_array();
    for (const auto& lead : record.leads) json.text(lead);
    json.end_array().member("has_beats", record.beats.has_value());
    if (record.beats) write_accuracy(json, *record.beats);
    write_rhythms(json, record.rhythms);
    json.end_object();
}

}  // namespace

std::string text_of(const EcgEvaluation& evaluation) {
    auto text = beat_tables(evaluation) + rhythm_tables(evaluation);
    if (evaluation.reading_s > 0)
        text += fmt::format(
            "\n{} samples in {:.2f} s of one core, beats and rhythms: as fast as {:.0f} leads at "
            "250 Hz bring them\n",
            evaluation.samples, evaluation.reading_s,
            static_cast<double>(evaluation.samples) / evaluation.reading_s / ecg::analysis_hz);
    return text;
}

std::string json_of(const EcgEvaluation& evaluation) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("class_table", name_of(evaluation.table))
        .member("from_s", evaluation.from_s)
        .member("window_s", ecg::match_window_s);
    json.key("records").begin_array();
    for (const auto& record : evaluation.records) write_record(json, record);
    json.end_array();
    const auto records = accuracies(evaluation);
    json.key("gross").begin_object();
    write_accuracy(json, gross(records));
    write_rhythms(json, gross_rhythms(evaluation));
    json.end_object().key("average").begin_object();
    write_measures(json, average(records));
    json.end_object().key("alarm_records");
    write_alarm_records(json, evaluation);
    json.key("skipped").begin_array();
    for (const auto& [record, why] : evaluation.skipped)
        json.begin_object().member("record", record).member("why", why).end_object();
    json.end_array()
        .member("samples", evaluation.samples)
        .member("processor_s", evaluation.reading_s)
        .end_object();
    return text + "\n";
}

}  // namespace vigil::app
