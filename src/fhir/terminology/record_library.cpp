#include "fhir/terminology/record_library.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir::terminology {
namespace {

constexpr std::size_t versions_max = 50;  // of one url, looked at
constexpr std::size_t maps_max = 200;     // between two code systems
constexpr std::size_t maps_bytes_max = std::size_t{32} << 20;

// What is kept for "there is none in the record".
template <class T>
struct Looked {
    std::shared_ptr<const T> found;
};

Answer<Kept> kept(const store::Record& record) {
    std::string text;
    append_resource(text, record.body, record.version, record.updated);
    auto read = Resource::parse(std::move(text));
    if (!read) return refuse(read.error());
    auto owner = std::make_shared<const Resource>(std::move(*read));
    return Kept{owner->json(), owner};
}

// Of one that `kept` made.
std::size_t text_bytes(const Kept& resource) {
    return static_cast<const Resource*>(resource.owner.get())->text().size();
}

store::Condition uri(std::string_view parameter, std::string_view value) {
    return {
        store::UriMatch{std::string(parameter), store::UriMatch::How::equal, std::string(value)}};
}

std::shared_ptr<const ValueSetSource> source_of(Kept resource) {
    auto source = std::make_shared<ValueSetSource>();
    source->url = resource.json["url"].string();
    source->version = resource.json["version"].string();
    source->resource = std::move(resource);
    return source;
}

std::size_t bytes_of(const ComposedValueSet& set) {
    std::size_t bytes = sizeof set;
    for (const auto* parts : {&set.include, &set.exclude})
        for (const auto& part : *parts)
            bytes += sizeof part + part.members.size() * (sizeof(Member) + sizeof(void*) * 4) +
                     (part.selected ? part.selected->size() / 8 : 0);
    return bytes;
}

}  // namespace

bool is_terminology(std::string_view resource_type) {
    return resource_type == "CodeSystem" || resource_type == "ValueSet" ||
           resource_type == "ConceptMap";
}

void Memory::forget() {
    const std::lock_guard guard(lock_);
    ++generation_;
    items_.clear();
    bytes_ = 0;
}

Memory::Item Memory::find(const std::string& name, std::uint64_t generation) const {
    const std::lock_guard guard(lock_);
    if (generation != generation_) return nullptr;
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : found->second;
}

void Memory::keep(const std::string& name, std::uint64_t generation, Item item, std::size_t bytes) {
    const std::lock_guard guard(lock_);
    if (generation != generation_ || bytes > bytes_max / 2) return;
    if (bytes_ + bytes > bytes_max || items_.size() >= entries_max) {
        items_.clear();
        bytes_ = 0;
    }
    if (items_.insert_or_assign(name, std::move(item)).second) bytes_ += bytes;
}

template <class T>
std::shared_ptr<const T> RecordLibrary::remembered(const std::string& name) const {
    if (!generation_) return nullptr;
    return std::static_pointer_cast<const T>(memory_.find(name, *generation_));
}

template <class T>
void RecordLibrary::remember(const std::string& name, std::shared_ptr<const T> item,
                             std::size_t bytes) {
    if (generation_) memory_.keep(name, *generation_, std::move(item), bytes + name.size());
}

// A few at a time: each may be large.
Answer<void> RecordLibrary::each(std::string_view type, std::vector<store::Condition> where,
                                 const Visit& visit) {
    store::RecordQuery query{.type = std::string(type),
                             .where = {store::AllOf{std::move(where)}},
                             .sort = {},
                             .after = {},
                             .count_max = 4};
    do {
        FHIR_TRY(page, reader_.search(query));
        for (const auto& record : page.records) {
            FHIR_TRY(resource, kept(record));
            FHIR_TRY(go_on, visit(std::move(resource)));
            if (!go_on) return {};
        }
        query.after = std::move(page.next);
    } while (!query.after.empty());
    return {};
}

Answer<std::optional<Kept>> RecordLibrary::newest(std::string_view type, std::string_view url,
                                                  std::string_view version) {
    std::vector<store::Condition> where{uri("url", url)};
    if (!version.empty())
        where.push_back({store::TokenMatch{"version", std::nullopt, std::string(version)}});
    std::optional<Kept> best;
    std::size_t seen = 0;
    FHIR_CHECK(each(type, std::move(where), [&](Kept one) -> Answer<bool> {
        if (++seen > versions_max)
            return refuse(422, "too-costly",
                          fmt::format("there are more than {} versions of {} {}: name one",
                                      versions_max, type, url));
        if (!best || is_older_version(best->json["version"].string(), one.json["version"].string()))
            best = std::move(one);
        return true;
    }));
    return best;
}

Answer<std::shared_ptr<const CodeSystem>> RecordLibrary::code_system(std::string_view url,
                                                                     std::string_view version) {
    const auto name = fmt::format("CodeSystem {}|{}", url, version);
    if (const auto known = remembered<Looked<CodeSystem>>(name))
        return known->found ? known->found : shelf_.code_system(url, version);
    FHIR_TRY(resource, newest("CodeSystem", url, version));
    auto looked = std::make_shared<Looked<CodeSystem>>();
    if (resource) looked->found = std::make_shared<const CodeSystem>(*resource);
    // Its concepts take about as much again as its text.
    remember<Looked<CodeSystem>>(name, looked, resource ? 2 * text_bytes(*resource) : 0);
    return looked->found ? looked->found : shelf_.code_system(url, version);
}

