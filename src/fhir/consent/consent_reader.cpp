#include "fhir/consent/consent_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "fhir/consent/consented_data.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/reference.hpp"
#include "identity/purposes.hpp"
#include "metric/table.hpp"

namespace vigil::fhir {
namespace {

using identity::ConsentAction;
using identity::ConsentActor;
using identity::Provision;

constexpr std::string_view terminology = "http://terminology.hl7.org/CodeSystem/";
constexpr std::string_view action_system = "http://terminology.hl7.org/CodeSystem/consentaction",
                           scope_system = "http://terminology.hl7.org/CodeSystem/consentscope",
                           code_system_of_acts = "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                           reasons = "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                           confidentiality =
                               "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                           resource_types = "http://hl7.org/fhir/resource-types",
                           loinc = "http://loinc.org";
// The most confidential last (v3 Confidentiality).
constexpr std::array<std::string_view, 6> degrees{"U", "L", "M", "N", "R", "V"};

tl::unexpected<Problem> cannot(std::string what, std::string place) {
    return refuse(422, "not-supported",
                  fmt::format("{}: this server cannot hold to that, so that it does not keep it as "
                              "if it did; say it otherwise, or keep it as a draft",
                              what),
                  std::move(place));
}

bool names_scope(JsonValue consent, std::string_view code) {
    for (const auto coding : consent["scope"]["coding"])
        if (coding["system"].string() == scope_system && coding["code"].string() == code)
            return true;
    return false;
}

// Of it, or of what stands in it but for other provisions.
bool has_modifier(JsonValue json) {
    if (json["modifierExtension"]) return true;
    for (const auto* name : {"actor", "data", "policy", "verification"})
        for (const auto each : json[name])
            if (each["modifierExtension"]) return true;
    return false;
}

class ProvisionReader {
public:
    explicit ProvisionReader(const ConsentTerms& terms) : terms_(terms) {}

    // `permits`: what it says where it does not say so itself.
    Answer<Provision> read(JsonValue json, std::string place, std::size_t depth,
                           bool permits = false) {
        place_ = place;
        if (depth > provision_depth_max || ++count_ > provisions_max)
            return cannot("so many provisions within each other", place);
        if (json && !json.is(JsonKind::object)) return cannot("what is no provision of R4", place);
        if (has_modifier(json)) return cannot("a modifierExtension", place);
        Provision out;
        const auto type = json["type"].string();
        out.permits = type.empty() ? permits : type == "permit";
        if (depth > 0 && type.empty())
            return refuse(422, "required", "a provision within another says permit or deny",
                          place + ".type");
        if (const auto period = json["period"]) {
            FHIR_TRY(span, read_period(period, ".period"));
            out.period = span;
        }
        FHIR_CHECK(read_who(json, out));
        FHIR_CHECK(read_what_for(json, out));
        FHIR_CHECK(read_data(json, out));
        std::size_t index = 0;
        for (const auto each : json["provision"]) {
            FHIR_TRY(exception,
                     read(each, fmt::format("{}.provision[{}]", place, index++), depth + 1));
            out.exceptions.push_back(std::move(exception));
        }
        return out;
    }

private:
    std::string at(std::string_view element) const { return place_ + std::string(element); }
    Answer<void> check_count(JsonValue list, std::string_view element) const {
        if (list.size() > provision_words_max) return cannot("so many", at(element));
        return {};
    }

    Answer<store::Span> read_period(JsonValue period, std::string_view element) const {
        store::Span span{Timestamp::min(), Timestamp::max()};
        if (const auto text = period["start"].string(); !text.empty()) {
            FHIR_TRY(read, read_date(text));
            span.from = read.start;
        }
        if (const auto text = period["end"].string(); !text.empty()) {
            FHIR_TRY(read, read_date(text));
            span.to = read.end;
        }
        if (span.from >= span.to)
            return refuse(422, "value", "the period ends before it begins", at(element));
        return span;
    }

    Answer<void> read_who(JsonValue json, Provision& out) const {
        FHIR_CHECK(check_count(json["actor"], ".actor"));
        for (const auto actor : json["actor"]) {
            FHIR_TRY(read, read_actor(actor["reference"]));
            out.actors.push_back(std::move(read));
        }
        return {};
    }

