// Patient/$summary: an International Patient Summary (http://hl7.org/fhir/uv/ips/
// OperationDefinition/summary), made of the record as it is now and kept nowhere. A document of
// some hundred resources: each section has a bound, and so has what its entries refer to.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "fhir/operation/operation_input.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/operation/summary_sections.hpp"
#include "fhir/operation/summary_text.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view bundle_profile =
    "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";
constexpr std::string_view composition_profile =
    "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips";
constexpr std::string_view absent_system =
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
constexpr std::string_view absent_extension =
    R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason",)"
    R"("valueCode":"unknown"}]})";
// What entries refer to and what that refers to in turn; a reference to more stays as it is.
constexpr std::size_t referred_max = 300, referred_depth_max = 3;
// Of what entries may refer to, what is needed to read them.
constexpr std::array<std::string_view, 9> brought_along = {
    "Medication", "Practitioner", "PractitionerRole", "Organization", "Location",
    "Device",     "Specimen",     "Observation",      "ImagingStudy"};

void write_concept(JsonWriter& json, std::string_view system, std::string_view code,
                   std::string_view display) {
    json.begin_object().key("coding").begin_array().begin_object();
    json.member("system", system).member("code", code);
    if (!display.empty()) json.member("display", display);
    json.end_object().end_array().end_object();
}

void write_reference(JsonWriter& json, std::string_view key, std::string_view to) {
    json.key(key).begin_object().member("reference", to).end_object();
}

void write_narrative(JsonWriter& json, std::string_view div) {
    json.key("text").begin_object().member("status", "generated").member("div", div).end_object();
}

class SummaryDocument {
public:
    SummaryDocument(ViewReader& reader, const RestContext& context, const store::Record& patient)
        : reader_(reader),
          context_(context),
          patient_id_(patient.id),
          patient_url_(url_of(patient)),
          device_url_("urn:uuid:" + context.new_id()) {
        keep(patient);
    }

    Answer<std::string> write() {
        for (const auto& section : summary_sections()) {
            FHIR_TRY(entries, find_entries(section, patient_id_, reader_, context_));
            Part part{&section, {}, entries.has_more};
            for (const auto& record : entries.records)
                if (!is_stay(record)) part.urls.push_back(keep(record));
            if (section.code == "46264-8") FHIR_CHECK(add_devices(part));
            if (part.urls.empty() && section.is_required()) part.urls.push_back(absent(section));
            if (!part.urls.empty()) parts_.push_back(std::move(part));
        }
        FHIR_CHECK(bring_along());
        return bundle();
    }

private:
    struct Part {
        const SummarySection* section = nullptr;
        std::vector<std::string> urls;  // of its entries
        bool has_more = false;
    };

    std::string url_of(const store::Record& record) const {
        return fmt::format("{}/{}/{}", context_.base, record.type, record.id);
    }

    // Puts it into the document once; its fullUrl.
    std::string keep(const store::Record& record) {
        auto url = url_of(record);
        keep(url, resource_text(record));
        return url;
    }
    void keep(const std::string& url, std::string text) {
        if (resources_.contains(url)) return;
        auto resource = Resource::parse(std::move(text));
        if (!resource) return;  // what the store keeps was read before
        resources_.emplace(url, std::move(*resource));
        order_.push_back(url);
    }

    // A resource of the document's own; `members` writes what follows its type and id.
    template <class Members>
    std::string make(std::string_view type, std::string_view url_wanted, Members members) {
        const auto url =
            url_wanted.empty() ? "urn:uuid:" + context_.new_id() : std::string(url_wanted);
        std::string text;
        JsonWriter json(text);
        json.begin_object().member("resourceType", type).member("id", url.substr(9));
        members(json);
        json.end_object();
        keep(url, std::move(text));
        return url;
    }

