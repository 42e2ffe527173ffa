// docs/reference/live-stream.md: a whole conversation as a list of frames.
#include "share/live_conversation.hpp"

namespace vigil::share {
namespace {

TEST_F(LiveConversation, begins_with_a_snapshot_read_by_a_worker_and_goes_on_live) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    EXPECT_THAT(types(viewer), ElementsAre("hello"));  // nothing of a disk on the loop
    heart_rate(71);                                    // comes while the worker reads
    settle(viewer);
    tick(viewer, milliseconds(50));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("71"));
    EXPECT_THAT(values(viewer), ElementsAre("71"));  // at least once, never lost
}

TEST_F(LiveConversation, shows_whom_the_viewer_reaches_as_they_come_and_go) {
    ward.must(ward.registry.plan_add_account(
        {.user_name = "nia", .role = identity::Role::nurse, .units = {"ICU"}}, ward.now()));
    who = principal_of(*ward.registry.find_account("nia"));
    const auto move_ada = [&](const char* unit) {
        auto patient = *ward.registry.patient(ada);
        patient.unit = unit;
        ward.must(ward.registry.plan_change_patient(patient, ward.now()));
        hub->access_changed();
    };
    auto viewer = open();
    const auto look = [&] {
        viewer.frames.clear();
        drained(viewer);
        settle(viewer);
        tick(viewer, milliseconds(50));
    };
    heart_rate(70);
    subscribe(viewer, "null");
    look();
    EXPECT_THAT(snapshot_values(viewer), IsEmpty()) << "Ada is not in the unit";
    heart_rate(71);
    look();
    EXPECT_THAT(values(viewer), IsEmpty());

    move_ada("ICU");
    look();
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("71"));
    heart_rate(72);
    look();
    EXPECT_THAT(values(viewer), ElementsAre("72"));
    const auto lines = ledger.lines.size();
    hub->access_changed();
    look();
    EXPECT_THAT(types(viewer), Not(testing::Contains("snapshot"))) << "nothing has changed";
    EXPECT_EQ(ledger.lines.size(), lines);

    move_ada("Ward");
    look();
    EXPECT_EQ(ledger.lines.size(), lines + 1) << "each change of patients is on record";
    heart_rate(73);
    look();
    EXPECT_THAT(values(viewer), IsEmpty());
    EXPECT_FALSE(viewer.closed);
}

TEST_F(LiveConversation, has_no_cursor_to_resume_from_before_its_snapshot_is_there) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    tick(viewer, seconds(1));
    EXPECT_THAT(types(viewer), ElementsAre("hello", "heartbeat"));
    EXPECT_EQ(cursor(viewer), "null");
    settle(viewer);
    EXPECT_EQ(cursor(viewer), "\"0:1\"");
}

TEST_F(LiveConversation, a_screen_that_was_cut_off_is_sent_from_memory_what_it_missed) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    for (int i = 1; i <= 5; ++i) now += seconds(1), heart_rate(70 + i);
    auto again = open();
    subscribe(again, kept);
    EXPECT_THAT(work_queue, IsEmpty());
    EXPECT_THAT(values(again), ElementsAre("71", "72", "73", "74", "75"));
}

TEST_F(LiveConversation, a_screen_cut_off_for_longer_than_memory_reaches_is_sent_it_from_the_log) {
    heart_rate(1);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    std::vector<std::string> missed;
    for (int i = 2; i <= 91; ++i) {
        now += seconds(1);
        heart_rate(i);
        missed.push_back(std::to_string(i));
    }
    auto again = open();
    subscribe(again, kept);
    EXPECT_THAT(types(again), ElementsAre("hello"));
    settle(again);
    EXPECT_EQ(values(again), missed);
    EXPECT_THAT(types(again), Not(testing::Contains("gap")));
    EXPECT_THAT(types(again), Not(testing::Contains("snapshot")));
    EXPECT_EQ(cursor(again), "\"0:91\"");
    again.frames.clear();
    heart_rate(99);
    tick(again, milliseconds(50));
    EXPECT_THAT(values(again), ElementsAre("99"));
}

