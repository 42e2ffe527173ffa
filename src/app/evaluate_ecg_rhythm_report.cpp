#include "app/evaluate_ecg_rhythm_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>

namespace vigil::app {
namespace {

using rhythm::AlarmAccuracy;
using rhythm::AtrialFibrillationAccuracy;
using rhythm::Spread;

constexpr std::string_view nothing = "none annotated";

std::string decimals(const std::optional<double>& value, int count) {
    return value ? fmt::format("{:.{}f}", *value, count) : "-";
}
std::string percent(const std::optional<double>& value) {
    return decimals(value, 2);
}
std::string spread(const Spread& values) {
    return fmt::format("{:>6} {:>5}", decimals(values.mean(), 1), decimals(values.deviation(), 1));
}

std::string names(const EcgEvaluation& evaluation,
                  const std::function<bool(const EvaluatedRecord&)>& which) {
    std::vector<std::string_view> list;
    for (const auto& record : evaluation.records)
        if (which(record)) list.emplace_back(record.name);
    return list.empty() ? "none" : fmt::format("{}", fmt::join(list, " "));
}

bool has(const AtrialFibrillationAccuracy& accuracy) {
    return accuracy.episodes.reference_s > 0;
}

std::string atrial_line(std::string_view name, const AtrialFibrillationAccuracy& accuracy) {
    const auto& all = accuracy.episodes;
    std::string text =
        fmt::format("{:8} {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}   ", name,
                    percent(accuracy.beat_sensitivity().percent()),
                    percent(accuracy.beat_specificity().percent()),
                    percent(accuracy.beat_positive_predictivity().percent()),
                    percent(all.duration_sensitivity()), percent(all.duration_specificity()),
                    percent(all.duration_positive_predictivity()));
    if (has(accuracy))
        text += fmt::format("{:>9} {:>5} {:>6}", all.reference_count, all.found_count,
                            percent(all.episode_sensitivity()));
    else
        text += fmt::format("{:>22}", nothing);
    text +=
        fmt::format(" {:>4} {:>4} {:>6}   {} {}   {:>6} {:>6}\n", all.test_count, all.true_count,
                    percent(all.episode_positive_predictivity()), spread(accuracy.onset_error_s),
                    spread(accuracy.offset_error_s), decimals(accuracy.delay_s.median(), 1),
                    decimals(accuracy.delay_s.most(), 1));
    return text;
}

// Of records with it, and of those in which it was told; the rest is in the sum.
std::string atrial_table(const EcgEvaluation& evaluation) {
    const auto is_annotated = [](const EvaluatedRecord& record) {
        return record.rhythms.atrial_fibrillation && has(*record.rhythms.atrial_fibrillation);
    };
    std::string text = fmt::format(
        "\nAtrial fibrillation by EC57 as WFDB's epicmp applies it: (AFIB until the next rhythm, "
        "flutter (AFL\nleft out. Episodes: annotated ones of {:g} s and more are asked for, any "
        "overlap is a hit. Onset and offset:\ntold less annotated. Delay: from onset to when it "
        "was told of.\n\n"
        "         beats                  time                   episodes                          "
        "       onset, s     offset, s    delay, s\n"
        "record     Se %   Sp %   +P %     Se %   Sp %   +P %   annotated found   Se % told true  "
        " +P %     mean    SD   mean    SD   median   most\n",
        AtrialFibrillationAccuracy::episode_s_min);
    const auto all = gross_rhythms(evaluation).atrial_fibrillation;
    if (!all) return text + std::string(nothing) + ": no record has rhythm annotations\n";
    for (const auto& record : evaluation.records) {
        const auto& one = record.rhythms.atrial_fibrillation;
        if (one && (has(*one) || one->episodes.test_count > 0))
            text += atrial_line(record.name, *one);
    }
    text += atrial_line("gross", *all);
    text += fmt::format("annotated in: {}\nrhythms annotated, but not it: {}\n",
                        names(evaluation, is_annotated),
                        names(evaluation, [&](const EvaluatedRecord& record) {
                            return record.rhythms.atrial_fibrillation && !is_annotated(record);
                        }));
    text += fmt::format("no rhythms annotated, not counted: {}\n",
                        names(evaluation, [](const EvaluatedRecord& record) {
                            return !record.rhythms.atrial_fibrillation;
                        }));
    return text;
}

std::string alarm_line(std::string_view name, const AlarmAccuracy& alarm) {
    const std::string found =
        alarm.reference_count > 0
            ? fmt::format("{:>9} {:>5} {:>6}", alarm.reference_count, alarm.found_count,
                          percent(alarm.sensitivity().percent()))
            : fmt::format("{:>22}", nothing);
    constexpr double hour_s = 3600;
    return fmt::format("{:24} {} {:>5} {:>5} {:>6}   {:>7} {:>7.2f}   {:>6} {:>6}\n", name, found,
                       alarm.told_count, alarm.true_count,
                       percent(alarm.positive_predictivity().percent()),
                       decimals(alarm.false_per_hour(), 2), alarm.scored_s / hour_s,
                       decimals(alarm.delay_s.mean(), 1), decimals(alarm.delay_s.most(), 1));
}

std::string alarm_table(const EcgEvaluation& evaluation) {
    std::string text =
        "\nAlarms. Asked for: annotated ventricular fibrillation and flutter ([ to ], (VF, (VFL); "
        "tachycardia of five\nventricular beats above 100/min; asystole of 4 s, or (ASYS. A hit, "
        "and true: any overlap. (VT of less is not\nasked for and no false alarm.\n\n"
        "                         annotated found   Se %  told  true   +P %   false/h   hours   "
        "delay, s: mean, most\n";
    const auto all = gross_rhythms(evaluation);
    std::string lists;
    for (std::size_t i = 0; i < rhythm::alarms.size(); ++i) {
        const auto name = name_of(rhythm::alarms[i]);
        if (!all.alarms[i]) {
            text += fmt::format("{:24} {:>22}: no record has rhythm annotations\n", name, nothing);
            continue;
        }
        text += alarm_line(name, *all.alarms[i]);
        const auto list = [&](const std::function<bool(const AlarmAccuracy&)>& which) {
            return names(evaluation, [&](const EvaluatedRecord& record) {
                return record.rhythms.alarms[i] && which(*record.rhythms.alarms[i]);
            });
        };
        lists += fmt::format(
            "{}: annotated in: {}; falsely told in: {}\n", name,
            list([](const AlarmAccuracy& one) { return one.reference_count > 0; }),
            list([](const AlarmAccuracy& one) { return one.told_count > one.true_count; }));
    }
    return text + lists;
}

// Of the records that a bedside monitor alarmed in, by the condition.
struct AlarmRecords {
    std::uint64_t true_told = 0, true_all = 0, false_told = 0, false_all = 0;
    std::uint64_t true_contradicted = 0, false_contradicted = 0;
};

std::string alarm_record_table(const EcgEvaluation& evaluation) {
    std::map<rhythm::Condition, AlarmRecords> counts;
    for (const auto& [name, leads, beats, rhythms, alarm] : evaluation.records) {
        if (!alarm) continue;
        auto& count = counts[alarm->label.condition];
        const auto told = alarm->verdict.told ? 1U : 0U;
        const auto contradicted = alarm->verdict.contradicted ? 1U : 0U;
        (alarm->label.is_true ? count.true_all : count.false_all) += 1;
        (alarm->label.is_true ? count.true_told : count.false_told) += told;
        (alarm->label.is_true ? count.true_contradicted : count.false_contradicted) += contradicted;
    }
    std::string text =
        "\nRecords that a bedside monitor alarmed in (PhysioNet/CinC Challenge 2015), by what was "
        "known when it did;\ncontradicted: told, but a regular pulse goes on (pleth or arterial "
        "pressure).\n\n";
    if (counts.empty()) return text + "none: no record's header has such a label\n";
    text +=
        "                         true alarms  told  contradicted   false alarms  told  "
        "contradicted\n";
    for (const auto& [condition, count] : counts)
        text += fmt::format("{:24} {:>11} {:>5} {:>13} {:>14} {:>5} {:>13}\n", name_of(condition),
                            count.true_all, count.true_told, count.true_contradicted,
                            count.false_all, count.false_told, count.false_contradicted);
    text += fmt::format("labelled: {}\n", names(evaluation, [](const EvaluatedRecord& record) {
                            return record.alarm.has_value();
                        }));
    return text;
}

void write(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
    json.key(name);
    if (value)
        json.number(*value);
    else
        json.null();
}

void write(JsonWriter& json, std::string_view name, const Spread& values) {
    json.key(name).begin_object().member("count", values.values.size());
    write(json, "mean", values.mean());
    write(json, "sd", values.deviation());
    write(json, "median", values.median());
    write(json, "max", values.most());
    json.end_object();
}

void write(JsonWriter& json, const AtrialFibrillationAccuracy& accuracy) {
    const auto& all = accuracy.episodes;
    json.begin_object();
    write(json, "beat_sensitivity", accuracy.beat_sensitivity().percent());
    write(json, "beat_specificity", accuracy.beat_specificity().percent());
    write(json, "beat_positive_predictivity", accuracy.beat_positive_predictivity().percent());
    write(json, "duration_sensitivity", all.duration_sensitivity());
    write(json, "duration_specificity", all.duration_specificity());
    write(json, "duration_positive_predictivity", all.duration_positive_predictivity());
    json.member("annotated_s", all.reference_s)
        .member("episodes_annotated", all.reference_count)
        .member("episodes_found", all.found_count)
        .member("episodes_told", all.test_count)
        .member("episodes_true", all.true_count);
    write(json, "episode_sensitivity", all.episode_sensitivity());
    write(json, "episode_positive_predictivity", all.episode_positive_predictivity());
    write(json, "onset_error_s", accuracy.onset_error_s);
    write(json, "offset_error_s", accuracy.offset_error_s);
    write(json, "delay_s", accuracy.delay_s);
    json.end_object();
}

void write(JsonWriter& json, const AlarmAccuracy& alarm) {
    json.begin_object()
        .member("annotated", alarm.reference_count)
        .member("found", alarm.found_count)
        .member("told", alarm.told_count)
        .member("true", alarm.true_count)
        .member("scored_s", alarm.scored_s);
    write(json, "sensitivity", alarm.sensitivity().percent());
    write(json, "positive_predictivity", alarm.positive_predictivity().percent());
    write(json, "false_per_hour", alarm.false_per_hour());
    write(json, "delay_s", alarm.delay_s);
    json.end_object();
}

}  // namespace

rhythm::RhythmAccuracy gross_rhythms(const EcgEvaluation& evaluation) {
    rhythm::RhythmAccuracy sum;
    const auto add = [](auto& to, const auto& more) {
        if (!more) return;
        if (!to) to.emplace();
        *to += *more;
    };
    for (const auto& record : evaluation.records) {
        add(sum.atrial_fibrillation, record.rhythms.atrial_fibrillation);
        for (std::size_t i = 0; i < sum.alarms.size(); ++i)
            add(sum.alarms[i], record.rhythms.alarms[i]);
    }
    return sum;
}

std::string rhythm_tables(const EcgEvaluation& evaluation) {
    return atrial_table(evaluation) + alarm_table(evaluation) + alarm_record_table(evaluation);
}

void write_rhythms(JsonWriter& json, const rhythm::RhythmAccuracy& accuracy) {
    json.key("atrial_fibrillation");
    if (accuracy.atrial_fibrillation)
        write(json, *accuracy.atrial_fibrillation);
    else
        json.null();
    json.key("alarms").begin_object();
    constexpr std::array<std::string_view, rhythm::alarms.size()> keys{
        "ventricular_fibrillation", "ventricular_tachycardia", "asystole"};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        json.key(keys[i]);
        if (accuracy.alarms[i])
            write(json, *accuracy.alarms[i]);
        else
            json.null();
    }
    json.end_object();
}

void write_alarm_records(JsonWriter& json, const EcgEvaluation& evaluation) {
    json.begin_array();
    for (const auto& record : evaluation.records)
        if (record.alarm)
            json.begin_object()
                .member("record", record.name)
                .member("condition", name_of(record.alarm->label.condition))
                .member("is_true", record.alarm->label.is_true)
                .member("told", record.alarm->verdict.told)
                .member("contradicted", record.alarm->verdict.contradicted)
                .end_object();
    json.end_array();
}

}  // namespace vigil::app
