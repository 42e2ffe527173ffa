// What is read of a Consent, and what is not kept as if it could be held to.
#include "fhir/consent/consent_reader.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "fhir/consent/terms.hpp"

namespace vigil::fhir {
namespace {

TEST(ConsentReader, one_that_is_not_active_says_nothing) {
    for (const auto* status : {"draft", "proposed", "rejected", "inactive", "entered-in-error"}) {
        JsonDocument document;
        const auto json = std::string(R"({"resourceType":"Consent","status":")") + status +
                          R"(","provision":{"type":"deny"}})";
        const auto read = read_consent(*document.parse(json), consent_world().terms);
        ASSERT_TRUE(read) << status;
        EXPECT_FALSE(read->has_value()) << status;
    }
}

TEST(ConsentReader, what_cannot_be_held_to_is_refused_and_says_where) {
    const auto refused = [&](const std::string& provision) {
        JsonDocument document;
        const auto json =
            R"({"resourceType":"Consent","status":"active","provision":)" + provision + "}";
        const auto read = read_consent(*document.parse(json), consent_world().terms);
        if (read) return std::string("kept");
        EXPECT_EQ(read.error().status, 422);
        return read.error().issues.front().expression;
    };
    EXPECT_EQ(refused(R"({"actor":[{"reference":{"reference":"Group/g"}}]})"),
              "Consent.provision.actor.reference");
    EXPECT_EQ(refused(R"({"type":"deny","data":[{"meaning":"related","reference":
        {"reference":"Encounter/e"}}]})"),
              "Consent.provision.data.meaning");
    EXPECT_EQ(refused(R"({"type":"deny","class":[{"system":"urn:x","code":"y"}]})"),
              "Consent.provision.class");
    EXPECT_EQ(refused(R"({"type":"deny","code":[{"text":"that illness"}]})"),
              "Consent.provision.code");
    EXPECT_EQ(refused(R"({"period":{"start":"2020"}})"), "Consent.provision") << "it says nothing";
    EXPECT_EQ(refused(R"([{"type":"deny"}])"), "Consent.provision") << "as R5 has it";
    EXPECT_EQ(refused(R"({"type":"deny","actor":[{"modifierExtension":[{"url":"urn:x"}]}]})"),
              "Consent.provision");
    EXPECT_EQ(refused(R"({"type":"deny","code":[{"coding":[{"display":"that illness"}]}]})"),
              "Consent.provision.code");
    EXPECT_EQ(refused(R"({"type":"deny","action":[{"text":"gossip"}]})"),
              "Consent.provision.action");
    EXPECT_EQ(refused(R"({"type":"deny","purpose":[{"system":"urn:x","code":"y"}]})"),
              "Consent.provision.purpose");
    EXPECT_EQ(refused(R"({"type":"deny","modifierExtension":[{"url":"urn:x"}]})"),
              "Consent.provision");
    EXPECT_EQ(refused(R"({"type":"deny","provision":[{"period":{"start":"2020"}}]})"),
              "Consent.provision.provision[0].type");
    EXPECT_EQ(refused(R"({"type":"deny","period":{"start":"2021","end":"2020"}})"),
              "Consent.provision.period");
    std::string deep = R"({"type":"deny"})";
    for (int i = 0; i < 5; ++i) deep = R"({"type":"deny","provision":[)" + deep + "]}";
    EXPECT_EQ(refused(deep),
              "Consent.provision.provision[0].provision[0].provision[0].provision[0]"
              ".provision[0]");
}

}  // namespace
}  // namespace vigil::fhir
