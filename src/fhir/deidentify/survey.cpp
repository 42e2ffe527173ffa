#include "fhir/deidentify/survey.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fhir/deidentify/place_text.hpp"
#include "fhir/resource/reference.hpp"

namespace vigil::fhir::deidentify {
namespace {

constexpr std::string_view race_url =
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
constexpr std::string_view unknown_type = "(no type of FHIR R4)";

Fingerprint target(std::string_view type, std::string_view id) {
    return fingerprint(fmt::format("{}/{}", type, id));
}

// The codes of the OMB's categories, as the extension that is kept tells them.
std::string race_of(JsonValue resource) {
    std::vector<std::string_view> codes;
    for (const auto extension : resource["extension"])
        if (extension["url"].string() == race_url)
            for (const auto part : extension["extension"])
                if (part["url"].string() == "ombCategory")
                    codes.push_back(part["valueCoding"]["code"].string());
    std::ranges::sort(codes);
    return fmt::format("{}", fmt::join(codes, " "));
}

}  // namespace

Result<void> Survey::take(JsonValue resource) {
    const auto type = resource["resourceType"].string();
    const bool is_type = plan_.definitions().is_resource_type(type);
    ++resources_[std::string(is_type ? type : unknown_type)];
    const auto fate = deidentifier_.fate(resource);
    if (fate == Fate::refused) ++refused_;
    if (fate != Fate::released) return {};
    const auto id = person_of(resource);
    at_hand_ = nullptr;
    if (!id.empty()) {
        auto found = people_.find(id);
        if (found == people_.end()) {
            if (people_.size() == people_max)
                return fail(Error::Kind::too_large, "there are more persons than are held at once");
            found = people_.try_emplace(std::string(id)).first;
        }
        at_hand_ = &found->second;
    }
    // What would be written tells which dates and references are released.
    static const Person nobody_yet;
    scratch_.clear();
    deidentifier_.append(scratch_, resource, at_hand_ == nullptr ? nullptr : &nobody_yet, *this);
    if (targets_.size() > targets_max)
        return fail(Error::Kind::too_large, "more resources are referred to than are held at once");
    if (at_hand_ == nullptr) return {};
    if (type == "Patient") patient(resource, *at_hand_);
    if (type == "Encounter") site(resource["serviceProvider"], *at_hand_);
    if (type == "Condition") return condition(resource, *at_hand_);
    return {};
}

void Survey::happened(const EventTime& time) {
    if (at_hand_ == nullptr) return;
    auto& first = at_hand_->first;
    auto& last = at_hand_->last;
    if (!first || time.instant < first->instant) first = time;
    if (!last || time.instant > last->instant) last = time;
}

bool Survey::holds(std::string_view type, std::string_view id) {
    if (type != "Patient") targets_.try_emplace(target(type, id), false);
    return true;
}

void Survey::patient(JsonValue resource, PersonFacts& facts) {
    facts.has_resource = true;
    facts.birth = resource["birthDate"].string();
    facts.death = resource["deceasedDateTime"].string();
    facts.sex = resource["gender"].string();
    facts.race = race_of(resource);
    facts.zip.clear();
    facts.state.clear();
    for (const auto one : resource["address"]) address(one, facts);
    site(resource["managingOrganization"], facts);
}

// As Walk::address leaves it; of several addresses all together single somebody out.
void Survey::address(JsonValue address, PersonFacts& facts) const {
    const auto* plan = plan_.resource("Patient")->members.at("address").inside;
    if (plan == nullptr) return;
    const auto state = address["state"].string(), code = address["postalCode"].string();
    if (plan->members.at("state").action == Action::keep) {
        facts.state += fmt::format("{} ", state);
        facts.zip += fmt::format("{} {} ", code, address["city"].string());
        return;
    }
    if (is_region(state)) facts.state += fmt::format("{} ", state);
    if (is_united_states(address["country"].string())) facts.zip += fmt::format("{} ", zip3(code));
}

void Survey::site(JsonValue reference, PersonFacts& facts) {
    const auto to = read_reference(reference["reference"].string(), {}, plan_.definitions());
    if (facts.site != 0 || to.type != "Organization") return;
    const auto next = static_cast<std::uint32_t>(sites_.size() + 1);
    facts.site = sites_.try_emplace(std::string(to.id), next).first->second;
}

Result<void> Survey::condition(JsonValue resource, PersonFacts& facts) {
    for (const auto coding : resource["code"]["coding"]) {
        const auto system = coding["system"].string(), code = coding["code"].string();
        if (!plan_.table().admits(system, code, plan_.definitions())) continue;
        if (diagnoses_.size() == diagnoses_max)
            return fail(Error::Kind::too_large, "there are more diagnoses than are held at once");
        const auto next = static_cast<std::uint32_t>(diagnoses_.size());
        auto name = fmt::format("{} {}", system, code);
        const auto [at, is_new] = diagnosis_numbers_.try_emplace(std::move(name), next);
        if (is_new) diagnoses_.push_back({at->first, 0});
        const auto place = std::ranges::lower_bound(facts.diagnoses, at->second);
        if (place != facts.diagnoses.end() && *place == at->second) continue;
        facts.diagnoses.insert(place, at->second);
        ++diagnoses_[at->second].persons;
    }
    return {};
}

const PersonFacts* Survey::person(JsonValue resource) const {
    const auto found = people_.find(person_of(resource));
    return found == people_.end() ? nullptr : &found->second;
}

bool Survey::is_released(JsonValue resource) const {
    if (person_of(resource).empty()) return true;
    const auto* facts = person(resource);
    return facts != nullptr && facts->is_released;
}

void Survey::look(JsonValue resource) {
    const auto found =
        targets_.find(target(resource["resourceType"].string(), resource["id"].string()));
    if (found == targets_.end() || !is_released(resource)) return;
    if (deidentifier_.fate(resource) == Fate::released) found->second = true;
}

bool Survey::found(std::string_view type, std::string_view id) const {
    if (type == "Patient") {
        const auto of = people_.find(id);
        return of != people_.end() && of->second.is_released;
    }
    const auto of = targets_.find(target(type, id));
    return of != targets_.end() && of->second;
}

}  // namespace vigil::fhir::deidentify
