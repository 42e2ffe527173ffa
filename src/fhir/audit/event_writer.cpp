#include "fhir/audit/event_writer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/json_writer.hpp"
#include "codec/binary_text.hpp"
#include "fhir/resource/resource.hpp"
#include "store/audit_passage.hpp"

namespace vigil::fhir {
namespace {

namespace systems = event_systems;

constexpr std::string_view profiles =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
constexpr std::string_view entity_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view entity_role = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view participation =
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

constexpr EventCode application{systems::dcm, "110150", "Application"};
constexpr EventCode destination{systems::dcm, "110152", "Destination Role ID"};
constexpr EventCode source{systems::dcm, "110153", "Source Role ID"};
constexpr EventCode custodian{"http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                              "custodian", "Custodian"};
constexpr EventCode recipient{participation, "IRCP", "information recipient"};
constexpr EventCode author{participation, "AUT", "author (originator)"};

void write_coding(JsonWriter& json, const EventCode& code) {
    json.begin_object().member("system", code.system).member("code", code.code);
    json.member("display", code.display).end_object();
}

void write_concept(JsonWriter& json, const EventCode& code) {
    json.begin_object().key("coding").begin_array();
    write_coding(json, code);
    json.end_array().end_object();
}

class Writer {
public:
    Writer(const store::AuditLine& line, const EventContext& context, const EventReader& reader)
        : line_(line),
          context_(context),
          reader_(reader),
          kind_(kind_of(line)),
          address_(reader.patient ? std::string() : network_address(line.from)),
          outcome_(outcome_of(line, kind_)),
          json_(text_) {
        for (const auto patient : line.patients)
            if (patient && (!reader.patient || *reader.patient == patient))
                patients_.push_back(patient);
    }

    std::string written() {
        json_.begin_object().member("resourceType", "AuditEvent");
        if (const auto profile = claimed(); !profile.empty())
            json_.key("meta")
                .begin_object()
                .key("profile")
                .begin_array()
                .text(profile)
                .end_array()
                .end_object();
        json_.key("type");
        write_coding(json_, kind_.type);
        if (!kind_.subtypes.empty()) {
            json_.key("subtype").begin_array();
            for (const auto& subtype : kind_.subtypes) write_coding(json_, subtype);
            json_.end_array();
        }
        json_.member("action", std::string_view(&kind_.action, 1));
        json_.member("recorded", instant(line_.time)).member("outcome", std::to_string(outcome_));
        if (const auto why = outcome_text(); !why.empty()) json_.member("outcomeDesc", why);
        write_purpose("purposeOfEvent");
        write_agents();
        write_source();
        write_entities();
        json_.end_object();
        return std::move(text_);
    }

private:
    std::string outcome_text() const {
        if (outcome_ == 4) return fmt::format("answered with HTTP status {}", kind_.status);
        return reader_.patient ? std::string() : line_.reason;
    }

    // The patient's pattern where one is named; of many the general one, which bounds none.
    std::string claimed() const {
        const bool is_about_one = patients_.size() == 1;
        if (outcome_ != 0 || address_.empty()) return {};
        const auto named = [&](std::string_view what) {
            return fmt::format("{}{}{}", profiles, is_about_one ? "Patient" : "", what);
        };
        switch (kind_.pattern) {
            case EventPattern::read:
                return kind_.names_resource() ? named("Read") : std::string();
            case EventPattern::create:
                return kind_.names_version() ? named("Create") : std::string();
            case EventPattern::update:
                return kind_.names_version() ? named("Update") : std::string();
            case EventPattern::remove:
                return kind_.names_version() ? named("Delete") : std::string();
            case EventPattern::query:
                return kind_.is_whole_query() ? named("Query") : std::string();
            case EventPattern::disclosure:
                return is_about_one ? fmt::format("{}PrivacyDisclosure.Source", profiles)
                                    : std::string();
            case EventPattern::none:
                break;
        }
        return {};
    }

    void write_purpose(std::string_view member) {
        const auto purpose = purpose_of_use(line_.purpose);
        if (purpose.code.empty()) return;
        json_.key(member).begin_array();
        write_concept(json_, purpose);
        json_.end_array();
    }

    // This server. An observer and an agent that are the same say the same (BALP val-audit-source).
    void write_server() {
        json_.begin_object().member("type", "Device");
        json_.key("identifier").begin_object().member("system", "urn:ietf:rfc:3986");
        json_.member("value", context_.base).end_object();
        json_.member("display", context_.site_name).end_object();
    }

    void write_identifier(std::string_view system, std::string_view value,
                          std::string_view reference = {}) {
        json_.key("who").begin_object();
        if (!reference.empty()) json_.member("reference", reference);
        json_.key("identifier").begin_object();
        json_.member("system", system).member("value", value).end_object();
        json_.member("display", value).end_object();
    }

    void write_network(std::string_view address, std::string_view type) {
        json_.key("network").begin_object().member("address", address);
        json_.member("type", type).end_object();
    }

    void write_agents() {
        const bool is_removal = kind_.pattern == EventPattern::remove;
        json_.key("agent").begin_array();
        write_client(is_removal ? application : kind_.gives_data() ? destination : source);
        json_.begin_object().key("type");
        write_concept(json_, is_removal ? custodian : kind_.gives_data() ? source : destination);
        json_.key("who");
        write_server();
        json_.member("requestor", false);
        write_network(context_.base, "5");
        json_.end_object();
        write_user();
        json_.end_array();
    }

    // What they came with: a token or an app, else the machine.
    void write_client(const EventCode& type) {
        if (line_.token.empty() && reader_.patient) return;
        json_.begin_object().key("type");
        write_concept(json_, type);
        if (!line_.token.empty())
            write_identifier("urn:vigil:token", line_.token);
        else
            json_.key("who")
                .begin_object()
                .member("display", line_.from.empty() ? "unknown" : line_.from)
                .end_object();
        json_.member("requestor", line_.principal.empty());
        if (!address_.empty()) write_network(address_, "2");
        json_.end_object();
    }

    void write_user() {
        if (line_.principal.empty()) return;
        const bool receives = kind_.gives_data() || kind_.pattern == EventPattern::query;
        json_.begin_object().key("type");
        write_concept(json_, receives ? recipient : author);
        json_.key("role").begin_array().begin_object().key("coding").begin_array();
        json_.begin_object()
            .member("system", "urn:vigil:role")
            .member("code", line_.role)
            .end_object();
        json_.end_array().member("text", line_.role).end_object().end_array();
        const auto* shown = account();
        const auto reference = shown != nullptr ? shown->fhir_user : std::string();
        write_identifier("urn:vigil:account", line_.principal, reference);
        json_.member("altId", line_.principal);
        json_.member("name",
                     shown != nullptr && !shown->name.empty() ? shown->name : line_.principal);
        json_.member("requestor", true);
        write_purpose("purposeOfUse");
        json_.end_object();
    }

    const ShownAccount* account() const {
        if (!reader_.accounts) return nullptr;
        const auto found = reader_.accounts->find(line_.principal);
        return found == reader_.accounts->end() ? nullptr : &found->second;
    }

    void write_source() {
        json_.key("source").begin_object().member("site", context_.site_name).key("observer");
        write_server();
        json_.key("type").begin_array();
        write_coding(json_, {"http://terminology.hl7.org/CodeSystem/security-source-type", "4",
                             "Application Server"});
        json_.end_array().end_object();
    }

    void begin_entity(std::string_view type, std::string_view shown_type, std::string_view role,
                      std::string_view shown_role) {
        json_.key("type");
        write_coding(json_, {entity_type, type, shown_type});
        if (role.empty()) return;
        json_.key("role");
        write_coding(json_, {entity_role, role, shown_role});
    }

    void write_entities() {
        json_.key("entity").begin_array();
        for (const auto patient : patients_) write_patient(patient);
        json_.begin_object();
        if (kind_.names_resource()) {
            json_.key("what").begin_object().member("reference", kind_.target).end_object();
            begin_entity("2", "System Object", "4", "Domain Resource");
        } else if (kind_.pattern == EventPattern::query && !reader_.patient) {
            write_query();
        } else {
            begin_entity("2", "System Object", {}, {});
            json_.member("name", reader_.patient ? store::without_query(line_.what)
                                                 : std::string_view(line_.what));
        }
        json_.end_object().end_array();
    }

    // Who was erased has no Patient any more.
    void write_patient(PatientId patient) {
        json_.begin_object().key("what").begin_object();
        if (const auto id = context_.patients.id(patient)) {
            json_.member("reference", "Patient/" + *id);
        } else {
            json_.member("type", "Patient").key("identifier").begin_object();
            json_.member("system", "urn:vigil:patient");
            json_.member("value", std::to_string(patient.value)).end_object();
        }
        json_.end_object();
        begin_entity("1", "Person", "1", "Patient");
        json_.end_object();
    }

    void write_query() {
        const auto asked = fmt::format(
            "GET {}{}{}", context_.base,
            kind_.target.empty() || kind_.target.starts_with('?') ? "" : "/", kind_.target);
        begin_entity("2", "System Object", "24", "Query");
        json_.member("description", asked).member("query", codec::write_base64(asked));
    }

    const store::AuditLine& line_;
    const EventContext& context_;
    const EventReader& reader_;
    EventKind kind_;
    std::vector<PatientId> patients_;
    std::string address_;
    int outcome_;
    std::string text_;
    JsonWriter json_;
};

}  // namespace

std::string audit_event_id(std::uint64_t number) {
    return fmt::format("a{}", number);
}

std::optional<std::uint64_t> read_audit_event_id(std::string_view text) {
    if (!text.starts_with('a') || text.size() < 2 || text[1] == '0') return std::nullopt;
    text.remove_prefix(1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > INT64_MAX)
        return std::nullopt;
    return number;
}

std::string audit_event(const store::AuditLine& line, const EventContext& context,
                        const EventReader& reader) {
    return Writer(line, context, reader).written();
}

}  // namespace vigil::fhir
