// What a request is about, before anything is looked up: for the decision whether it may be, and
// for the audit, which is told what was done to which resource, and what was searched for.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/bulk/exports.hpp"
#include "fhir/bulk/imports.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/server.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t path_shown_max = 256, query_shown_max = 512, form_looked_at_max = 4'096;
constexpr std::string_view hidden = "***";

// Of what is searched for these say nothing of who somebody is: references, codes, times, and how
// the answer is to look.
constexpr std::array<std::string_view, 40> shown_parameters{
    "_count",   "_elements", "_id",       "_include", "_lastUpdated", "_revinclude", "_since",
    "_sort",    "_summary",  "_total",    "_type",    "action",       "agent",       "altid",
    "authored", "based-on",  "category",  "class",    "code",         "context",     "date",
    "device",   "effective", "encounter", "entity",   "intent",       "issued",      "onset-date",
    "outcome",  "patient",   "period",    "priority", "recorder",     "source",      "status",
    "subject",  "subtype",   "type",      "url",      "version"};

std::vector<std::string_view> split_path(std::string_view path) {
    constexpr std::size_t segments_max = 8;  // more are at no address here
    std::vector<std::string_view> segments;
    while (!path.empty() && segments.size() < segments_max) {
        const auto end = std::min(path.find('/'), path.size());
        if (end > 0) segments.push_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return segments;
}

std::string_view first_segment(std::string_view path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    return path.substr(0, path.find('/'));
}

// "Observation?patient=p1", "?subject=Patient/p1"
std::string patient_searched(const session::HttpRequest& request) {
    constexpr std::string_view prefix = "Patient/";
    auto patient = request.parameter("patient").value_or("");
    if (patient.empty()) {
        patient = request.parameter("subject").value_or("");
        if (!patient.starts_with(prefix)) return {};
    }
    if (patient.starts_with(prefix)) patient.remove_prefix(prefix.size());
    return is_id(patient) ? std::string(patient) : std::string();
}

struct Kind {
    bool reads = true, is_bulk = false;
    std::string_view word;
    bool searches = false;  // so what it asks is told too
};

std::string_view word_of_write(std::string_view method, std::string_view path) {
    if (first_segment(path).empty()) return "bundle";
    return method == "POST"     ? "create"
           : method == "PUT"    ? "update"
           : method == "PATCH"  ? "patch"
           : method == "DELETE" ? "delete"
                                : "write";
}

Kind kind_of_read(std::string_view path) {
    const auto segments = split_path(path);
    const auto is = [&](std::size_t i, std::string_view word) {
        return i < segments.size() && segments[i] == word;
    };
    if (is(0, "metadata")) return {.word = "capabilities"};
    if (is(2, "_history") && segments.size() == 4) return {.word = "vread"};
    if (is(0, "_history") || is(1, "_history") || is(2, "_history")) return {.word = "history"};
    const bool names_one = segments.size() == 2 && segments[1] != "_search";
    return names_one ? Kind{.word = "read"} : Kind{.word = "search", .searches = true};
}

// Operations only read, however they are asked; but for imports.
Kind kind_of(std::string_view method, std::string_view path) {
    const auto last = path.substr(path.rfind('/') + 1);
    const bool is_import = Imports::owns(path), is_export = Exports::owns(path);
    const bool is_operation = last.starts_with('$') && !is_import;
    const bool reads =
        method == "GET" || method == "HEAD" || last == "_search" || is_operation || is_export;
    if (is_export)
        return {reads, true,
                method == "DELETE" ? "export.cancel"
                : is_operation     ? "export"
                                   : "export.fetch"};
    if (is_import)
        return {reads, true, method == "POST" ? "import" : reads ? "import.look" : "import.cancel"};
    if (is_operation) return {.word = "operation"};
    return reads ? kind_of_read(path) : Kind{.reads = false, .word = word_of_write(method, path)};
}

// The address as it was asked, where it may be one.
std::string_view shown_path(std::string_view path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.ends_with("/_search") || path == "_search")
        path.remove_suffix(std::min(path.size(), std::string_view("/_search").size()));
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_' || c == '/' || c == '$';
    };
    return path.size() <= path_shown_max && std::ranges::all_of(path, is_plain)
               ? path
               : std::string_view();
}

// A chain leads to what other parameters say, "subject:identifier" and "code:text" to a person's
// words; ":Patient" only names a type.
bool is_shown(std::string_view name) {
    const auto colon = std::min(name.find(':'), name.size());
    const auto modifier = name.substr(colon);
    const bool is_plain = modifier.empty() || modifier == ":missing" || modifier == ":not" ||
                          modifier == ":iterate" ||
                          (modifier.size() > 1 && modifier[1] >= 'A' && modifier[1] <= 'Z');
    return is_plain && name.find('.') == std::string_view::npos &&
           std::ranges::find(shown_parameters, name.substr(0, colon)) != shown_parameters.end();
}

std::string shown_query(const Parameters& parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
        auto one = query_text({{name, is_shown(name) ? value : std::string()}});
        if (!is_shown(name)) one += hidden;
        if (out.size() + one.size() > query_shown_max) return out + "&" + std::string(hidden);
        out += out.empty() ? "?" : "&";
        out += one;
    }
    return out;
}

Parameters searched(const session::HttpRequest& request) {
    auto parameters = request.query;
    if (request.method != "POST") return parameters;
    const auto form = read_form(std::string_view(request.body).substr(0, form_looked_at_max));
    parameters.insert(parameters.end(), form.begin(), form.end());
    if (request.body.size() > form_looked_at_max) parameters.emplace_back("", "");
    return parameters;
}

}  // namespace

Asked Server::asked(const session::HttpRequest& request, std::string_view path) {
    Asked out;
    const auto kind = kind_of(request.method, path);
    const bool reads = kind.reads;
    out.act = reads ? store::Act::read : store::Act::write;
    const auto type = first_segment(path);
    out.is_bulk = kind.is_bulk;
    out.needed = needed(request.method, split_path(path),
                        !request.query.empty() || request.header("if-none-exist").has_value());
    out.of_events = type == "AuditEvent" && reads && !kind.is_bulk && kind.word != "operation";
    out.what = fmt::format("fhir.{}", kind.word);
    const auto of_bulk = type.starts_with('$') ? std::string_view() : type;
    auto target = std::string(kind.is_bulk ? of_bulk : shown_path(path));
    if (kind.searches || (!reads && !request.query.empty()))
        target += shown_query(searched(request));
    if (!target.empty()) out.what += " " + target;
    if (type == "Patient" && path.size() > type.size() + 1) {
        auto rest = path.substr(type.size() + 1);
        rest = rest.substr(0, rest.find('/'));
        if (is_id(rest)) out.patient = rest;
    } else if (reads && path == type) {
        out.searched = patient_searched(request);
    }
    return out;
}

std::string Server::said_of(const Request& request) {
    const auto path = fmt::format("{}", fmt::join(request.segments, "/"));
    auto out = fmt::format("fhir.{}", kind_of(request.method, path).word);
    if (const auto shown = shown_path(path); !shown.empty()) out.append(" ").append(shown);
    return out;
}

}  // namespace vigil::fhir
