// What is written, made ready: read, linked, valid and with what it is found by. Before the store
// is asked where that needs no look into it, else within the run, as far as an earlier one has not.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fhir/rest/parameter_rules.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/writing.hpp"

namespace vigil::fhir {
namespace {

bool is_error(const Issue& issue) {
    return issue.severity == Severity::error || issue.severity == Severity::fatal;
}

// What whoever wrote it is to be told of a resource that is kept.
Answer<std::vector<Issue>> check_valid(JsonValue resource, const RestContext& context) {
    if (context.validation == ValidationMode::off || !context.validate) return std::vector<Issue>();
    auto issues = context.validate(resource, {});
    if (context.validation == ValidationMode::enforce && std::ranges::any_of(issues, is_error))
        return as_refusal(Problem{.status = 422, .issues = std::move(issues)});
    for (auto& issue : issues)
        if (is_error(issue)) issue.severity = Severity::warning;
    return issues;
}

Answer<void> admit_subscription(WriteEntry& entry, const RestContext& context) {
    const bool is_asked_for = entry.type == "Subscription" && !entry.request.by_server;
    if (!is_asked_for || !context.admit_subscription) return {};
    FHIR_TRY(admitted, context.admit_subscription(entry.resource->json()));
    entry.resource = std::move(admitted);
    return {};
}

}  // namespace

void WriteJob::use(std::shared_ptr<const RestContext> context) {
    if (context == context_) return;
    context_ = std::move(context);
    for (auto& entry : entries_) entry.prepared.reset();
}

Answer<void> WriteJob::prepare() {
    is_made_in_store_ = std::ranges::any_of(entries_, [&](const WriteEntry& entry) {
        const bool may_refer = entry.is_imported || !entry.full_url.empty();
        return looks_into_store(entry) ||
               (may_refer && entry.resource &&
                refers_conditionally(*entry.resource, [](std::string_view) { return true; }));
    });
    if (is_made_in_store_) return {};
    for (auto& entry : entries_) {
        if (!entry.resource) continue;
        if (entry.request.method == "POST") {
            entry.id = context_->new_id();
            entry.is_new = true;
        }
        link(entry);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!entries_[i].resource) continue;
        if (auto made = make_put(entries_[i], nullptr); !made)
            return as_refusal(at_entry(i, std::move(made).error()));
    }
    return {};
}

Answer<void> WriteJob::prepare_in(store::RecordReader& reader) {
    forget_run();
    for (auto& entry : entries_) {
        FHIR_CHECK(make_put(entry, &reader));
        entry.referred.clear();  // known to hold
    }
    is_ready_ = true;
    return {};
}

bool WriteJob::depends_on_store() const {
    return is_made_in_store_ || std::ranges::any_of(entries_, [](const WriteEntry& entry) {
               return entry.request.method == "GET" || entry.request.if_match ||
                      entry.request.if_none_match || entry.type == "SearchParameter";
           });
}

bool WriteJob::depends_on_itself() const {
    // At resources of other types: "subject.name", "_has:…".
    const auto looks_further = [](const auto& parameter) {
        return parameter.first.find('.') != std::string::npos ||
               parameter.first.starts_with("_has");
    };
    std::set<std::string_view> written;
    for (const auto& entry : entries_) {
        const auto& request = entry.request;
        const bool is_of_many = entries_.size() > 1 && (request.if_match || request.if_none_match);
        if (request.method == "GET" || request.method == "PATCH" || entry.view || is_of_many ||
            entry.type == "SearchParameter")
            return true;
        written.insert(entry.type);
    }
    return std::ranges::any_of(entries_, [&](const WriteEntry& entry) {
        return entry.resource && refers_conditionally(*entry.resource, [&](std::string_view text) {
                   const auto question = text.find('?');
                   return written.contains(text.substr(0, question)) ||
                          std::ranges::any_of(read_form(text.substr(question + 1)), looks_further);
               });
    });
}

