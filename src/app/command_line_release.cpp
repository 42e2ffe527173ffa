// `vigil deidentify`, as it is typed.
#include "app/command_line_parts.hpp"

namespace vigil::app {
namespace {

constexpr const char* about =
    "make a folder of NDJSON that may be given away out of one that `$export` gave; no server,\n"
    "no network. Look at the report before you give anything away";

constexpr const char* teaching = R"(How it goes:
  1. Export (docs/guides/export.md) into a folder of .ndjson files, Patients among them: whoever
     has no Patient in it is left out.
  2. vigil deidentify export release
     Reads the folder, measures the risk, tells things less exactly until each person is like
     enough others, and writes release/ with report.txt and report.json.
  3. Exit status 0: the gate is passed. 12: it is not, and no data was written; report.txt says
     which check failed. Ask for less (--quasi), tell of more people, or have an expert decide.
  4. Keep release.key apart from the data: it leads from the codes back to the records. Use
     --no-key where nobody should ever go back.

Methods:
  safe-harbor  names, places, dates, numbers and free text go; times are told as time since the
               person's first date (--times year: the year instead)
  limited      dates, cities and ZIP codes stay: only under a data use agreement
  date-shift   each person's dates move by the same secret number of days: for an expert's
               determination; by itself this is not Safe Harbor

What each element becomes is a table: data/deidentify.tsv. docs/guides/deidentify.md says what
each method promises, and what none does.)";

}  // namespace

void Commands::add_release() {
    auto* make = app.add_subcommand("deidentify", about);
    make->add_option("input", release.input, "folder of .ndjson files, also .gz; only read")
        ->required();
    make->add_option("output", release.output, "folder to be made; must not be there")->required();
    make->add_option("--method", release.method, "safe-harbor, limited or date-shift")
        ->check(CLI::IsMember({"safe-harbor", "limited", "date-shift"}))
        ->capture_default_str();
    make->add_option("--times", release.times, "of safe-harbor: relative or year")
        ->check(CLI::IsMember({"relative", "year"}))
        ->capture_default_str();
    auto* key = make->add_option("--key", release.key_file,
                                 "file of the key: used if it is there, else made, for its owner\n"
                                 "only; default: OUTPUT.key, which must not be there");
    make->add_flag("--no-key", release.no_key, "do not keep the key")->excludes(key);
    make->add_option("--release", release.release,
                     "name of the release: with one key, the same name gives the same codes");
    make->add_option("--gate", release.gate,
                     "public, trusted (who has signed) or none; default: public, of limited none")
        ->check(CLI::IsMember({"public", "trusted", "none"}));
    make->add_option("--k", release.k, "another k for the gate")->check(CLI::Range(1, 1'000'000));
    make->add_option("--l", release.l, "another l; 1: not checked")->check(CLI::Range(1, 1000));
    make->add_option("--t", release.t, "another t; 1: not checked")->check(CLI::Range(0.0, 1.0));
    make->add_option(
            "--quasi", release.quasi,
            "what receivers may know of somebody, of age,sex,zip,race,diagnosis,site,year\n"
            "(all)")
        ->delimiter(',')
        ->allow_extra_args(false);  // else it takes the folders that follow
    make->add_option("--left-out-max", release.left_out_max,
                     "share of the persons that may be left out to keep the rest exact")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    make->add_option("--sampling-fraction", release.sampling_fraction,
                     "share of the population that is in the data (1: all)")
        ->check(CLI::Range(1e-9, 1.0))
        ->capture_default_str();
    make->add_option("--shift-days", release.shift_days, "of date-shift: at most so many days")
        ->check(CLI::Range(1, 3653))
        ->capture_default_str();
    make->add_option("--code-system", release.code_systems,
                     "a code system of the site whose codes tell of nobody; may repeat")
        ->allow_extra_args(false);
    make->add_option("--as-of", release.as_of,
                     "day of the release (today): who is over 89 by then is 90 or older");
    make->add_flag("--write-anyway", release.write_anyway,
                   "write the data also where the gate is not passed; the status stays 12");
    make->add_flag("--json", output.json, "print the report as JSON");
    make->footer(teaching);
    make->callback([this] { status = app::deidentify(release, output); });
}

}  // namespace vigil::app