    // "No information about …", as an entry says it (IPS, design: known absent and not known).
    std::string absent(const SummarySection& section) {
        return make(section.absent_type, {}, [&](JsonWriter& json) {
            const bool is_medication = section.absent_type == "MedicationStatement";
            const bool is_condition = section.absent_type == "Condition";
            if (is_medication) json.member("status", "unknown");
            if (!is_medication) {
                json.key("clinicalStatus");
                write_concept(json,
                              is_condition
                                  ? "http://terminology.hl7.org/CodeSystem/condition-clinical"
                                  : "http://terminology.hl7.org/CodeSystem/"
                                    "allergyintolerance-clinical",
                              "active", {});
            }
            json.key(is_medication ? "medicationCodeableConcept" : "code");
            write_concept(json, absent_system, section.absent_code, section.absent_display);
            write_reference(json,
                            section.absent_type == "AllergyIntolerance" ? "patient" : "subject",
                            patient_url_);
            if (is_medication) json.key("_effectiveDateTime").verbatim(absent_extension);
        });
    }

    // Of a registered device: a summary tells of what is worn now, not of each monitor there was.
    static bool is_stay(const store::Record& record) {
        return record.type == "DeviceUseStatement" && is_view_id(record.type, record.id);
    }

    // Who wears a device now is told by the Device: the statement of its use is the document's.
    Answer<void> add_devices(Part& part) {
        FHIR_TRY(page, reader_.search({.type = "Device",
                                       .where = {store::ReferenceMatch{
                                           "patient", {"Patient", patient_id_, {}}}},
                                       .sort = {},
                                       .after = {},
                                       .count_max = summary_entries_max}));
        part.has_more |= !page.next.empty();
        for (const auto& record : page.records) {
            const auto device = keep(record);
            part.urls.push_back(make("DeviceUseStatement", {}, [&](JsonWriter& json) {
                json.member("status", "active");
                write_reference(json, "subject", patient_url_);
                json.key("_timingDateTime").verbatim(absent_extension);
                write_reference(json, "device", device);
            }));
        }
        return {};
    }

    // The resource a reference of the document leads to, as its fullUrl; empty: none that is kept.
    std::string target_of(std::string_view reference) const {
        if (reference.starts_with("urn:uuid:")) return std::string(reference);
        const auto to = read_reference(reference, context_.base, context_.definitions);
        if (to.id.empty()) return {};
        return fmt::format("{}/{}/{}", context_.base, to.type, to.id);
    }

    static void each_reference(JsonValue value,
                               const std::function<void(std::string_view)>& visit) {
        const bool is_object = value.is(JsonKind::object);
        for (auto part = value.begin(); part != value.end(); ++part) {
            if (is_object && part.key() == "reference" && (*part).is(JsonKind::string))
                visit((*part).text());
            else
                each_reference(*part, visit);
        }
    }

    Answer<void> bring_along() {
        std::size_t first = 0, count = 0;
        for (std::size_t depth = 0; depth < referred_depth_max; ++depth) {
            std::set<std::pair<std::string, std::string>> wanted;
            for (; first < order_.size(); ++first)
                each_reference(resources_.at(order_[first]).json(), [&](std::string_view text) {
                    const auto to = read_reference(text, context_.base, context_.definitions);
                    const bool needed =
                        std::ranges::find(brought_along, to.type) != brought_along.end();
                    if (needed) wanted.emplace(to.type, to.id);
                });
            for (const auto& [type, id] : wanted) {
                if (resources_.contains(fmt::format("{}/{}/{}", context_.base, type, id))) continue;
                if (++count > referred_max) return {};
                FHIR_TRY(record, reader_.get(type, id));
                if (record && !record->deleted) keep(*record);
            }
        }
        return {};
    }

    std::string narrative(const Part& part) const {
        const auto& section = *part.section;
        std::vector<JsonValue> entries;
        entries.reserve(part.urls.size());
        for (const auto& url : part.urls) entries.push_back(resources_.at(url).json());
        const auto code = entries.front()["code"] ? entries.front()["code"]
                                                  : entries.front()["medicationCodeableConcept"];
        if (code["coding"][std::size_t{0}]["system"].string() == absent_system)
            return summary_paragraph(section.absent_text);
        return summary_table(entries, part.has_more, [&](std::string_view reference) {
            const auto found = resources_.find(target_of(reference));
            return found != resources_.end() ? found->second.json() : JsonValue();
        });
    }