Answer<std::shared_ptr<const ValueSetSource>> RecordLibrary::value_set(std::string_view url,
                                                                       std::string_view version) {
    const auto name = fmt::format("ValueSet {}|{}", url, version);
    if (const auto known = remembered<Looked<ValueSetSource>>(name))
        return known->found ? known->found : shelf_.value_set(url, version);
    FHIR_TRY(resource, newest("ValueSet", url, version));
    auto looked = std::make_shared<Looked<ValueSetSource>>();
    if (resource) {
        looked->found = source_of(*resource);
    } else {
        FHIR_TRY(whole, whole_system(url, version));
        looked->found = std::move(whole);
    }
    remember<Looked<ValueSetSource>>(name, looked, resource ? text_bytes(*resource) : 0);
    return looked->found ? looked->found : shelf_.value_set(url, version);
}

// The code system whose CodeSystem.valueSet it is. No search parameter leads there, its words do.
Answer<std::shared_ptr<const ValueSetSource>> RecordLibrary::whole_system(
    std::string_view url, std::string_view version) {
    std::string system_url;
    FHIR_CHECK(each("CodeSystem", {{store::TextMatch{false, std::string(url)}}},
                    [&](const Kept& one) -> Answer<bool> {
                        if (read_canonical(one.json["valueSet"].string()).url == url)
                            system_url = one.json["url"].string();
                        return system_url.empty();
                    }));
    if (system_url.empty()) return std::shared_ptr<const ValueSetSource>();
    FHIR_TRY(system, code_system(system_url, version));
    if (!system || read_canonical(system->value_set).url != url)
        return std::shared_ptr<const ValueSetSource>();
    auto source = std::make_shared<ValueSetSource>();
    source->url = read_canonical(system->value_set).url;
    source->version = system->version;
    source->whole = std::move(system);
    return std::shared_ptr<const ValueSetSource>(std::move(source));
}

Answer<std::vector<Kept>> RecordLibrary::concept_maps(const MapQuery& query) {
    const auto name = fmt::format("ConceptMap {}|{} {} {}", query.url, query.version, query.system,
                                  query.target_system);
    if (const auto known = remembered<std::vector<Kept>>(name)) return *known;
    std::vector<Kept> found;
    if (!query.url.empty()) {
        FHIR_TRY(one, newest("ConceptMap", query.url, query.version));
        if (one) found.push_back(std::move(*one));
    } else {
        std::vector<store::Condition> where;
        if (!query.system.empty()) where.push_back(uri("source-system", query.system));
        if (!query.target_system.empty())
            where.push_back(uri("target-system", query.target_system));
        std::size_t bytes = 0;
        FHIR_CHECK(each("ConceptMap", std::move(where), [&](Kept one) -> Answer<bool> {
            bytes += text_bytes(one);
            if (found.size() >= maps_max || bytes > maps_bytes_max)
                return refuse(422, "too-costly",
                              "there are too many concept maps between these code systems: name "
                              "one with url");
            found.push_back(std::move(one));
            return true;
        }));
    }
    std::size_t bytes = 0;
    for (const auto& map : found) bytes += text_bytes(map);
    FHIR_TRY(shelved, shelf_.concept_maps(query));
    for (auto& map : shelved) {
        const auto url = map.json["url"].string();
        const bool is_known = std::ranges::any_of(
            found, [&](const Kept& one) { return one.json["url"].string() == url; });
        if (!is_known) found.push_back(std::move(map));
    }
    remember(name, std::make_shared<const std::vector<Kept>>(found), bytes);
    return found;
}

Answer<Kept> RecordLibrary::resource(std::string_view type, std::string_view id) {
    FHIR_TRY(record, reader_.get(type, id));
    if (!record)
        return refuse(404, "not-found", fmt::format("there is no {}/{}", type, id.substr(0, 64)));
    if (record->deleted) return refuse(410, "deleted", fmt::format("{}/{} was deleted", type, id));
    return kept(*record);
}

Answer<std::shared_ptr<const ComposedValueSet>> RecordLibrary::composed(std::string_view reference,
                                                                        const VersionRules& rules,
                                                                        Budget& budget) {
    const auto name = fmt::format("composed {}", reference);
    if (rules.empty())
        if (auto known = remembered<ComposedValueSet>(name)) return known;
    constexpr std::string_view by_id = "ValueSet/";
    std::shared_ptr<const ValueSetSource> source;
    if (reference.starts_with(by_id)) {
        FHIR_TRY(found, resource("ValueSet", reference.substr(by_id.size())));
        source = source_of(std::move(found));
    } else {
        const auto canonical = read_canonical(reference);
        FHIR_TRY(found, value_set(canonical.url, canonical.version));
        source = std::move(found);
    }
    if (!source) return std::shared_ptr<const ComposedValueSet>();
    FHIR_TRY(set, Composer(*this, rules, budget).compose(std::move(source)));
    if (rules.empty()) remember(name, set, bytes_of(*set));
    return set;
}

Answer<void> RecordLibrary::each_code_system(const Visit& visit) {
    return each("CodeSystem", {}, visit);
}

}  // namespace vigil::fhir::terminology
