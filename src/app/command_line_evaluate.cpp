// `vigil evaluate`, as it is typed.
#include "app/command_line_parts.hpp"

namespace vigil::app {
namespace {

constexpr const char* teaching_ecg = R"(How it goes:
  vigil evaluate ecg mitdb
      Reads every record NAME.hea of the folder as it would come from a monitor, sample by sample,
      and compares what was found with the annotations NAME.atr. No server, no network.
  vigil evaluate ecg mitdb --leads 1
      The same from the first lead alone.
  vigil evaluate ecg mitdb --beats-out found
      Also writes found/NAME.jsonl, a beat a line: {"sample":77,"time":0.2139,"class":"N"}, and
      found/NAME.vigil, the same as WFDB annotations: bxb -r NAME -a atr vigil

Rules: ANSI/AAMI EC57 as WFDB's bxb applies them. The first five minutes are not scored; a beat is
found if it is within 150 ms; in annotated ventricular fibrillation nothing counts. Se: found of
annotated; +P: true of found; FPR: called so of those that are not. VEB and SVEB are ventricular
and supraventricular ectopic beats. Gross is of all beats, average the mean of the records.
From rhythm annotations: atrial fibrillation by beats, time and episodes, and alarms of ventricular
fibrillation, tachycardia and asystole with what was told falsely an hour.
docs/guides/evaluate-ecg.md says more, and where recordings are to be had.)";

constexpr const char* teaching_alarms = R"(How it goes:
  vigil evaluate alarms bidmc
      Reads every CSV file of the folder (Time [s],HR,PULSE,RESP,SpO2: seconds, and a metric a
      column) through the limits for adults twice: without delays and hysteresis, as plain limits
      alarm, and as Vigil watches. Counts alarms, and how soon severe events were told: beyond a
      far limit for ten seconds. No server, no network.
  vigil evaluate alarms ward --events what_happened.csv
      The same with events of your own instead: record,from_s,to_s,kind

docs/guides/evaluate-alarms.md says more, and where recordings are to be had.)";

}  // namespace

void Commands::add_evaluation() {
    auto* group =
        app.add_subcommand("evaluate", "how good is what Vigil reads, on recordings of your own")
            ->require_subcommand(1);
    auto* beats = group->add_subcommand(
        "ecg",
        "beats and rhythms against annotated WFDB recordings, by the rules of ANSI/AAMI EC57");
    beats->add_option("folder", evaluation.folder, "folder of records: .hea, .dat, .atr")
        ->required();
    beats->add_option("--leads", evaluation.leads, "leads to read, the first of the record")
        ->check(CLI::Range(1, 2))
        ->capture_default_str();
    beats
        ->add_option("--table", evaluation.table,
                     "which codes are of which class: papers (e and j are N) or bxb (they are S)")
        ->check(CLI::IsMember({"papers", "bxb"}))
        ->capture_default_str();
    beats->add_option("--beats-out", evaluation.beats_out,
                      "folder for the beats that were found; made if it is not there");
    beats->add_option("--annotator", evaluation.annotator, "extension of the reference annotations")
        ->capture_default_str();
    beats
        ->add_option("--from", evaluation.from_s,
                     "second from which on beats are scored; the standard's is 300")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    beats->add_flag("--json", output.json, "print the report as JSON");
    beats->footer(teaching_ecg);
    beats->callback([this] { status = app::evaluate_ecg(evaluation, output); });
    auto* alarms = group->add_subcommand(
        "alarms", "how many alarms the delays spare, and what becomes of severe events");
    alarms->add_option("folder", alarm_evaluation.folder, "folder of vital signs: .csv")
        ->required();
    alarms->add_option("--age-class", alarm_evaluation.age_class, "whose limits")
        ->check(CLI::IsMember({"adult", "paediatric", "neonate"}))
        ->capture_default_str();
    alarms->add_option("--events", alarm_evaluation.events,
                       "CSV file of what really happened: record,from_s,to_s,kind");
    alarms->add_flag("--json", output.json, "print the report as JSON");
    alarms->footer(teaching_alarms);
    alarms->callback([this] { status = app::evaluate_alarms(alarm_evaluation, output); });
}

}  // namespace vigil::app
