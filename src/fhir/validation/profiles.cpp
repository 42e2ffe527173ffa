#include "fhir/validation/profiles.hpp"

#include <cassert>

#include "fhir/validation/package.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view fhir_vital_signs_ndjson;
extern const std::string_view fhir_personal_health_devices_ndjson;
}  // namespace data

namespace fhir {
namespace {

constexpr std::size_t chain_max = 20;  // profiles based on profiles

}  // namespace

Result<void> Profiles::add(std::string resource) {
    VIGIL_TRY(source, read_profile_source(std::move(resource)));
    const auto type = source->root["resourceType"].string(), url = source->root["url"].string();
    if (url.empty()) return {};
    shelf_->add({source->root, source});
    // The types of the specification itself are in the tables; logical models are no resources.
    if (type == "StructureDefinition" && source->root["derivation"].string() != "specialization" &&
        source->root["kind"].string() != "logical")
        sources_.insert_or_assign(std::string(url), source);
    return {};
}

Result<void> Profiles::add_package(const std::filesystem::path& path) {
    return read_package(path, [this](std::string_view name, std::string text) -> Result<void> {
        auto added = add(std::move(text));
        if (!added) added.error().place = name;
        return added;
    });
}

std::string_view Profiles::type_of(std::string_view canonical) const {
    if (const auto* profile = find(canonical)) return profile->type->name;
    constexpr std::string_view base = "http://hl7.org/fhir/StructureDefinition/";
    if (!canonical.starts_with(base)) return {};
    const auto* type =
        definitions_.type(canonical.substr(base.size(), canonical.find('|') - base.size()));
    return type == nullptr ? std::string_view() : type->name;
}

const ValueSet* Profiles::value_set(std::string_view canonical) const {
    const auto* found = definitions_.value_set(canonical);
    return found != nullptr ? found : value_sets_.find(canonical);
}

void Profiles::add_vital_signs() {
    add_lines(data::fhir_vital_signs_ndjson);
}

void Profiles::add_personal_health_devices() {
    add_lines(data::fhir_personal_health_devices_ndjson);
}

void Profiles::add_lines(std::string_view ndjson) {
    for (const auto line : split(ndjson, '\n')) {
        if (line.empty()) continue;
        [[maybe_unused]] const auto added = add(std::string(line));
        assert(added);
    }
}

std::vector<Error> Profiles::link() {
    std::vector<Error> errors;
    value_sets_.link(*shelf_);
    profiles_.clear();
    for (const auto& [url, _] : sources_) link(url, 0, errors);
    std::erase_if(profiles_, [](const auto& entry) { return entry.second == nullptr; });
    return errors;
}

const Profile* Profiles::link(const std::string& url, std::size_t depth,
                              std::vector<Error>& errors) {
    if (const auto done = profiles_.find(url); done != profiles_.end()) return done->second.get();
    const auto source = sources_.find(url);
    if (source == sources_.end() || depth > chain_max) return nullptr;
    // Null until it is read: one that is based on itself finds nothing there.
    profiles_.emplace(url, nullptr);
    const auto* base =
        link(std::string(source->second->root["baseDefinition"].string()), depth + 1, errors);
    auto profile = read_profile(source->second, base, definitions_);
    if (!profile) {
        errors.push_back(std::move(profile).error());
        return nullptr;
    }
    auto& slot = profiles_[url];
    slot = std::make_unique<const Profile>(std::move(*profile));
    return slot.get();
}

const Profile* Profiles::find(std::string_view canonical) const {
    const auto found = profiles_.find(std::string(canonical.substr(0, canonical.find('|'))));
    return found == profiles_.end() ? nullptr : found->second.get();
}

}  // namespace fhir
}  // namespace vigil
