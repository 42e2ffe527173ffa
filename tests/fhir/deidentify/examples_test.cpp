// Every example that others published (../shared/data/fhir), through every method: valid resources
// stay valid, and no text gets through that no rule keeps.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "base/json_writer.hpp"
#include "fhir/deidentify/given.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir::deidentify {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
    if (file.extension() == ".json") {
        std::ostringstream text;
        text << std::ifstream(file, std::ios::binary).rdbuf();
        return text.str();
    }
    const auto command = "gzip --decompress --stdout '" + file.string() + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string text;
    std::array<char, 65536> part{};
    while (const auto size = fread(part.data(), 1, part.size(), pipe.get()))
        text.append(part.data(), size);
    return text;
}

// The resources of a Bundle, with references as a server that took it in makes them.
void each_entry(JsonValue bundle, const std::function<void(const std::string&)>& look) {
    std::map<std::string, std::string, std::less<>> names;
    for (const auto entry : bundle["entry"]) {
        const auto resource = entry["resource"];
        names.emplace(entry["fullUrl"].string(), std::string(resource["resourceType"].string()) +
                                                     "/" + std::string(resource["id"].string()));
    }
    for (const auto entry : bundle["entry"]) {
        if (!entry["resource"]) continue;
        std::string one;
        JsonWriter json(one);
        write_json(
            json, entry["resource"], [&](JsonWriter& out, std::string_view key, JsonValue value) {
                const auto named = key == "reference" ? names.find(value.string()) : names.end();
                if (named == names.end()) return false;
                out.key(key).text(named->second);
                return true;
            });
        look(one);
    }
}

struct Example {
    std::string file, text;
};

std::vector<Example> read_examples() {
    std::vector<Example> all;
    for (const auto folder : {"examples-r4", "phd", "uscore", "mii-icu", "synthea"}) {
        const auto path = fs::path(VIGIL_SHARED_DIR) / "data/fhir" / folder;
        if (!fs::exists(path)) continue;
        for (const auto& file : fs::directory_iterator(path)) {
            const auto ending = file.path().extension();
            if (ending != ".json" && ending != ".gz") continue;
            const auto name = file.path().filename().string();
            const auto text = read(file.path());
            JsonDocument document;
            const auto root = document.parse(text, resource_limits);
            if (!root) continue;
            if ((*root)["resourceType"].string() == "Bundle")
                each_entry(*root, [&](const std::string& one) { all.push_back({name, one}); });
            else
                all.push_back({name, text});
        }
    }
    return all;
}

void each_example(
    const std::function<void(const std::string& name, const std::string& text)>& look) {
    static const auto all = read_examples();
    for (const auto& [file, text] : all) look(file, text);
}

std::string errors_in(const Validator& validator, JsonValue resource) {
    std::string errors;
    for (const auto& issue : validator.validate(resource, {}))
        if (issue.severity <= Severity::error)
            errors += issue.expression + ": " + issue.diagnostics + "\n";
    return errors;
}

struct Way {
    Method method;
    Times times;
};
constexpr std::array ways{
    Way{Method::safe_harbor, Times::relative}, Way{Method::safe_harbor, Times::year},
    Way{Method::limited, Times::relative}, Way{Method::date_shift, Times::relative}};

Person somebody() {
    Person person;
    person.first = event_time("2001-02-03T04:05:06Z");
    person.shift_days = 77;
    return person;
}

TEST(Examples, that_are_valid_stay_valid) {
    const Validator validator(definitions());
    const auto person = somebody();
    std::size_t released = 0;
    for (const auto& way : ways) {
        Rules rules(way.method, way.times);
        each_example([&](const std::string& name, const std::string& text) {
            const auto made = rules.of(text, &person);
            if (made.empty()) return;
            JsonDocument before, after;
            const auto was = before.parse(text, resource_limits),
                       is = after.parse(made, resource_limits);
            ASSERT_TRUE(is) << name << made;
            ++released;
            const auto errors = errors_in(validator, *is);
            if (!errors.empty() && errors_in(validator, *was).empty())
                ADD_FAILURE() << name << " " << name_of(way.method) << "\n" << errors << made;
        });
    }
    if (fs::exists(fs::path(VIGIL_SHARED_DIR) / "data/fhir")) EXPECT_GT(released, 1000U);
}

