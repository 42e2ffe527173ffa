// What identity/ costs on the paths that a message, a connection or a commit takes.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "identity/access_desk.hpp"
#include "identity/act.hpp"
#include "identity/gcm_sealer.hpp"
#include "identity/key_store.hpp"
#include "identity/password.hpp"
#include "identity/registry.hpp"
#include "identity/request_quota.hpp"

namespace vigil::identity {
namespace {

const Given given{from_unix_ns(1'000'000'000), "bench"};

Registry ward(std::uint32_t devices) {
    Registry registry;
    std::uint64_t offset = 0;
    const auto apply = [&](const Result<Act>& act) {
        if (!act || !registry.apply(*act, {0, ++offset})) std::abort();
    };
    for (std::uint32_t i = 1; i <= devices; ++i) {
        const auto name = std::to_string(i);
        apply(registry.plan_add_patient({.display_name = "Patient " + name, .identifier = name},
                                        given));
        apply(registry.plan_add_device({.external_id = "device-" + name}, given));
        apply(registry.plan_attach({.device = DeviceId{i}, .patient = PatientId{i}}, given));
    }
    return registry;
}

void bm_patient_at(benchmark::State& state) {
    const auto registry = ward(1'000);
    std::uint32_t i = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(registry.patient_at(DeviceId{1 + i++ % 1'000}, given.at));
}
BENCHMARK(bm_patient_at);

void bm_check_device_token(benchmark::State& state) {
    auto registry = ward(1'000);
    const auto issued = registry.plan_device_token(DeviceId{500}, system_random(), given);
    (void)registry.apply(issued->act, {0, 1'000'000});
    for (auto _ : state)
        benchmark::DoNotOptimize(registry.check_device_token("device-500", issued->secret));
}
BENCHMARK(bm_check_device_token);

void bm_restore_10k_devices(benchmark::State& state) {
    const auto bytes = ward(10'000).snapshot();
    for (auto _ : state) benchmark::DoNotOptimize(Registry::restore(bytes));
    state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(bm_restore_10k_devices)->Unit(benchmark::kMillisecond);

void bm_hash_password(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(hash_password("correct horse battery staple"));
}
BENCHMARK(bm_hash_password)->Unit(benchmark::kMillisecond);

void bm_seal(benchmark::State& state) {
    const auto random = system_random();
    Key256 master{};
    random(master);
    auto ring = KeyRing::open(master, {}, random,
                              [](std::span<const WrappedKey>) { return Result<void>(); });
    GcmSealer sealer(*ring, random);
    const std::string clear(static_cast<std::size_t>(state.range(0)), 'x');
    std::string out;
    std::uint32_t i = 0;
    for (auto _ : state) {
        out.clear();
        sealer.seal(PatientId{1 + i++ % 100}, clear, out);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(bm_seal)->Arg(64)->Arg(1'024)->Arg(65'536);

void bm_open(benchmark::State& state) {
    const auto random = system_random();
    auto ring =
        KeyRing::open({}, {}, random, [](std::span<const WrappedKey>) { return Result<void>(); });
    GcmSealer sealer(*ring, random);
    std::string sealed, out;
    sealer.seal(PatientId{1}, std::string(static_cast<std::size_t>(state.range(0)), 'x'), sealed);
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(sealer.open(PatientId{1}, sealed, out));
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(bm_open)->Arg(64)->Arg(65'536);

// A folder with as many patients, and what its start and a rotation of its keys take.
class KeysOf {
public:
    explicit KeysOf(std::int64_t patients) {
        folder_ = (std::filesystem::temp_directory_path() / "vigil-bench-XXXXXX").string();
        if (::mkdtemp(folder_.data()) == nullptr) std::abort();
        store_ = open();
        for (std::int64_t number = 1; number <= patients; ++number)
            (void)store_->ring().key(PatientId{static_cast<std::uint32_t>(number)});
    }
    KeysOf(const KeysOf&) = delete;
    KeysOf& operator=(const KeysOf&) = delete;
    ~KeysOf() { std::filesystem::remove_all(folder_); }
    std::unique_ptr<KeyStore> open() const {
        return std::move(
            *KeyStore::open(folder_ + "/keys", {}, system_random(), [] { return Timestamp{}; }));
    }
    KeyStore& store() { return *store_; }

private:
    std::string folder_;
    std::unique_ptr<KeyStore> store_;
};

void bm_open_keys(benchmark::State& state) {
    const KeysOf keys(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(keys.open());
}
BENCHMARK(bm_open_keys)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void bm_rotate_keys(benchmark::State& state) {
    KeysOf keys(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(keys.store().rotate({}));
}
BENCHMARK(bm_rotate_keys)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

// What every HTTP request pays first, where as many ask as the table has buckets for.
void bm_quota(benchmark::State& state) {
    RequestQuota quota({}, system_random());
    std::vector<std::string> credentials;
    for (int i = 0; i < state.range(0); ++i)
        credentials.push_back(std::to_string(i) + std::string(40, 'x'));
    std::size_t at = 0;
    Nanoseconds now{};
    for (auto _ : state) {
        now += Nanoseconds(30'000);
        benchmark::DoNotOptimize(quota.take(credentials[at++ % credentials.size()], now));
    }
}
BENCHMARK(bm_quota)->Arg(1)->Arg(1'000)->Arg(100'000);

// --- The decision, and what each row of a search asks of it

struct NoAudit final : AuditSink {
    bool record(AuditLine) override { return true; }
    void when_on_record(OnRecord, std::function<void(Result<void>)> done) override { done({}); }
};

struct Desk {
    Registry registry = ward(1'000);
    NoAudit audit;
    AccessDesk desk{audit, registry};
    Principal who =
        principal_of(Account{.id = AccountId{1}, .user_name = "bo", .role = Role::clinician});
    AccessRequest request{.act = store::Act::read,
                          .subjects = Subjects::all(),
                          .areas = {},
                          .resources = OfType{store::looking, "Observation"},
                          .what = "fhir.search Observation",
                          .from = "192.0.2.7",
                          .at = given.at};

    // Of so many patients, each with an exception for somebody else.
    explicit Desk(std::int64_t consents) {
        for (std::int64_t i = 1; i <= consents; ++i) {
            Consent consent;
            consent.id = std::to_string(i);
            consent.patient = PatientId{static_cast<std::uint32_t>(i)};
            consent.root.permits = true;
            consent.root.exceptions.push_back(
                {.actors = {{ConsentActor::Kind::resource, "Practitioner/other"}}});
            desk.consents().put(std::move(consent), 1);
        }
    }
};

void bm_decide(benchmark::State& state) {
    Desk desk(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(desk.desk.decide_owing(desk.who, desk.request));
}
BENCHMARK(bm_decide)->Arg(0)->Arg(1'000);

void bm_covers(benchmark::State& state) {
    Desk desk(state.range(0));
    const auto owed = desk.desk.decide_owing(desk.who, desk.request);
    std::uint32_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(owed->access.covers(PatientId{1 + i++ % 1'000}));
}
BENCHMARK(bm_covers)->Arg(0)->Arg(1'000);

}  // namespace
}  // namespace vigil::identity
