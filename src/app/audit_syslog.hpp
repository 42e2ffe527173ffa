#pragma once
// Passes each line of the audit on to a syslog collector over TLS (RFC 5425), in order, at least
// once and without a gap (docs/decisions/0037-audit-outwards.md).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/audit_syslog_message.hpp"
#include "app/config.hpp"
#include "net/connect.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "store/documents.hpp"

namespace vigil::app {

// Where to, and whom to believe to be it.
struct SyslogCollector {
    std::string host;
    std::uint16_t port = 0;
    std::string name;  // that its certificate bears
    std::shared_ptr<net::TlsClient> tls;
    std::string shown() const;  // "collector.example:6514"
};

// What [audit] says of it; nothing: there is none. An error names the key and what is wrong.
Result<std::optional<SyslogCollector>> syslog_collector(const Config& config);

// What is shown of it.
struct AuditSyslogState {
    std::string collector{};
    bool connected = false;
    std::uint64_t received = 0;  // the line up to which the collector has all
    std::uint64_t waiting = 0;   // lines beyond
    double waiting_s = 0;        // the age of the oldest of them
    std::uint64_t messages = 0, failures = 0;
    std::string problem{};  // why the last connection did not end as it should
};

// The protocol has no acknowledgement. What is written to a connection may be lost with it, also
// what the other end's TCP has confirmed. So lines count as received only when a connection comes
// to its orderly end after them: this side closes (close_notify, FIN), and the collector closes too
// without a reset, which it can only once it has read all. That is done whenever there is nothing
// to send for a while, and at least as often as `open_for_max`. A connection that ends in any other
// way is as if it had not been: all since the last orderly end is sent again.
//
// On the loop's thread. Memory: one batch of frames, and what the connection's queue holds.
class AuditSyslog {
public:
    static constexpr Nanoseconds idle_max = std::chrono::seconds(3);
    static constexpr Nanoseconds open_for_max = std::chrono::seconds(30);
    static constexpr Nanoseconds first_rest = std::chrono::seconds(1);
    static constexpr Nanoseconds rest_max = std::chrono::seconds(60);
    static constexpr std::size_t batch_bytes_max = 128 * 1024;

    struct Sources {
        net::Loop& loop;
        std::function<void(std::function<void()>)> on_worker;
        // Lines above that number, in order (store::AuditPassage).
        std::function<Result<void>(
            std::uint64_t after,
            const std::function<bool(std::uint64_t number, const store::AuditLine&)>& visit)>
            follow;
        std::function<std::uint64_t()> newest;  // the last line's number; from any thread
        store::Documents& documents;            // where it stands how far the collector has come
        SyslogSource source;
        std::function<void(const std::string&)> say;  // to the operator
    };

    AuditSyslog(SyslogCollector collector, Sources sources);
    ~AuditSyslog();
    AuditSyslog(const AuditSyslog&) = delete;
    AuditSyslog& operator=(const AuditSyslog&) = delete;

    // Waits for the disk.
    Result<void> start();
    void every_second();
    // Sends what there is and ends the connection in order; no other is made.
    void stop();
    bool settled() const { return state_ != State::open && state_ != State::ending && !keeping_; }
    AuditSyslogState state() const;

private:
    enum class State : std::uint8_t { idle, connecting, open, ending };
    class Delivery;
    struct Batch {
        SyslogFrames frames;
        std::uint64_t last = 0;  // 0: there are no more lines
        std::optional<Timestamp> oldest;
    };

    void begin();
    void connect(const std::vector<net::Endpoint>& endpoints);
    void opened();
    void send_more();
    Result<Batch> read(std::uint64_t after) const;
    void take(Result<Batch> batch);
    void end();
    void ended();
    void failed(const std::string& why);
    void keep();
    template <class Read, class Then>
    void off_loop(Read read, Then then);

    SyslogCollector collector_;
    Sources sources_;
    State state_ = State::idle;
    bool stopping_ = false, reading_ = false, keeping_ = false, taken_ = true;
    std::uint64_t received_ = 0, sent_ = 0;
    std::optional<Timestamp> oldest_;  // of what is not received
    std::int64_t opened_ns_ = 0, busy_ns_ = 0, rests_until_ns_ = 0;
    Nanoseconds rest_ = first_rest;
    std::size_t tries_ = 0;  // which of its addresses is next
    std::uint64_t messages_ = 0, failures_ = 0;
    std::string problem_;
    Delivery* delivery_ = nullptr;  // the connection's, until it is closed
    std::unique_ptr<net::Client> client_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace vigil::app
