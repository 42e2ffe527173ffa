// The store's own costs: commits beside rows of SQLite, chunks, memory of the newest. What the
// table of ./dev bench shows of the store is measured by store_load.cpp.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>

#include "store/chunk.hpp"
#include "store/head.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/log.hpp"
#include "store/sqlite/records.hpp"

namespace {

using namespace vigil;
using namespace vigil::store;

constexpr Timestamp midnight = from_unix_ns(1'772'323'200'000'000'000);  // 2026-03-01
constexpr auto second = std::chrono::seconds(1);

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vigil-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const char* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

class ClearSealer final : public Sealer {
public:
    void seal(PatientId, std::string_view clear, std::string& out) override { out += clear; }
    Result<void> open(PatientId, std::string_view sealed, std::string& out) override {
        out += sealed;
        return {};
    }
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class OpenLog {
public:
    OpenLog() {
        auto opened = sqlite::open_log({.path = folder_.file("log.db"),
                                        .sealer = &sealer_,
                                        .clock = [] { return midnight; },
                                        .committed =
                                            [this](const std::vector<Commit>& commits) {
                                                const std::lock_guard guard(mutex_);
                                                done_ = commits.back().last;
                                                changed_.notify_all();
                                            }});
        if (!opened) std::abort();
        log = std::move(*opened);
    }
    void wait_for(Ticket ticket) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return done_ >= ticket; });
    }

private:
    Folder folder_;
    ClearSealer sealer_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Ticket done_ = 0;

public:
    std::unique_ptr<sqlite::LogFile> log;
};

// range(0) messages of 150 bytes are outstanding at a time.
void log_commit(benchmark::State& state) {
    OpenLog open;
    const std::string body(150, 'b');
    const auto window = static_cast<Ticket>(state.range(0));
    const double cpu = cpu_seconds();
    Ticket last = 0;
    for (auto _ : state) {
        last = open.log->append(EntryKind::batch, PatientId{static_cast<std::uint32_t>(last % 50)},
                                {last, 1}, body);
        if (last >= window) open.wait_for(last - window + 1);
    }
    open.wait_for(last);
    const auto messages = static_cast<double>(state.iterations());
    state.counters["messages_per_s"] = benchmark::Counter(messages, benchmark::Counter::kIsRate);
    state.counters["commits_per_s"] = benchmark::Counter(
        static_cast<double>(open.log->measures().commits), benchmark::Counter::kIsRate);
    state.counters["cpu_us_per_message"] = (cpu_seconds() - cpu) * 1e6 / messages;
}
BENCHMARK(log_commit)->Arg(1)->Arg(100)->Arg(5'000)->UseRealTime();

// What the log would cost as a row a message; range(0) rows share a commit.
void sqlite_rows(benchmark::State& state) {
    Folder folder;
    auto database = sqlite::Database::open(folder.file("rows.db"), sqlite::OpenMode::read_write);
    if (!database || !database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                        "CREATE TABLE m(id INTEGER PRIMARY KEY, body BLOB)"))
        std::abort();
    auto insert = database->prepare("INSERT INTO m(body) VALUES(?)");
    const std::string body(150, 'b');
    const double cpu = cpu_seconds();
    for (auto _ : state) {
        if (!database->execute("BEGIN")) std::abort();
        for (std::int64_t i = 0; i < state.range(0); ++i)
            if (!insert->bind_blob(1, body).run()) std::abort();
        if (!database->execute("COMMIT")) std::abort();
    }
    const auto messages = static_cast<double>(state.iterations() * state.range(0));
    state.counters["messages_per_s"] = benchmark::Counter(messages, benchmark::Counter::kIsRate);
    state.counters["cpu_us_per_message"] = (cpu_seconds() - cpu) * 1e6 / messages;
}
BENCHMARK(sqlite_rows)->Arg(1)->Arg(100)->UseRealTime();

Sample vital(Timestamp time, std::int64_t value, UnitId unit) {
    return {.filed_time = time,
            .device_time = time,
            .receive_time = time + second,
            .sequence = 0,
            .status = 0,
            .value = NumericValue{.value = {value, 0}, .unit = unit, .special = {}}};
}

