// mqtt_load: publishers over real sockets, for ./dev bench. QoS 1 with a window, as fast as the
// server acknowledges or at a steady rate; prints one JSON object.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"
#include "net/connect.hpp"
#include "net/loop.hpp"

namespace {

using namespace vigil;  // NOLINT(google-build-using-namespace): a program of one file

struct Settings {
    std::string address = "127.0.0.1:1883", user, password;
    std::string topic = "vigil/d{id}/telemetry";
    std::string payload =
        R"({"ts":{ms},"seq":{seq},"heart_rate":{"value":{val},"unit":"/min"},"spo2":97,"resp_rate":16})";
    std::size_t connections = 50, window = 100;
    double seconds = 5, warm_up = 1, rate = 0;
};

struct Totals {
    bool measuring = false;
    std::uint64_t acknowledged = 0, refused = 0;
    std::size_t ready = 0;
    std::vector<double> latencies_us;
};

std::string filled(std::string text, std::string_view name, std::string_view with) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + with.size()))
        text.replace(at, name.size(), with);
    return text;
}

class Publisher : public session::ByteSession {
public:
    Publisher(const Settings& settings, Totals& totals, std::size_t number)
        : settings_(settings),
          totals_(totals),
          id_(fmt::format("{:06}", number)),
          framer_(1 << 20) {
        topic_ = filled(settings.topic, "{id}", id_);
        payload_ = filled(settings.payload, "{id}", id_);
    }

    void on_open(Timestamp, session::Waker, session::Actions& out) override {
        mqtt::Connect connect;
        const auto client = "load" + id_;
        connect.client_identifier = client;
        if (!settings_.user.empty()) connect.user_name = settings_.user;
        if (!settings_.password.empty()) connect.password = settings_.password;
        mqtt::encode(connect, out.send);
    }
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override {
        framer_.feed(bytes);
        while (true) {
            const auto frame = framer_.next();
            if (!frame || !*frame) break;
            const auto packet = mqtt::decode(**frame, mqtt::Version::v5);
            if (!packet) continue;
            if (std::holds_alternative<mqtt::Connack>(*packet)) begin(now);
            if (const auto* puback = std::get_if<mqtt::Puback>(&*packet))
                acknowledged(now, *puback);
        }
        framer_.keep_rest();
        send_more(now, out);
    }
    void on_timer(Timestamp now, session::Actions& out) override { send_more(now, out); }
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}

private:
    void begin(Timestamp now) {
        ++totals_.ready;
        began_ = now;
    }
    void acknowledged(Timestamp now, const mqtt::Puback& puback) {
        const auto sent = in_flight_.find(puback.packet_identifier);
        if (sent == in_flight_.end()) return;
        if (totals_.measuring) {
            ++totals_.acknowledged;
            if (static_cast<unsigned>(puback.reason) >= 0x80) ++totals_.refused;
            totals_.latencies_us.push_back(
                std::chrono::duration<double, std::micro>(now - sent->second).count());
        }
        in_flight_.erase(sent);
    }
    // At a steady rate a message's latency counts from when it was due: a stall cannot hide.
    void send_more(Timestamp now, session::Actions& out) {
        if (began_ == Timestamp{}) return;
        const double rate = settings_.rate / static_cast<double>(settings_.connections);
        while (in_flight_.size() < settings_.window) {
            auto due = now;
            if (rate > 0) {
                due = began_ + Nanoseconds(static_cast<std::int64_t>(
                                   static_cast<double>(sequence_) / rate * 1e9));
                if (due > now) {
                    out.wake_at = due;
                    return;
                }
            }
            publish(due, out);
        }
    }
    void publish(Timestamp due, session::Actions& out) {
        auto payload = filled(payload_, "{ms}", std::to_string(unix_ns(due) / 1'000'000));
        payload = filled(std::move(payload), "{seq}", std::to_string(++sequence_));
        payload = filled(std::move(payload), "{val}", std::to_string(60 + sequence_ % 40));
        mqtt::Publish publish;
        publish.qos = 1;
        publish.packet_identifier = ++packet_ == 0 ? packet_ = 1 : packet_;
        publish.topic = topic_;
        publish.payload = payload;
        mqtt::encode(publish, mqtt::Version::v5, out.send);
        in_flight_.emplace(publish.packet_identifier, due);
    }

    const Settings& settings_;
    Totals& totals_;
    std::string id_, topic_, payload_;
    mqtt::PacketFramer framer_;
    std::map<std::uint16_t, Timestamp> in_flight_;
    std::uint64_t sequence_ = 0;
    std::uint16_t packet_ = 0;
    Timestamp began_{};
};

double quantile(std::vector<double>& values, double q) {
    if (values.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

bool read(Settings& settings, std::string_view name, const std::string& value) {
    if (name == "--address")
        settings.address = value;
    else if (name == "--user")
        settings.user = value;
    else if (name == "--password")
        settings.password = value;
    else if (name == "--topic")
        settings.topic = value;
    else if (name == "--payload")
        settings.payload = value;
    else if (name == "--connections")
        settings.connections = std::stoul(value);
    else if (name == "--window")
        settings.window = std::stoul(value);
    else if (name == "--seconds")
        settings.seconds = std::stod(value);
    else if (name == "--rate")
        settings.rate = std::stod(value);
    else
        return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    for (int i = 1; i + 1 < argc; i += 2)
        if (!read(settings, argv[i], argv[i + 1])) {
            fmt::print(stderr, "mqtt_load: there is no option {}\n", argv[i]);
            return 2;
        }
    net::Loop loop;
    Totals totals;
    const auto endpoint = net::Endpoint::parse(settings.address);
    if (!endpoint) return 2;
    std::vector<std::unique_ptr<net::Client>> clients;
    for (std::size_t i = 0; i < settings.connections; ++i) {
        auto client = net::connect(loop, {.endpoint = *endpoint},
                                   std::make_unique<Publisher>(settings, totals, i));
        if (!client) return 1;
        clients.push_back(std::move(*client));
    }
    if (!loop.run_until([&] { return totals.ready == settings.connections; },
                        std::chrono::seconds(30))) {
        fmt::print(stderr, "mqtt_load: {} of {} connections were accepted\n", totals.ready,
                   settings.connections);
        return 1;
    }
    const auto run_for = [&](double seconds) {
        const auto end = loop.steady_now_ns() + static_cast<std::int64_t>(seconds * 1e9);
        loop.run_until([&] { return loop.steady_now_ns() >= end; }, std::chrono::minutes(10));
    };
    run_for(settings.warm_up);
    // The measured part stands between these two lines: whoever reads them takes the server's CPU
    // time.
    fmt::print("begin\n");
    std::fflush(stdout);
    totals.measuring = true;
    run_for(settings.seconds);
    totals.measuring = false;
    fmt::print(
        "{{\"messages\":{},\"refused\":{},\"seconds\":{},\"p50_us\":{:.0f},\"p99_us\":{:.0f},"
        "\"p999_us\":{:.0f}}}\n",
        totals.acknowledged, totals.refused, settings.seconds, quantile(totals.latencies_us, 0.5),
        quantile(totals.latencies_us, 0.99), quantile(totals.latencies_us, 0.999));
    std::fflush(stdout);
    clients.clear();
    return totals.refused == 0 ? 0 : 1;
}
