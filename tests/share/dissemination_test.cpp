// Whom an alarm is told away from the screens, what they are sent, and what comes of it.
#include "share/alarms/dissemination.hpp"

#include "share/alarms/message_text.hpp"
#include "share/api/stage.hpp"
#include "store/memory_documents.hpp"

namespace vigil::share {
namespace {

using monitor::AlarmEvent;
using monitor::AlarmPriority;
using monitor::EventType;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace recipients = monitor::recipients;

class Told : public ApiTest {
protected:
    static constexpr monitor::Subject ada{{1}, {}};

    void on_duty(const std::string& account, std::uint16_t as, const std::string& unit,
                 std::vector<PatientId> patients = {}) {
        auto change = roster.plan({.account = account,
                                   .as = as,
                                   .unit = unit,
                                   .patients = std::move(patients),
                                   .from = now,
                                   .until = now + std::chrono::hours(8),
                                   .by = "admin"},
                                  now);
        roster.keep(*change, [](const auto& kept) { ASSERT_TRUE(kept); });
        roster.holds(*change);
    }
    AlarmContact contact(AlarmContact wish) {
        auto change = roster.plan(std::move(wish));
        roster.keep(*change, [](const auto& kept) { ASSERT_TRUE(kept); });
        roster.holds(*change);
        return change->item;
    }
    AlarmContact mail_of_nurse() {
        return contact({.account = "nurse", .address = "nurse@hospital.example"});
    }
    AlarmContact paging(std::uint16_t as = recipients::charge_nurse, std::string unit = {}) {
        return contact({.name = "Paging",
                        .as = as,
                        .unit = std::move(unit),
                        .channel = AlarmChannel::webhook,
                        .address = "https://paging.example/alarms",
                        .secret = "shh"});
    }
    AlarmEvent event(EventType type, std::uint16_t told, std::uint8_t level = 1) {
        AlarmEvent made{.id = {ada, {0, ++offset}, 0}, .time = now, .type = type};
        made.alarm = {ada, {0, 7}, 0};
        made.condition.condition = watch.tables().conditions.id_of("spo2_desaturation");
        made.condition.metric = catalogue.find("spo2")->id;
        made.priority = AlarmPriority::high;
        made.episode = 1;
        made.level = level;
        made.told = told;
        made.value = Decimal{78, 0};
        made.limit = Decimal{80, 0};
        return made;
    }
    void conclude(const AlarmEvent& event) { telling.concluded({&event, 1}, now); }
    // A second after the other, answering what is sent by `outcome`.
    void run(seconds time) {
        for (auto left = time; left > seconds(0); left -= seconds(1)) {
            now += seconds(1);
            answer_all();
            telling.every_second(now);
        }
        answer_all();
    }
    void answer_all() {
        for (auto& done : std::exchange(open, {})) done(outcome);
    }
    // Who was sent what since the last call.
    std::vector<std::string> sent() {
        std::vector<std::string> all;
        for (const auto& message : std::exchange(messages, {}))
            all.push_back(told_text(message.to) + " as " + monitor::recipients_text(message.to.as));
        return all;
    }
    std::vector<std::string> recorded() {
        std::vector<std::string> all;
        for (const auto& act : std::exchange(given, {})) {
            const auto& body = std::get<monitor::AlarmDisseminated>(act.body);
            all.push_back(std::string(to_string(body.status)) + ": " + act.reason);
        }
        return all;
    }

