#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::ElementsAre;

// Item 0:7 is of a device that is not registered yet, 0:8 cannot be read at all.
class QuarantineApi : public ApiTest {
protected:
    QuarantineApi() {
        hold(7, "vigil/gw/sub/cuff-1/telemetry", R"({"heart_rate":71,"ts":"2026-11-23T07:59:30Z"})",
             {Error::Kind::unknown_device, "register it and replay", "cuff-1"});
        hold(8, "vigil/gw/telemetry", "{broken", {Error::Kind::malformed, "no JSON", "byte 1"});
    }
    void hold(std::uint64_t offset, std::string topic, std::string raw, Error reason) {
        store::Quarantine::Held held;
        held.item.position = {0, offset};
        held.item.receive_time = identity::at(7);
        held.item.protocol = "mqtt";
        held.item.sender = "gw";
        held.item.topic = std::move(topic);
        held.item.reason = std::move(reason);
        held.item.size = raw.size();
        held.raw = std::move(raw);
        quarantine.all.emplace(offset, std::move(held));
    }
    std::vector<std::string> listed(const std::string& query) {
        std::vector<std::string> ids;
        const auto answer = ask("GET", "/api/quarantine" + query, reader());
        for (const auto item : answer.json()["items"]) ids.emplace_back(item["id"].string());
        return ids;
    }
};

TEST_F(QuarantineApi, items_are_listed_newest_first_with_the_reason) {
    EXPECT_THAT(listed(""), ElementsAre("0:8", "0:7"));
    const auto item = ask("GET", "/api/quarantine/0:8", reader());
    EXPECT_EQ(item.json()["reason"]["message"].string(), "no JSON");
    EXPECT_EQ(item.json()["bytes"].string(), "e2Jyb2tlbg==");
    EXPECT_EQ(ask("GET", "/api/quarantine/0:99", reader()).status, 404);
    EXPECT_EQ(ask("GET", "/api/quarantine/nonsense", reader()).status, 404);
    EXPECT_EQ(ask("GET", "/api/quarantine?state=lost", reader()).status, 400);
}

TEST_F(QuarantineApi, one_that_can_be_read_now_is_filed) {
    const auto replay = [this] {
        return ask("POST", "/api/quarantine/0:7/replay", writer(), "{}");
    };
    const auto early = replay();
    EXPECT_EQ(early.status, 200);
    EXPECT_EQ(early.json()["readings"].text(), "0") << "still nobody knows the cuff";
    EXPECT_EQ(early.json()["item"]["state"].string(), "open");

    take(registry.plan_add_device(
        {.external_id = "cuff-1", .gateway = registry.find_device("gw")->id}, ward.now()));
    const auto late = replay();
    EXPECT_EQ(late.json()["readings"].text(), "1") << late.body;
    EXPECT_EQ(late.json()["item"]["state"].string(), "replayed");
    EXPECT_EQ(late.json()["item"]["decided_by"].string(), "nurse");
    EXPECT_EQ(ask("GET", "/api/series?device=cuff-1", reader()).json()["series"].size(), 1U);
    EXPECT_EQ(replay().status, 409) << "decided already";
    EXPECT_THAT(listed("?state=replayed"), ElementsAre("0:7"));
}

TEST_F(QuarantineApi, one_whose_readings_the_log_cannot_keep_stays_open) {
    take(registry.plan_add_device(
        {.external_id = "cuff-1", .gateway = registry.find_device("gw")->id}, ward.now()));
    const auto credential = writer();
    log_works = false;
    EXPECT_EQ(ask("POST", "/api/quarantine/0:7/replay", credential, "{}").status, 503);
    log_works = true;
    EXPECT_THAT(listed("?state=open"), ElementsAre("0:8", "0:7"));
}

TEST_F(QuarantineApi, one_is_dismissed_with_a_note) {
    const auto answer =
        ask("POST", "/api/quarantine/0:8/dismiss", writer(), R"({"note":"a test device"})");
    EXPECT_EQ(answer.json()["item"]["state"].string(), "dismissed");
    EXPECT_EQ(answer.json()["item"]["note"].string(), "a test device");
    EXPECT_THAT(listed(""), ElementsAre("0:7"));
    const auto counts = ask("GET", "/api/quarantine?state=all", reader());
    EXPECT_EQ(counts.json()["counts"]["dismissed"].text(), "1");
    EXPECT_EQ(ask("POST", "/api/quarantine/0:8/dismiss", writer(), "{}").status, 409);
    EXPECT_EQ(ask("POST", "/api/quarantine/0:99/dismiss", writer(), "{}").status, 404);
    EXPECT_EQ(ask("POST", "/api/quarantine/0:7/dismiss", writer(), "nonsense").status, 400);
}

}  // namespace
}  // namespace vigil::share
