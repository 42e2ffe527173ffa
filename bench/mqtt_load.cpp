// mqtt_load: publishers, subscribers and viewers of the live stream over real sockets, in one
// thread, for ./dev bench. Prints "begin" when the measured part begins, then one JSON object when
// it has ended; with --hold it stays connected before it ends.
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "load/publisher.hpp"
#include "load/viewer.hpp"
#include "load/wave_source.hpp"
#include "net/connect.hpp"
#include "net/loop.hpp"

namespace {

using namespace vigil;        // NOLINT(google-build-using-namespace): a program of one file
using namespace vigil::load;  // NOLINT(google-build-using-namespace)

// Tells the publishers in turn when a message is due, to the microsecond.
class Pacer final : public net::Watcher {
public:
    Pacer(net::Loop& loop, double rate, const std::vector<Publisher*>& publishers)
        : loop_(loop),
          period_(1e9 / rate),
          publishers_(publishers),
          timer_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
        loop_.watch(*this, timer_.get(), EPOLLIN);
        began_ = net::system_clocks().wall();
        arm();
    }
    void stop() { stopped_ = true; }
    void on_ready(std::uint32_t) override {
        std::uint64_t expirations = 0;
        (void)!::read(timer_.get(), &expirations, sizeof expirations);
        const auto now = net::system_clocks().wall();
        for (; !stopped_ && due(count_) <= now; ++count_)
            publishers_[count_ % publishers_.size()]->due(due(count_));
        arm();
    }

private:
    Timestamp due(std::uint64_t number) const {
        return began_ +
               Nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) * period_));
    }
    void arm() {
        const auto next = unix_ns(due(count_));
        const itimerspec when{
            .it_interval = {},
            .it_value = {.tv_sec = next / 1'000'000'000, .tv_nsec = next % 1'000'000'000}};
        if (!stopped_) ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
    }

    net::Loop& loop_;
    double period_;
    const std::vector<Publisher*>& publishers_;
    net::Descriptor timer_;
    Timestamp began_;
    std::uint64_t count_ = 0;
    bool stopped_ = false;
};

class Load {
public:
    explicit Load(const Settings& settings) : settings_(settings) {}

