#include "fhir/bulk/export_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t patients_max = 10'000, filters_max = 100;

class ExportReader {
public:
    ExportReader(const Request& request, bool lenient, store::RecordReader& reader,
                 const RestContext& context)
        : request_(request), lenient_(lenient), reader_(reader), context_(context) {}

    Answer<ExportRequest> read() {
        if (!request_.asynchronous)
            return refuse(400, "required",
                          "an export is answered later: ask with Prefer: respond-async");
        FHIR_CHECK(read_level());
        FHIR_TRY(parameters, parameters_sent());
        for (const auto& [name, value] : parameters) FHIR_CHECK(read_one(name, value));
        FHIR_CHECK(choose_types());
        FHIR_CHECK(read_filters());
        return std::move(out_);
    }

private:
    using Level = ExportRequest::Level;

    Answer<void> read_level() {
        const auto& segments = request_.segments;
        if (request_.method != "GET" && request_.method != "POST")
            return refuse(405, "not-supported", "$export is asked with GET or POST");
        for (const auto& segment : segments) out_.url += (out_.url.empty() ? "" : "/") + segment;
        out_.url.insert(0, context_.base + "/");
        if (request_.method == "GET" && !request_.query.empty())
            out_.url += "?" + query_text(request_.query);
        if (segments.size() == 1) return {};
        if (segments.size() == 2 && segments[0] == "Patient") {
            out_.level = Level::patient;
            return {};
        }
        if (segments.size() == 3 && segments[0] == "Group" && is_id(segments[1])) {
            out_.level = Level::group;
            out_.group = segments[1];
            return {};
        }
        return refuse(404, "not-supported",
                      "$export is asked of the server, of Patient or of one Group");
    }

    // Those of the address, or of the Parameters that were posted.
    Answer<Parameters> parameters_sent() {
        auto out = request_.query;
        if (request_.method == "GET" || request_.body.empty()) return out;
        const auto resource = Resource::parse(request_.body);
        if (!resource) return refuse(resource.error());
        if (resource->type() != "Parameters")
            return refuse(400, "structure", "the body of $export is a Parameters", "Parameters");
        for (const auto parameter : resource->json()["parameter"]) {
            const auto name = parameter["name"].string();
            std::string_view value = parameter["valueReference"]["reference"].string();
            for (const auto* kind :
                 {"valueString", "valueCode", "valueInstant", "valueDateTime", "valueUri"})
                if (value.empty()) value = parameter[kind].string();
            if (value.empty())
                return refuse(
                    400, "value",
                    fmt::format("{} has no value that is understood here", name.substr(0, 64)),
                    "Parameters.parameter");
            out.emplace_back(name, value);
        }
        return out;
    }

    Answer<void> read_one(std::string_view name, std::string_view value) {
        if (name == "_outputFormat") {
            // A plus that was not escaped has become a space.
            constexpr std::array known = {"application/fhir+ndjson", "application/fhir ndjson",
                                          "application/ndjson", "ndjson"};
            if (std::ranges::find(known, value) == known.end())
                return refuse(400, "value", "_outputFormat is application/fhir+ndjson");
            return {};
        }
        if (name == "_since") return read_since(value);
        if (name == "_type") {
            for (const auto type : split_escaped(value, ',')) FHIR_CHECK(add_type(type));
            return {};
        }
        if (name == "_typeFilter") return add_filters(value);
        if (name == "_elements") {
            for (const auto one : split_escaped(value, ',')) out_.elements.emplace_back(one);
            return {};
        }
        if (name == "patient" && request_.method == "POST" && out_.level != Level::system)
            return add_patient(value);
        if (name == "_format" || name == "_pretty" || lenient_) return {};
        return refuse(400, "not-supported",
                      fmt::format("{} is no parameter of this export; with Prefer: "
                                  "handling=lenient it is left out",
                                  name.substr(0, 64)));
    }

    Answer<void> read_since(std::string_view value) {
        std::string text(value);  // a plus that was not escaped has become a space
        std::ranges::replace(text, ' ', '+');
        const auto time = parse_rfc3339(text);
        if (!time) return refuse(400, "value", "_since is an instant such as 2026-01-31T08:00:00Z");
        out_.since = time->instant;
        return {};
    }

    bool may_hold(std::string_view type) const {
        return out_.level == Level::system || type == "Patient" ||
               context_.definitions.compartment("Patient", type) != nullptr;
    }

