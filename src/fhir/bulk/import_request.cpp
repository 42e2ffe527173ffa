#include "fhir/bulk/import_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/bulk/import_address.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view file_scheme = "file:";

class ImportReader {
public:
    ImportReader(bool lenient, const Definitions& definitions, const ImportRules& rules)
        : lenient_(lenient), definitions_(definitions), rules_(rules) {}

    Answer<ImportRequest> read(const Request& request) {
        JsonDocument document;
        const auto root = document.parse(request.body);
        if (!root) return refuse(root.error());
        if (!root->is(JsonKind::object))
            return refuse(400, "structure", "the body of $import is a JSON object");
        if ((*root)["resourceType"]) {
            FHIR_CHECK(read_parameters(*root));
        } else {
            FHIR_CHECK(read_manifest(*root));
        }
        if (out_.inputs.empty())
            return refuse(400, "required", "an import has at least one input", "input");
        if (!has_format_)
            return refuse(400, "required", "inputFormat is application/fhir+ndjson", "inputFormat");
        // In the order in which they were sent, Patients and the others each.
        std::vector<ImportInput> others;
        std::erase_if(out_.inputs, [&](ImportInput& input) {
            if (input.type == "Patient") return false;
            others.push_back(input);
            return true;
        });
        out_.inputs.insert(out_.inputs.end(), others.begin(), others.end());
        return std::move(out_);
    }

private:
    Answer<void> read_manifest(JsonValue root) {
        for (auto at = root.begin(); at != root.end(); ++at) {
            const auto key = at.key();
            if (key == "input") {
                if (!(*at).is(JsonKind::array))
                    return refuse(400, "structure", "input is an array", "input");
                for (const auto input : *at)
                    FHIR_CHECK(add_input(input["type"].string(), input["url"].string()));
            } else if (key == "storageDetail") {
                FHIR_CHECK(read_storage((*at)["type"].string()));
            } else {
                FHIR_CHECK(read_one(key, (*at).string()));
            }
        }
        return {};
    }

    Answer<void> read_parameters(JsonValue root) {
        if (root["resourceType"].string() != "Parameters")
            return refuse(400, "structure", "the body of $import is a manifest or a Parameters",
                          "resourceType");
        for (const auto parameter : root["parameter"]) {
            const auto name = parameter["name"].string();
            if (name == "input") {
                FHIR_CHECK(
                    add_input(value_of(part(parameter, "type")), value_of(part(parameter, "url"))));
            } else if (name == "storageDetail") {
                FHIR_CHECK(read_storage(value_of(part(parameter, "type"))));
            } else {
                FHIR_CHECK(read_one(name, value_of(parameter)));
            }
        }
        return {};
    }
    static JsonValue part(JsonValue parameter, std::string_view name) {
        for (const auto one : parameter["part"])
            if (one["name"].string() == name) return one;
        return {};
    }
    static std::string_view value_of(JsonValue parameter) {
        for (const auto* kind : {"valueString", "valueCode", "valueUri", "valueUrl"})
            if (const auto value = parameter[kind].string(); !value.empty()) return value;
        return {};
    }

    Answer<void> read_one(std::string_view name, std::string_view value) {
        if (name == "inputFormat") {
            has_format_ = value == "application/fhir+ndjson" || value == "application/ndjson";
            if (has_format_) return {};
            return refuse(400, "not-supported", "inputFormat is application/fhir+ndjson",
                          "inputFormat");
        }
        if (name == "inputSource") {
            if (value.size() > ImportRules::url_bytes_max)
                return refuse(400, "too-long", "inputSource is too long", "inputSource");
            out_.source = value;
            return {};
        }
        // What is there is updated, as an incremental import of other servers does.
        if (name == "mode" && value == "IncrementalLoad") return {};
        if (lenient_) return {};
        return refuse(400, "not-supported",
                      fmt::format("{} is no parameter of this import; with Prefer: "
                                  "handling=lenient it is left out",
                                  name.substr(0, 64)));
    }

    Answer<void> read_storage(std::string_view type) const {
        if (type.empty() || type == "https" || type == "file") return {};
        return refuse(400, "not-supported",
                      "storageDetail.type is https or file: give signed https URLs of what lies in "
                      "a cloud's storage",
                      "storageDetail.type");
    }

    Answer<void> add_input(std::string_view type, std::string_view url) {
        if (out_.inputs.size() == ImportRules::inputs_max)
            return refuse(400, "too-costly",
                          fmt::format("more than {} inputs", ImportRules::inputs_max), "input");
        if (!type.empty() && !definitions_.is_resource_type(type))
            return refuse(400, "value",
                          fmt::format("there is no resource type {}", type.substr(0, 64)),
                          "input.type");
        FHIR_CHECK(check_import_address(url, rules_));
        out_.inputs.push_back({std::string(type), std::string(url)});
        return {};
    }

    bool lenient_;
    const Definitions& definitions_;
    const ImportRules& rules_;
    ImportRequest out_;
    bool has_format_ = false;
};

}  // namespace

Answer<ImportRequest> read_import_request(const Request& request, bool lenient,
                                          const Definitions& definitions,
                                          const ImportRules& rules) {
    return ImportReader(lenient, definitions, rules).read(request);
}

std::string_view file_of(std::string_view url) {
    if (!url.starts_with(file_scheme) || url.size() > ImportRules::url_bytes_max) return {};
    const auto name = url.substr(file_scheme.size());
    const bool plain = std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-_./").find(c) != std::string_view::npos;
    });
    // No segment begins with a dot, none is empty: it stays below, and hidden files stay hidden.
    const bool climbs = name.starts_with('.') || name.starts_with('/') || name.ends_with('/') ||
                        name.find("/.") != std::string_view::npos ||
                        name.find("//") != std::string_view::npos;
    return plain && !climbs ? name : std::string_view();
}

}  // namespace vigil::fhir