    Answer<ConsentActor> read_actor(JsonValue reference) const {
        const auto system = reference["identifier"]["system"].string();
        const std::string value(reference["identifier"]["value"].string());
        using Kind = ConsentActor::Kind;
        if (system == account_system && !value.empty()) return ConsentActor{Kind::account, value};
        if (system == unit_system && !value.empty()) return ConsentActor{Kind::unit, value};
        if (system == role_system) {
            if (identity::role(value)) return ConsentActor{Kind::role, value};
            return refuse(422, "value", "there is no such role: " + identity::role_names(),
                          at(".actor.reference"));
        }
        const auto text = reference["reference"].string();
        const auto named = read_reference(text, terms_.base, terms_.parameters.definitions());
        const auto type = named.type;
        if (type == "Practitioner" || type == "PractitionerRole" || type == "RelatedPerson" ||
            type == "Patient")
            return ConsentActor{Kind::resource, fmt::format("{}/{}", type, named.id)};
        if (type == "CareTeam") return ConsentActor{Kind::care_team, {}};
        if (type == "Organization" && terms_.organization.empty())
            return cannot("an Organization, while site.organization does not say which one this is",
                          at(".actor.reference"));
        if (type == "Organization")
            return ConsentActor{Kind::organization, fmt::format("{}/{}", type, named.id)};
        return cannot(
            fmt::format("an actor that is neither a Practitioner, PractitionerRole, RelatedPerson, "
                        "Patient, Organization or CareTeam of this server, nor an identifier of "
                        "{}, {} or {}",
                        account_system, role_system, unit_system),
            at(".actor.reference"));
    }

    Answer<void> read_what_for(JsonValue json, Provision& out) const {
        FHIR_CHECK(check_count(json["action"], ".action"));
        FHIR_CHECK(check_count(json["purpose"], ".purpose"));
        constexpr std::array<std::string_view, 5> actions{"collect", "access", "use", "disclose",
                                                          "correct"};
        for (const auto action : json["action"]) {
            if (action["coding"].size() == 0) return cannot("an action in words", at(".action"));
            for (const auto coding : action["coding"]) {
                const auto found = std::ranges::find(actions, coding["code"].string());
                if (coding["system"].string() != action_system || found == actions.end())
                    return cannot("an action that is none of consentaction", at(".action"));
                out.actions |= identity::bit(static_cast<ConsentAction>(found - actions.begin()));
            }
        }
        for (const auto purpose : json["purpose"]) {
            const auto code = purpose["code"].string();
            const auto* known = identity::find_purpose(code);
            if (purpose["system"].string() != reasons || known == nullptr || known->code != code)
                return cannot("a purpose that is none of v3-ActReason's PurposeOfUse",
                              at(".purpose"));
            out.purposes.emplace_back(code);
        }
        return {};
    }

    Answer<void> read_data(JsonValue json, Provision& out) {
        ConsentedData::Criteria data;
        FHIR_CHECK(read_labels(json, data));
        FHIR_CHECK(read_classes(json, data));
        FHIR_CHECK(check_count(json["code"], ".code"));
        for (const auto concept_of : json["code"]) {
            for (const auto coding : concept_of["coding"]) {
                const std::string code(coding["code"].string());
                if (code.empty()) return cannot("a code in words alone", at(".code"));
                data.codes.push_back({std::string(coding["system"].string()), code});
            }
            if (concept_of["coding"].size() == 0)
                return cannot("a code in words alone", at(".code"));
        }
        if (const auto period = json["dataPeriod"]) {
            FHIR_TRY(span, read_period(period, ".dataPeriod"));
            data.period = span;
        }
        FHIR_CHECK(read_instances(json, data));
        if (!data.any()) return {};
        out.labels = data.labels;
        out.data = std::make_shared<const ConsentedData>(std::move(data), terms_);
        return {};
    }

    Answer<void> read_labels(JsonValue json, ConsentedData::Criteria& data) const {
        FHIR_CHECK(check_count(json["securityLabel"], ".securityLabel"));
        std::set<std::pair<std::string_view, std::string_view>> wider;
        for (const auto label : json["securityLabel"]) {
            const auto system = label["system"].string(), code = label["code"].string();
            if (system.empty() || code.empty())
                return cannot("a label without a system and a code", at(".securityLabel"));
            data.labels.push_back({std::string(system), std::string(code)});
            wider.emplace(system, code);
            if (system == code_system_of_acts) add_parts(code, wider);
            if (system == confidentiality)
                for (auto more = std::ranges::find(degrees, code); more != degrees.end(); ++more)
                    wider.emplace(system, *more);
        }
        if (wider.size() > wider_labels_max) return cannot("so many labels", at(".securityLabel"));
        for (const auto& [system, code] : wider)
            data.wider_labels.push_back({std::string(system), std::string(code)});
        return {};
    }

