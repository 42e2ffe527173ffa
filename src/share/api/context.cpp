#include "share/api/context.hpp"

#include <fmt/format.h>

#include <charconv>

#include "share/shapes.hpp"

namespace vigil::share {
namespace {

constexpr JsonLimits body_limits{.bytes_max = 1 << 20, .values_max = 10'000, .depth_max = 16};

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

bool still_stands(const ApiContext& api, const identity::Principal& who) {
    // The operator at the machine has no account.
    return !who.account || api.registry.stands(who, api.now());
}

namespace {

// A ward is not to be blind because a disk is full: a person may look, sign in and sign out. Not
// what changes anything, takes data away in bulk, or is asked by a program: that can wait.
identity::OnRecord least_record(const ApiCall& call) {
    using identity::OnRecord;
    const auto& path = call.request.path;
    if (path == "/api/session" || path == "/api/session/factor" || path == "/api/session/passkey")
        return OnRecord::held;
    const bool person = call.who.account && call.who.token.empty();
    const bool looks =
        call.request.method == "GET" && !wants_csv(call.request) && !wants_lines(call.request);
    return person && looks ? OnRecord::held : OnRecord::durable;
}

}  // namespace

void answer(ApiContext& api, const ApiCallPtr& call, session::HttpResponse response) {
    api.audit.when_on_record(least_record(*call), [call, response = std::move(response)](
                                                      const Result<void>& noted) mutable {
        if (noted)
            call->respond(std::move(response));
        else
            call->respond(try_later(503, "the access could not be put on record", 5));
    });
}

void answer_error(ApiContext& api, const ApiCallPtr& call, const Error& error) {
    answer(api, call, error_answer(error));
}

std::optional<store::Access> decide(ApiContext& api, const ApiCallPtr& call, Doing doing) {
    auto purpose = call->request.purpose();
    if (!purpose) {
        answer_error(api, call, purpose.error());
        return std::nullopt;
    }
    auto access = api.desk.decide(call->who, {.act = doing.act,
                                              .subjects = std::move(doing.subjects),
                                              .areas = std::move(doing.areas),
                                              .resources = {},
                                              .what = std::move(doing.what),
                                              .purpose = std::move(*purpose),
                                              .on_their_behalf = doing.on_their_behalf,
                                              .from = call->request.peer.address,
                                              .at = call->now});
    if (access) return std::move(*access);
    answer_error(api, call, access.error());
    return std::nullopt;
}

void answer_from_worker(ApiContext& api, const ApiCallPtr& call,
                        std::function<Result<session::HttpResponse>()> work) {
    api.on_worker([&api, call, work = std::move(work)] {
        auto response = work();
        api.on_loop([&api, call, response = std::move(response)]() mutable {
            if (response)
                answer(api, call, std::move(*response));
            else
                answer_error(api, call, response.error());
        });
    });
}

void give(ApiContext& api, const ApiCallPtr& call, Result<identity::Act> act,
          std::function<session::HttpResponse(const identity::Applied&)> then) {
    if (!act) {
        answer_error(api, call, act.error());
        return;
    }
    api.acts.give(std::move(*act),
                  [&api, call, then = std::move(then)](const Result<identity::Applied>& applied) {
                      if (applied)
                          answer(api, call, then(*applied));
                      else
                          answer_error(api, call, applied.error());
                  });
}

Result<Timestamp> read_time(std::string_view text, std::string_view place) {
    if (const auto milliseconds = whole_number(text);
        milliseconds && std::abs(*milliseconds) < 9'000'000'000'000)
        return from_unix_ns(*milliseconds * 1'000'000);
    auto time = parse_rfc3339(text);
    if (time) return time->instant;
    return fail(Error::Kind::malformed, "a time is RFC 3339 or whole milliseconds since 1970",
                std::string(place));
}

Result<Timestamp> time_parameter(const session::HttpRequest& request, std::string_view name,
                                 Timestamp otherwise) {
    const auto text = request.parameter(name);
    if (!text || text->empty()) return otherwise;
    return read_time(*text, name);
}

Result<std::size_t> count_parameter(const session::HttpRequest& request, std::string_view name,
                                    std::size_t otherwise, std::size_t at_most) {
    const auto text = request.parameter(name);
    if (!text) return otherwise;
    const auto count = whole_number(*text);
    if (!count || *count < 1 || static_cast<std::size_t>(*count) > at_most)
        return fail(Error::Kind::malformed,
                    fmt::format("takes a whole number from 1 to {}", at_most), std::string(name));
    return static_cast<std::size_t>(*count);
}

Result<const identity::Patient*> patient_named(const ApiContext& api, std::string_view id,
                                               std::string_view place) {
    const auto number = parse_patient_id(id);
    const auto* patient = number ? api.registry.patient(*number) : nullptr;
    if (patient != nullptr) return patient;
    if (number && api.registry.erased().contains(*number))
        return fail(Error::Kind::not_found, "the data of this patient was erased",
                    std::string(place));
    return fail(Error::Kind::not_found, "no such patient here", std::string(place));
}

Result<const identity::Device*> device_named(const ApiContext& api, std::string_view id,
                                             std::string_view place) {
    const auto* device = api.registry.find_device(id);
    if (device != nullptr) return device;
    return fail(Error::Kind::not_found, "no such device here", std::string(place));
}

Result<JsonValue> read_body(const ApiCall& call, JsonDocument& document) {
    VIGIL_TRY(root, document.parse(call.request.body, body_limits));
    if (!root.is(JsonKind::object))
        return fail(Error::Kind::malformed, "the body is to be a JSON object", "body");
    return root;
}

bool wants_csv(const session::HttpRequest& request) {
    if (const auto format = request.parameter("format")) return *format == "csv";
    const auto accept = request.header("accept");
    return accept && accept->starts_with("text/csv");
}

bool wants_lines(const session::HttpRequest& request) {
    return request.parameter("format") == "ndjson";
}

}  // namespace vigil::share
