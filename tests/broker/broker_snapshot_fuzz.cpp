// Whatever bytes stand in the broker's snapshot: refused, or a broker that starts, runs its timers
// and keeps a snapshot that can be read.

#include <cstdlib>
#include <functional>

#include "broker/broker.hpp"

namespace {

using namespace vigil;
using namespace vigil::broker;

class NoLog final : public store::Log {
public:
    store::Ticket append(store::EntryKind, PatientId, const Fingerprint&,
                         std::string_view) override {
        return ++tickets_;
    }
    std::size_t pending_bytes() const override { return 0; }
    Result<Position> read(Position from, const std::function<bool(const store::Entry&)>&) override {
        return from;
    }
    Position after_damage(Position position) override { return position; }
    Position first() override { return {0, 1}; }
    Position end() override { return {0, 1}; }
    Result<void> trim(Position) override { return {}; }

private:
    store::Ticket tickets_ = 0;
};

class Nobody final : public Gatekeeper, public Inbound, public Backlog {
public:
    void authenticate(Credentials, std::function<void(Result<Principal>)>) override {}
    bool may_publish(const Principal&, std::string_view) override { return true; }
    bool may_subscribe(const Principal&, std::string_view) override { return true; }
    bool may_receive(const Principal&, std::span<const PatientId>) override { return true; }
    std::uint64_t generation() const override { return 1; }
    std::optional<Accepted> publish(const Published&) override { return std::nullopt; }
    std::optional<KeptMessage> kept(const store::Entry&) const override { return std::nullopt; }
    std::vector<PatientId> patients_of(std::string_view) const override { return {}; }
    void connected(const Principal&, Timestamp) override {}
    void disconnected(const Principal&, Timestamp) override {}
    void request(SessionNumber, std::vector<Position>) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    NoLog log;
    Nobody nobody;
    Broker broker(log, nobody, nobody, nobody);
    if (!broker.restore({reinterpret_cast<const char*>(data), size})) return 0;
    Broker again(log, nobody, nobody, nobody);
    if (!again.restore(broker.snapshot())) std::abort();
    constexpr auto noon = from_unix_ns(1'767'268'800'000'000'000);
    broker.start(noon);
    broker.on_timer(noon + std::chrono::hours(1));
    return 0;
}