// What a reference in a transaction leads to; nothing: it stays as it is.
Answer<std::optional<std::string>> WriteJob::referred(std::string_view text,
                                                      store::RecordReader* reader) {
    if (const auto known = links_.find(text); known != links_.end()) return known->second;
    const auto question = text.find('?');
    if (reader == nullptr || question == std::string_view::npos) return std::nullopt;
    const auto type = text.substr(0, question);
    if (!context_->definitions.is_resource_type(type)) return std::nullopt;
    FHIR_TRY(found, matches(type, read_form(text.substr(question + 1)), *reader, *context_));
    if (found.size() == 1) return fmt::format("{}/{}", type, found.front().id);
    return refuse(412, found.empty() ? "not-found" : "multiple-matches",
                  fmt::format("the reference to {} leads to {} resource", type,
                              found.empty() ? "no" : "more than one"));
}

Answer<void> WriteJob::make_put(WriteEntry& entry, store::RecordReader* reader) {
    FHIR_CHECK(admit_subscription(entry, *context_));
    entry.referred.clear();
    std::optional<Problem> problem;
    ReplaceMember replace;
    const bool is_of_transaction =
        !entry.full_url.empty() && (reader != nullptr || !links_.empty());
    if (is_of_transaction || (entry.is_imported && is_made_in_store_))
        replace = [&](JsonWriter& json, std::string_view key, JsonValue value) {
            if (problem || !value.is(JsonKind::string) || value.text().size() > 4096) return false;
            auto to = referred(value.text(), key == "reference" ? reader : nullptr);
            if (!to) {
                problem = std::move(to).error();
                for (auto& issue : problem->issues)
                    issue.expression = place_in(entry.type, value.pointer());
                return false;
            }
            if (!*to) return false;
            if (value.text().find('?') != std::string_view::npos)
                entry.referred.emplace(value.text(), **to);
            json.key(key).text(**to);
            return true;
        };
    store::RecordPut put{.type = entry.type,
                         .id = entry.id,
                         .subject = {},
                         .method = entry.request.method,
                         .body = stored_body(entry.resource->json(), entry.id, replace),
                         .rows = {},
                         .narrative = {},
                         .content = {}};
    if (problem) return as_refusal(std::move(*problem));
    // Where nothing was replaced it is found by what was sent.
    std::optional<Resource> rewritten;
    if (replace) {
        std::string text;
        append_resource(text, put.body, 1, context_->now());
        FHIR_TRY(resource, Resource::parse(std::move(text)));
        rewritten = std::move(resource);
    }
    const auto json = (rewritten ? *rewritten : *entry.resource).json();
    FHIR_TRY(hints, check_valid(json, *context_));
    entry.hints = std::move(hints);
    if (entry.type == "SearchParameter") FHIR_CHECK(check_definition(json, *context_));
    if (entry.type == "Consent" && context_->check_consent)
        FHIR_CHECK(context_->check_consent(json));
    FHIR_TRY(extracted, extract(json, context_->extraction()));
    put.rows = std::move(extracted.rows);
    put.narrative = std::move(extracted.narrative);
    put.content = std::move(extracted.content);
    entry.prepared = std::move(put);
    return {};
}

// What an earlier run found may be found no more.
void WriteJob::forget_run() {
    new_numbers_.clear();
    if (is_made_in_store_) earlier_links_ = std::exchange(links_, {});
    for (auto& entry : entries_) {
        entry.answer.reset();
        if (!is_made_in_store_ || entry.request.method == "GET") continue;
        entry.id = entry.request.segment(1);
        entry.is_new = false;
        if (entry.request.method == "PATCH") entry.resource.reset();
    }
}

// What an earlier run made, where this one would make the same.
void WriteJob::keep_what_stands() {
    if (!is_made_in_store_) return;
    const bool is_linked_otherwise = links_ != earlier_links_;
    for (auto& entry : entries_)
        if (entry.answer || is_linked_otherwise || entry.request.method == "PATCH" ||
            (entry.prepared && entry.prepared->id != entry.id))
            entry.prepared.reset();
}

bool WriteJob::still_refers(const WriteEntry& entry, store::RecordReader& reader) {
    return std::ranges::all_of(entry.referred, [&](const auto& each) {
        const auto to = referred(each.first, &reader);
        return to && *to == each.second;
    });
}

}  // namespace vigil::fhir
