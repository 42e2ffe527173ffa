#include "fhir/validation/package.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <map>

#include "fhir/validation/profiles.hpp"

namespace vigil::fhir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// One file of a tar (POSIX.1-1988 ustar).
std::string tar_file(const std::string& path, const std::string& text, char kind = '0') {
    std::string header(512, '\0');
    header.replace(0, path.size(), path);
    char size[12];
    std::snprintf(size, sizeof size, "%011zo", text.size());
    header.replace(124, 11, size);
    header[156] = kind;
    header.replace(257, 5, "ustar");
    return header + text + std::string((512 - text.size() % 512) % 512, '\0');
}

std::string gzipped(const std::string& bytes) {
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

const std::string end(1024, '\0');

using Files = std::map<std::string, std::string>;

Result<Files> files_of(const std::string& tgz, const PackageLimits& limits = {}) {
    Files files;
    VIGIL_CHECK(read_package(
        std::string_view(tgz),
        [&files](std::string_view name, std::string text) -> Result<void> {
            files.emplace(name, std::move(text));
            return {};
        },
        limits));
    return files;
}

TEST(Package, has_the_resources_of_its_folder) {
    const auto files = files_of(
        gzipped(tar_file("package/package.json", "{}") + tar_file("package/a.json", "A") +
                tar_file("./package/b.json", std::string(600, 'B')) +
                tar_file("package/.index.json", "{}") + tar_file("package/other/c.json", "C") +
                tar_file("package/d.xml", "D") + tar_file("package/e.json", "", '5') + end));
    ASSERT_TRUE(files);
    EXPECT_THAT(*files, ElementsAre(Pair("a.json", "A"), Pair("b.json", std::string(600, 'B'))));
}

TEST(Package, may_have_long_paths) {
    const auto name = std::string(120, 'n') + ".json";
    const auto record = "path=package/" + name + "\n";
    const auto files =
        files_of(gzipped(tar_file("pax", std::to_string(record.size() + 4) + " " + record, 'x') +
                         tar_file("package/cut", "A") + end));
    ASSERT_TRUE(files);
    EXPECT_THAT(*files, ElementsAre(Pair(name, "A")));
}

TEST(Package, that_is_damaged_or_too_large_is_refused) {
    const auto whole = gzipped(tar_file("package/a.json", "A") + end);
    for (std::size_t cut = 0; cut < whole.size() / 2; ++cut)
        EXPECT_FALSE(files_of(whole.substr(0, cut))) << cut;
    EXPECT_FALSE(files_of("not gzip"));
    EXPECT_FALSE(files_of(gzipped(std::string(512, 'x'))));
    const auto large = gzipped(tar_file("package/a.json", std::string(5000, 'A')) + end);
    EXPECT_FALSE(files_of(large, {.file_bytes_max = 4999}));
    EXPECT_FALSE(files_of(large, {.bytes_max = 5000}));
    EXPECT_FALSE(files_of(gzipped(tar_file("a", "") + tar_file("b", "") + end), {.files_max = 1}));
}

class PackageFolder : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder / "package"); }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder / "package" / name) << text;
    }
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        ("package_test_" + std::to_string(std::hash<std::string>{}(
                               ::testing::UnitTest::GetInstance()->current_test_info()->name())));
};

TEST_F(PackageFolder, brings_profiles_and_the_value_sets_they_are_bound_to) {
    write("package.json", "{}");
    write("StructureDefinition-p.json",
          R"({"resourceType": "StructureDefinition", "url": "http://x/p",
          "type": "Observation", "derivation": "constraint", "differential": {"element": []}})");
    write("CodeSystem-c.json", R"({"resourceType": "CodeSystem", "url": "http://x/c", "content":
          "complete", "concept": [{"code": "a", "concept": [{"code": "b"}]}, {"code": "c"}]})");
    write("ValueSet-v.json",
          R"({"resourceType": "ValueSet", "url": "http://x/v", "compose": {"include":
          [{"system": "http://x/c"}, {"system": "http://y", "concept": [{"code": "z"}]},
           {"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender"]}],
           "exclude": [{"system": "http://x/c", "concept": [{"code": "c"}]}]}})");
    write("ValueSet-w.json",
          R"({"resourceType": "ValueSet", "url": "http://x/w", "compose": {"include":
          [{"system": "http://x/c", "filter": [{"property": "p", "op": "=", "value": "v"}]}]}})");
    write("ValueSet-loop.json", R"({"resourceType": "ValueSet", "url": "http://x/loop", "compose":
          {"include": [{"valueSet": ["http://x/loop"]}]}})");
    write("Patient-x.json", R"({"resourceType": "Patient"})");
    const Definitions definitions;
    Profiles profiles(definitions);
    ASSERT_TRUE(profiles.add_package(folder));
    EXPECT_THAT(profiles.link(), IsEmpty());
    EXPECT_NE(profiles.find("http://x/p"), nullptr);
    EXPECT_EQ(profiles.size(), 1U);
    const auto* set = profiles.value_set("http://x/v|1.0");
    ASSERT_NE(set, nullptr);
    EXPECT_TRUE(set->contains("http://x/c", "a"));
    EXPECT_TRUE(set->contains("http://x/c", "b"));
    EXPECT_FALSE(set->contains("http://x/c", "c"));
    EXPECT_TRUE(set->contains("http://y", "z"));
    EXPECT_TRUE(set->contains("http://hl7.org/fhir/administrative-gender", "male"));
    EXPECT_EQ(profiles.value_set("http://x/w"), nullptr);
    EXPECT_EQ(profiles.value_set("http://x/loop"), nullptr);
}

TEST_F(PackageFolder, names_the_file_that_is_wrong) {
    write("a.json", "not JSON");
    const Definitions definitions;
    Profiles profiles(definitions);
    const auto added = profiles.add_package(folder);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().place, "a.json");
    EXPECT_FALSE(profiles.add_package(folder / "nothing"));
}

}  // namespace
}  // namespace vigil::fhir
