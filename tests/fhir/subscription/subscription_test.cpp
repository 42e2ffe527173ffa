// What a Subscription may ask for, which subscriptions a resource may be for, and what is told.
// Compiled by itself: its fixture is called as a reading is.
#include "fhir/subscription/subscription.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/search/index_rows.hpp"
#include "fhir/subscription/interests.hpp"
#include "fhir/subscription/state.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(SubscriptionEndpoint, lies_below_an_allowed_url) {
    const std::vector<std::string> allowed{"https://a.example/hooks", "http://b.example:8080"};
    for (const auto* url : {"https://a.example/hooks", "https://a.example/hooks/1",
                            "https://a.example/hooks?x=1", "http://b.example:8080/anything"})
        EXPECT_TRUE(is_allowed(url, allowed)) << url;
    for (const auto* url :
         {"http://a.example/hooks", "https://a.example/hooksters", "https://a.example/",
          "https://a.example.evil/hooks", "https://a.example/hooks/../admin",
          "https://a.example/hooks/%2e%2e/admin", "https://a.example@evil/hooks",
          "https://a.example/hooks\\x", "http://b.example:80801/", "http://b.example/", "b.example",
          ""})
        EXPECT_FALSE(is_allowed(url, allowed)) << url;
    EXPECT_FALSE(is_allowed("https://a.example/", {}));
}

struct Reading : testing::Test {
    Definitions definitions;
    SearchParameters parameters{definitions};
    SearchContext context{.parameters = parameters,
                          .base = "http://here/fhir",
                          .now = {},
                          .limits = {},
                          .strict = true,
                          .expand = {}};
    SubscriptionRules rules{{"http://there/"}};

    Answer<Subscription> read(const std::string& text) {
        resource_.emplace(*Resource::parse(text));
        return read_subscription(resource_->json(), context, rules);
    }
    std::vector<InterestKey> keys_of(const std::string& text) {
        const auto resource = Resource::parse(text);
        const auto rows =
            extract(resource->json(), {.parameters = parameters, .base = context.base, .now = {}});
        std::vector<InterestKey> keys{key_of_id(resource->id())};
        for (const auto& row : rows->rows) append_keys(row, keys);
        return keys;
    }

private:
    std::optional<Resource> resource_;
};

TEST_F(Reading, the_backport_s_extensions_say_how_it_is_told) {
    const auto read = this->read(R"({"resourceType":"Subscription","id":"s","status":"requested",
        "criteria":"urn:vigil:topic:Encounter","_criteria":{"extension":[
          {"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria",
           "valueString":"Encounter?status=in-progress"}]},
        "channel":{"extension":[
          {"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period",
           "valueUnsignedInt":60},
          {"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-timeout",
           "valueUnsignedInt":5},
          {"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count",
           "valuePositiveInt":20}],
          "type":"rest-hook","endpoint":"http://there/x","header":["X-A: b"],
          "payload":"application/fhir+json","_payload":{"extension":[
          {"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content",
           "valueCode":"full-resource"}]}}})");
    ASSERT_TRUE(read) << read.error().issues.front().diagnostics;
    EXPECT_EQ(read->topic, "urn:vigil:topic:Encounter");
    EXPECT_EQ(read->type, "Encounter");
    EXPECT_EQ(read->heartbeat, std::chrono::seconds(60));
    EXPECT_EQ(read->timeout, std::chrono::seconds(5));
    EXPECT_EQ(read->events_max, 20U);
    EXPECT_EQ(read->content, Content::full_resource);
    EXPECT_THAT(read->headers, ElementsAre(std::pair("x-a", "b")));
}

TEST_F(Reading, a_header_that_would_begin_another_is_refused) {
    for (const auto* header :
         {R"(X: a\r\nY: b)", "no colon", ": empty", "Content-Length: 5", "X y: z"})
        EXPECT_FALSE(read(std::string(R"({"resourceType":"Subscription","status":"requested",
            "criteria":"Patient","channel":{"type":"rest-hook","endpoint":"http://there/",
            "header":[")") +
                          header + R"("]}})"))
            << header;
}