    // The concepts that are parts of it, among the sensitivities: few.
    void add_parts(std::string_view whole,
                   std::set<std::pair<std::string_view, std::string_view>>& wider) const {
        const auto* system = terms_.parameters.definitions().code_system(code_system_of_acts);
        if (system == nullptr) return;
        std::set<std::string_view> wholes{whole};
        for (std::size_t known = 0; known != wholes.size() && wholes.size() <= wider_labels_max;) {
            known = wholes.size();
            for (const auto& row : system->codes)
                for (const auto parent : split(row.parents, ' '))
                    if (wholes.contains(parent)) wholes.insert(row.code);
        }
        for (const auto code : wholes) wider.emplace(code_system_of_acts, code);
    }

    Answer<void> read_classes(JsonValue json, ConsentedData::Criteria& data) const {
        FHIR_CHECK(check_count(json["class"], ".class"));
        for (const auto each : json["class"]) {
            const auto system = each["system"].string();
            const std::string code(each["code"].string());
            if (system == resource_types && terms_.parameters.definitions().is_resource_type(code))
                data.types.push_back(code);
            else if (system == loinc && !code.empty())
                data.document_classes.push_back({std::string(system), code});
            else
                return cannot("a class that is neither a resource type nor a LOINC document code",
                              at(".class"));
        }
        return {};
    }

    Answer<void> read_instances(JsonValue json, ConsentedData::Criteria& data) const {
        FHIR_CHECK(check_count(json["data"], ".data"));
        using Meaning = ConsentedData::Instance::Meaning;
        constexpr std::array<std::pair<std::string_view, Meaning>, 3> meanings{
            {{"instance", Meaning::instance},
             {"dependents", Meaning::dependents},
             {"authoredby", Meaning::authored_by}}};
        for (const auto each : json["data"]) {
            const auto word = each["meaning"].string();
            const auto* meaning =
                std::ranges::find(meanings, word, &std::pair<std::string_view, Meaning>::first);
            if (meaning == meanings.end())
                return cannot("a meaning but instance, dependents and authoredby",
                              at(".data.meaning"));
            const auto named = read_reference(each["reference"]["reference"].string(), terms_.base,
                                              terms_.parameters.definitions());
            if (named.type.empty() || named.id.empty())
                return cannot("data that is not of this server", at(".data.reference"));
            data.instances.push_back(
                {meaning->second, std::string(named.type), std::string(named.id)});
        }
        return {};
    }

    const ConsentTerms& terms_;
    std::string place_;
    std::size_t count_ = 0;
};

// What the policy says of all that is not said otherwise (v3 ActConsentDirective).
std::optional<bool> permitted_by_policy(JsonValue consent) {
    for (const auto coding : consent["policyRule"]["coding"]) {
        const auto code = coding["code"].string();
        if (!coding["system"].string().starts_with(terminology)) continue;
        if (code == "OPTIN" || code == "OPTINR") return true;
        if (code == "OPTOUT" || code == "OPTOUTE") return false;
    }
    return std::nullopt;
}

}  // namespace

Answer<std::optional<identity::Consent>> read_consent(JsonValue consent,
                                                      const ConsentTerms& terms) {
    using None = std::optional<identity::Consent>;
    if (consent["status"].string() != "active") return None();
    const bool is_about_data =
        names_scope(consent, "patient-privacy") || names_scope(consent, "research");
    if (!is_about_data && (names_scope(consent, "treatment") || names_scope(consent, "adr")))
        return None();
    if (has_modifier(consent)) return cannot("a modifierExtension", "Consent");
    identity::Consent out;
    out.id = consent["id"].string();
    const auto provision = consent["provision"];
    const auto by_policy = permitted_by_policy(consent);
    const bool says = !provision["type"].string().empty();
    FHIR_TRY(root, ProvisionReader(terms).read(provision, "Consent.provision", 0,
                                               by_policy.value_or(false)));
    out.root = std::move(root);
    out.is_silent = !says && !by_policy;
    if (out.is_silent && out.root.exceptions.empty())
        return cannot(
            "a Consent that neither permits nor denies, by its provision or by a policyRule "
            "of OPTIN or OPTOUT",
            "Consent.provision");
    // What a provision says beside a policy is an exception of it.
    if (says && by_policy) {
        Provision policy{.permits = *by_policy};
        policy.exceptions.push_back(std::move(out.root));
        out.root = std::move(policy);
    }
    if (names_scope(consent, "research") && out.root.purposes.empty())
        out.root.purposes.emplace_back("HRESCH");
    return std::optional(std::move(out));
}

identity::Consent closed_consent(std::string id) {
    identity::Consent out;
    out.id = std::move(id);
    return out;
}

}  // namespace vigil::fhir
