#include "app/import_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "app/import_source.hpp"
#include "fhir/bulk/import_text.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits bundle_limits{
    .bytes_max = std::size_t{512} << 20, .values_max = 50'000'000, .depth_max = 100};
constexpr std::string_view uuid_prefix = "urn:uuid:";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> beginnings) {
    return std::ranges::any_of(beginnings,
                               [&](std::string_view one) { return name.starts_with(one); });
}

// As it is sent; what the server tells of a version is its own affair.
std::string sendable(JsonValue resource, std::string_view id,
                     const fhir::ReplaceMember& replace = {}) {
    std::string text;
    fhir::append_resource(text, fhir::stored_body(resource, id, replace), 1, {});
    return text;
}

std::string_view plain_name(std::string_view name) {
    return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

// What others refer to comes first: who and where, then Patients.
int rank_of(std::string_view name) {
    if (is_one_of(name, {"hospitalInformation", "practitionerInformation", "Organization",
                         "Location", "Practitioner"}))
        return 0;
    return name.starts_with("Patient.") ? 1 : 2;
}

Result<std::string> whole_text(fhir::ImportSource& source) {
    std::string text;
    for (;;) {
        VIGIL_TRY(more, source.next(text));
        if (text.size() > bundle_limits.bytes_max)
            return fail(Error::Kind::too_large, "the file is too large to be read at once");
        if (!more) return text;
    }
}

// A Bundle's resources under their own ids: "urn:uuid:…" becomes "Patient/…".
class BundleReader {
public:
    BundleReader(JsonValue bundle, const FindReference& find) : bundle_(bundle), find_(find) {
        for (const auto entry : bundle_["entry"]) {
            const auto url = entry["fullUrl"].string(), id = id_of(entry);
            if (!url.empty() && !id.empty())
                names_.emplace(
                    url, fmt::format("{}/{}", entry["resource"]["resourceType"].string(), id));
        }
    }

    Result<void> read(const TakeResource& take) {
        std::uint64_t number = 0;
        for (const auto entry : bundle_["entry"]) {
            ++number;
            if (!entry["resource"]) continue;
            const auto id = id_of(entry);
            VIGIL_CHECK(
                take(sendable(entry["resource"], id,
                              [this](JsonWriter& json, std::string_view key, JsonValue value) {
                                  return replace(json, key, value);
                              }),
                     number));
        }
        return {};
    }

private:
    static std::string_view id_of(JsonValue entry) {
        if (const auto id = entry["resource"]["id"].string(); !id.empty()) return id;
        const auto url = entry["fullUrl"].string();
        return url.starts_with(uuid_prefix) ? url.substr(uuid_prefix.size()) : std::string_view();
    }
    bool replace(JsonWriter& json, std::string_view key, JsonValue value) {
        if (key != "reference" || !value.is(JsonKind::string)) return false;
        const auto text = value.text();
        if (const auto known = names_.find(text); known != names_.end()) {
            json.key(key).text(known->second);
            return true;
        }
        if (text.find('?') == std::string_view::npos) return false;
        const auto found = find_(std::string(text));
        if (found.empty()) return false;
        names_.emplace(text, found);
        json.key(key).text(found);
        return true;
    }

    JsonValue bundle_;
    const FindReference& find_;
    std::map<std::string, std::string, std::less<>> names_;  // by fullUrl, or condition
};

}  // namespace

Result<std::vector<ImportFile>> import_files(const std::vector<std::string>& named) {
    std::vector<ImportFile> files;
    const auto add = [&](const fs::path& path) {
        files.push_back({path.string(), rank_of(path.filename().string())});
    };
    for (const auto& name : named) {
        std::error_code failure;
        if (!fs::is_directory(name, failure)) {
            if (!fs::exists(name, failure))
                return fail(Error::Kind::not_found, "there is no such file or folder", name);
            add(name);
            continue;
        }
        for (const auto& entry : fs::directory_iterator(name, failure)) {
            const auto file = entry.path().filename().string();
            const auto plain = plain_name(file);
            if (entry.is_regular_file() && (plain.ends_with(".ndjson") || plain.ends_with(".json")))
                add(entry.path());
        }
        if (failure) return fail(Error::Kind::not_found, "the folder cannot be read", name);
    }
    std::ranges::sort(files, {},
                      [](const ImportFile& file) { return std::pair(file.rank, file.path); });
    return files;
}

Result<void> read_import_file(const std::string& path, const FindReference& find,
                              const TakeResource& take) {
    VIGIL_TRY(source, open_import_file(path, 0));
    if (!plain_name(path).ends_with(".json")) {
        fhir::ImportText text(std::move(source), {});
        fhir::ImportText::Line line;
        for (;;) {
            VIGIL_TRY(state, text.next(line));
            if (state == fhir::ImportText::State::end) return {};
            if (line.is_too_long)
                return fail(Error::Kind::too_large, "a line is too long",
                            fmt::format("line {}", text.place().line));
            VIGIL_CHECK(take(std::move(line.text), text.place().line));
        }
    }
    VIGIL_TRY(raw, whole_text(*source));
    VIGIL_TRY(text, fhir::unpacked(std::move(raw), bundle_limits.bytes_max));
    VIGIL_TRY(resource, fhir::Resource::parse(std::move(text), bundle_limits));
    if (resource.type() == "Bundle" && resource.json()["type"].string() != "document")
        return BundleReader(resource.json(), find).read(take);
    return take(sendable(resource.json(), resource.id()), 1);
}

}  // namespace vigil::app