    std::vector<AlarmSent> open;
    std::vector<monitor::AlarmAct> given;
    Result<std::string> outcome = std::string("250 taken");
    std::uint64_t offset = 100;
    AlarmWords words{registry, catalogue, watch.tables()};
    Dissemination telling{
        {.words = words,
         .roster = roster,
         .random = identity::system_random(),
         .send =
             [this](const AlarmMessage& message, AlarmSent done) {
                 messages.push_back(message);
                 open.push_back(std::move(done));
             },
         .give = [this](monitor::AlarmAct act) { given.push_back(std::move(act)); },
         .display = [this](const monitor::Subject& subject) -> const monitor::Display* {
             return subject == monitor::place_of(central.id) ? &central : nullptr;
         }}};
    monitor::Display central{
        .id = {monitor::displays_from.value + 4}, .name = "desk", .unit = "ICU"};
};

TEST_F(Told, of_a_screen_that_does_not_confirm_whoever_has_the_duty_of_its_unit_is) {
    paging(recipients::central, "Ward 2");
    paging(recipients::central, "ICU");
    auto lost = event(EventType::onset, recipients::central);
    lost.id.subject = lost.alarm.subject = monitor::place_of(central.id);
    conclude(lost);
    ASSERT_EQ(messages.size(), 1U) << "Ward 2 has no such screen";
    EXPECT_EQ(messages.back().place, "ICU, screen desk");
}

TEST_F(Told, who_has_the_duty_is_told_when_their_step_comes_and_once) {
    mail_of_nurse();
    paging();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    conclude(event(EventType::onset, recipients::bed | recipients::assigned_nurse));
    EXPECT_THAT(sent(), ElementsAre("nurse by email as assigned-nurse"));
    conclude(event(EventType::told, recipients::assigned_nurse | recipients::charge_nurse, 2));
    EXPECT_THAT(sent(), ElementsAre("Paging by webhook as charge-nurse"))
        << "the nurse was told before";
    conclude(event(EventType::nobody_responded,
                   recipients::assigned_nurse | recipients::charge_nurse, 2));
    EXPECT_THAT(sent(), ElementsAre("nurse by email as assigned-nurse",
                                    "Paging by webhook as charge-nurse"));
    answer_all();
    EXPECT_THAT(recorded(), ElementsAre("delivered: 250 taken", "delivered: 250 taken",
                                        "delivered: 250 taken", "delivered: 250 taken"));
}

TEST_F(Told, nobody_of_another_unit_patient_or_time_is_told) {
    mail_of_nurse();
    paging(recipients::assigned_nurse, "Ward 2");
    on_duty("nurse", recipients::assigned_nurse, "Ward 2");
    on_duty("nurse", recipients::assigned_nurse, "ICU", {PatientId{2}});
    on_duty("nurse", recipients::buddy, "ICU");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    EXPECT_THAT(sent(), IsEmpty());
    on_duty("nurse", recipients::assigned_nurse, "ICU", {PatientId{1}});
    now += std::chrono::hours(8);
    conclude(event(EventType::onset, recipients::assigned_nurse));
    EXPECT_THAT(sent(), IsEmpty()) << "the shift is over";
}

TEST_F(Told, below_a_contacts_least_priority_nothing_is_sent) {
    contact(
        {.account = "nurse", .address = "nurse@hospital.example", .least = AlarmPriority::high});
    on_duty("nurse", recipients::assigned_nurse, "");
    auto medium = event(EventType::onset, recipients::assigned_nurse);
    medium.priority = AlarmPriority::medium;
    conclude(medium);
    EXPECT_THAT(sent(), IsEmpty());
    conclude(event(EventType::priority_raised, recipients::assigned_nurse));
    EXPECT_THAT(sent(), ElementsAre("nurse by email as assigned-nurse"));
}

TEST_F(Told, what_is_not_taken_is_tried_again_and_at_last_undeliverable) {
    mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    outcome = fail(Error::Kind::busy, "451 later");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    run(seconds(40));
    EXPECT_EQ(sent().size(), 5U) << "at once, and after 1, 2, 4 and 8 s more or so";
    EXPECT_THAT(recorded(), ElementsAre("undeliverable: 451 later")) << "within 30 s of a high one";
    EXPECT_EQ(telling.waiting(), 0U);
}

TEST_F(Told, what_is_refused_for_good_is_not_tried_again) {
    mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    outcome = fail(Error::Kind::forbidden, "550 no such mailbox");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    run(seconds(5));
    EXPECT_EQ(sent().size(), 1U);
    EXPECT_THAT(recorded(), ElementsAre("undeliverable: 550 no such mailbox"));
}

TEST_F(Told, once_somebody_has_it_nothing_more_is_tried_and_systems_hear_of_it) {
    mail_of_nurse();
    paging(recipients::assigned_nurse);
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    outcome = fail(Error::Kind::busy, "451 later");
    answer_all();
    sent();
    conclude(event(EventType::acknowledged, recipients::assigned_nurse));
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].kind, AlarmMessage::Kind::changed);
    EXPECT_EQ(messages[0].to.contact.name, "Paging");
    run(seconds(40));
    EXPECT_THAT(recorded(), IsEmpty()) << "of a change nothing is put on record";
    conclude(event(EventType::re_alarmed, recipients::assigned_nurse));
    sent();
    outcome = std::string("250 taken");
    run(seconds(2));
    EXPECT_EQ(recorded().size(), 2U) << "it sounds again: both are told again";
}

