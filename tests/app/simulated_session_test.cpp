#include "app/simulated_session.hpp"

#include <gmock/gmock.h>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"

namespace vigil::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

// Says its second each second; its network is away from `lost` to `back`.
class Ticker final : public simulate::Source {
public:
    Ticker(Timestamp start, Timestamp lost = Timestamp::max(), Timestamp back = Timestamp::max())
        : start_(start), now_(start), lost_(lost), back_(back) {}
    Timestamp now() const override { return now_; }
    bool link_up() const override { return now_ < lost_ || now_ >= back_; }
    void greet(Timestamp now, std::vector<simulate::Publication>& out) const override {
        out.push_back({now, "t", "hello"});
    }
    void advance(Nanoseconds duration, bool later,
                 std::vector<simulate::Publication>& out) override {
        now_ += duration;
        out.push_back({now_, "t",
                       std::to_string(std::chrono::floor<seconds>(now_ - start_).count()) +
                           (later || !link_up() ? " stored" : "")});
    }

private:
    Timestamp start_, now_, lost_, back_;
};

struct Conversation {
    explicit Conversation(SimulatedDevice& device)
        : session(device,
                  {.ended = [this](std::string reason) { ended.push_back(reason); },
                   .sent = [this](const auto& message) { log.push_back(message.payload); }}) {
        session.on_open(noon, [] {}, out);
    }
    std::vector<std::string> ended, log;
    session::Actions out;
    SimulatedSession session;

    void hear(Timestamp now, const mqtt::Packet& packet) {
        std::string bytes;
        mqtt::encode(packet, mqtt::Version::v5, bytes);
        session.on_bytes(now, bytes, out);
    }
    void accept(Timestamp now, bool session_present = false, std::uint16_t receive_maximum = 100) {
        out.clear();
        mqtt::Connack connack;
        connack.session_present = session_present;
        connack.properties.receive_maximum = receive_maximum;
        hear(now, connack);
    }
    // Payloads of what it has sent since the last look; they are acknowledged.
    std::vector<std::string> sent(bool acknowledge = true) {
        std::vector<std::string> payloads;
        std::vector<std::uint16_t> packets;
        mqtt::PacketFramer framer(1 << 20);
        framer.feed(out.send);
        while (true) {
            const auto frame = framer.next();
            if (!frame || !*frame) break;
            const auto packet = mqtt::decode(**frame, mqtt::Version::v5);
            if (const auto* publish = std::get_if<mqtt::Publish>(&*packet)) {
                payloads.emplace_back(publish->payload);
                packets.push_back(publish->packet_identifier);
            }
        }
        out.clear();
        if (acknowledge)
            for (const auto packet : packets) {
                mqtt::Puback puback;
                puback.packet_identifier = packet;
                hear(noon, puback);
            }
        return payloads;
    }
};

SimulatedDevice device_of(Ticker ticker, Pace pace) {
    return {"d", "secret", std::make_unique<Ticker>(ticker), pace};
}

TEST(SimulatedSession, greets_first_and_then_plays_as_time_passes) {
    auto device = device_of(Ticker(noon), {.from = noon, .began = noon});
    Conversation talk(device);
    talk.accept(noon);
    EXPECT_THAT(talk.sent(), ElementsAre("hello"));
    talk.session.on_timer(noon + seconds(2), talk.out);
    EXPECT_THAT(talk.sent(), ElementsAre("1", "2"));
    EXPECT_THAT(talk.log, ElementsAre("1", "2")) << "the greeting has the wall clock's time";
    EXPECT_EQ(device.acknowledged, 2U);
}

TEST(SimulatedSession, plays_the_past_as_stored_data_up_to_now_and_no_further) {
    const auto since = noon - seconds(30);
    auto device = device_of(Ticker(since), {.from = since, .began = noon, .speed = 0});
    Conversation talk(device);
    talk.accept(noon);
    const auto sent = talk.sent();
    ASSERT_THAT(sent, SizeIs(31));
    EXPECT_EQ(sent[1], "1 stored");
    EXPECT_EQ(sent[30], "30") << "what is seconds old is live";
}

TEST(SimulatedSession, never_has_more_open_than_the_server_lets_it) {
    const auto since = noon - hours(1);
    auto device = device_of(Ticker(since), {.from = since, .began = noon, .speed = 0});
    Conversation talk(device);
    talk.accept(noon, false, 40);
    EXPECT_LE(talk.sent(false).size(), 40U);
    talk.session.on_timer(noon + seconds(1), talk.out);
    EXPECT_THAT(talk.sent(false), IsEmpty());
}

TEST(SimulatedSession, sends_again_what_was_not_acknowledged) {
    auto device = device_of(Ticker(noon), {.from = noon, .began = noon});
    Conversation first(device);
    first.accept(noon);
    first.session.on_timer(noon + seconds(1), first.out);
    EXPECT_THAT(first.sent(false), ElementsAre("hello", "1"));
    Conversation second(device);
    second.accept(noon + seconds(1), true);
    EXPECT_THAT(second.sent(), ElementsAre("hello", "1"));
    EXPECT_EQ(device.acknowledged, 1U);
}

TEST(SimulatedSession, a_lost_network_ends_it_without_a_word_and_what_is_kept_follows) {
    auto device = device_of(Ticker(noon, noon + seconds(2), noon + seconds(4)),
                            {.from = noon, .began = noon});
    Conversation talk(device);
    talk.accept(noon);
    talk.session.on_timer(noon + seconds(1), talk.out);
    EXPECT_THAT(talk.sent(), ElementsAre("hello", "1"));
    talk.session.on_timer(noon + seconds(3), talk.out);
    EXPECT_TRUE(talk.out.close);
    EXPECT_TRUE(talk.out.send.empty()) << "not even DISCONNECT";
    device.play(noon + seconds(4), false);
    Conversation again(device);
    again.accept(noon + seconds(4));
    EXPECT_THAT(again.sent(), ElementsAre("hello", "2 stored", "3 stored", "4 stored"));
}

TEST(SimulatedSession, ends_when_everything_is_played_and_acknowledged) {
    auto device = device_of(Ticker(noon), {.from = noon, .began = noon, .to = noon + seconds(1)});
    Conversation talk(device);
    talk.accept(noon);
    talk.sent();
    talk.session.on_timer(noon + seconds(5), talk.out);
    EXPECT_FALSE(device.finished());
    EXPECT_THAT(talk.sent(), ElementsAre("1"));
    EXPECT_TRUE(device.finished());
    EXPECT_TRUE(talk.out.close);
}

TEST(SimulatedSession, a_refusal_is_told_to_the_owner) {
    auto device = device_of(Ticker(noon), {.from = noon, .began = noon});
    Conversation talk(device);
    mqtt::Connack connack;
    connack.reason = mqtt::ReasonCode::bad_user_name_or_password;
    talk.hear(noon, connack);
    EXPECT_TRUE(talk.out.close);
    talk.session.on_closed(noon);
    EXPECT_THAT(talk.ended, ElementsAre("refused with reason 0x86"));
}

}  // namespace
}  // namespace vigil::app
