// Examples that others published, against the base specification and the vital signs they claim to
// be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "fhir/validation/profiles.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir {
namespace {

namespace fs = std::filesystem;

const Validator& validator() {
    static const Definitions definitions;
    static const Profiles profiles = [] {
        Profiles made(definitions);
        made.add_vital_signs();
        EXPECT_THAT(made.link(), ::testing::IsEmpty());
        return made;
    }();
    static const Validator validator(definitions, &profiles);
    return validator;
}

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

// "invariant Observation.value: …", a line each.
std::vector<std::string> errors_in(const std::string& text) {
    JsonDocument document;
    const auto root = document.parse(text);
    if (!root) return {root.error().message};
    std::vector<std::string> errors;
    for (const auto& issue : validator().validate(*root, {}))
        if (issue.severity <= Severity::error)
            errors.push_back(std::string(issue.code) + " " + issue.expression + ": " +
                             issue.diagnostics);
    return errors;
}

// Examples that are wrong, and what is wrong with them. A file whose name begins so has this error
// and no other.
struct Wrong {
    std::string_view file, error;
};
constexpr std::array wrong{
    // Their narrative holds only white space: txt-2.
    Wrong{"Questionnaire-zika-virus-exposure-assessment", "nothing to read (txt-2)"},
    Wrong{"EventDefinition-example", "nothing to read (txt-2)"},
    // R4 has no status draft for an Observation.
    Wrong{"mii-exa-icu-untersuchung-pupillen", "'draft' is not in the value set"},
    // DeviceMetric.parent is a Device.
    Wrong{"DeviceMetric-example", "a DeviceDefinition cannot be referred to"},
    // "DeviceMetric/Example_Gemessene_Parameter_Beatmung": an id has no underscore.
    Wrong{"mii-exa-icu-", "is no reference"},
};

bool is_known(std::string_view file, const std::string& error) {
    return std::ranges::any_of(wrong, [&](const Wrong& known) {
        return file.starts_with(known.file) && error.find(known.error) != std::string::npos;
    });
}

std::vector<std::string> unexpected_errors(const fs::path& file, const std::string& text) {
    auto errors = errors_in(text);
    std::erase_if(errors, [name = file.filename().string()](const std::string& error) {
        return is_known(name, error);
    });
    return errors;
}

class Examples : public ::testing::TestWithParam<const char*> {};

TEST_P(Examples, are_valid) {
    const auto folder = fs::path(VIGIL_SHARED_DIR) / "data/fhir" / GetParam();
    if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
    std::size_t count = 0;
    for (const auto& file : fs::directory_iterator(folder)) {
        if (file.path().extension() != ".json") continue;
        ++count;
        EXPECT_THAT(unexpected_errors(file.path(), text_of(file.path())), ::testing::IsEmpty())
            << file.path().filename();
    }
    EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Folder, Examples,
                         ::testing::Values("examples-r4", "phd", "uscore", "mii-icu",
                                           "test-cases"));

std::string unzipped(const fs::path& file) {
    const auto command = "gzip --decompress --stdout '" + file.string() + "'";
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string text;
    std::array<char, 65536> part{};
    while (const auto size = fread(part.data(), 1, part.size(), pipe.get()))
        text.append(part.data(), size);
    return text;
}

TEST(Examples, of_synthetic_patients_are_valid) {
    const auto folder = fs::path(VIGIL_SHARED_DIR) / "data/fhir/synthea";
    if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
    for (const auto& file : fs::directory_iterator(folder))
        EXPECT_THAT(unexpected_errors(file.path(), unzipped(file.path())), ::testing::IsEmpty())
            << file.path().filename();
}

}  // namespace
}  // namespace vigil::fhir
