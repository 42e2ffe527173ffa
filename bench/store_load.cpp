// store_load: what the store makes of recordings, for ./dev bench: bytes, rates, the time of the
// queries that screens make. Prints one JSON object. `store_load PART FOLDER`; the files that it
// writes stay in FOLDER, so that their pages can be counted.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "base/json_writer.hpp"
#include "codec/fhirjson/observation.hpp"
#include "identity/access_desk.hpp"
#include "identity/gcm_sealer.hpp"
#include "recordings.hpp"
#include "share/api/window.hpp"
#include "store/chunk.hpp"
#include "store/sqlite/series.hpp"

namespace {

using namespace vigil;         // NOLINT(google-build-using-namespace): a program of one file
using namespace vigil::bench;  // NOLINT(google-build-using-namespace)

constexpr PatientId patient{1};
constexpr auto day = std::chrono::hours(24);

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// CPU of this thread alone, in nanoseconds.
std::int64_t thread_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void must(bool well, const char* what) {
    if (well) return;
    fmt::print(stderr, "store_load: {}\n", what);
    std::exit(1);
}

// Waits for a call that answers on another thread.
template <class T>
Result<T> await(const std::function<void(std::function<void(Result<T>)>)>& call) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<T>> answer;
    call([&](Result<T> result) {
        const std::lock_guard guard(mutex);
        answer.emplace(std::move(result));
        changed.notify_all();
    });
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return answer.has_value(); });
    return std::move(*answer);
}

