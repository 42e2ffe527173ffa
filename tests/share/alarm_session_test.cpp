// The alarms' own stream, as a screen sees it: a conversation as a list of frames.
#include "share/alarms/session.hpp"
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr monitor::Subject ada{{1}, {}}, ben{{2}, {}}, gateway{{}, {2}};

class AlarmStream : public ApiTest {
protected:
    AlarmStream() {
        watch.shown[ben] = {.subject = ben, .as_of = now};
        watch.shown[gateway] = {.subject = gateway, .as_of = now};
    }

    void open(const std::string& account = "admin") {
        screen = hub.open(identity::principal_of(*registry.find_account(account)), "");
        session::MessageActions out;
        screen->on_open(now, [this] { ++wakes; }, out);
        take(out);
    }
    void take(session::MessageActions& out) {
        for (auto& frame : out.send) {
            documents.push_back(std::make_unique<JsonDocument>());
            const auto parsed = documents.back()->parse(texts.emplace_back(frame.payload));
            ASSERT_TRUE(parsed) << frame.payload;
            frames.push_back(*parsed);
        }
        if (out.close) closed = out.close;
    }
    template <class Turn>
    void turn(Turn run) {
        session::MessageActions out;
        run(out);
        take(out);
    }
    void wake() {
        turn([&](auto& out) { screen->on_wake(now, out); });
    }
    void drain() {
        turn([&](auto& out) { screen->on_drained(now, out); });
    }
    void say(std::string text) {
        turn([&](auto& out) {
            screen->on_message(now, {.text = true, .payload = std::move(text)}, out);
        });
    }
    // The beds of a frame, by patient, device or screen.
    static std::vector<std::string> beds_of(JsonValue frame) {
        std::vector<std::string> names;
        for (const auto bed : frame["beds"])
            for (const auto* whose : {"patient", "device", "screen"})
                if (bed[whose].is(JsonKind::string)) names.emplace_back(bed[whose].string());
        return names;
    }
    std::vector<std::string> beds() const { return beds_of(frames.back()); }
    std::vector<std::string> beds_of_the_first_frame() const {
        const auto all = std::ranges::find_if(frames.rbegin(), frames.rend(),
                                              [](auto frame) { return frame["all"].is_true(); });
        return beds_of(*all);
    }

    Result<store::Access> decide(const identity::Principal& who) {
        return desk.decide(who, {.act = store::Act::read,
                                 .subjects = identity::Subjects::all(),
                                 .areas = {identity::Area::vitals},
                                 .resources = {},
                                 .what = "alarm stream",
                                 .from = "",
                                 .at = now});
    }

    bool is_valid = true;
    int wakes = 0;
    std::vector<Nanoseconds> latencies;
    AlarmHub hub{{.words = {registry, catalogue, watch.tables()},
                  .watch = watch,
                  .decide = [this](const auto& who, const auto*) { return decide(who); },
                  .still_valid = [this](const auto&, const auto&) { return is_valid; },
                  .shown_after = [this](Nanoseconds latency) { latencies.push_back(latency); },
                  .version = "test"}};
    std::unique_ptr<session::MessageSession> screen;
    std::deque<std::string> texts;
    std::vector<std::unique_ptr<JsonDocument>> documents;
    std::vector<JsonValue> frames;
    std::optional<std::uint16_t> closed;
};

TEST_F(AlarmStream, begins_with_everybody_whom_the_account_reaches) {
    open();
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0]["type"].string(), "hello");
    EXPECT_TRUE(frames[1]["all"].is_true());
    EXPECT_THAT(beds(), ElementsAre("gw", "1", "2"));
}

TEST_F(AlarmStream, shows_a_patient_their_own_and_no_places) {
    ApiTest::take(registry.plan_add_account({.user_name = "ada", .role = identity::Role::patient},
                                            ward.now()));
    ApiTest::take(registry.plan_relation({.account = registry.find_account("ada")->id,
                                          .patient = {1},
                                          .kind = identity::Relationship::self,
                                          .from = identity::at(7),
                                          .to = identity::end_of_time,
                                          .reason = {}},
                                         ward.now()));
    open("ada");
    EXPECT_THAT(beds(), ElementsAre("1"));
    drain();
    const auto before = frames.size();
    hub.changed({watch.shown[ben], watch.shown[gateway]}, std::nullopt);
    EXPECT_EQ(wakes, 0) << "nobody is woken for what they may not see";
    wake();
    EXPECT_EQ(frames.size(), before);
}

TEST_F(AlarmStream, sends_each_change_once_the_socket_has_taken_the_last) {
    open();
    hub.changed({watch.shown[ada]}, std::nullopt);
    hub.changed({watch.shown[ben]}, std::nullopt);
    wake();
    EXPECT_EQ(frames.size(), 2U) << "the socket is still full";
    watch.shown[ada].unmonitored_since = now;
    watch.shown.erase(ben);
    drain();
    EXPECT_FALSE(frames.back()["all"].is_true());
    EXPECT_THAT(beds(), ElementsAre("1", "2"));
    EXPECT_FALSE(frames.back()["beds"][std::size_t{0}]["unmonitored_since"].is(JsonKind::null))
        << "the newest state, not the one of then";
    EXPECT_FALSE(frames.back()["beds"][std::size_t{1}]["watched"].is_true()) << "has left";
}

