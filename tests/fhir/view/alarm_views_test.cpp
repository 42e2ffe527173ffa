// Alarms as Communications: what each is, and which a search finds.
#include "fhir/view/alarm_views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/bulk/no_records.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/search/request.hpp"
#include "identity/access_desk.hpp"
#include "metric/catalogue.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}
const SearchParameters& parameters() {
    static const SearchParameters parameters(definitions());
    return parameters;
}
constexpr std::string_view base = "https://ward.example/fhir";

// Six alarms a minute apart, of Ada (even) and Eve; the oldest two ended, the oldest acknowledged.
class AlarmViewsTest : public testing::Test {
protected:
    AlarmViewsTest() {
        patients.add("ada", PatientId{7});
        patients.add("eve", PatientId{8});
        for (std::uint64_t i = 0; i < 6; ++i) {
            AlarmOccurrence alarm;
            alarm.onset = {at(i), {0, 10 + i}};
            alarm.patient = PatientId{7 + static_cast<std::uint32_t>(i % 2)};
            alarm.id = "7-0-9-0";
            alarm.condition = "spo2_low";
            alarm.words = "SpO2 low";
            alarm.event_code = 196'670;
            alarm.event_refid = "MDC_EVT_LO";
            alarm.priority = i == 5 ? "stat" : "urgent";
            alarm.device = DeviceId{17};
            alarm.metric = catalogue.find("spo2")->id;
            alarm.measured = "84 %, limit 88 %";
            alarm.changed = at(i);
            if (i == 0) alarm.acknowledged = at(0) + std::chrono::seconds(5);
            if (i < 2) {
                alarm.ended = alarm.changed = at(i) + std::chrono::seconds(30);
                alarm.version = 2 + static_cast<std::uint64_t>(i == 0);
            }
            alarms.insert(alarms.begin(), alarm);
        }
    }
    Timestamp at(std::uint64_t minute) const {
        return start + std::chrono::minutes(static_cast<int>(minute));
    }

    AlarmPage page(const Parameters& asked, std::size_t count = 50,
                   std::optional<AlarmPlace> before = {}) {
        auto search = read_search("Communication", asked,
                                  {.parameters = parameters(),
                                   .base = base,
                                   .now = start,
                                   .limits = {},
                                   .strict = true,
                                   .expand = {}});
        EXPECT_TRUE(search) << (search ? "" : search.error().issues.front().diagnostics);
        auto query = search->queries.front();
        query.count_max = count;
        auto found = views.find(access, query, before, extraction(), others);
        EXPECT_TRUE(found) << (found ? "" : found.error().message);
        return std::move(*found);
    }
    // Which of the six, newest first.
    std::vector<int> found(const Parameters& asked) {
        std::vector<int> out;
        for (const auto& place : page(asked).places)
            out.push_back(static_cast<int>(place.position.offset) - 10);
        return out;
    }
    static ExtractionContext extraction() {
        return {.parameters = parameters(), .base = base, .now = from_unix_ns(0)};
    }

    const Timestamp start = from_unix_ns(1'772'366'400'000'000'000);
    Catalogue catalogue;
    PatientNumbers patients;
    std::vector<AlarmOccurrence> alarms;  // newest first
    std::vector<AlarmQuery> looks;
    NoRecords others;
    store::Access access = identity::AccessDesk::for_system("test");
    // Two at a look, so that there are several.
    AlarmViews views{
        [this](const store::Access&, const AlarmQuery& query) -> Result<AlarmPart> {
            looks.push_back(query);
            AlarmPart part;
            for (const auto& alarm : alarms) {
                const bool is_asked =
                    (!query.before || alarm.onset < *query.before) &&
                    alarm.onset.time >= query.span.from && alarm.onset.time < query.span.to &&
                    (!query.patients ||
                     std::ranges::find(*query.patients, alarm.patient) != query.patients->end());
                if (!is_asked) continue;
                if (part.alarms.size() == 2) {
                    part.next = part.alarms.back().onset;
                    break;
                }
                part.alarms.push_back(alarm);
            }
            return part;
        },
        patients};
};

