#include "fhir/rest/parameter_index.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/index_anew.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/search/parameter_definition.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view progress_kind = "fhir.search_parameter_index";
constexpr std::size_t kept_max = 5'000;  // SearchParameters that are looked at
// A step: so few are written at once that others' writes wait some milliseconds, and so few looked
// at that the worker is free again soon.
constexpr std::size_t written_at_once = 256, looked_at_once = 2'048;
// Between two notes of how far a pass has come: after a crash so many are indexed again.
constexpr std::uint64_t numbers_between_notes = 4'000;

// The context with the parameters it refers to.
struct Owned {
    Owned(const RestContext& standard, std::vector<CustomParameter> custom)
        : parameters(standard.definitions, std::move(custom)),
          rest{.definitions = standard.definitions,
               .parameters = parameters,
               .base = standard.base,
               .limits = standard.limits,
               .now = standard.now,
               .new_id = standard.new_id,
               .validate = standard.validate,
               .validation = standard.validation,
               .admit_subscription = standard.admit_subscription,
               .check_consent = standard.check_consent,
               .subscriptions = standard.subscriptions,
               .socket_tokens = standard.socket_tokens,
               .is_shared = standard.is_shared,
               .authorization = standard.authorization,
               .terms = standard.terms} {}
    SearchParameters parameters;
    RestContext rest;
};

std::shared_ptr<const RestContext> context_with(const RestContext& standard,
                                                std::vector<CustomParameter> custom) {
    if (custom.empty()) return std::make_shared<const RestContext>(standard);
    auto owned = std::make_shared<const Owned>(standard, std::move(custom));
    return {owned, &owned->rest};
}

bool is_of(const SearchParameter& definition, const Type& type) {
    return std::ranges::any_of(
        definition.bases, [&](const std::string& base) { return type.is_or_derives_from(base); });
}

}  // namespace

struct ParameterIndex::Batch {
    struct Entry {
        IndexEntry entry;
        std::uint64_t version = 0;
    };
    std::vector<Entry> entries;
    std::uint64_t after = 0;  // the last number looked at
    bool is_last = true;
};

ParameterIndex::ParameterIndex(const RestContext& standard, Parts parts)
    : standard_(standard), parts_(std::move(parts)), now_(context_with(standard, {})) {}

Result<void> ParameterIndex::open(const store::Access& access) {
    access_ = access;
    VIGIL_TRY(whole, parts_.records.index_is_whole());
    if (whole) return load();
    std::vector<Known> all;
    {
        const std::lock_guard reloading(reloading_);
        VIGIL_CHECK(install(false));
        const std::lock_guard lock(mutex_);
        all = pending_;
    }
    VIGIL_CHECK(index_anew(parts_.records, access, *now()));
    for (auto& known : all) known.parameter.is_ready = true;
    VIGIL_CHECK(keep_progress(all));
    return load();
}

Result<void> ParameterIndex::load() {
    const std::lock_guard reloading(reloading_);
    VIGIL_CHECK(install(true));
    begin_pass();
    return {};
}

void ParameterIndex::reload() {
    if (const auto loaded = load(); !loaded) pause(loaded.error());
}

// Without an index they are looked for among all resources.
Result<std::vector<store::Record>> ParameterIndex::read_records(bool index_is_whole) {
    std::vector<store::Record> records;
    if (!index_is_whole) {
        VIGIL_CHECK(parts_.records.each_current(*access_, 0,
                                                [&](std::uint64_t, const store::Record& record) {
                                                    if (record.type == "SearchParameter")
                                                        records.push_back(record);
                                                    return records.size() < kept_max;
                                                }));
        return records;
    }
    VIGIL_CHECK(parts_.records.read(*access_, [&](store::RecordReader& reader) -> Result<void> {
        store::RecordQuery query{
            .type = "SearchParameter",
            .where = {store::AnyOf{{{store::TokenMatch{"status", {}, "active"}},
                                    {store::TokenMatch{"status", {}, "draft"}}}}},
            .sort = {{.by = store::SortKey::By::id, .parameter = {}}},
            .after = {},
            .count_max = 200};
        do {
            VIGIL_TRY(page, reader.search(query));
            std::ranges::move(page.records, std::back_inserter(records));
            query.after = std::move(page.next);
        } while (!query.after.empty() && records.size() < kept_max);
        return {};
    }));
    return records;
}

Result<std::vector<ParameterIndex::Known>> ParameterIndex::read_known(bool index_is_whole) {
    VIGIL_TRY(records, read_records(index_is_whole));
    std::vector<Known> all;
    const auto read = [&](bool composites, const SearchParameters& parameters) -> Result<void> {
        for (const auto& record : records) {
            VIGIL_TRY(resource, Resource::parse(resource_text(record)));
            const auto json = resource.json();
            if ((json["type"].string() == "composite") != composites) continue;
            auto definition = definition_of(json, parameters);
            if (!definition || all.size() == custom_parameters_max) continue;
            Known known;
            known.parameter = {
                record.id, std::make_shared<const SearchParameter>(std::move(*definition)), false};
            known.version = record.version;
            all.push_back(std::move(known));
        }
        return {};
    };
    // Composites last: their components may be like parameters of this server.
    VIGIL_CHECK(read(false, standard_.parameters));
    if (all.empty()) {
        VIGIL_CHECK(read(true, standard_.parameters));
        return all;
    }
    std::vector<CustomParameter> simple;
    simple.reserve(all.size());
    for (const auto& known : all) simple.push_back(known.parameter);
    VIGIL_CHECK(read(true, SearchParameters(standard_.definitions, std::move(simple))));
    return all;
}