TEST_F(AlarmStream, measures_from_the_message_to_the_screen_that_has_painted_it) {
    open();
    drain();
    hub.changed({watch.shown[ada]}, now - milliseconds(12));
    wake();
    say(R"({"type":"shown","number":1})");
    EXPECT_THAT(latencies, IsEmpty()) << "the first frame: of no message";
    now += milliseconds(8);
    say(R"({"type":"shown","number":2})");
    EXPECT_THAT(latencies, ElementsAre(milliseconds(20)));
    for (const auto* nonsense :
         {"", "[]", "{", R"({"type":"shown","number":-1})", R"({"type":"else"})"})
        say(nonsense);
    EXPECT_FALSE(closed);
}

TEST_F(AlarmStream, says_each_second_whether_anybody_watches) {
    open();
    drain();
    now += seconds(1);
    turn([&](auto& out) { screen->on_timer(now, out); });
    EXPECT_EQ(frames.back()["type"].string(), "heartbeat");
    EXPECT_TRUE(frames.back()["watching"].is_true());
    drain();
    watch.late = behind_max;
    now += seconds(1);
    turn([&](auto& out) { screen->on_timer(now, out); });
    EXPECT_FALSE(frames.back()["watching"].is_true());
}

// --- A screen that has to confirm
// --------------------------------------------------------------------------------------

class CentralScreen : public AlarmStream {
protected:
    static constexpr monitor::DisplayId central{monitor::displays_from.value + 4};

    CentralScreen() { expect("ICU"); }

    void expect(std::string unit, bool sounds = true) {
        watch.shown[monitor::place_of(central)] = {
            .subject = monitor::place_of(central),
            .as_of = now,
            .display = monitor::Display{.id = central,
                                        .name = "desk",
                                        .unit = std::move(unit),
                                        .sounds = sounds,
                                        .key_sha256 = to_hex(identity::sha256("its key"))}};
    }
    void says_which(const std::string& key = "its key") {
        drain();
        say(R"({"type":"display","id":"2147483652","key":")" + key + "\"}");
    }
    void heartbeat() {
        drain();
        now += seconds(1);
        turn([&](auto& out) { screen->on_timer(now, out); });
    }
    void painted(int number, bool sound = true) {
        say(R"({"type":"painted","number":)" + std::to_string(number) + R"(,"sound":)" +
            (sound ? "true}" : "false}"));
    }
    std::size_t confirmations() const {
        return static_cast<std::size_t>(std::ranges::count_if(watch.given, [](const auto& act) {
            return std::holds_alternative<monitor::DisplayConfirmed>(act.body);
        }));
    }
};

TEST_F(CentralScreen, that_is_relied_on_confirms_what_it_has_painted) {
    open();
    says_which();
    EXPECT_EQ(frames.back()["type"].string(), "display");
    EXPECT_TRUE(frames.back()["expected"].is_true());
    EXPECT_EQ(frames.back()["name"].string(), "desk");
    heartbeat();
    painted(1);
    ASSERT_EQ(confirmations(), 1U);
    EXPECT_EQ(monitor::subject(watch.given.back()), monitor::place_of(central));
    EXPECT_EQ(watch.given.back().by, "admin");
    for (int second = 0; second < 6; ++second) {
        heartbeat();
        painted(1);
    }
    EXPECT_EQ(confirmations(), 3U) << "on record every three seconds";
}

TEST_F(CentralScreen, confirms_nothing_that_is_old_or_cannot_be_heard) {
    open();
    says_which();
    heartbeat();
    painted(1, false);
    painted(0);
    EXPECT_EQ(confirmations(), 0U);
    hub.changed({watch.shown[ada]}, std::nullopt);
    drain();
    wake();
    heartbeat();
    heartbeat();
    painted(1);
    EXPECT_EQ(confirmations(), 0U) << "it shows what was two heartbeats ago";
    painted(2);
    EXPECT_EQ(confirmations(), 1U);
}

TEST_F(CentralScreen, that_nobody_relies_on_hearing_is_confirmed_silent) {
    expect("", false);
    open();
    says_which();
    heartbeat();
    painted(1, false);
    EXPECT_EQ(confirmations(), 1U);
}

TEST_F(CentralScreen, is_nothing_without_its_key_or_where_its_unit_is_nobodys_of_the_account) {
    open();
    says_which("another key");
    EXPECT_FALSE(frames.back()["expected"].is_true());
    heartbeat();
    painted(1);
    ApiTest::take(registry.plan_add_account(
        {.user_name = "nia", .role = identity::Role::nurse, .units = {"Ward 2"}}, ward.now()));
    open("nia");
    says_which();
    EXPECT_FALSE(frames.back()["expected"].is_true());
    EXPECT_THAT(beds_of_the_first_frame(), testing::Not(testing::Contains("2147483652")));
    heartbeat();
    painted(1);
    EXPECT_EQ(confirmations(), 0U);
}

TEST_F(CentralScreen, that_is_released_is_told_so) {
    open();
    says_which();
    watch.shown.erase(monitor::place_of(central));
    heartbeat();
    painted(1);
    EXPECT_EQ(frames.back()["type"].string(), "display");
    EXPECT_FALSE(frames.back()["expected"].is_true());
    EXPECT_EQ(confirmations(), 0U);
}

TEST_F(AlarmStream, ends_with_the_session_and_for_whoever_takes_nothing) {
    open();
    now += seconds(40);
    turn([&](auto& out) { screen->on_timer(now, out); });
    EXPECT_EQ(closed, 1013);
    open();
    is_valid = false;
    hub.access_changed();
    wake();
    EXPECT_EQ(closed, 1008);
}

TEST_F(AlarmStream, is_refused_to_whoever_may_see_no_vital_signs) {
    ward.account("auditor", identity::Role::auditor);
    open("auditor");
    EXPECT_EQ(frames.back()["type"].string(), "error");
    EXPECT_EQ(closed, 1008);
}

}  // namespace
}  // namespace vigil::share
