#include "app/observation_relay_fixture.hpp"

namespace vigil::app {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ObservationRelayTest, files_what_a_device_measured_under_whom_it_was_on) {
    post("a");
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(3));
    EXPECT_THAT(sources(), ElementsAre("fhir/Observation/a/_history/1"));
    EXPECT_THAT(filed_under, ElementsAre(PatientId{1}));
    Batch batch;
    ASSERT_TRUE(decode(log.kept.back().body, batch));
    ASSERT_EQ(batch.readings.size(), 1U);
    EXPECT_NE(batch.readings[0].reading.status & status::of_record, 0U);
    EXPECT_EQ(batch.readings[0].filed_time, noon - seconds(60));
    EXPECT_THAT(std::string(batch.raw), testing::HasSubstr(R"("id":"a")"));
}

TEST_F(ObservationRelayTest, leaves_alone_what_is_about_somebody_else_or_of_the_future) {
    post("a", "ben");
    post("b", "ada", "2026-01-01T12:06:00Z");
    post("c", "ada", "2026-01-01T07:59:00Z");
    ASSERT_TRUE(looked_at(5));
    EXPECT_THAT(log.waiting, IsEmpty());
    EXPECT_THAT(sources(), IsEmpty());
}

TEST_F(ObservationRelayTest, a_kill_before_the_entry_is_durable_files_it_later) {
    post("a");
    ASSERT_TRUE(appended(1));
    kill_and_start();
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(3));
    EXPECT_THAT(sources(), ElementsAre("fhir/Observation/a/_history/1"));
}

TEST_F(ObservationRelayTest, a_kill_after_it_is_durable_files_it_no_second_time) {
    post("a");
    ASSERT_TRUE(appended(1));
    log.commit();  // and nobody was told
    kill_and_start();
    ASSERT_TRUE(looked_at(3));
    EXPECT_THAT(log.waiting, IsEmpty());
    post("b");
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(4));
    EXPECT_THAT(sources(),
                ElementsAre("fhir/Observation/a/_history/1", "fhir/Observation/b/_history/1"));
}

TEST_F(ObservationRelayTest, what_the_log_could_not_keep_comes_again_and_only_that) {
    post("a");
    ASSERT_TRUE(appended(1));
    commit(false);
    relay->every_second();
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(3));
    EXPECT_THAT(sources(), ElementsAre("fhir/Observation/a/_history/1"));
}

TEST_F(ObservationRelayTest, what_cannot_be_read_of_the_records_stops_nothing_else) {
    looking = false;
    post("a");
    post("b", "ben");
    post("c", "ben");
    post("d", "ada", "2026-01-01T11:58:00Z", 73);
    post("e", "ben");
    sealer.damaged = PatientId{2};
    looking = true;
    std::exchange(held_look, nullptr)();
    ASSERT_TRUE(filed_up_to(7));
    EXPECT_THAT(readings(), ElementsAre("73", "72"));
}

TEST_F(ObservationRelayTest, what_holds_none_is_passed_over_unread) {
    ASSERT_TRUE(
        calls.run_until([&] { return cursor().find(R"("records":0,)") != std::string::npos; }));
    for (int second = 0; second < 60; ++second) relay->every_second();
    EXPECT_TRUE(looked_at(2));
}

}  // namespace
}  // namespace vigil::app