Result<void> ParameterIndex::read_progress(Known& known) {
    VIGIL_TRY(body, parts_.documents.get(progress_kind, known.parameter.id));
    if (!body) return {};
    JsonDocument json;
    VIGIL_TRY(root, json.parse(*body));
    if (root["version"].integer() != static_cast<std::int64_t>(known.version)) return {};
    known.parameter.is_ready = root["whole"].is_true();
    known.after = static_cast<std::uint64_t>(root["after"].integer().value_or(0));
    return {};
}

Result<void> ParameterIndex::install(bool index_is_whole) {
    VIGIL_TRY(all, read_known(index_is_whole));
    std::vector<CustomParameter> custom;
    for (auto& known : all) {
        VIGIL_CHECK(read_progress(known));
        custom.push_back(known.parameter);
    }
    std::erase_if(all, [](const Known& known) { return known.parameter.is_ready; });
    auto context = context_with(standard_, std::move(custom));
    {
        const std::lock_guard lock(mutex_);
        now_ = std::move(context);
        pending_ = std::move(all);
        ++pass_;
        is_paused_ = false;
        after_ = UINT64_MAX;
        for (const auto& known : pending_) after_ = std::min(after_, known.after);
        kept_ = after_;
    }
    if (parts_.changed) parts_.changed();
    return {};
}

void ParameterIndex::begin_pass() {
    std::uint64_t pass = 0;
    {
        const std::lock_guard lock(mutex_);
        if (pending_.empty()) return;
        pass = pass_;
    }
    // Behind what was made ready with the parameters before and may still be on its way: what the
    // pass reads is either there or has been made with these.
    parts_.records.write(
        *access_, [](store::RecordTransaction&) { return Result<void>(); },
        [this, pass](const Result<void>& done) {
            if (!done) return pause(done.error());
            parts_.on_worker([this, pass] { step(pass); });
        });
}

void ParameterIndex::look_after() {
    if (++seconds_ % 30 != 0) return;
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(is_paused_, false)) return;
    }
    parts_.on_worker([this] { reload(); });
}

void ParameterIndex::step(std::uint64_t pass) {
    std::uint64_t after = 0;
    std::shared_ptr<const RestContext> context;
    std::vector<std::shared_ptr<const SearchParameter>> definitions;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || pass != pass_) return;
        after = after_;
        context = now_;
        for (const auto& known : pending_) definitions.push_back(known.parameter.definition);
    }
    auto batch = std::make_shared<Batch>();
    batch->after = after;
    std::size_t looked_at = 0;
    const auto read = parts_.records.each_current(
        *access_, after, [&](std::uint64_t number, const store::Record& record) {
            batch->after = number;
            const auto* type = standard_.definitions.type(record.type);
            const bool concerned =
                type != nullptr && std::ranges::any_of(definitions, [&](const auto& definition) {
                    return is_of(*definition, *type);
                });
            if (concerned)
                if (auto entry = index_entry(record, *context))
                    batch->entries.push_back({std::move(*entry), record.version});
            batch->is_last =
                ++looked_at < looked_at_once && batch->entries.size() < written_at_once;
            return batch->is_last && !stopping_;
        });
    if (!read) return pause(read.error());
    write(pass, batch);
}

void ParameterIndex::write(std::uint64_t pass, const std::shared_ptr<Batch>& batch) {
    parts_.records.write(
        *access_,
        [batch](store::RecordTransaction& transaction) -> Result<void> {
            for (const auto& [entry, version] : batch->entries) {
                VIGIL_TRY(current, transaction.get(entry.type, entry.id));
                // Written meanwhile: with the parameters that are in force.
                if (!current || current->deleted || current->version != version) continue;
                VIGIL_CHECK(transaction.reindex(entry.type, entry.id, entry.by.rows));
            }
            return {};
        },
        [this, pass, batch](const Result<void>& done) {
            if (!done) return pause(done.error());
            parts_.on_worker([this, pass, batch] { written(pass, *batch); });
        });
}

void ParameterIndex::written(std::uint64_t pass, const Batch& batch) {
    std::vector<Known> of;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || pass != pass_) return;
        after_ = batch.after;
        for (auto& known : pending_) {
            known.after = std::max(known.after, after_);
            known.parameter.is_ready = batch.is_last;
        }
        const bool is_due = batch.is_last || after_ - kept_ >= numbers_between_notes;
        if (is_due) {
            kept_ = after_;
            of = pending_;
        }
    }
    if (!of.empty())
        if (const auto kept = keep_progress(of); !kept) return pause(kept.error());
    if (!batch.is_last) return step(pass);
    reload();
}

Result<void> ParameterIndex::keep_progress(const std::vector<Known>& of) {
    std::vector<store::DocumentChange> changes;
    for (const auto& known : of) {
        std::string body;
        JsonWriter json(body);
        json.begin_object()
            .member("version", known.version)
            .member("after", known.after)
            .member("whole", known.parameter.is_ready)
            .end_object();
        changes.push_back({.kind = std::string(progress_kind),
                           .id = known.parameter.id,
                           .subject = {},
                           .body = std::move(body)});
    }
    if (changes.empty()) return {};
    return store::await<void>([&](store::Done done) {
        parts_.documents.change(std::move(changes), std::nullopt, std::move(done));
    });
}

// Until it is looked after.
void ParameterIndex::pause(const Error& error) {
    if (stopping_) return;
    fmt::print(stderr, "vigil: resources wait to be indexed by a SearchParameter: {}\n",
               error.message);
    const std::lock_guard lock(mutex_);
    for (auto& known : pending_) known.parameter.is_ready = false;
    is_paused_ = true;
}

}  // namespace vigil::fhir