    int run() {
        if (const auto opened = open(); !opened) {
            fmt::print(stderr, "mqtt_load: {} {}\n", opened.error().message, opened.error().place);
            return 1;
        }
        std::unique_ptr<Pacer> pacer;
        if (settings_.rate > 0) pacer = std::make_unique<Pacer>(loop_, settings_.rate, publishers_);
        totals_.sending = true;
        for (auto* publisher : publishers_) publisher->start();
        run_for(settings_.warm_up);
        print("begin");
        totals_.measuring = true;
        run_for(settings_.seconds);
        totals_.measuring = false;
        const auto lost = totals_.lost;
        report();
        if (settings_.hold > 0) run_for(settings_.hold);
        // What was sent and not answered within a moment is reported as missing.
        totals_.sending = false;
        if (pacer) pacer->stop();
        loop_.run_until([&] { return totals_.acknowledged == totals_.sent; },
                        std::chrono::seconds(5));
        fmt::print("{{\"acknowledged\":{},\"unacknowledged\":{},\"lost_connections\":{}}}\n",
                   totals_.acknowledged, totals_.sent - totals_.acknowledged, lost);
        std::fflush(stdout);
        const bool well = lost == 0 && totals_.refused == 0 && totals_.acknowledged == totals_.sent;
        clients_.clear();
        if (pacer) loop_.bury(std::move(pacer));
        return well ? 0 : 1;
    }

private:
    Result<void> open() {
        VIGIL_TRY(endpoint, net::Endpoint::parse(settings_.address));
        VIGIL_TRY(tls, client_tls());
        const net::ConnectOptions options{.endpoint = endpoint, .tls = tls, .host = "localhost"};
        for (std::size_t i = 0; i < settings_.subscribers; ++i)
            VIGIL_CHECK(connect(options, std::make_unique<Subscriber>(settings_, totals_, i)));
        if (!settings_.live.empty()) {
            VIGIL_TRY(http, net::Endpoint::parse(settings_.live));
            VIGIL_CHECK(connect({.endpoint = http}, std::make_unique<Viewer>(settings_, totals_)));
        }
        VIGIL_CHECK(all_ready());
        if (settings_.wave) waves_ = std::make_unique<WaveMessages>(catalogue_);
        for (std::size_t i = 0; i < settings_.connections; ++i) {
            auto publisher = std::make_unique<Publisher>(settings_, totals_, i, source(i));
            publishers_.push_back(publisher.get());
            VIGIL_CHECK(connect(options, std::move(publisher)));
            // Not more at a time than a listener's backlog holds.
            if (i % connect_burst == connect_burst - 1) VIGIL_CHECK(all_ready());
        }
        return all_ready();
    }
    std::unique_ptr<Source> source(std::size_t number) const {
        if (waves_) return std::make_unique<WaveSource>(*waves_, number);
        return std::make_unique<TextSource>(settings_, number);
    }
    Result<void> connect(const net::ConnectOptions& options,
                         std::unique_ptr<session::ByteSession> session) {
        VIGIL_TRY(client, net::connect(loop_, options, std::move(session)));
        clients_.push_back(std::move(client));
        return {};
    }
    Result<void> all_ready() {
        if (loop_.run_until([&] { return totals_.ready == clients_.size() || totals_.lost > 0; },
                            std::chrono::seconds(60)) &&
            totals_.lost == 0)
            return {};
        return fail(Error::Kind::busy, fmt::format("{} of {} connections were accepted",
                                                   totals_.ready, clients_.size()));
    }
    Result<std::shared_ptr<net::TlsClient>> client_tls() const {
        if (settings_.certificate_authority.empty()) return std::shared_ptr<net::TlsClient>();
        std::ifstream file(settings_.certificate_authority, std::ios::binary);
        net::TlsClientMaterial material;
        material.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
        material.application_protocols = {"mqtt"};
        return net::TlsClient::make(material);
    }
    void run_for(double seconds) {
        const auto end = loop_.steady_now_ns() + static_cast<std::int64_t>(seconds * 1e9);
        loop_.run_until([&] { return loop_.steady_now_ns() >= end; }, std::chrono::minutes(30));
    }
    static void print(std::string_view line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    }
    void report() const {
        print(fmt::format(
            R"({{"messages":{},"refused":{},"received":{},"seen":{},"seconds":{},"samples_each":{},)"
            R"("acknowledgement":{},"delivery":{},"sight":{}}})",
            totals_.acknowledged_measured, totals_.refused, totals_.received_measured,
            totals_.seen_measured, settings_.seconds, waves_ ? waves_->samples_each() : 0,
            totals_.acknowledgement.json(), totals_.delivery.json(), totals_.sight.json()));
    }

    static constexpr std::size_t connect_burst = 200;

    const Settings& settings_;
    net::Loop loop_;
    Totals totals_;
    Catalogue catalogue_;
    std::unique_ptr<WaveMessages> waves_;
    std::vector<Publisher*> publishers_;
    std::vector<std::unique_ptr<net::Client>> clients_;
};

bool read(Settings& settings, std::string_view name, const std::string& value) {
    const auto is = [&](std::string_view option) { return name == option; };
    if (is("--address")) return settings.address = value, true;
    if (is("--user")) return settings.user = value, true;
    if (is("--password")) return settings.password = value, true;
    if (is("--ca")) return settings.certificate_authority = value, true;
    if (is("--topic")) return settings.topic = value, true;
    if (is("--payload")) return settings.payload = value, true;
    if (is("--connections")) return settings.connections = std::stoul(value), true;
    if (is("--window")) return settings.window = std::stoul(value), true;
    if (is("--each")) return settings.each = std::stoul(value), true;
    if (is("--seconds")) return settings.seconds = std::stod(value), true;
    if (is("--warm-up")) return settings.warm_up = std::stod(value), true;
    if (is("--rate")) return settings.rate = std::stod(value), true;
    if (is("--subscribers")) return settings.subscribers = std::stoul(value), true;
    if (is("--subscriber-qos"))
        return settings.subscriber_qos = static_cast<std::uint8_t>(std::stoul(value)), true;
    if (is("--behind-max")) return settings.behind_max = std::stoul(value), true;
    if (is("--filter")) return settings.filter = value, true;
    if (is("--wave")) return settings.wave = value == "1", true;
    if (is("--live")) return settings.live = value, true;
    if (is("--token")) return settings.token = value, true;
    if (is("--hold")) return settings.hold = std::stod(value), true;
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !read(settings, argv[i], argv[i + 1])) {
            fmt::print(stderr, "mqtt_load: there is no option {}, or it has no value\n", argv[i]);
            return 2;
        }
    return Load(settings).run();
}
