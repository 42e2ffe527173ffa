// Events of the log, put together: each alarm from its onset to its end.
#include "share/alarms/occurrences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/access_desk.hpp"

namespace vigil::share {
namespace {

using fhir::AlarmOccurrence;
using monitor::AlarmPriority;
using monitor::EventType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// As store/sqlite/events.cpp reads: newest first, within the span.
class KeptEvents final : public store::EventStore {
public:
    void keep(std::vector<store::KeptEvent> events, store::Applied, store::Done done) override {
        for (auto& event : events) all.push_back(std::move(event));
        done({});
    }
    Result<void> read(const store::Access& access, const store::EventQuery& query,
                      const std::function<bool(const store::KeptEvent&)>& visit) override {
        for (auto event = all.rbegin(); event != all.rend(); ++event) {
            const bool is_asked =
                access.covers(event->subject) && event->time >= query.span.from &&
                event->time < query.span.to &&
                (!query.subject || *query.subject == event->subject) &&
                (!query.before || std::pair(event->time, event->position) < *query.before);
            if (!is_asked) continue;
            ++read_count;
            if (!visit(*event)) break;
        }
        return {};
    }
    void forget(Timestamp, store::DoneWith<bool> done) override { done(false); }

    std::vector<store::KeptEvent> all;
    std::size_t read_count = 0;
};

class Occurrences : public testing::Test {
protected:
    using seconds = std::chrono::seconds;

    monitor::EventId add(EventType type, seconds at, const monitor::EventId& alarm = {},
                         std::uint32_t episode = 1, AlarmPriority priority = AlarmPriority::medium,
                         std::string_view condition = "spo2_low", std::uint32_t patient = 1) {
        const Position position{0, events.all.size() + 1};
        monitor::AlarmEvent event{.id = {{{patient}, {}}, position, 0}, .time = start + at};
        event.type = type;
        event.alarm = alarm ? alarm : event.id;
        event.condition = {.condition = tables.conditions.id_of(condition),
                           .device = {11},
                           .metric = catalogue.find("spo2")->id};
        event.priority = priority;
        event.episode = episode;
        event.value = Decimal{84, 0};
        event.limit = Decimal{88, 0};
        std::string body;
        encode(event, body);
        events.all.push_back({position, {patient}, event.time, std::move(body)});
        return event.id;
    }
    fhir::AlarmPart read(const fhir::AlarmQuery& query = {}) {
        auto part = read_occurrences(events, tables, catalogue, access, query);
        EXPECT_TRUE(part);
        return std::move(*part);
    }