TEST_F(AlarmViewsTest, an_alarm_is_an_alert_to_people_about_a_patient) {
    const auto record = page({}).records.back();
    EXPECT_EQ(record.subject, PatientId{7});
    EXPECT_EQ(record.version, 3U);
    const auto resource = Resource::parse(resource_text(record));
    ASSERT_TRUE(resource);
    const auto json = resource->json();
    EXPECT_EQ(json["resourceType"].string(), "Communication");
    EXPECT_EQ(json["id"].string(), record.id);
    EXPECT_EQ(read_alarm_id(record.id), (AlarmPlace{start, {0, 10}}));
    EXPECT_EQ(json["status"].string(), "completed");
    const auto category = json["category"][std::size_t{0}]["coding"][std::size_t{0}];
    EXPECT_EQ(category["system"].string(),
              "http://terminology.hl7.org/CodeSystem/communication-category");
    EXPECT_EQ(category["code"].string(), "alert");
    EXPECT_EQ(json["priority"].string(), "urgent");
    EXPECT_EQ(json["subject"]["reference"].string(), "Patient/ada");
    EXPECT_EQ(json["about"][std::size_t{0}]["reference"].string(),
              "DeviceMetric/" + device_metric_id({{17}, catalogue.find("spo2")->id}));
    EXPECT_EQ(json["about"][std::size_t{1}]["reference"].string(), "Device/d17");
    EXPECT_EQ(json["sender"]["reference"].string(), "Device/d17");
    EXPECT_EQ(json["sent"].string(), format_rfc3339(at(0)));
    EXPECT_EQ(json["received"].string(), format_rfc3339(at(0) + std::chrono::seconds(5)));
    const auto reason = json["reasonCode"][std::size_t{0}];
    EXPECT_EQ(reason["coding"][std::size_t{0}]["code"].string(), "spo2_low");
    EXPECT_EQ(reason["coding"][std::size_t{1}]["system"].string(), "urn:iso:std:iso:11073:10101");
    EXPECT_EQ(reason["coding"][std::size_t{1}]["code"].string(), "196670");
    EXPECT_EQ(reason["text"].string(), "SpO2 low");
    EXPECT_EQ(json["payload"][std::size_t{0}]["contentString"].string(),
              "SpO2 low: 84 %, limit 88 %");
    EXPECT_EQ(json["meta"]["versionId"].string(), "3");
    EXPECT_EQ(json["meta"]["lastUpdated"].string(), "2026-03-01T12:00:30.000Z");
}

TEST_F(AlarmViewsTest, one_that_stands_is_in_progress_and_was_received_by_nobody) {
    const auto record = page({}).records.front();
    const auto resource = Resource::parse(resource_text(record));
    ASSERT_TRUE(resource);
    EXPECT_EQ(resource->json()["status"].string(), "in-progress");
    EXPECT_EQ(resource->json()["priority"].string(), "stat");
    EXPECT_FALSE(resource->json()["received"]);
}

