#include "fhir/rest/exchange.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view fhir_json = "application/fhir+json";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Percent-decoded; in a form a plus is a space. What is no escape stays as it is.
std::string decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 &&
                   hex_digit(text[at + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

std::string media_type(std::string_view header) {
    std::string type(header.substr(0, header.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type;
}

bool is_json(std::string_view type) {
    constexpr std::array names = {"json", "application/json", "application/fhir+json", "text/json",
                                  "*/*",  "application/*"};
    return std::ranges::find(names, type) != names.end();
}

// "_format" decides before "Accept" (R4 3.1.0.1.11).
bool accepts_json(const session::HttpRequest& request) {
    if (const auto format = request.parameter("_format"))
        // A plus that was not escaped has become a space.
        return is_json(media_type(*format)) || media_type(*format) == "application/fhir json";
    const auto accept = request.header("accept").value_or("*/*");
    for (std::size_t start = 0; start <= accept.size();) {
        const auto end = std::min(accept.find(',', start), accept.size());
        auto one = accept.substr(start, end - start);
        while (one.starts_with(' ')) one.remove_prefix(1);
        const auto type = media_type(one);
        // A browser that looks at an address is shown JSON.
        if (is_json(type) || type == "text/html" || type == "application/fhir+ndjson") return true;
        start = end + 1;
    }
    return accept.empty();
}

void read_prefer(std::string_view header, Request& out) {
    const auto has = [&](std::string_view word) { return header.find(word) != header.npos; };
    if (has("return=minimal")) out.returned = Returned::minimal;
    if (has("return=representation")) out.returned = Returned::representation;
    if (has("return=OperationOutcome")) out.returned = Returned::outcome;
    out.strict = has("handling=strict");
    out.asynchronous = has("respond-async");
}

void split_path(std::string_view path, std::vector<std::string>& out) {
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        if (slash > 0) out.emplace_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
}

std::string http_date(Timestamp time) {  // RFC 9110 5.6.7
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(
                           std::chrono::floor<std::chrono::seconds>(time))));
}

// The same JSON with line breaks, for people: text that JsonWriter wrote.
std::string indented(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    bool quoted = false;
    const auto new_line = [&] { out.append("\n").append(depth * 2, ' '); };
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (quoted || c == '"') {
            out += c;
            if (quoted && c == '\\' && at + 1 < json.size()) out += json[++at];
            if (c == '"') quoted = !quoted;
            continue;
        }
        if (c == '}' || c == ']') {
            const bool is_empty = json[at - 1] == '{' || json[at - 1] == '[';
            --depth;
            if (!is_empty) new_line();
        }
        out += c;
        if (c == ':') out += ' ';
        if (c == ',') new_line();
        if (c == '{' || c == '[') {
            ++depth;
            if (json[at + 1] != '}' && json[at + 1] != ']') new_line();
        }
    }
    return out;
}

// What is busy may be free soon (RFC 9110 10.2.3).
constexpr int busy_retry_s = 1;

}  // namespace

std::optional<std::string_view> Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

Parameters read_form(std::string_view text) {
    Parameters parameters;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        parameters.emplace_back(decoded(pair.substr(0, equals), true),
                                decoded(pair.substr(std::min(equals + 1, pair.size())), true));
    }
    return parameters;
}

Answer<void> read_url(std::string_view url, Request& out) {
    if (url.starts_with('/')) url.remove_prefix(1);
    const auto question = std::min(url.find('?'), url.size());
    split_path(decoded(url.substr(0, question), false), out.segments);
    out.query = read_form(url.substr(std::min(question + 1, url.size())));
    return {};
}

Answer<Request> read_request(session::HttpRequest request, std::string_view path) {
    if (!accepts_json(request))
        return refuse(406, "not-supported",
                      "this server answers in JSON: accept application/fhir+json");
    Request out;
    out.method = request.method == "HEAD" ? "GET" : request.method;
    split_path(path, out.segments);
    out.query = std::move(request.query);
    out.content_type = media_type(request.header("content-type").value_or(""));
    const auto copy = [&](std::string_view name) -> std::optional<std::string> {
        const auto value = request.header(name);
        return value ? std::optional<std::string>(*value) : std::nullopt;
    };
    out.if_match = copy("if-match");
    out.if_none_match = copy("if-none-match");
    out.if_none_exist = copy("if-none-exist");
    out.if_modified_since = copy("if-modified-since");
    read_prefer(request.header("prefer").value_or(""), out);
    out.pretty = out.parameter("_pretty") == "true";
    out.body = std::move(request.body);

    const bool is_search =
        out.method == "POST" && !out.segments.empty() && out.segments.back() == "_search";
    if (is_search) {
        const bool is_form =
            out.content_type == "application/x-www-form-urlencoded" || out.body.empty();
        if (!is_form)
            return refuse(415, "not-supported",
                          "send _search as application/x-www-form-urlencoded");
        for (auto& parameter : read_form(out.body)) out.query.push_back(std::move(parameter));
        out.method = "GET";
        out.segments.pop_back();
        out.body.clear();
    } else if (!out.body.empty() && !is_json(out.content_type) &&
               out.content_type != "application/json-patch+json") {
        return refuse(415, "not-supported", "send resources as application/fhir+json");
    }
    return out;
}

session::HttpResponse http_response(Response response, const Request& request,
                                    std::string_view base) {
    session::HttpResponse out{.status = response.status, .headers = std::move(response.headers)};
    const bool says_when = std::ranges::any_of(
        out.headers, [](const auto& header) { return header.first == "retry-after"; });
    if (out.status == 503 && !says_when)
        out.headers.emplace_back("retry-after", fmt::format("{}", busy_retry_s));
    if (response.version) out.headers.emplace_back("etag", entity_tag(*response.version));
    if (response.last_modified)
        out.headers.emplace_back("last-modified", http_date(*response.last_modified));
    if (!response.location.empty())
        out.headers.emplace_back("location", fmt::format("{}/{}", base, response.location));
    if (!response.body.empty()) {
        out.headers.emplace_back("content-type", fmt::format("{}; charset=utf-8", fhir_json));
        out.body = request.pretty ? indented(response.body) : std::move(response.body);
    }
    return out;
}

Response response_of(const Problem& problem) {
    return {.status = problem.status,
            .body = outcome(problem.issues),
            .version = {},
            .last_modified = {},
            .location = {}};
}

}  // namespace vigil::fhir