// The store as `vigil serve` has it: sealed with AES-256-GCM under the patient's key.
class Store {
public:
    explicit Store(const std::string& path)
        : ring_(std::move(*identity::KeyRing::open(
              {}, {}, random_bytes, [](const auto&) -> Result<void> { return {}; }))),
          sealer_(ring_, random_bytes) {
        auto opened = store::sqlite::StoreFile::open({.path = path, .sealer = &sealer_});
        must(opened.has_value(), "the store cannot be opened");
        file_ = std::move(*opened);
        series = std::move(*store::sqlite::open_series(*file_, catalogue));
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store() { file_->finish(); }

    void flush() {
        must(await<void>([&](store::Done done) { series->flush(std::move(done)); }).has_value(),
             "a flush failed");
    }
    void compact(Timestamp now) {
        for (bool more = true; more;) {
            const auto compacted = await<bool>(
                [&](store::DoneWith<bool> done) { series->compact(now, std::move(done)); });
            must(compacted.has_value(), "a compaction failed");
            more = *compacted;
        }
    }

    Catalogue catalogue;
    std::unique_ptr<store::SeriesStore> series;

private:
    static void random_bytes(std::span<std::uint8_t> out) {
        std::uint8_t next = 1;
        for (auto& byte : out) byte = next++;
    }
    identity::KeyRing ring_;
    identity::GcmSealer sealer_;
    std::unique_ptr<store::sqlite::StoreFile> file_;
};

// Fed as devices send, flushed each minute of the recording, compacted once its day is over.
void keep(const Recording& recording, const std::string& path, const char* name, JsonWriter& json) {
    Store kept(path);
    const auto cpu = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::size_t> next(recording.channels.size());
    for (auto minute = midnight + std::chrono::minutes(1);; minute += std::chrono::minutes(1)) {
        bool more = false;
        for (std::size_t i = 0; i < recording.channels.size(); ++i) {
            const auto& [key, samples] = recording.channels[i];
            for (; next[i] < samples.size() && samples[next[i]].filed_time < minute; ++next[i])
                kept.series->put(key, patient, samples[next[i]]);
            more = more || next[i] < samples.size();
        }
        kept.flush();
        if (!more) break;
    }
    const std::chrono::duration<double> written = std::chrono::steady_clock::now() - began;
    const auto written_cpu = cpu_seconds() - cpu;
    kept.compact(midnight + day * 2);
    json.key(name)
        .begin_object()
        .member("source", recording.source)
        .member("samples", recording.samples);
    json.member("file", path).member("write_s", written.count()).member("write_cpu_s", written_cpu);
    json.member("compact_cpu_s", cpu_seconds() - cpu - written_cpu).end_object();
}

void bytes(const std::string& folder, JsonWriter& json) {
    const Catalogue catalogue;
    keep({.source = "empty", .channels = {}}, folder + "/empty.db", "empty", json);
    keep(vital_signs(catalogue, false), folder + "/regular.db", "regular", json);
    keep(vital_signs(catalogue, true), folder + "/jitter.db", "jitter", json);
    keep(electrocardiogram(catalogue), folder + "/ecg.db", "ecg", json);
}

// A ward of monitors, each with the recording's series, flushed each minute: what a flush costs is
// shared by all that it writes.
void write(const std::string& folder, JsonWriter& json) {
    constexpr std::uint32_t beds = 100;
    Store kept(folder + "/write.db");
    const auto recording = vital_signs(kept.catalogue, false);
    constexpr std::size_t seconds = 600;
    const auto cpu = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    std::size_t samples = 0;
    for (std::size_t second = 0; second < seconds; ++second) {
        for (std::uint32_t bed = 1; bed <= beds; ++bed)
            for (const auto& channel : recording.channels) {
                auto key = channel.key;
                key.device = DeviceId{bed};
                kept.series->put(key, PatientId{bed}, channel.samples[second]);
                ++samples;
            }
        if (second % 60 == 59) kept.flush();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    json.member("samples", samples).member("s", took.count()).member("cpu_s", cpu_seconds() - cpu);
}

// The fastest of some: what the code can do, other load on the machine left out.
std::int64_t best_ns(const std::function<void()>& work) {
    std::int64_t best = INT64_MAX;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
    while (std::chrono::steady_clock::now() < until) {
        const auto began = thread_ns();
        work();
        best = std::min(best, thread_ns() - began);
    }
    return best;
}

double millions_a_second(std::size_t samples, std::int64_t ns) {
    return static_cast<double>(samples) * 1e3 / static_cast<double>(ns);
}

void scan(const std::string&, JsonWriter& json) {
    const Catalogue catalogue;
    store::ColumnDecoder decoder;
    const auto vitals = day_of_heart_rate(catalogue, midnight);
    store::ChunkWriter writer(store::Effort::compaction);
    writer.add(catalogue.find("heart_rate")->id, 0, vitals);
    const auto body = writer.finish();
    const auto reader = store::ChunkReader::open(body);
    store::NumericColumns columns;
    json.member("vitals",
                millions_a_second(vitals.size(), best_ns([&] {
                                      must(reader->columns(0, decoder, columns).has_value(),
                                           "no columns");
                                  })));
    const auto ecg = electrocardiogram(catalogue);
    const auto& channel = ecg.channels.front();
    store::ChunkWriter wave_writer(store::Effort::compaction);
    wave_writer.add(channel.key.metric, 0, channel.samples);
    const auto wave_body = wave_writer.finish();
    const auto wave_reader = store::ChunkReader::open(wave_body);
    std::vector<store::Sample> blocks;
    json.member("ecg",
                millions_a_second(ecg.samples / ecg.channels.size(), best_ns([&] {
                                      blocks.clear();
                                      must(wave_reader->samples(0, decoder, blocks).has_value(),
                                           "no wave");
                                  })));
}

void windows(const std::string& folder, JsonWriter& json) {
    Store kept(folder + "/year.db");
    const auto& metric = *kept.catalogue.find("heart_rate");
    const store::SeriesKey key{DeviceId{1}, metric.id, 0};
    // A year of a sample a minute, its last two days of one a second.
    for (const auto& sample : day_of_heart_rate(kept.catalogue, midnight)) {
        auto early = sample;
        for (int part = 0; part < 6; ++part) {
            early.filed_time =
                midnight - day * 365 + (sample.filed_time - midnight) * 60 + day * 60 * part;
            if (early.filed_time >= midnight - day) break;
            early.device_time = early.filed_time;
            kept.series->put(key, patient, early);
        }
    }
    for (const auto& sample : day_of_heart_rate(kept.catalogue, midnight - day))
        kept.series->put(key, patient, sample);
    kept.flush();
    kept.compact(midnight + std::chrono::hours(1));
    // Today is still open: no roll-ups yet, a chunk an hour, the last minutes in memory.
    const auto today = day_of_heart_rate(kept.catalogue, midnight);
    for (std::size_t i = 0; i < today.size(); ++i) {
        kept.series->put(key, patient, today[i]);
        if (i % 600 == 599 && i + 600 < today.size()) kept.flush();
    }
    kept.compact(midnight + day);
    const auto access = identity::AccessDesk::for_system("benchmark");
    const auto ms = [&](const char* name, Timestamp from, Timestamp to) {
        std::size_t points = 0;
        const auto ns = best_ns([&] {
            const auto window = share::read_window(*kept.series, kept.catalogue, access,
                                                   {.patient = patient,
                                                    .metric = metric.id,
                                                    .device = {},
                                                    .channel = {},
                                                    .span = {from, to}});
            must(window.has_value() && window->series.size() == 1, "no window");
            points = window->series.begin()->second.buckets.size();
        });
        json.key(name).begin_object().member("ms", static_cast<double>(ns) / 1e6);
        json.member("points", points).end_object();
    };
    ms("day", midnight - day, midnight);
    ms("today", midnight, midnight + day);
    ms("year", midnight - day * 364, midnight + day);
}

// The same samples as SQLite rows, as CSV for PostgreSQL, and as FHIR.
void peers(const std::string& folder, JsonWriter& json) {
    const Catalogue catalogue;
    const auto recording = vital_signs(catalogue, true);
    std::ofstream csv(folder + "/rows.csv");
    auto database =
        store::sqlite::Database::open(folder + "/rows.db", store::sqlite::OpenMode::read_write);
    must(database &&
             database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                               "CREATE TABLE samples(device INTEGER, metric INTEGER, time INTEGER, "
                               "value REAL, status INTEGER, PRIMARY KEY(device, metric, time)) "
                               "WITHOUT ROWID"),
         "no SQLite table");
    auto insert = database->prepare("INSERT INTO samples VALUES(1, ?, ?, ?, ?)");
    constexpr std::size_t rows_a_transaction = 1'000;
    std::size_t rows = 0, fhir_bytes = 0;
    const auto cpu = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    must(database->execute("BEGIN").has_value(), "no transaction");
    const auto each = [&](const auto& visit) {
        for (std::size_t i = 0; i < recording.channels.front().samples.size(); ++i)
            for (const auto& channel : recording.channels) visit(channel, channel.samples[i]);
    };
    each([&](const auto& channel, const auto& sample) {
        const auto& number = std::get<NumericValue>(sample.value);
        must(insert->bind(1, channel.key.metric.value)
                 .bind(2, unix_ns(sample.filed_time) / 1'000'000)
                 .bind(3, number.value.mantissa)
                 .bind(4, static_cast<int>(number.special))
                 .run()
                 .has_value(),
             "no row");
        insert->reset();
        if (++rows % rows_a_transaction == 0)
            must(database->execute("COMMIT; BEGIN").has_value(), "no commit");
    });
    must(database->execute("COMMIT").has_value(), "no commit");
    const std::chrono::duration<double> sqlite_s = std::chrono::steady_clock::now() - began;
    const auto sqlite_cpu = cpu_seconds() - cpu;
    must(database->execute("PRAGMA wal_checkpoint(TRUNCATE)").has_value(), "no checkpoint");
    each([&](const auto& channel, const auto& sample) {
        const auto& number = std::get<NumericValue>(sample.value);
        csv << "1," << channel.key.metric.value << ',' << format_rfc3339(sample.filed_time) << ','
            << number.value.mantissa << ',' << static_cast<int>(number.special) << '\n';
        Reading reading;
        reading.metric = channel.key.metric;
        reading.device_time = sample.device_time;
        reading.value = sample.value;
        std::string fhir;
        JsonWriter writer(fhir);
        codec::fhirjson::write_observation(writer, catalogue, reading,
                                           {.id = "0f8fad5b-d9cb-469f-a165-70867728950e",
                                            .identifier_system = {},
                                            .identifier_value = {},
                                            .subject = "Patient/1",
                                            .device = "Device/1",
                                            .device_identifier_system = {},
                                            .device_identifier_value = {},
                                            .effective = sample.filed_time});
        fhir_bytes += fhir.size();
    });
    json.member("rows", rows)
        .member("sqlite_s", sqlite_s.count())
        .member("sqlite_cpu_s", sqlite_cpu);
    json.member("sqlite_file", folder + "/rows.db").member("csv", folder + "/rows.csv");
    json.member("fhir_bytes", static_cast<double>(fhir_bytes) / static_cast<double>(rows));
}

}  // namespace

int main(int argc, char** argv) {
    using Part = void (*)(const std::string&, JsonWriter&);
    const std::map<std::string_view, Part> parts{
        {"bytes", bytes}, {"write", write}, {"scan", scan}, {"windows", windows}, {"peers", peers}};
    const auto part = argc == 3 ? parts.find(argv[1]) : parts.end();
    if (part == parts.end()) {
        fmt::print(stderr, "store_load bytes|write|scan|windows|peers FOLDER\n");
        return 2;
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    part->second(argv[2], json);
    json.end_object();
    fmt::print("{}\n", out);
    return 0;
}
