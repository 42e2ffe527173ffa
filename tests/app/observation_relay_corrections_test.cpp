// What a later version of an Observation does to the readings, and what it must not.
#include "app/observation_relay_fixture.hpp"

namespace vigil::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;

TEST_F(ObservationRelayTest, versions_that_wait_together_are_filed_one_after_the_other) {
    looking = false;
    post("a", "ada", "2026-01-01T11:59:00Z", 172);
    post("a", "ada", "2026-01-01T11:59:00Z", 72);
    post("a", "ada", "2026-01-01T11:58:00Z", 73);
    looking = true;
    std::exchange(held_look, nullptr)();
    ASSERT_TRUE(filed_up_to(5));
    EXPECT_THAT(readings(), ElementsAre("73", "72 withdrawn"));
    EXPECT_THAT(sources(),
                ElementsAre("fhir/Observation/a/_history/1", "fhir/Observation/a/_history/2",
                            "fhir/Observation/a/_history/3", "fhir/Observation/a/_history/3"));
}

TEST_F(ObservationRelayTest, a_kill_between_the_parts_of_a_correction_leaves_none_out) {
    post_pressure(120, 80);
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(3));
    post_pressure(121, 81);
    ASSERT_TRUE(appended(2));
    commit_the_first_and_kill();
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(4));
    EXPECT_THAT(readings("nibp_sys"), ElementsAre("121"));
    EXPECT_THAT(readings("nibp_dia"), ElementsAre("81"));
}

TEST_F(ObservationRelayTest, nor_does_it_where_the_parts_are_of_one_metric) {
    post_pressure(120, 130, "8480-6");
    ASSERT_TRUE(filed_up_to(3));
    post_pressure(121, 131, "8480-6");
    ASSERT_TRUE(appended(2));
    commit_the_first_and_kill();
    ASSERT_TRUE(appended(1));
    commit();
    ASSERT_TRUE(looked_at(4));
    EXPECT_THAT(readings("nibp_sys"), ElementsAre("121", "131"));
}

TEST_F(ObservationRelayTest, the_resource_is_in_the_log_once_however_much_it_corrects) {
    post_pressure(120, 80);
    ASSERT_TRUE(filed_up_to(3));
    post_pressure(121, 81);
    ASSERT_TRUE(filed_up_to(4));
    std::vector<bool> has_raw;
    for (const auto& entry : log.kept) {
        Batch batch;
        if (entry.kind == store::EntryKind::batch && decode(entry.body, batch))
            has_raw.push_back(!batch.raw.empty());
    }
    EXPECT_THAT(has_raw, ElementsAre(true, true, false));
}

TEST_F(ObservationRelayTest, what_cannot_be_read_of_the_series_stops_nothing_else) {
    post("a", "ada", "2026-01-01T11:58:00Z", 71);
    post("b", "ada", "2026-01-01T11:59:00Z", 72);
    ASSERT_TRUE(filed_up_to(4));
    series.damaged = noon - seconds(120);
    post("a", "ada", "2026-01-01T11:57:00Z", 73);
    write("DELETE", "Observation/b", "");
    ASSERT_TRUE(filed_up_to(6));
    EXPECT_THAT(readings(), ElementsAre("71", "72 withdrawn"));
}

TEST_F(ObservationRelayTest, after_many_drafts_it_is_still_one_reading) {
    post("a");
    for (int draft = 0; draft < 25; ++draft)
        post("a", "ada", "2026-01-01T11:59:00Z", 80 + draft, "preliminary");
    post("a", "ada", "2026-01-01T11:59:00Z", 73);
    ASSERT_TRUE(filed_up_to(29));
    EXPECT_THAT(readings(), ElementsAre("73"));
}

TEST_F(ObservationRelayTest, what_was_never_filed_withdraws_nothing) {
    post("a");
    post("b", "ben");
    ASSERT_TRUE(filed_up_to(4));
    post("b", "ben", "2026-01-01T11:59:00Z", 73, "corrected");
    write("DELETE", "Observation/b", "");
    ASSERT_TRUE(filed_up_to(6));
    EXPECT_THAT(readings(), ElementsAre("72"));
}

TEST_F(ObservationRelayTest, a_record_that_said_the_same_withdraws_its_own_alone) {
    post("a");
    post("b");
    ASSERT_TRUE(filed_up_to(4));
    EXPECT_THAT(readings(), ElementsAre("72")) << "which is one reading";
    post("b", "ada", "2026-01-01T11:59:00Z", 73, "corrected");
    ASSERT_TRUE(filed_up_to(5));
    EXPECT_THAT(readings(), ElementsAre("72", "73"));
    write("DELETE", "Observation/b", "");
    post("c");
    write("DELETE", "Observation/c", "");
    ASSERT_TRUE(filed_up_to(8));
    EXPECT_THAT(readings(), testing::Contains("72"));
}

TEST_F(ObservationRelayTest, over_a_view_nothing_is_said_of_another_reading) {
    const auto first = noon - hours(1), second = noon - seconds(60);
    measured("monitor-1", first, 70);
    measured("monitor-2", second, 80);
    const auto view = fhir::to_string({.device = registry.find_device("monitor-1")->id,
                                       .metric = catalogue.find("heart_rate")->id,
                                       .time = first});
    post(view, "ada", "2026-01-01T11:59:00Z", 80, "amended", "monitor-2");
    ASSERT_TRUE(filed_up_to(4));
    EXPECT_THAT(readings(), ElementsAre("70 withdrawn", "80"));
    post(view, "ada", "2026-01-01T11:59:00Z", 80, "entered-in-error", "monitor-2");
    ASSERT_TRUE(filed_up_to(5));
    EXPECT_THAT(readings(), ElementsAre("70 withdrawn", "80"));
    post(view, "ada", "2026-01-01T11:00:00Z", 71, "corrected");
    ASSERT_TRUE(filed_up_to(6));
    EXPECT_THAT(readings(), ElementsAre("71", "80"));
}

TEST_F(ObservationRelayTest, what_is_new_takes_no_place_whatever_its_status) {
    measured("monitor-1", noon - seconds(60), 70);
    for (const auto* status : {"amended", "corrected"})
        post(status, "ada", "2026-01-01T11:59:00Z", status[0] == 'a' ? 72 : 73, status);
    ASSERT_TRUE(filed_up_to(4));
    EXPECT_THAT(readings(), testing::UnorderedElementsAre("70", "72", "73"));
}

}  // namespace
}  // namespace vigil::app
