#include "fhir/resource/resource.hpp"

#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'123'456'789);

std::string round_trip(std::string text, std::string_view id, std::uint64_t version) {
    const auto resource = Resource::parse(std::move(text));
    EXPECT_TRUE(resource);
    std::string out;
    append_resource(out, stored_body(resource->json(), id), version, noon);
    return out;
}

TEST(StoredResource, comes_back_as_it_went_in_with_the_versions_own_meta) {
    EXPECT_EQ(round_trip(R"({"resourceType":"Patient","active":true})", "p1", 3),
              R"({"resourceType":"Patient","id":"p1","meta":{"versionId":"3",)"
              R"("lastUpdated":"2026-01-01T12:00:00.123Z"},"active":true})");
}

TEST(StoredResource, numbers_keep_their_digits_and_text_its_characters) {
    const auto out = round_trip(
        R"({"resourceType":"Observation","valueQuantity":{"value":1.00,"unit":"mmol\/L µ \"x\""},)"
        R"("component":[{"valueInteger":-0},{"valueDecimal":1E400}],"_status":{"id":"s"}})",
        "o", 1);
    EXPECT_NE(out.find(R"("value":1.00,)"), std::string::npos);
    EXPECT_NE(out.find(R"(1E400)"), std::string::npos);
    EXPECT_NE(out.find("\"unit\":\"mmol/L µ \\\"x\\\"\""), std::string::npos);
    EXPECT_NE(out.find(R"("_status":{"id":"s"})"), std::string::npos);
}

TEST(StoredResource, a_clients_version_and_time_are_not_kept_but_the_rest_of_meta_is) {
    const auto out = round_trip(
        R"({"meta":{"lastUpdated":"1999-01-01T00:00:00Z","versionId":"77","tag":[{"code":"t"}]},)"
        R"("id":"other","resourceType":"Patient"})",
        "p1", 1);
    EXPECT_EQ(out, R"({"resourceType":"Patient","id":"p1","meta":{"versionId":"1",)"
                   R"("lastUpdated":"2026-01-01T12:00:00.123Z","tag":[{"code":"t"}]}})");
}

TEST(StoredResource, what_is_no_resource_is_refused) {
    for (const auto* text : {"", "[]", "{}", R"({"resourceType":1})", R"({"resourceType":"A",)",
                             R"({"resourceType":"Patient","id":"a","id":"b"})"})
        EXPECT_FALSE(Resource::parse(text)) << text;
}

TEST(Id, is_letters_digits_dash_and_dot_up_to_64) {
    EXPECT_TRUE(is_id("a-1.B"));
    EXPECT_TRUE(is_id(std::string(64, 'x')));
    for (const auto& text : {std::string(), std::string(65, 'x'), std::string("a_b"),
                             std::string("a/b"), std::string("é")})
        EXPECT_FALSE(is_id(text)) << text;
}

TEST(EntityTag, is_read_weak_strong_or_bare) {
    EXPECT_EQ(entity_tag(12), "W/\"12\"");
    for (const auto* text : {"W/\"12\"", "\"12\"", "12"})
        EXPECT_EQ(version_of_entity_tag(text), 12U) << text;
    for (const auto* text : {"", "W/", "W/\"\"", "abc", "-1", "0", "12x"})
        EXPECT_EQ(version_of_entity_tag(text), std::nullopt) << text;
}

TEST(Instant, always_has_milliseconds) {
    EXPECT_EQ(instant(from_unix_ns(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(instant(from_unix_ns(1'500'000'000)), "1970-01-01T00:00:01.500Z");
    EXPECT_EQ(instant(from_unix_ns(1'999'999'999)), "1970-01-01T00:00:01.999Z");
}

}  // namespace
}  // namespace vigil::fhir