    Answer<void> add_type(std::string_view type) {
        const bool known = context_.definitions.is_resource_type(type);
        if (!known && lenient_) return {};
        if (!known)
            return refuse(400, "value",
                          fmt::format("_type: there is no resource type {}", type.substr(0, 64)));
        if (!may_hold(type))
            return refuse(400, "value",
                          fmt::format("_type: a {} is no part of a patient's record: ask for it "
                                      "with an export of the server",
                                      type));
        if (std::ranges::find(out_.types, type) == out_.types.end()) out_.types.emplace_back(type);
        return {};
    }

    Answer<void> choose_types() {
        if (!out_.types.empty()) return {};
        for (const auto* type : context_.definitions.resource_types())
            if (may_hold(type->name)) out_.types.emplace_back(type->name);
        return {};
    }

    // "Observation?code=a,b,Condition?onset=ge2024": a comma begins another filter where a type
    // and a question mark follow.
    Answer<void> add_filters(std::string_view value) {
        std::size_t start = 0;
        while (start < value.size()) {
            auto end = start;
            do {
                end = std::min(value.find(',', end + 1), value.size());
            } while (end < value.size() && !begins_filter(value.substr(end + 1)));
            filters_.emplace_back(value.substr(start, end - start));
            start = end + 1;
        }
        if (filters_.size() > filters_max)
            return refuse(400, "too-costly", fmt::format("more than {} filters", filters_max));
        return {};
    }
    bool begins_filter(std::string_view text) const {
        const auto question = text.find('?');
        return question != std::string_view::npos &&
               context_.definitions.is_resource_type(text.substr(0, question));
    }

    // Several of one type: what any of them finds.
    Answer<void> read_filters() {
        for (const std::string_view filter : filters_) {
            const auto question = std::min(filter.find('?'), filter.size());
            const auto type = filter.substr(0, question);
            if (std::ranges::find(out_.types, type) == out_.types.end()) {
                if (lenient_) continue;
                return refuse(400, "value",
                              fmt::format("_typeFilter: {} is not among what is exported",
                                          type.substr(0, 64)));
            }
            const auto parameters = read_form(filter.substr(std::min(question + 1, filter.size())));
            for (const auto& [name, unused] : parameters) FHIR_CHECK(check_criterion(name));
            FHIR_TRY(search, read_search(type, parameters, context_.search(!lenient_, reader_)));
            auto [place, unused] =
                out_.filters.try_emplace(std::string(type), store::Condition{store::AnyOf{}});
            std::get<store::AnyOf>(place->second.is)
                .conditions.push_back(std::move(search.queries.front().where));
        }
        return {};
    }
    // What says how a page looks has no place in a filter.
    static Answer<void> check_criterion(std::string_view name) {
        constexpr std::array results = {"_sort",      "_count",        "_include",  "_revinclude",
                                        "_summary",   "_total",        "_elements", "_cursor",
                                        "_contained", "_containedType"};
        const auto plain = name.substr(0, name.find(':'));
        if (std::ranges::find(results, plain) == results.end()) return {};
        return refuse(400, "value", fmt::format("_typeFilter takes no {}", plain));
    }

    Answer<void> add_patient(std::string_view reference) {
        if (reference.starts_with(context_.base + "/"))
            reference.remove_prefix(context_.base.size() + 1);
        constexpr std::string_view prefix = "Patient/";
        if (!reference.starts_with(prefix) || !is_id(reference.substr(prefix.size())))
            return refuse(400, "value", "patient is a reference such as Patient/12");
        if (out_.patients.size() == patients_max)
            return refuse(400, "too-costly", fmt::format("more than {} patients", patients_max));
        const auto id = reference.substr(prefix.size());
        if (std::ranges::find(out_.patients, id) == out_.patients.end())
            out_.patients.emplace_back(id);
        return {};
    }

    const Request& request_;
    bool lenient_;
    store::RecordReader& reader_;
    const RestContext& context_;
    ExportRequest out_;
    std::vector<std::string> filters_;
};

}  // namespace

Answer<ExportRequest> read_export_request(const Request& request, bool lenient,
                                          store::RecordReader& reader, const RestContext& context) {
    return ExportReader(request, lenient, reader, context).read();
}

std::vector<std::string> elements_of(const ExportRequest& request, std::string_view type) {
    std::vector<std::string> out;
    for (const std::string_view element : request.elements) {
        const auto dot = element.find('.');
        if (dot == std::string_view::npos || element.substr(0, dot) == type)
            out.emplace_back(element);
    }
    return out;
}

}  // namespace vigil::fhir