// A vital sign that wanders as a heart rate does, once a second; with jitter, by up to ±50 ms.
std::vector<Sample> wandering(std::size_t count, bool jitter, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> step(0, 0.7);
    double level = 72;
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < count; ++i) {
        level += step(random) - (level - 72) * 0.02;
        const auto off =
            std::chrono::milliseconds(jitter ? static_cast<int>(random() % 101) - 50 : 0);
        samples.push_back(vital(midnight + second * static_cast<std::int64_t>(i + 1) + off,
                                std::lround(level), UnitId{1}));
    }
    return samples;
}

void chunk_of_vitals(benchmark::State& state) {
    std::vector<std::vector<Sample>> runs;
    for (unsigned i = 0; i < static_cast<unsigned>(state.range(1)); ++i)
        runs.push_back(wandering(86'400, state.range(0) != 0, i + 1));
    // Series of one message share its times.
    for (auto& run : runs)
        for (std::size_t i = 0; i < run.size(); ++i) {
            run[i].filed_time = runs[0][i].filed_time;
            run[i].device_time = runs[0][i].device_time;
            run[i].receive_time = runs[0][i].receive_time;
        }
    std::string bytes;
    for (auto _ : state) {
        ChunkWriter writer(Effort::compaction);
        for (std::size_t i = 0; i < runs.size(); ++i)
            writer.add(MetricId{static_cast<std::uint16_t>(i + 1)}, 0, runs[i]);
        bytes = writer.finish();
    }
    const auto samples = static_cast<double>(runs.size() * runs[0].size());
    state.counters["bytes_per_sample"] = static_cast<double>(bytes.size()) / samples;
    state.counters["encoded_per_s"] = benchmark::Counter(
        samples * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(chunk_of_vitals)
    ->ArgNames({"jitter", "series"})
    ->Args({0, 1})
    ->Args({0, 8})
    ->Args({1, 1})
    ->Args({1, 8})
    ->Unit(benchmark::kMillisecond);

void head_put(benchmark::State& state) {
    Head head(0, {}, {});
    const auto samples = wandering(60, false);
    std::size_t at = 0;
    std::uint16_t metric = 0;
    for (auto _ : state) {
        head.put({DeviceId{1}, MetricId{metric}, 0}, PatientId{1}, samples[at]);
        metric = static_cast<std::uint16_t>((metric + 1) % 20);
        if (metric == 0 && ++at == samples.size()) {
            at = 0;
            head.freeze();
            head.forget(UINT64_MAX, {}, {});
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(head_put);

// A patient's numerics over a flush interval: 20 series, once a second, a minute.
void head_memory(benchmark::State& state) {
    std::size_t bytes = 0;
    for (auto _ : state) {
        Head head(0, {}, {});
        for (unsigned metric = 1; metric <= 20; ++metric)
            for (const auto& sample : wandering(60, true, metric))
                head.put({DeviceId{1}, MetricId{static_cast<std::uint16_t>(metric)}, 0},
                         PatientId{1}, sample);
        bytes = head.byte_count();
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(head_memory)->Iterations(3);

// --- The audit

// Lines of a commit; with the sync that each commit waits for.
void audit_lines(benchmark::State& state) {
    const Folder folder;
    ClearSealer sealer;
    const auto file =
        std::move(*sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer}));
    const auto audit = sqlite::open_audit(*file);
    const AuditLine line{.time = midnight,
                         .principal = "ward-nurse-17",
                         .role = "clinician",
                         .token = "",
                         .act = Act::read,
                         .what = "fhir.search Observation?patient=8a7c&code=8867-4",
                         .everyone = false,
                         .patients = {PatientId{17}},
                         .purpose = "treatment",
                         .from = "192.0.2.17:50312",
                         .permitted = true,
                         .reason = "",
                         .written_late = {}};
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto before = cpu_seconds();
    for (auto _ : state)
        (void)await<void>([&](Done done) {
            audit->append(std::vector<AuditLine>(count, line), std::move(done));
        });
    const auto lines = static_cast<double>(state.iterations()) * static_cast<double>(count);
    state.counters["cpu_ns_a_line"] = (cpu_seconds() - before) * 1e9 / lines;
}
BENCHMARK(audit_lines)->Arg(1)->Arg(100)->Arg(1'000)->UseRealTime();

void audit_chain_hash(benchmark::State& state) {
    ChainHash hash;
    Sha256Digest before{};
    const std::string body(200, 'x');
    for (auto _ : state) before = hash.of(before, 1, midnight, body);
    benchmark::DoNotOptimize(before);
}
BENCHMARK(audit_chain_hash);

}  // namespace
