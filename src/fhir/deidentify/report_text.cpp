#include <fmt/format.h>

#include <algorithm>

#include "fhir/deidentify/report.hpp"

namespace vigil::fhir::deidentify {
namespace {

using std::back_inserter;

std::string_view promise_of(Method method) {
    switch (method) {
        case Method::safe_harbor:
            return "Safe Harbor, 45 CFR 164.514(b)(2): the eighteen identifiers are taken out of "
                   "what is\n"
                   "coded, free text is dropped. It also asks that you know of nothing that tells "
                   "who\n"
                   "somebody is: no program can say that for you.";
        case Method::limited:
            return "Limited data set, 45 CFR 164.514(e): dates, cities and ZIP codes are in it. It "
                   "is\n"
                   "still protected health information: give it only under a data use agreement.";
        case Method::date_shift:
            return "Dates shifted per person, for an expert's determination under 45 CFR\n"
                   "164.514(b)(1). Until an expert has said so, this is not de-identified.";
    }
    return {};
}

void verdict(std::string& out, const ReleaseReport& report) {
    if (report.decision.passes) {
        fmt::format_to(back_inserter(out), "PASSES the gate \"{}\".\n\n", report.gate);
        return;
    }
    fmt::format_to(back_inserter(out), "DOES NOT PASS the gate \"{}\": ", report.gate);
    if (report.decision.measures.persons == 0) {
        out += "nobody is left whom the data could be told of.\n";
    } else {
        out += "do not give it away.\n";
    }
    out += report.has_data ? "The data was written all the same, as was asked for.\n\n"
                           : "No data was written.\n\n";
}

void checks(std::string& out, const ReleaseReport& report) {
    std::size_t width = 0;
    for (const auto& line : report.decision.lines) width = std::max(width, line.what.size());
    out += "Checks\n";
    for (const auto& line : report.decision.lines)
        fmt::format_to(back_inserter(out), "  {} {:<{}}  {:>8}  {}\n", line.holds ? "yes" : "NO ",
                       line.what, width, line.found, line.wanted);
    const auto& measures = report.decision.measures;
    fmt::format_to(back_inserter(out),
                   "  journalist risk {:.4f} (a sample of {:.0f} % of the population)\n\n",
                   measures.journalist, report.settings.limits.sampling_fraction * 100);
}

void told(std::string& out, const ReleaseReport& report) {
    const auto& decision = report.decision;
    fmt::format_to(back_inserter(out),
                   "Persons\n  released {}, left out for their class is too small {}\n"
                   "  told as 90 or older {}, referred to without a Patient {}\n\n",
                   count_text(decision.measures.persons), count_text(decision.left_out),
                   count_text(decision.over_89), count_text(decision.without_patient));
    out += "What could single somebody out, and how it is told\n";
    for (const auto quasi : decision.measured)
        fmt::format_to(back_inserter(out), "  {:<10} {}\n", name_of(quasi),
                       words_of(quasi, decision.levels[quasi]));
    fmt::format_to(back_inserter(out), "  information lost: {:.0f} %\n\n", decision.loss * 100);
}

void table(std::string& out, const CountTable& counts) {
    const auto cells = shown(counts).cells;
    fmt::format_to(back_inserter(out), "{} (*: hidden, 1 to 10 or what would tell such a count)\n",
                   counts.title);
    fmt::format_to(back_inserter(out), "  {:<12}", "");
    for (const auto& column : counts.columns) fmt::format_to(back_inserter(out), "{:>9}", column);
    fmt::format_to(back_inserter(out), "{:>9}\n", "all");
    for (std::size_t row = 0; row < cells.size(); ++row) {
        fmt::format_to(back_inserter(out), "  {:<12}",
                       row < counts.rows.size() ? counts.rows[row] : "all");
        for (const auto& cell : cells[row])
            fmt::format_to(back_inserter(out), "{:>9}", cell ? fmt::format("{}", *cell) : "*");
        out += '\n';
    }
    out += '\n';
}

void resources(std::string& out, const ReleaseReport& report) {
    fmt::format_to(back_inserter(out), "{:<26}{:>15}{:>15}\n", "Resources", "came", "released");
    for (const auto& [type, came] : report.came) {
        const auto released = report.released.find(type);
        const auto count = released == report.released.end() ? 0 : released->second;
        fmt::format_to(back_inserter(out), "  {:<24}{:>15}{:>15}\n", type, count_text(came),
                       count_text(count));
    }
    fmt::format_to(
        back_inserter(out),
        "  dropped: {} codings of code systems that the table does not know, {} of withheld\n"
        "  diagnoses, {} references to what is not in the release; {} required elements are\n"
        "  marked as masked; {} resources refused (modifierExtension, implicitRules, no id);\n"
        "  {} lines could not be read\n\n",
        report.counts.codings, report.counts.withheld, report.counts.references,
        report.counts.masked, report.refused, report.unreadable);
}

void mind(std::string& out, const ReleaseReport& report) {
    out += "Mind\n";
    if (report.has_curves)
        out +=
            "  - There are waveforms. A curve can be as much its person's as a fingerprint, and "
            "no\n"
            "    measure above counts it: have an expert look, or leave Observations with\n"
            "    SampledData out.\n";
    if (report.has_key)
        out +=
            "  - The key leads from the codes back to the records. Keep it apart from the data, "
            "or\n"
            "    destroy it.\n";
    out +=
        "  - Codes, values and their order can still tell of somebody whom the receiver knows.\n"
        "  - The measures count the quasi-identifiers above, and nothing else.\n";
}

}  // namespace

std::string text_of(const ReleaseReport& report) {
    std::string out = "De-identified release: report\n\n";
    verdict(out, report);
    fmt::format_to(back_inserter(out), "Method: {}\n{}\n\n", name_of(report.settings.method),
                   promise_of(report.settings.method));
    checks(out, report);
    told(out, report);
    table(out, report.persons);
    resources(out, report);
    mind(out, report);
    return out;
}

}  // namespace vigil::fhir::deidentify