    const Timestamp start = from_unix_ns(1'772'366'400'000'000'000);
    Catalogue catalogue;
    monitor::MonitorTables tables{catalogue};
    KeptEvents events;
    store::Access access = identity::AccessDesk::for_system("test");
};

TEST_F(Occurrences, an_alarm_begins_is_acknowledged_and_ends) {
    const auto id = add(EventType::onset, seconds(0));
    add(EventType::told, seconds(15), id);
    add(EventType::acknowledged, seconds(20), id);
    add(EventType::re_alarmed, seconds(140), id);
    add(EventType::acknowledged, seconds(150), id);
    add(EventType::ended, seconds(200), id);
    const auto part = read();
    ASSERT_THAT(part.alarms, SizeIs(1));
    const auto& alarm = part.alarms[0];
    EXPECT_EQ(alarm.onset, (fhir::AlarmPlace{start, {0, 1}}));
    EXPECT_EQ(alarm.patient, PatientId{1});
    EXPECT_EQ(alarm.id, "1-0-1-0");
    EXPECT_EQ(alarm.condition, "spo2_low");
    EXPECT_EQ(alarm.words, tables.conditions.find("spo2_low")->display);
    EXPECT_EQ(alarm.event_refid, "MDC_EVT_LO");
    EXPECT_EQ(alarm.priority, "urgent");
    EXPECT_EQ(alarm.measured, "84 %, limit 88 %");
    EXPECT_EQ(alarm.acknowledged, start + seconds(20)) << "the first time";
    EXPECT_EQ(alarm.ended, start + seconds(200));
    EXPECT_EQ(alarm.version, 3U);
    EXPECT_EQ(alarm.changed, start + seconds(200));
    EXPECT_FALSE(part.next);
}

TEST_F(Occurrences, what_stands_has_no_end_and_a_priority_that_rose_is_the_one_it_has) {
    const auto id = add(EventType::onset, seconds(0));
    add(EventType::priority_raised, seconds(60), id, 1, AlarmPriority::high);
    const auto part = read();
    ASSERT_THAT(part.alarms, SizeIs(1));
    EXPECT_FALSE(part.alarms[0].ended);
    EXPECT_EQ(part.alarms[0].priority, "stat");
    EXPECT_EQ(part.alarms[0].version, 2U);
    EXPECT_EQ(part.alarms[0].changed, start + seconds(60));
}

TEST_F(Occurrences, a_latched_alarm_that_comes_back_is_another_occurrence) {
    const auto id = add(EventType::onset, seconds(0));
    add(EventType::latched, seconds(30), id);
    add(EventType::onset_again, seconds(50), id, 2);
    add(EventType::latched, seconds(70), id, 2);
    add(EventType::reset, seconds(90), id, 2);
    const auto part = read();
    ASSERT_THAT(part.alarms, SizeIs(2));
    EXPECT_EQ(part.alarms[0].episode, 2U);
    EXPECT_EQ(part.alarms[0].acknowledged, start + seconds(90));
    EXPECT_EQ(part.alarms[0].ended, start + seconds(90)) << "latched, it stood until it was reset";
    EXPECT_EQ(part.alarms[1].episode, 1U);
    EXPECT_EQ(part.alarms[1].ended, start + seconds(50));
    EXPECT_FALSE(part.alarms[1].acknowledged);
}

TEST_F(Occurrences, an_alarm_that_lasted_for_months_is_followed_to_its_end) {
    const auto id = add(EventType::onset, seconds(0));
    const auto months = std::chrono::duration_cast<seconds>(std::chrono::days(70));
    add(EventType::ended, months, id);
    EXPECT_EQ(read().alarms.at(0).ended, start + months);
}

TEST_F(Occurrences, they_come_newest_first_of_whom_and_when_it_is_asked) {
    for (int i = 0; i < 6; ++i) {
        const auto patient = 1U + static_cast<std::uint32_t>(i % 2);
        const auto id = add(EventType::onset, seconds(100 * i), {}, 1, AlarmPriority::low,
                            "spo2_high", patient);
        add(EventType::ended, seconds(100 * i + 10), id, 1, AlarmPriority::low, "spo2_high",
            patient);
    }
    const auto begins = [&](const fhir::AlarmQuery& query) {
        std::vector<std::int64_t> out;
        for (const auto& alarm : read(query).alarms)
            out.push_back(std::chrono::floor<seconds>(alarm.onset.time - start).count());
        return out;
    };
    EXPECT_THAT(begins({}), ElementsAre(500, 400, 300, 200, 100, 0));
    EXPECT_THAT(begins({.patients = {{PatientId{2}}}}), ElementsAre(500, 300, 100));
    EXPECT_THAT(begins({.patients = {{PatientId{2}, PatientId{3}}}}), ElementsAre(500, 300, 100));
    EXPECT_THAT(begins({.span = {start + seconds(100), start + seconds(300)}}),
                ElementsAre(200, 100));
    EXPECT_THAT(begins({.before = fhir::AlarmPlace{start + seconds(200), {0, 5}}}),
                ElementsAre(100, 0));
    EXPECT_THAT(begins({.patients = {{PatientId{9}}}}), IsEmpty());
    for (const auto& alarm : read().alarms) EXPECT_TRUE(alarm.ended);
}

TEST_F(Occurrences, a_look_is_bounded_and_says_where_it_goes_on) {
    for (int i = 0; i < 250; ++i) add(EventType::onset, seconds(i));
    std::size_t found = 0, looks = 0;
    fhir::AlarmQuery query;
    do {
        const auto part = read(query);
        found += part.alarms.size();
        EXPECT_LE(part.alarms.size(), 100U);
        query.before = part.next;
        ++looks;
    } while (query.before);
    EXPECT_EQ(found, 250U);
    EXPECT_EQ(looks, 3U);
}

TEST_F(Occurrences, alarms_of_places_and_events_of_nothing_are_no_alarms_of_a_patient) {
    add(EventType::onset, seconds(0), {}, 1, AlarmPriority::low, "spo2_high", 0);
    events.all.push_back({{0, 2}, {1}, start, "what cannot be read"});
    add(EventType::limit_changed, seconds(1));
    EXPECT_THAT(read().alarms, IsEmpty());
}

}  // namespace
}  // namespace vigil::share