// The same resource with a word of its own in place of every text, codes, dates, ids and addresses
// of systems too: so that nothing is told because it looked right. Names of members stay.
std::string with_canaries(JsonValue value, std::size_t& count) {
    std::string text;
    JsonWriter json(text);
    const auto replace = [&count](auto& self, JsonWriter& out, JsonValue one) -> void {
        if (one.is(JsonKind::object)) {
            out.begin_object();
            for (auto at = one.begin(); at != one.end(); ++at) {
                out.key(at.key());
                if (at.key() == "resourceType")
                    out.text((*at).string());
                else
                    self(self, out, *at);
            }
            out.end_object();
        } else if (one.is(JsonKind::array)) {
            out.begin_array();
            for (const auto part : one) self(self, out, part);
            out.end_array();
        } else if (one.is(JsonKind::string)) {
            out.text("Canary" + std::to_string(count++));
        } else {
            out.verbatim(one.text());
        }
    };
    replace(replace, json, value);
    return text;
}

// Elements that the table keeps whatever they say.
bool is_kept(std::string_view told) {
    return told.find("\"manufacturer\":\"Canary") != std::string_view::npos ||
           told.find("\"modelNumber\":\"Canary") != std::string_view::npos;
}

TEST(Examples, no_text_gets_through_that_no_rule_keeps) {
    const auto person = somebody();
    std::size_t canaries = 0;
    for (const auto& way : ways) {
        Rules rules(way.method, way.times);
        each_example([&](const std::string& name, const std::string& text) {
            JsonDocument document;
            const auto resource = document.parse(text, resource_limits);
            if (!resource) return;
            const auto made = rules.of(with_canaries(*resource, canaries), &person);
            if (way.method == Method::limited) return;  // cities and states: below
            if (made.find("Canary") != std::string::npos && !is_kept(made))
                ADD_FAILURE() << name << " " << name_of(way.method) << ": " << made;
        });
    }
    if (fs::exists(fs::path(VIGIL_SHARED_DIR) / "data/fhir")) EXPECT_GT(canaries, 100'000U);
}

bool is_free_text(std::string_view key) {
    for (const auto name : {"text",        "div",        "display",
                            "family",      "given",      "prefix",
                            "suffix",      "line",       "district",
                            "value",       "title",      "description",
                            "comment",     "conclusion", "patientInstruction",
                            "name",        "alias",      "url",
                            "data",        "source",     "serialNumber",
                            "lotNumber",   "carrierHRF", "deviceIdentifier",
                            "valueString", "label",      "authorString",
                            "onsetString"})
        if (key == name) return true;
    return false;
}

// Codes and dates as they were, so that what hangs on them is kept; a word in place of what people
// write.
TEST(Examples, nothing_that_people_write_gets_through) {
    const auto person = somebody();
    for (const auto& way : ways) {
        Rules rules(way.method, way.times);
        each_example([&](const std::string& name, const std::string& text) {
            JsonDocument document;
            const auto resource = document.parse(text, resource_limits);
            if (!resource) return;
            std::string marked;
            JsonWriter json(marked);
            write_json(json, *resource, [](JsonWriter& out, std::string_view key, JsonValue value) {
                if (!is_free_text(key) || !value.is(JsonKind::string)) return false;
                out.key(key).text("Canary by hand");
                return true;
            });
            const auto made = rules.of(marked, &person);
            EXPECT_EQ(made.find("Canary"), std::string::npos) << name << ": " << made;
        });
    }
}

}  // namespace
}  // namespace vigil::fhir::deidentify