TEST_F(LiveConversation, what_comes_while_the_log_is_read_follows_in_order) {
    heart_rate(1);
    auto viewer = open();
    subscribe(viewer, "null");
    settle(viewer);
    const auto kept = cursor(viewer);
    std::vector<std::string> missed;
    // Blocks make the log longer than one part.
    for (int i = 2; i <= 60; ++i) {
        now += seconds(1);
        heart_rate(i);
        ecg(20'000);
        missed.push_back(std::to_string(i));
    }
    auto again = open();
    subscribe(again, kept);
    work_once();
    drained(again);
    ASSERT_THAT(work_queue, Not(IsEmpty())) << "one part was enough: the test tests nothing";
    now += seconds(11);  // the ring forgets all it had
    heart_rate(61);
    missed.emplace_back("61");
    settle(again);
    EXPECT_EQ(values(again), missed);
    EXPECT_THAT(types(again), Not(testing::Contains("snapshot")));
}

TEST_F(LiveConversation, the_next_part_of_the_log_waits_until_the_one_before_was_taken) {
    heart_rate(1);
    for (int i = 0; i < 40; ++i) now += seconds(1), ecg(60'000);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    for (int turns = 0; turns < 100 && !work_queue.empty(); ++turns) {
        work_once();
        step(viewer, [&](auto& out) { viewer.session->on_wake(now, out); });  // takes nothing
    }
    std::size_t sent = 0;
    for (const auto& frame : viewer.frames) sent += frame.payload.size();
    EXPECT_LT(sent, hub->limits().untaken_bytes_max + 3 * 256 * 1024);
    settle(viewer);
    drained(viewer);
    settle(viewer);
    std::size_t blocks = 0;
    for (const auto& type : types(viewer)) blocks += type == "waveforms" ? 1 : 0;
    EXPECT_EQ(blocks, 40);
}

TEST_F(LiveConversation, beyond_what_is_resumed_a_gap_says_so_and_a_snapshot_follows) {
    connect({.ring_for = seconds(10), .resume_for = minutes(2)});
    heart_rate(70);
    const auto first = now;
    for (int i = 1; i <= 150; ++i) now += seconds(1), heart_rate(70 + i % 10);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "gap", "gap", "snapshot"));
    EXPECT_THAT(payload(viewer, "gap"),
                testing::HasSubstr(R"("from":")" + format_rfc3339(first + seconds(1)) +
                                   R"(","to":")" + format_rfc3339(now) + R"(","reason":"resume")"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("70"));
    EXPECT_EQ(cursor(viewer), "\"0:151\"");
}