TEST_F(Reading, a_resource_meets_the_subscriptions_that_ask_for_what_it_has) {
    Interests interests;
    const auto add = [&](SubscriptionNumber number, const std::string& criteria) {
        const auto subscription = read(R"({"resourceType":"Subscription","status":"requested",
            "criteria":")" + criteria + R"(","channel":{"type":"websocket"}})");
        ASSERT_TRUE(subscription) << criteria;
        interests.set(number, subscription->type, subscription->where);
    };
    add(1, "Observation?patient=Patient/a&code=8867-4");
    add(2, "Observation?patient=b");
    add(3, "Observation?code=8867-4,8310-5");
    add(4, "Observation?value-quantity=gt5");
    add(5, "Observation?_id=o1");
    add(6, "Encounter?patient=a");
    add(7, "Observation?code:not=8867-4");
    const auto keys = keys_of(R"({"resourceType":"Observation","id":"o1",
        "subject":{"reference":"Patient/a"},"code":{"coding":[{"system":"l","code":"8310-5"}]}})");
    EXPECT_THAT(interests.candidates("Observation", keys), ElementsAre(1, 3, 4, 5, 7));
    EXPECT_THAT(interests.candidates("Encounter", keys), ElementsAre(6));
    EXPECT_THAT(interests.candidates("Patient", keys), IsEmpty());
    // Of a reading only code and patient are known: what asks for an id must be looked at.
    constexpr std::array<std::string_view, 2> known = {"code", "patient"};
    EXPECT_THAT(interests.candidates("Observation", {}, known), ElementsAre(4, 5, 7));
    for (const SubscriptionNumber number : {1, 3, 4, 5, 7}) interests.remove(number);
    EXPECT_THAT(interests.candidates("Observation", keys), IsEmpty());
    interests.remove(2);
    EXPECT_FALSE(interests.any("Observation"));
    EXPECT_TRUE(interests.any("Encounter"));
}

SubscriptionEvent event_at(std::int64_t seconds) {
    return {.time = from_unix_ns(seconds * 1'000'000'000),
            .interaction = Interaction::updated,
            .type = "Patient",
            .id = "p",
            .version = 3};
}

TEST(SubscriptionState, keeps_what_is_owed_and_some_of_what_was_told) {
    SubscriptionState state;
    for (int i = 0; i < 200; ++i) state.add(event_at(i));
    EXPECT_EQ(state.events, 200U);
    EXPECT_EQ(state.between(1, 200).size(), 200U);
    state.told_up_to(180);
    EXPECT_EQ(state.between(1, 200).front().number, 131U);
    EXPECT_EQ(state.between(190, 191).size(), 2U);
    state.owner = SubscriptionOwner{3, 4, 5};
    SubscriptionState again;
    ASSERT_TRUE(decode(encode(state), again));
    EXPECT_EQ(again.owner, state.owner);
    EXPECT_EQ(again.events, 200U);
    EXPECT_EQ(again.delivered, 180U);
    EXPECT_EQ(again.between(1, 200), state.between(1, 200));
    EXPECT_FALSE(decode("{", again));
}

TEST(SubscriptionState, lets_the_oldest_go_where_nobody_listens) {
    SubscriptionState state;
    for (int i = 0; i < 5000; ++i) state.add(event_at(i));
    EXPECT_EQ(state.events, 5000U);
    EXPECT_EQ(state.delivered, 5000U - SubscriptionState::pending_max);
    EXPECT_LE(state.kept.size(), SubscriptionState::pending_max + SubscriptionState::told_kept_max);
}

TEST(Notification, is_the_backport_s_bundle) {
    Subscription subscription;
    subscription.id = "s";
    subscription.topic = "urn:vigil:topic:Patient";
    auto event = event_at(1'700'000'000);
    event.number = 7;
    const Notification notification{.type = NotificationType::event_notification,
                                    .base = "http://here/fhir",
                                    .status = "active",
                                    .events_since_start = 7,
                                    .error = {},
                                    .events = {&event, 1},
                                    .now = from_unix_ns(1'700'000'001'500'000'000)};
    const auto text = notification_bundle(
        subscription, notification, Content::full_resource,
        [](const SubscriptionEvent&) { return R"({"resourceType":"Patient","id":"p"})"; });
    EXPECT_EQ(
        text,
        R"({"resourceType":"Bundle","meta":{"profile":["http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification-r4"]},)"
        R"("type":"history","timestamp":"2023-11-14T22:13:21.500Z","entry":[{"fullUrl":"http://here/fhir/Subscription/s/$status","resource":)"
        R"({"resourceType":"Parameters","meta":{"profile":["http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4"]},)"
        R"("parameter":[{"name":"subscription","valueReference":{"reference":"http://here/fhir/Subscription/s"}},)"
        R"({"name":"topic","valueCanonical":"urn:vigil:topic:Patient"},{"name":"status","valueCode":"active"},)"
        R"({"name":"type","valueCode":"event-notification"},{"name":"events-since-subscription-start","valueString":"7"},)"
        R"({"name":"notification-event","part":[{"name":"event-number","valueString":"7"},{"name":"timestamp","valueInstant":"2023-11-14T22:13:20.000Z"},)"
        R"({"name":"focus","valueReference":{"reference":"http://here/fhir/Patient/p"}}]}]},)"
        R"("request":{"method":"GET","url":"http://here/fhir/Subscription/s/$status"},"response":{"status":"200"}},)"
        R"({"fullUrl":"http://here/fhir/Patient/p","resource":{"resourceType":"Patient","id":"p"},"request":{"method":"PUT","url":"Patient/p"},"response":{"status":"200"}}]})");
    const auto empty = notification_bundle(subscription, notification, Content::empty, {});
    EXPECT_THAT(empty, Not(HasSubstr("Patient/p")));
    EXPECT_THAT(empty, HasSubstr("event-number"));
}

}  // namespace
}  // namespace vigil::fhir