TEST_F(Told, a_receipt_says_that_it_is_on_the_persons_device_once) {
    mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    const auto id = messages.at(0).id;
    EXPECT_FALSE(telling.received(id, "", now)) << "nothing was delivered yet";
    answer_all();
    recorded();
    EXPECT_TRUE(telling.received(id, "read on the phone", now));
    EXPECT_THAT(recorded(), ElementsAre("received: read on the phone"));
    EXPECT_FALSE(telling.received(id, "", now));
    EXPECT_FALSE(telling.received("guessed", "", now));
}

TEST_F(Told, after_a_start_who_was_told_of_what_stands_is_told_again) {
    mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    auto& bed = watch.shown[ada];
    monitor::BedAlarm shown;
    shown.alarm.id = {ada, {0, 7}, 0};
    shown.alarm.priority = AlarmPriority::high;
    shown.alarm.state = monitor::AlarmState::active;
    shown.alarm.told = recipients::assigned_nurse;
    bed.alarms = {shown};
    shown.alarm.state = monitor::AlarmState::acknowledged;
    shown.alarm.id.ordinal = 1;
    bed.alarms.push_back(shown);
    telling.resume(watch.beds(), now);
    EXPECT_THAT(sent(), ElementsAre("nurse by email as assigned-nurse"));
}

TEST_F(Told, of_an_emergency_access_those_hear_who_review_it) {
    mail_of_nurse();
    contact({.name = "Privacy", .address = "privacy@hospital.example", .emergencies = true});
    telling.emergency("ben", "on call for Ada Example", now);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].to.contact.name, "Privacy");
    const auto mail =
        mail_of(messages[0], words,
                {.public_url = "https://vigil.example", .mail_from = "vigil@hospital.example"});
    EXPECT_EQ(mail.subject, "Emergency access by ben");
    EXPECT_THAT(mail.text, HasSubstr("https://vigil.example/emergencies"));
    EXPECT_THAT(mail.text, Not(HasSubstr("Ada"))) << "the reason may name the patient";
    answer_all();
    EXPECT_THAT(recorded(), IsEmpty()) << "it is no alarm";
}

TEST_F(Told, duties_and_contacts_are_there_after_a_start) {
    const auto kept = mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse | recipients::buddy, "ICU", {PatientId{1}});
    AlarmRoster again(documents);
    ASSERT_TRUE(again.load());
    EXPECT_EQ(again.contacts().at(kept.id), kept);
    EXPECT_EQ(again.duties(), roster.duties());
    auto change = roster.plan_removal(kept);
    roster.keep(change, [](const auto&) {});
    AlarmRoster without(documents);
    ASSERT_TRUE(without.load());
    EXPECT_THAT(without.contacts(), IsEmpty());
}

TEST_F(Told, an_email_says_which_bed_and_whose_it_is_only_where_the_site_wishes) {
    mail_of_nurse();
    on_duty("nurse", recipients::assigned_nurse, "ICU");
    conclude(event(EventType::onset, recipients::assigned_nurse));
    MessageSite site{.name = "St. Elsewhere",
                     .public_url = "https://vigil.example",
                     .mail_from = "vigil@hospital.example"};
    auto mail = mail_of(messages.at(0), words, site);
    EXPECT_EQ(mail.subject, "HIGH alarm: Desaturation, ICU, bed 01");
    EXPECT_THAT(mail.text, HasSubstr("Measured: 78 %, limit 80 %"));
    EXPECT_THAT(mail.text, HasSubstr("https://vigil.example/patients/1"));
    EXPECT_THAT(mail.subject + mail.text, Not(HasSubstr("Ada")));
    EXPECT_TRUE(mail.is_urgent);
    site.names_patients = true;
    EXPECT_THAT(mail_of(messages.at(0), words, site).text, HasSubstr("Patient: Ada Example"));
}

TEST_F(Told, a_webhook_has_the_event_and_a_signature_that_only_its_secret_makes) {
    paging(recipients::assigned_nurse);
    conclude(event(EventType::onset, recipients::assigned_nurse));
    const auto& message = messages.at(0);
    const auto body = webhook_body(message, words, {.public_url = "https://vigil.example"});
    JsonDocument document;
    const auto root = *document.parse(body);
    EXPECT_EQ(root["type"].string(), "alarm");
    EXPECT_EQ(root["bed"].string(), "01");
    EXPECT_EQ(root["event"]["condition"].string(), "spo2_desaturation");
    EXPECT_EQ(root["receipt"].string(), "https://vigil.example/api/alarm-receipts/" + message.id);
    const auto signature = webhook_signature(message, body);
    auto forged = message;
    forged.to.contact.secret = "guessed";
    EXPECT_NE(webhook_signature(forged, body), signature);
    EXPECT_NE(webhook_signature(message, body + " "), signature);
}

}  // namespace
}  // namespace vigil::share