TEST_F(AlarmViewsTest, each_parameter_of_r4_finds_what_it_says) {
    EXPECT_THAT(found({}), ElementsAre(5, 4, 3, 2, 1, 0));
    EXPECT_THAT(found({{"patient", "ada"}}), ElementsAre(4, 2, 0));
    EXPECT_THAT(found({{"subject", "Patient/eve"}}), ElementsAre(5, 3, 1));
    EXPECT_THAT(found({{"patient", "nobody"}}), IsEmpty());
    EXPECT_THAT(found({{"patient", "ada,eve"}, {"status", "completed"}}), ElementsAre(1, 0));
    EXPECT_THAT(found({{"status", "in-progress"}, {"patient", "ada"}}), ElementsAre(4, 2));
    EXPECT_THAT(found({{"category", "alert"}}), ElementsAre(5, 4, 3, 2, 1, 0));
    EXPECT_THAT(found({{"category", "notification"}}), IsEmpty());
    EXPECT_THAT(found({{"sent", "ge2026-03-01T12:04:00Z"}}), ElementsAre(5, 4));
    EXPECT_THAT(found({{"sent", "lt2026-03-01T12:02:00Z"}}), ElementsAre(1, 0));
    EXPECT_THAT(found({{"received", "2026-03-01"}}), ElementsAre(0));
    EXPECT_THAT(found({{"sender", "Device/d17"}, {"sent", "2026-03-01T12:03:00Z"}}),
                ElementsAre(3));
    EXPECT_THAT(found({{"sender", "Device/d18"}}), IsEmpty());
    EXPECT_THAT(found({{"recipient", "Patient/ada"}}), IsEmpty());
    EXPECT_THAT(found({{"identifier", "urn:vigil:alarm|7-0-9-0.1"}, {"patient", "eve"}}),
                ElementsAre(5, 3, 1));
    EXPECT_THAT(found({{"_lastUpdated", "lt2026-03-01T12:01:00Z"}}), ElementsAre(0));
    EXPECT_THAT(found({{"_id", alarm_id({at(3), {0, 13}})}}), ElementsAre(3));
    EXPECT_THAT(found({{"_id", "other"}}), IsEmpty());
}

TEST_F(AlarmViewsTest, a_page_ends_where_the_next_begins) {
    std::vector<std::uint64_t> offsets;
    std::optional<AlarmPlace> before;
    int pages = 0;
    do {
        const auto one = page({{"patient", "ada"}}, 2, before);
        for (const auto& place : one.places) offsets.push_back(place.position.offset - 10);
        before = one.next;
        ++pages;
    } while (before);
    EXPECT_THAT(offsets, ElementsAre(4, 2, 0));
    EXPECT_EQ(pages, 2);
}

TEST_F(AlarmViewsTest, a_search_reads_no_more_of_the_log_than_it_has_to) {
    found({{"patient", "ada"}, {"sent", "ge2026-03-01T12:04:00Z"}});
    ASSERT_EQ(looks.size(), 1U);
    EXPECT_EQ(looks[0].patients, std::vector{PatientId{7}});
    EXPECT_EQ(looks[0].span.from, at(4) - std::chrono::milliseconds(1));
    looks.clear();
    found({{"recipient", "Practitioner/1"}});
    found({{"encounter", "Encounter/1"}});
    found({{"patient", "nobody"}});
    EXPECT_TRUE(looks.empty());
    // As a compartment asks.
    const auto to = [](const char* parameter) {
        return store::Condition{store::ReferenceMatch{parameter, {"Patient", "ada", {}}}};
    };
    const store::Condition compartment{
        store::AnyOf{{to("subject"), to("sender"), to("recipient")}}};
    EXPECT_EQ(query_of_alarms(compartment, patients).patients, std::vector{PatientId{7}});
}

TEST_F(AlarmViewsTest, one_is_read_by_its_id) {
    const auto id = alarm_id({at(1), {0, 11}});
    const auto found = views.get(access, id, extraction(), others);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, id);
    for (const auto* none : {"a1", "a1.0", "a1.0.zzz.1", "b1.0.1", "a01.0.1", "12"})
        EXPECT_FALSE(*views.get(access, none, extraction(), others)) << none;
    EXPECT_FALSE(*views.get(access, alarm_id({at(1), {0, 12}}), extraction(), others));
}

TEST(AlarmId, is_read_as_it_was_written_and_nothing_else_is) {
    const AlarmPlace onset{from_unix_ns(1'772'366'400'123'456'789), {1, 4711}};
    EXPECT_EQ(read_alarm_id(alarm_id(onset)), onset);
    EXPECT_TRUE(is_view_id("Communication", alarm_id(onset)));
    for (const auto* other : {"", "a", "a.0.1", "a1.0.01", "a1.-1.1", "a1.0.-1", "d17", "a30500"})
        EXPECT_FALSE(read_alarm_id(other)) << other;
}

}  // namespace
}  // namespace vigil::fhir