    void write_section(JsonWriter& json, const Part& part) const {
        json.begin_object().member("title", part.section->title).key("code");
        write_concept(json, "http://loinc.org", part.section->code, part.section->display);
        write_narrative(json, narrative(part));
        json.key("entry").begin_array();
        for (const auto& url : part.urls) json.begin_object().member("reference", url).end_object();
        json.end_array().end_object();
    }

    void write_composition(JsonWriter& json) const {
        json.key("meta").begin_object().key("profile").begin_array().text(composition_profile);
        json.end_array().end_object();
        write_narrative(json, summary_paragraph("International Patient Summary: what the record "
                                                "holds, without a person's review."));
        json.member("status", "final").key("type");
        write_concept(json, "http://loinc.org", "60591-5", "Patient summary Document");
        write_reference(json, "subject", patient_url_);
        json.member("date", instant(context_.now()));
        json.key("author").begin_array().begin_object().member("reference", device_url_);
        json.end_object().end_array().member("title", "International Patient Summary");
        json.key("section").begin_array();
        for (const auto& part : parts_) write_section(json, part);
        json.end_array();
    }

    std::string bundle() {
        make("Device", device_url_, [](JsonWriter& json) {
            json.key("deviceName").begin_array().begin_object().member("name", "Vigil");
            json.member("type", "user-friendly-name").end_object().end_array();
        });
        const auto composition =
            make("Composition", {}, [&](JsonWriter& json) { write_composition(json); });
        order_.insert(order_.begin(), composition);
        order_.pop_back();
        std::string body;
        JsonWriter json(body);
        json.begin_object().member("resourceType", "Bundle");
        json.key("meta").begin_object().key("profile").begin_array().text(bundle_profile);
        json.end_array().end_object();
        json.key("identifier").begin_object().member("system", "urn:ietf:rfc:3986");
        json.member("value", "urn:uuid:" + context_.new_id()).end_object();
        json.member("type", "document").member("timestamp", instant(context_.now()));
        json.key("entry").begin_array();
        for (const auto& url : order_)
            json.begin_object()
                .member("fullUrl", url)
                .key("resource")
                .verbatim(resources_.at(url).text())
                .end_object();
        json.end_array().end_object();
        return body;
    }

    ViewReader& reader_;
    const RestContext& context_;
    std::string patient_id_, patient_url_, device_url_;
    std::vector<Part> parts_;
    std::map<std::string, Resource, std::less<>> resources_;  // by fullUrl
    std::vector<std::string> order_;
};

Answer<store::Record> patient_of(const Request& request, const OperationInput& input,
                                 ViewReader& reader, const RestContext& context) {
    if (request.segments.size() == 3) {
        FHIR_TRY(record, reader.get("Patient", request.segment(1)));
        if (!record || record->deleted)
            return refuse(record ? 410 : 404, record ? "deleted" : "not-found",
                          fmt::format("there is no Patient/{}", request.segment(1).substr(0, 64)));
        return std::move(*record);
    }
    FHIR_TRY(identifier, input.text("identifier"));
    if (!identifier)
        return refuse(400, "required", "$summary takes a Patient's address, or identifier",
                      "identifier");
    FHIR_TRY(found, matches("Patient", {{"identifier", *identifier}}, reader, context));
    if (found.empty()) return refuse(404, "not-found", "no Patient has this identifier");
    if (found.size() > 1)
        return refuse(412, "multiple-matches", "more than one Patient has this identifier");
    return std::move(found.front());
}

}  // namespace

Answer<Response> answer_summary(const Request& request, ViewReader& reader,
                                const RestContext& context) {
    FHIR_TRY(input, OperationInput::read(request));
    FHIR_TRY(profile, input.text("profile"));
    if (profile && *profile != bundle_profile)
        return refuse(400, "not-supported", fmt::format("summaries are of {}", bundle_profile),
                      "profile");
    if (!input.texts("graph").empty())
        return refuse(400, "not-supported", "$summary takes no graph", "graph");
    FHIR_TRY(patient, patient_of(request, input, reader, context));
    FHIR_TRY(body, SummaryDocument(reader, context, patient).write());
    return Response{
        .status = 200, .body = std::move(body), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
