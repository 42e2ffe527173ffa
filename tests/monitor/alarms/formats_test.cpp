// The bytes of acts, events and snapshots: written as they always were, read back as what was
// written, refused where they are cut or wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "monitor/alarms/act.hpp"
#include "monitor/alarms/bed.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAreArray;

const std::string golden = VIGIL_TESTS_DIR "/monitor/alarms/golden/";

const EventId some_event{{PatientId{12}, {}}, {0, 4'711}, 2};
constexpr DisplayId central{displays_from.value + 4};

std::vector<AlarmAct> acts() {
    const auto act = [](AlarmAct::Body body) {
        return AlarmAct{Bed::time(30), "nia", "suction", std::move(body)};
    };
    const Subject patient{PatientId{12}, {}}, corridor{{}, LocationId{3}};
    return {
        act(AlarmAcknowledged{some_event, 2, AlarmPriority::medium}),
        act(AlarmReset{some_event}),
        act(AlarmAnswered{some_event, Response::rejected}),
        act(AlarmInactivated{patient, InactivationKind::alarm_off, {}, ConditionId{25}, 1h}),
        act(AlarmInactivated{patient, InactivationKind::audio_paused, some_event, {}, 60s}),
        act(AlarmInactivated{corridor, InactivationKind::alarm_paused, {}, {}, 120s}),
        act(AlarmReactivated{some_event}),
        act(AlarmLimitSet{patient,
                          {ConditionId{25}, Decimal{880, -1}, Decimal{2, 0}, 10s, 5s,
                           AlarmPriority::high, true}}),
        act(AlarmLimitSet{patient, {ConditionId{18}, Decimal{140, 0}}}),
        act(AlarmLimitSet{patient, {ConditionId{18}}, true}),
        act(AgeClassConfirmed{patient, AgeClass::neonate}),
        act(DataWatchSet{patient, MetricId{48}, 60s}),
        act(DisplayExpected{central, "central 1", "ICU 1", false, "5e"}),
        act(DisplayExpected{.display = central, .expected = false}),
        act(DisplayConfirmed{central}),
        act(ProfileChangeProposed{
            "ICU 1", AgeClass::paediatric, {ConditionId{18}, Decimal{150, 0}}}),
        act(ProfileChangeDecided{some_event, true}),
        act(AlarmRuleSet{patient, ConditionId{0x8001}, "sedated", "spo2 < 93 for 15 s and rr < 10",
                         AlarmPriority::high, true}),
        act(AlarmDisseminated{some_event, 2, 3, Dissemination::undeliverable, "ada by e-mail"}),
        act(ScoreSettingSet{patient, "spo2_scale", "2"}),
    };
}

std::vector<AlarmEvent> alarm_events() {
    AlarmEvent whole{.id = some_event,
                     .time = Bed::time(31),
                     .type = EventType::onset,
                     .actor = "nia",
                     .reason = "the condition began",
                     .detail = "limit 90 → 88",
                     .alarm = some_event,
                     .condition = {ConditionId{25}, DeviceId{3}, MetricId{39}, 1, DisplayId{4}},
                     .priority = AlarmPriority::high,
                     .state = AlarmState::latched,
                     .episode = 3,
                     .level = 2,
                     .told = recipients::bed | recipients::physician,
                     .since = Bed::time(1),
                     .until = Bed::time(2),
                     .value = Decimal{875, -1},
                     .limit = Decimal{90, 0}};
    AlarmEvent least{.id = {{{}, LocationId{3}}, {1, 1}, 0}, .time = Bed::time(0)};
    least.type = EventType::reminder;
    return {whole, least};
}

std::string hex(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string bytes_of(const AlarmEvent& event) {
    std::string out;
    encode(event, out);
    return out;
}

// A screen that has to confirm, and does not.
Bed lost_screen() {
    Bed screen(AgeClass::adult, false, place_of(central));
    (void)screen.act(DisplayExpected{central, "central 1", "ICU 1", true, "5e"});
    screen.tick(12);
    (void)screen.said();
    return screen;
}

// A bed in the middle of things.
Bed busy_bed() {
    Bed bed;
    (void)bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}, "sedated",
                               "spo2 < 93 and rr rising 5 over 10 s", AlarmPriority::high, true});
    (void)bed.act(AlarmLimitSet{bed.subject(), {condition("heart_rate_high"), Decimal{140, 0}}});
    while (bed.now < 20) {
        bed.tick(bed.now + 1);
        bed.read("spo2", 88);
        bed.read("resp_rate", 12 + bed.now);
    }
    bed.find("asystole");
    (void)bed.act(AlarmAcknowledged{bed.alarm("asystole")->id, 1, AlarmPriority::high});
    (void)bed.act(AlarmInactivated{bed.subject(), InactivationKind::audio_paused, {}, {}, 60s});
    (void)bed.said();
    return bed;
}

void expect_as_ever(const std::string& file, const std::vector<std::string>& written) {
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream out(golden + file);
        for (const auto& line : written) out << line << '\n';
    }
    std::ifstream in(golden + file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    EXPECT_THAT(lines, ElementsAreArray(written));
}

