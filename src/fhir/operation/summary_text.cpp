#include "fhir/operation/summary_text.hpp"

#include <fmt/format.h>

namespace vigil::fhir {
namespace {

constexpr std::size_t cell_bytes_max = 500;

// Cut between characters.
std::string_view cut(std::string_view text) {
    if (text.size() <= cell_bytes_max) return text;
    auto end = cell_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

std::string concept_text(JsonValue concept_value) {
    if (const auto text = concept_value["text"].string(); !text.empty()) return std::string(text);
    for (const auto coding : concept_value["coding"])
        if (const auto display = coding["display"].string(); !display.empty())
            return std::string(display);
    return std::string(concept_value["coding"][std::size_t{0}]["code"].string());
}

std::string reference_text(JsonValue reference, const Resolve& resolve) {
    if (const auto display = reference["display"].string(); !display.empty())
        return std::string(display);
    const auto to = resolve(reference["reference"].string());
    if (to["code"]) return concept_text(to["code"]);
    if (const auto type = concept_text(to["type"]); !type.empty()) return type;
    return std::string(to["deviceName"][std::size_t{0}]["name"].string());
}

std::string what(JsonValue resource, const Resolve& resolve) {
    for (const auto* name : {"code", "vaccineCode", "medicationCodeableConcept"})
        if (auto text = concept_text(resource[name]); !text.empty()) return text;
    for (const auto* name : {"medicationReference", "device"})
        if (auto text = reference_text(resource[name], resolve); !text.empty()) return text;
    for (const auto* name : {"title", "summary", "description"})
        if (const auto text = resource[name].string(); !text.empty()) return std::string(text);
    for (const auto* name : {"category", "reasonCode"})
        if (auto text = concept_text(resource[name][std::size_t{0}]); !text.empty()) return text;
    return std::string(resource["resourceType"].string());
}

std::string period_text(JsonValue period) {
    const auto start = period["start"].string(), end = period["end"].string();
    if (start.empty() && end.empty()) return {};
    return fmt::format("{} to {}", start, end.empty() ? "now" : end);
}

std::string when(JsonValue resource) {
    for (const auto* name :
         {"effectiveDateTime", "effectiveInstant", "onsetDateTime", "occurrenceDateTime",
          "performedDateTime", "authoredOn", "timingDateTime", "date", "dateTime", "recordedDate"})
        if (const auto text = resource[name].string(); !text.empty()) return std::string(text);
    for (const auto* name :
         {"effectivePeriod", "onsetPeriod", "performedPeriod", "timingPeriod", "period"})
        if (auto text = period_text(resource[name]); !text.empty()) return text;
    return std::string(resource["occurrenceString"].string());
}

std::string value_text(JsonValue part) {
    const auto quantity = part["valueQuantity"];
    if (quantity["value"]) {
        const auto unit = quantity["unit"].string();
        return fmt::format("{}{} {}", quantity["comparator"].string(), quantity["value"].text(),
                           unit.empty() ? quantity["code"].string() : unit);
    }
    if (part["valueCodeableConcept"]) return concept_text(part["valueCodeableConcept"]);
    for (const auto* name : {"valueString", "valueInteger", "valueBoolean", "valueDateTime"})
        if (part[name]) return std::string(part[name].text());
    if (part["valueSampledData"]) return "waveform";
    return concept_text(part["dataAbsentReason"]);
}

void append(std::string& out, std::string_view text) {
    if (text.empty()) return;
    if (!out.empty()) out += "; ";
    out += text;
}

std::string details(JsonValue resource) {
    std::string out;
    append(out, value_text(resource));
    for (const auto component : resource["component"])
        append(out, fmt::format("{}: {}", concept_text(component["code"]), value_text(component)));
    append(out, resource["conclusion"].string());
    for (const auto* list : {"dosage", "dosageInstruction"})
        for (const auto dosage : resource[list]) append(out, dosage["text"].string());
    for (const auto reaction : resource["reaction"])
        for (const auto manifestation : reaction["manifestation"])
            append(out, concept_text(manifestation));
    append(out, resource["criticality"].string().empty()
                    ? std::string()
                    : fmt::format("criticality {}", resource["criticality"].string()));
    append(out, concept_text(resource["clinicalStatus"]));
    append(out, resource["status"].string());
    return out;
}

std::string cell(std::string_view text) {
    return fmt::format("<td>{}</td>", xhtml_escaped(cut(text)));
}

std::string in_div(std::string_view content) {
    return fmt::format("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", content);
}

}  // namespace

std::string xhtml_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool is_control =
            static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (is_control)
            out += "\xEF\xBF\xBD";
        else
            out += c;
    }
    return out;
}

std::string summary_paragraph(std::string_view text) {
    return in_div(fmt::format("<p>{}</p>", xhtml_escaped(text)));
}

std::string summary_table(const std::vector<JsonValue>& entries, bool is_cut,
                          const Resolve& resolve) {
    std::string rows;
    for (const auto entry : entries)
        rows += fmt::format("<tr>{}{}{}</tr>", cell(what(entry, resolve)), cell(when(entry)),
                            cell(details(entry)));
    return in_div(
        fmt::format("<table><thead><tr><th>What</th><th>When</th><th>Details</th></tr>"
                    "</thead><tbody>{}</tbody></table>{}",
                    rows, is_cut ? "<p>These are the newest; there are more.</p>" : ""));
}

}  // namespace vigil::fhir
