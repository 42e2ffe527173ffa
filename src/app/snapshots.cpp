#include "app/snapshots.hpp"

#include <algorithm>

#include "broker/broker.hpp"
#include "identity/registry.hpp"

namespace vigil::app {
namespace {

// Whom a broker asks that only replays: nobody connects to it.
class Nobody final : public broker::Gatekeeper, public broker::Inbound, public broker::Backlog {
public:
    void authenticate(broker::Credentials,
                      std::function<void(Result<broker::Principal>)> answer) override {
        answer(fail(Error::Kind::forbidden, "this broker only replays"));
    }
    bool may_publish(const broker::Principal&, std::string_view) override { return false; }
    bool may_subscribe(const broker::Principal&, std::string_view) override { return false; }
    bool may_receive(const broker::Principal&, std::span<const PatientId>) override { return true; }
    std::uint64_t generation() const override { return 0; }
    std::optional<broker::Accepted> publish(const broker::Published&) override {
        return std::nullopt;
    }
    std::optional<broker::KeptMessage> kept(const store::Entry&) const override {
        return std::nullopt;
    }
    std::vector<PatientId> patients_of(std::string_view) const override { return {}; }
    void connected(const broker::Principal&, Timestamp) override {}
    void disconnected(const broker::Principal&, Timestamp) override {}
    void request(broker::SessionNumber, std::vector<Position>) override {}
};

// What the stored snapshots and the log say together.
class Mirror {
public:
    Mirror(DataFolder& folder, Position up_to)
        : folder_(folder),
          end_{up_to.partition, up_to.offset + 1},
          broker_(folder.log(), nobody_, nobody_, nobody_) {}

    Result<void> restore() {
        VIGIL_TRY(registry, folder_.snapshots().latest(registry_consumer));
        if (registry) {
            VIGIL_TRY(restored, identity::Registry::restore(registry->bytes, &folder_.sealer()));
            registry_ = std::move(restored);
            registry_applied_ = std::max(registry->up_to, registry_.applied());
        }
        // Where nothing has changed, only the position moved on.
        registry_applied_ =
            std::max(registry_applied_, folder_.consumers().applied(registry_consumer));
        VIGIL_TRY(broker, folder_.snapshots().latest(broker_consumer));
        if (broker) VIGIL_CHECK(broker_.restore(broker->bytes));
        return {};
    }

    Result<void> catch_up() {
        auto& log = folder_.log();
        const auto applied = std::min(registry_applied_, broker_.applied());
        Position from{applied.partition, applied.offset + 1};
        while (from < end_) {
            const auto reached = log.read(from, [&](const store::Entry& entry) {
                if (entry.position >= end_) return false;
                from = {entry.position.partition, entry.position.offset + 1};
                take(entry);
                return true;
            });
            if (reached) break;
            from = log.after_damage(from);
        }
        return {};
    }

    Result<void> keep() {
        const Position last{end_.partition, end_.offset - 1};
        if (acts_) {
            VIGIL_CHECK(keep(registry_consumer, {last, registry_.snapshot(&folder_.sealer())}));
        } else {
            VIGIL_CHECK(store::await<void>([&](store::Done done) {
                folder_.consumers().advance({std::string(registry_consumer), last},
                                            std::move(done));
            }));
        }
        return keep(broker_consumer, {last, broker_.snapshot()});
    }

    bool behind() const { return broker_.applied().offset + 1 < end_.offset; }
    Queued queued(Position bound) const { return {broker_.needed_from(), broker_.behind(bound)}; }

private:
    void take(const store::Entry& entry) {
        if (entry.kind == store::EntryKind::act && entry.position > registry_.applied()) {
            // An act that was void when it was committed is void again.
            if (const auto act = identity::decode_act(entry.body))
                acts_ = registry_.apply(*act, entry.position).has_value() || acts_;
        }
        // What a start could not read either stays out.
        if (entry.position > broker_.applied()) (void)broker_.replay(entry);
    }
    Result<void> keep(std::string_view name, store::Snapshot snapshot) {
        return store::await<void>([&](store::Done done) {
            folder_.snapshots().keep(std::string(name), std::move(snapshot), std::move(done));
        });
    }

    DataFolder& folder_;
    Position end_;
    Nobody nobody_;
    identity::Registry registry_;
    broker::Broker broker_;
    Position registry_applied_;
    bool acts_ = false;  // the registry is another than it was
};

}  // namespace

Result<Queued> keep_snapshots(DataFolder& folder, Position up_to, Position bound) {
    Mirror mirror(folder, up_to);
    VIGIL_CHECK(mirror.restore());
    if (mirror.behind()) {
        VIGIL_CHECK(mirror.catch_up());
        VIGIL_CHECK(mirror.keep());
    }
    return mirror.queued(bound);
}

}  // namespace vigil::app