TEST_F(LiveConversation, more_of_the_log_than_is_read_for_one_viewer_is_a_gap_too) {
    connect({.ring_for = seconds(10), .resume_bytes_max = 300 * 1024});
    heart_rate(70);
    for (int i = 0; i < 40; ++i) now += seconds(1), ecg(20'000);
    auto viewer = open();
    subscribe(viewer, "\"0:1\"", R"(,"waveform_history_s":0)");
    settle(viewer);
    EXPECT_THAT(types(viewer), testing::Contains("gap"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("70"));
}

TEST_F(LiveConversation, a_cursor_that_the_log_forgot_or_never_reached_is_a_gap) {
    heart_rate(70);
    for (int i = 1; i <= 30; ++i) now += seconds(1), heart_rate(70 + i);
    ASSERT_TRUE(log.trim({0, 10}));
    for (const auto* unknown : {"\"0:3\"", "\"0:5000\""}) {
        auto viewer = open();
        subscribe(viewer, unknown);
        settle(viewer);
        EXPECT_THAT(types(viewer), ElementsAre("hello", "gap", "gap", "snapshot")) << unknown;
        EXPECT_THAT(payload(viewer, "gap"), testing::HasSubstr(R"("from":null)"));
    }
}

TEST_F(LiveConversation, after_a_restart_what_was_committed_before_it_is_still_sent) {
    heart_rate(70);
    heart_rate(71);
    heart_rate(72);
    connect();  // a new hub with an empty ring over the same log
    auto viewer = open();
    subscribe(viewer, "\"0:1\"");
    settle(viewer);
    EXPECT_THAT(values(viewer), ElementsAre("71", "72"));
    EXPECT_THAT(types(viewer), Not(testing::Contains("gap")));
}

TEST_F(LiveConversation, what_the_log_holds_is_shown_under_whom_the_registry_names_now) {
    heart_rate(70);
    for (int i = 0; i < 20; ++i) now += seconds(1), heart_rate(80);
    const auto bo = ward.patient("Bo Sample");
    ward.attach(monitor, bo, identity::at(8), identity::end_of_time,
                identity::AssociationRank::scan);
    auto viewer = open();
    const auto text = R"({"type":"subscribe","patients":[")" + patient_id_text(bo) +
                      R"("],"metrics":"all","waveforms":false,"resume":"0:1"})";
    step(viewer, [&](auto& out) { viewer.session->on_message(now, {true, text}, out); });
    settle(viewer);
    EXPECT_EQ(values(viewer).size(), 20);
    EXPECT_THAT(payload(viewer, "readings"),
                testing::HasSubstr(R"("patient":")" + patient_id_text(bo) + '"'));
}

TEST_F(LiveConversation, a_strip_is_not_empty_at_the_start_of_a_view) {
    for (int i = 0; i < 30; ++i) now += seconds(1), ecg(250);
    connect();  // nothing in memory: it comes from the series
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":20)");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "snapshot", "series", "waveforms"));
    const auto& frame = viewer.frames.back().payload;
    std::uint16_t blocks = 0;
    std::memcpy(&blocks, frame.data() + 2, sizeof blocks);
    EXPECT_GE(blocks, 20);
    EXPECT_LE(blocks, 23);
    EXPECT_EQ(static_cast<unsigned char>(frame[8 + 5]) & 2, 2) << "bit 1: from the past";
}

TEST_F(LiveConversation, an_answer_for_a_subscription_that_was_replaced_is_dropped) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    subscribe(viewer, "null");
    settle(viewer);
    EXPECT_THAT(types(viewer), ElementsAre("hello", "snapshot"));
}

TEST_F(LiveConversation, a_viewer_may_leave_while_a_worker_reads_for_it) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null");
    viewer.session.reset();
    while (!work_queue.empty()) work_once();  // must not touch what is gone (address sanitizer)
    EXPECT_EQ(hub->viewers(), 0);
}

TEST_F(LiveConversation, a_viewer_that_takes_nothing_gets_the_newest_only_once_it_does) {
    heart_rate(70);
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":0)");
    settle(viewer);
    viewer.frames.clear();
    for (int i = 1; i <= 8; ++i) {
        now += seconds(1);
        heart_rate(70 + i);
        ecg(60'000);
        step(viewer, [&](auto& out) { viewer.session->on_wake(now, out); });
    }
    EXPECT_LT(values(viewer).size(), 8);
    viewer.frames.clear();
    drained(viewer);
    settle(viewer);
    EXPECT_THAT(payload(viewer, "gap"), testing::HasSubstr(R"("reason":"slow")"));
    EXPECT_THAT(snapshot_values(viewer), ElementsAre("78"));
}

TEST_F(LiveConversation, a_history_longer_than_a_minute_is_refused_by_name) {
    auto viewer = open();
    subscribe(viewer, "null", R"(,"waveform_history_s":61)");
    EXPECT_THAT(payload(viewer, "error"), testing::HasSubstr("/waveform_history_s"));
}

}  // namespace
}  // namespace vigil::share
