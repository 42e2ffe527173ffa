// `vigil verify audit`, `vigil audit checkpoint` and `vigil audit list`.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "app/audit_checkpoints.hpp"
#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "identity/audit_key.hpp"
#include "store/sqlite/audit_checkpoints.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

Result<std::vector<std::string>> kept_in(const std::string& path) {
    std::vector<std::string> none;
    if (path.empty()) return none;
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) return fail(Error::Kind::not_found, "cannot be read", path);
    if (text.size() > file_bytes_max)
        return fail(Error::Kind::too_large, "longer than a file of checkpoints is", path);
    // As it was printed, or with its last, empty line lost on the way.
    text += "\n\n";
    auto kept = store::split_checkpoints(text).checkpoints;
    std::erase_if(
        kept, [](const auto& each) { return each.find_first_not_of('\n') == std::string::npos; });
    for (auto& each : kept) {
        each.erase(0, each.find_first_not_of('\n'));
        if (const auto read = store::decode_checkpoint(each); !read)
            return fail(read.error().kind, read.error().message, path);
    }
    if (kept.empty()) return fail(Error::Kind::malformed, "there is no checkpoint in it", path);
    return kept;
}

int show(JsonValue root) {
    const bool sound = root["sound"].is_true();
    const auto newest = root["newest"];
    if (sound)
        fmt::print("sound: {} lines, held against {} checkpoints\n", root["lines"].text(),
                   root["checkpoints"].text());
    else
        fmt::print("the audit does not hold:\n");
    for (const auto finding : root["findings"])
        fmt::print("  {}: {}\n", finding["kind"].string(), finding["message"].string());
    if (sound && newest.is(JsonKind::object))
        fmt::print("checkpoint {} of {} vouches for all up to line {}\n", newest["sequence"].text(),
                   newest["time"].string(), newest["line"].text());
    for (const auto note : root["notes"]) fmt::print("note: {}\n", note.string());
    return sound ? 0 : status_tampered;
}

// A copy of vigil.db needs nothing of the installation: what was kept says whose key counts.
Result<std::string> look_at(const std::string& database, std::vector<std::string> kept) {
    VIGIL_TRY(report, store::sqlite::verify_audit(database,
                                                  {.key = {},
                                                   .signature_holds =
                                                       [](const store::AuditCheckpoint& each) {
                                                           return identity::signature_holds(each);
                                                       },
                                                   .beside = {},
                                                   .kept = std::move(kept)},
                                                  [] { return true; }));
    return to_json(report);
}

std::string query_of(const AuditSearch& search, const std::string& patient) {
    auto path = fmt::format("/api/audit?limit={}", std::min<std::size_t>(search.limit, 1'000));
    for (const auto& [name, value] : {std::pair{"who", search.who}, std::pair{"what", search.what},
                                      std::pair{"from", search.from}, std::pair{"to", search.to},
                                      std::pair{"patient", patient}})
        if (!value.empty()) path += fmt::format("&{}={}", name, percent_encoded(value));
    return search.denied ? path + "&outcome=denied" : path;
}

void show_line(JsonValue line) {
    std::string whose = line["everyone"].is_true() ? "everyone" : "";
    for (const auto patient : line["patients"])
        whose += fmt::format("{}{}", whose.empty() ? "" : ",", patient.string());
    fmt::print("{:<8} {:<30} {:<16} {:<13} {:<11} {} of {}, for {}, from {}{}{}\n",
               line["number"].text(), line["time"].string(), line["who"].string(),
               line["role"].string(), line["act"].string(), line["what"].string(), whose,
               line["purpose"].string(), line["from"].string(),
               line["permitted"].is_true() ? "" : ": refused, ", line["reason"].string());
}

Result<std::string> ask_for_report(const OperatorOptions& where,
                                   const std::vector<std::string>& kept) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("checkpoints").begin_array();
    for (const auto& each : kept) json.text(each);
    json.end_array().end_object();
    VIGIL_TRY(desk, Operator::open(where));
    return desk.post("/api/verify/audit", body);
}

}  // namespace

int audit_verify(const OperatorOptions& where, Output output, const AuditVerify& what) {
    auto kept = kept_in(what.checkpoint_file);
    if (!kept) return report(kept.error());
    const auto answer = what.database.empty() ? ask_for_report(where, *kept)
                                              : look_at(what.database, std::move(*kept));
    if (!answer) return report(answer.error());
    JsonDocument document;
    const auto root = document.parse(*answer);
    if (!root) return report(root.error());
    if (!output.json) return show(*root);
    fmt::print("{}\n", *answer);
    return (*root)["sound"].is_true() ? 0 : status_tampered;
}

int audit_checkpoint(const OperatorOptions& where, Output output) {
    return ask(where, output, "POST", "/api/audit/checkpoint", "{}", [](JsonValue root) {
        // With an empty line after it, so that many may stand in one file.
        fmt::print("{}\n", root["checkpoint"].string());
    });
}

int audit_list(const OperatorOptions& where, Output output, const AuditSearch& search) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    std::string patient;
    if (!search.patient.empty()) {
        auto found = patient_id(*desk, search.patient);
        if (!found) return report(found.error());
        patient = std::move(*found);
    }
    const auto path = query_of(search, patient);
    std::string next;
    for (std::size_t shown = 0; shown < search.limit;) {
        const auto answer =
            desk->get(next.empty() ? path : fmt::format("{}&before={}", path, next));
        if (!answer) return report(answer.error());
        JsonDocument document;
        const auto root = document.parse(*answer);
        if (!root) return report(root.error());
        if (output.json) fmt::print("{}\n", *answer);
        for (const auto line : (*root)["lines"])
            if (++shown <= search.limit && !output.json) show_line(line);
        next = (*root)["next"].is(JsonKind::number) ? std::string((*root)["next"].text()) : "";
        if (next.empty()) break;
    }
    return 0;
}

}  // namespace vigil::app