TEST(AlarmFormats, are_written_as_they_always_were) {
    std::vector<std::string> lines;
    for (const auto& act : acts()) lines.push_back(encode(act));
    expect_as_ever("acts.jsonl", lines);
    lines.clear();
    for (const auto& event : alarm_events()) lines.push_back(hex(bytes_of(event)));
    expect_as_ever("events.hex", lines);
    expect_as_ever("snapshot.hex",
                   {hex(busy_bed().monitor.snapshot()), hex(lost_screen().monitor.snapshot())});
}

TEST(AlarmAct, reads_back_as_what_was_written) {
    for (const auto& act : acts()) {
        const auto read = decode_alarm_act(encode(act));
        ASSERT_TRUE(read) << encode(act) << ": " << read.error().place << " "
                          << read.error().message;
        EXPECT_EQ(*read, act) << encode(act);
    }
}

TEST(AlarmAct, of_another_room_is_passed_over_and_a_wrong_one_is_refused_with_its_place) {
    EXPECT_EQ(decode_alarm_act(R"({"act":"patient-added"})").error().kind,
              Error::Kind::unsupported);
    const auto place = [](std::string_view json) { return decode_alarm_act(json).error().place; };
    EXPECT_EQ(place(R"({"act":"alarm-acknowledged","alarm":"12-0"})"), "alarm");
    EXPECT_EQ(place(R"({"act":"alarm-acknowledged","seen":"urgent"})"), "seen");
    EXPECT_EQ(place(R"({"act":"alarm-acknowledged","episode":-1})"), "episode");
    EXPECT_EQ(place(R"({"act":"alarm-inactivated","subject":7})"), "subject");
    EXPECT_EQ(place(R"({"act":"alarm-limit-set","edit":{"limit":"90"}})"), "limit");
    EXPECT_FALSE(decode_alarm_act("[]"));
    EXPECT_FALSE(decode_alarm_act(std::string(20'000, ' ')));
    for (const auto& act : acts()) {
        const auto whole = encode(act);
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
            EXPECT_FALSE(decode_alarm_act(whole.substr(0, cut)));
    }
}

TEST(AlarmAct, says_whose_it_is) {
    for (const auto& act : acts()) {
        const bool of_site = std::holds_alternative<ProfileChangeProposed>(act.body) ||
                             std::holds_alternative<ProfileChangeDecided>(act.body);
        EXPECT_EQ(subject(act) == Subject{}, of_site) << encode(act);
    }
}

TEST(AlarmEvent, reads_back_as_what_was_written_and_is_refused_cut_anywhere) {
    for (const auto& event : alarm_events()) {
        const auto bytes = bytes_of(event);
        const auto read = decode_event(bytes);
        ASSERT_TRUE(read) << read.error().place;
        EXPECT_EQ(*read, event);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            EXPECT_FALSE(decode_event(bytes.substr(0, cut)));
        EXPECT_FALSE(decode_event(bytes + '\0'));
        EXPECT_EQ(decode_event("\x02" + bytes.substr(1)).error().kind, Error::Kind::unsupported);
    }
}

TEST(EventId, has_one_spelling) {
    for (const auto& id : {some_event, EventId{{{}, LocationId{3}}, {1, 9}, 0}})
        EXPECT_EQ(*parse_event_id(to_string(id)), id);
    EXPECT_EQ(to_string(some_event), "12-0-4711-2");
    for (const auto* wrong : {"", "12", "12-0-4711", "12-0-4711-2-", "12-0-4711-02", "L0-0-1-0",
                              "-1-0-1-0", "12-0-4711-2 ", "12--4711-2", "99999999999-0-1-0"})
        EXPECT_FALSE(parse_event_id(wrong)) << wrong;
}

TEST(Snapshot, is_refused_cut_anywhere_and_goes_on_where_it_was) {
    for (const auto& bed : {busy_bed(), lost_screen()}) {
        const auto bytes = bed.monitor.snapshot();
        const auto settings = the_tables().limits.defaults(AgeClass::adult);
        const auto whole = PatientMonitor::restore(the_tables(), bytes, settings);
        ASSERT_TRUE(whole) << whole.error().place;
        EXPECT_EQ(whole->snapshot(), bytes);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            EXPECT_FALSE(PatientMonitor::restore(the_tables(), bytes.substr(0, cut), settings));
    }
}

TEST(AcmPhase, tells_alarms_as_ihe_acm_does) {
    EXPECT_EQ(acm_phase(EventType::onset), "start");
    EXPECT_EQ(acm_phase(EventType::latched), "update");
    EXPECT_EQ(acm_phase(EventType::ended), "end");
    EXPECT_EQ(acm_phase(EventType::reset), "reset");
    EXPECT_EQ(acm_phase(EventType::priority_raised), "escalate");
    EXPECT_EQ(acm_phase(EventType::told), std::nullopt);
}

TEST(EventTypes, each_have_a_word) {
    for (unsigned n = 1; valid(static_cast<EventType>(n)); ++n)
        EXPECT_FALSE(to_string(static_cast<EventType>(n)).empty()) << n;
    EXPECT_EQ(recipients_text(*parse_recipients("bed, physician")), "bed, physician");
    EXPECT_FALSE(parse_recipients("nobody"));
}

}  // namespace
}  // namespace vigil::monitor
