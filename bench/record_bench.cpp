// The records' own costs, without HTTP and FHIR above them: writes a second, bytes a resource,
// searches at 1 K, 8 K and 64 K patients of a Synthea-like make-up (20 observations, 3 conditions
// and 4 encounters each). RECORD_BENCH_PATIENTS names the largest size.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>

#include "identity/access_desk.hpp"
#include "store/sqlite/records.hpp"

namespace {

using namespace vigil;
using namespace vigil::store;

const auto everyone = identity::AccessDesk::for_system("benchmark");
constexpr std::int64_t second = 1'000'000'000, day = 86'400 * second;
constexpr int observations_each = 20, conditions_each = 3, encounters_each = 4;

class ClearSealer final : public Sealer {
public:
    void seal(PatientId, std::string_view clear, std::string& out) override { out += clear; }
    Result<void> open(PatientId, std::string_view sealed, std::string& out) override {
        out += sealed;
        return {};
    }
};

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

// --- What is stored

const std::string loinc = "http://loinc.org", snomed = "http://snomed.info/sct";

std::string uuid(std::mt19937_64& random) {
    const auto a = random(), b = random();
    return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a & 0xFFFFFFFF, (a >> 32) & 0xFFFF,
                       (a >> 48) & 0xFFF, b & 0xFFF, b >> 16);
}

// A surname of some 2,000, first ones more often, as in a census.
std::string surname(std::mt19937_64& random) {
    static const std::vector<std::string> syllables{"ba", "co", "du", "fi", "ga",  "ho", "je", "ki",
                                                    "lo", "mu", "ne", "po", "qui", "ra", "so"};
    auto n = random() % (1 + random() % 2'000);
    std::string name;
    for (int i = 0; i < 3; ++i, n /= syllables.size()) name += syllables[n % syllables.size()];
    return name;
}

StringValue text(std::string folded) {
    auto exact = folded;
    exact.front() = static_cast<char>(exact.front() - 'a' + 'A');
    return {std::move(folded), std::move(exact)};
}

DateValue instant(std::int64_t ns) {
    return {from_unix_ns(ns), from_unix_ns(ns + second)};
}

struct Ward {
    std::mt19937_64 random{7};
    std::uint32_t patients = 0;
    std::vector<std::string> patient_ids, names;

    std::string body(const std::string& type, const std::string& id, const std::string& of) {
        return fmt::format(
            R"({{"resourceType":"{}","id":"{}","meta":{{"profile":["http://hl7.org/fhir/us/core/)"
            R"(StructureDefinition/us-core-{}"]}},"status":"final","category":[{{"coding":[{{)"
            R"("system":"http://terminology.hl7.org/CodeSystem/observation-category","code":)"
            R"("vital-signs","display":"vital-signs"}}]}}],"code":{{"coding":[{{"system":)"
            R"("http://loinc.org","code":"{}","display":"Body Weight"}}],"text":"Body Weight"}},)"
            R"("subject":{{"reference":"Patient/{}"}},"encounter":{{"reference":"Encounter/{}"}},)"
            R"("effectiveDateTime":"2015-06-{:02}T10:19:34-04:00","issued":)"
            R"("2015-06-17T10:19:34.{:03}-04:00","valueQuantity":{{"value":{},"unit":"kg",)"
            R"("system":"http://unitsofmeasure.org","code":"kg"}}}})",
            type, id, type, 1000 + random() % 200, of, uuid(random), 1 + random() % 28,
            random() % 1'000, static_cast<double>(random() % 10'000) / 100);
    }
    RecordPut put(const std::string& type, PatientId subject, const std::string& of) {
        const auto id = uuid(random);
        return {.type = type,
                .id = id,
                .subject = subject,
                .method = "POST",
                .body = body(type, id, of),
                .rows = {},
                .narrative = {},
                .content = {}};
    }
    RecordPut observation(PatientId subject, const std::string& of) {
        auto made = put("Observation", subject, of);
        const auto code = std::to_string(1000 + random() % (1 + random() % 200));
        const double value = static_cast<double>(random() % 10'000) / 100;
        const auto when = static_cast<std::int64_t>(random() % 3'650) * day +
                          static_cast<std::int64_t>(random() % 86'400) * second;
        const ReferenceValue patient{"Patient", of, {}};
        made.rows = {
            {"code", TokenValue{loinc, code}},
            {"combo-code", TokenValue{loinc, code}},
            {"category", TokenValue{"http://terminology.hl7.org/CodeSystem/observation-category",
                                    random() % 2 == 0 ? "vital-signs" : "laboratory"}},
            {"status", TokenValue{"http://hl7.org/fhir/observation-status", "final"}},
            {"subject", patient},
            {"patient", patient},
            {"date", instant(when)},
            {"value-quantity", NumberValue{"g", value, value}},
            {"combo-value-quantity", NumberValue{"g", value, value}},
            {"code-value-quantity", TokenValue{loinc, code}, 1},
            {"code-value-quantity", NumberValue{"g", value, value}, 1},
        };
        return made;
    }
    RecordPut encounter(PatientId subject, const std::string& of) {
        auto made = put("Encounter", subject, of);
        const auto when = static_cast<std::int64_t>(random() % 3'650) * day;
        made.rows = {
            {"status", TokenValue{"http://hl7.org/fhir/encounter-status", "finished"}},
            {"class", TokenValue{"http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"}},
            {"type", TokenValue{snomed, std::to_string(162'673'000 + random() % 30)}},
            {"subject", ReferenceValue{"Patient", of, {}}},
            {"patient", ReferenceValue{"Patient", of, {}}},
            {"date", DateValue{from_unix_ns(when), from_unix_ns(when + 1'800 * second)}}};
        return made;
    }
    RecordPut condition(PatientId subject, const std::string& of) {
        auto made = put("Condition", subject, of);
        made.rows = {
            {"code", TokenValue{snomed, std::to_string(44'054'006 + random() % 120)}},
            {"clinical-status",
             TokenValue{"http://terminology.hl7.org/CodeSystem/condition-clinical", "active"}},
            {"subject", ReferenceValue{"Patient", of, {}}},
            {"patient", ReferenceValue{"Patient", of, {}}},
            {"onset-date", instant(static_cast<std::int64_t>(random() % 3'650) * day)}};
        return made;
    }
    RecordPut patient(PatientId subject) {
        auto made = put("Patient", subject, "x");
        const auto family = surname(random), given = surname(random);
        const auto born = static_cast<std::int64_t>(random() % 20'000) * day;
        made.rows = {
            {"identifier", TokenValue{"urn:ssn", std::to_string(random() % 1'000'000'000)}},
            {"identifier", TokenValue{"urn:mrn", made.id}},
            {"family", text(family)},
            {"given", text(given)},
            {"name", text(family)},
            {"name", text(given)},
            {"gender", TokenValue{"http://hl7.org/fhir/administrative-gender",
                                  random() % 2 == 0 ? "female" : "male"}},
            {"birthdate", DateValue{from_unix_ns(born), from_unix_ns(born + day)}},
            {"address-city", text(surname(random))},
            {"address", text(surname(random))}};
        patient_ids.push_back(made.id);
        names.push_back(family);
        return made;
    }
    std::vector<RecordPut> whole_patient() {
        const PatientId subject{++patients};
        std::vector<RecordPut> all{patient(subject)};
        const auto of = all.front().id;
        for (int i = 0; i < encounters_each; ++i) all.push_back(encounter(subject, of));
        for (int i = 0; i < conditions_each; ++i) all.push_back(condition(subject, of));
        for (int i = 0; i < observations_each; ++i) all.push_back(observation(subject, of));
        return all;
    }
};

// --- A store, grown in place: each size goes on where the one before ended

struct Store {
    Folder folder;
    ClearSealer sealer;
    std::unique_ptr<sqlite::StoreFile> file;
    std::unique_ptr<RecordStore> records;
    Ward ward;
    std::int64_t now = 1'772'323'200 * second;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t in_flight = 0;
    std::uint64_t resources = 0;

    Store() {
        auto opened = sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});
        if (!opened) std::abort();
        file = std::move(*opened);
        records = sqlite::open_records(*file, [this] { return from_unix_ns(now += 1'000); });
        // As fhir/ does.
        records->share_keys({{"Observation", "patient", "subject"},
                             {"Observation", "value-quantity", "combo-value-quantity"},
                             {"Encounter", "patient", "subject"},
                             {"Condition", "patient", "subject"}});
        records->pair_keys({{"Observation", "code", "date"}});
    }
    void write(std::vector<RecordPut> all, std::size_t in_flight_max) {
        {
            std::unique_lock guard(mutex);
            changed.wait(guard, [&] { return in_flight < in_flight_max; });
            ++in_flight;
        }
        resources += all.size();
        records->write(
            everyone,
            [all = std::move(all)](RecordTransaction& transaction) -> Result<void> {
                for (const auto& each : all) VIGIL_CHECK(transaction.put(each));
                return {};
            },
            [this](const Result<void>& done) {
                if (!done) std::abort();
                const std::lock_guard guard(mutex);
                --in_flight;
                changed.notify_one();
            });
    }
    void settle() {
        std::unique_lock guard(mutex);
        changed.wait(guard, [&] { return in_flight == 0; });
    }
    void grow(std::uint32_t patients) {
        while (ward.patients < patients) write(ward.whole_patient(), 64);
        settle();
    }
};

Store& store_of(std::uint32_t patients) {
    static auto store = std::make_unique<Store>();
    if (store->ward.patients > patients) store = std::make_unique<Store>();
    store->grow(patients);
    return *store;
}

// Of the whole process: the machine may do other things.
double cpu_us() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

void import(benchmark::State& state) {
    Store store;
    store.grow(1'000);
    std::uint64_t before = store.resources;
    const auto cpu = cpu_us();
    for (auto _ : state) store.grow(store.ward.patients + 100);
    state.counters["cpu_us_each"] =
        (cpu_us() - cpu) / static_cast<double>(store.resources - before);
    state.counters["resources"] = benchmark::Counter(static_cast<double>(store.resources - before),
                                                     benchmark::Counter::kIsRate);
}

// 64 at a time, as from as many connections.
void create(benchmark::State& state) {
    Store store;
    store.grow(1'000);
    const auto cpu = cpu_us();
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<RecordPut> all;
        for (int i = 0; i < 4'000; ++i)
            all.push_back(store.ward.observation(PatientId{1}, store.ward.patient_ids[0]));
        state.ResumeTiming();
        for (auto& each : all) store.write({std::move(each)}, 64);
        store.settle();
    }
    state.counters["cpu_us_each"] =
        (cpu_us() - cpu) / static_cast<double>(state.iterations() * 4'000);
    state.SetItemsProcessed(state.iterations() * 4'000);
}

std::uint64_t pages_of(Store& store, const std::string& table) {
    const auto found =
        store.file->read<std::uint64_t>([&](sqlite::Database& database) -> Result<std::uint64_t> {
            VIGIL_TRY(bytes, database.number("SELECT sum(pgsize) FROM dbstat WHERE name " + table));
            return static_cast<std::uint64_t>(bytes);
        });
    return found ? *found : 0;
}

using MakeQuery = std::function<RecordQuery(Ward&)>;

void search(benchmark::State& state, const MakeQuery& make, bool include) {
    auto& store = store_of(static_cast<std::uint32_t>(state.range(0)));
    std::vector<double> times;
    std::uint64_t found = 0;
    for (auto _ : state) {
        const auto query = make(store.ward);
        const auto start = std::chrono::steady_clock::now();
        const auto read = store.records->read(everyone, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(page, reader.search(query));
            found += page.records.size();
            if (include) {
                VIGIL_TRY(more, reader.referred(page.records, "patient", "Patient", 1'000));
                found += more.size();
            }
            return {};
        });
        if (!read) state.SkipWithError(read.error().message.c_str());
        times.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
    }
    std::ranges::sort(times);
    state.counters["p50_us"] = times[times.size() / 2];
    state.counters["p99_us"] = times[times.size() * 99 / 100];
    state.counters["found"] = static_cast<double>(found) / static_cast<double>(times.size());
}

void size(benchmark::State& state) {
    auto& store = store_of(static_cast<std::uint32_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(store.resources);
    const auto each = [&](const char* where) {
        return static_cast<double>(pages_of(store, where)) / static_cast<double>(store.resources);
    };
    state.counters["index_bytes"] = each(
        "IN ('record_index', 'record_rows') OR name LIKE "
        "'record_strings%' OR name LIKE 'record_words%'");
    state.counters["version_bytes"] = each("LIKE 'record_versions%' OR name LIKE 'records%'");
}

RecordQuery query(std::string type, Condition where, std::vector<SortKey> sort = {}) {
    return {
        .type = std::move(type), .where = std::move(where), .sort = std::move(sort), .after = {}};
}

template <class T>
const T& one_of(Ward& ward, const std::vector<T>& all) {
    return all[ward.random() % all.size()];
}

Condition code_of(Ward& ward) {
    return {TokenMatch{"code", loinc, std::to_string(1000 + ward.random() % 60)}};
}

const std::vector<std::pair<const char*, MakeQuery>> searches{
    {"token", [](Ward& ward) { return query("Observation", code_of(ward)); }},
    {"identifier",
     [](Ward& ward) {
         return query("Patient",
                      {TokenMatch{"identifier", "urn:mrn", one_of(ward, ward.patient_ids)}});
     }},
    {"date_range",
     [](Ward& ward) {
         const auto from = static_cast<std::int64_t>(ward.random() % 3'600) * day;
         const DateValue start{from_unix_ns(from), from_unix_ns(from + day)};
         const DateValue end{from_unix_ns(from + 30 * day), from_unix_ns(from + 31 * day)};
         return query("Observation", {AllOf{{{DateMatch{"date", Comparison::greater_equal, start}},
                                             {DateMatch{"date", Comparison::less, end}}}}});
     }},
    {"name_prefix",
     [](Ward& ward) {
         return query("Patient", {StringMatch{.parameter = "name",
                                              .text = one_of(ward, ward.names).substr(0, 4)}});
     }},
    {"name_contains",
     [](Ward& ward) {
         return query("Patient", {StringMatch{"name", StringMatch::How::contains,
                                              one_of(ward, ward.names).substr(1, 4)}});
     }},
    {"chained",
     [](Ward& ward) {
         return query("Observation",
                      {RefersTo{"patient", "Patient",
                                std::make_shared<const Condition>(Condition{StringMatch{
                                    .parameter = "name", .text = one_of(ward, ward.names)}})}});
     }},
    {"chained_gender_and_code",
     [](Ward& ward) {
         return query("Observation",
                      {AllOf{{code_of(ward),
                              {RefersTo{"patient", "Patient",
                                        std::make_shared<const Condition>(Condition{
                                            TokenMatch{"gender", std::nullopt, "female"}})}}}}});
     }},
    {"has",
     [](Ward& ward) {
         return query(
             "Patient",
             {ReferredBy{"Condition", "patient",
                         std::make_shared<const Condition>(Condition{TokenMatch{
                             "code", snomed, std::to_string(44'054'006 + ward.random() % 120)}})}});
     }},
    {"patient_code_by_date",
     [](Ward& ward) {
         return query(
             "Observation",
             {AllOf{{{ReferenceMatch{"patient", {"Patient", one_of(ward, ward.patient_ids), {}}}},
                     code_of(ward)}}},
             {{SortKey::By::parameter, "date", true}});
     }},
    {"code_by_date",
     [](Ward& ward) {
         return query("Observation", code_of(ward), {{SortKey::By::parameter, "date", true}});
     }},
    {"code_and_value",
     [](Ward& ward) {
         const double from = static_cast<double>(ward.random() % 90);
         return query(
             "Observation",
             {AllOf{{code_of(ward),
                     {NumberMatch{"value-quantity", Comparison::greater, {"g", from, from}}}}}});
     }},
};

void register_all() {
    benchmark::RegisterBenchmark("import", import)->Iterations(10)->UseRealTime();
    benchmark::RegisterBenchmark("create", create)->Iterations(3)->UseRealTime();
    const char* largest = std::getenv("RECORD_BENCH_PATIENTS");
    for (const int patients : {1'000, 8'000, 64'000}) {
        if (largest != nullptr && patients > std::atoi(largest)) break;
        benchmark::RegisterBenchmark("size", size)->Arg(patients)->Iterations(1);
        for (const auto& [name, make] : searches)
            benchmark::RegisterBenchmark(
                (std::string("search_") + name).c_str(),
                [&make](benchmark::State& state) { search(state, make, false); })
                ->Arg(patients)
                ->Iterations(300);
        benchmark::RegisterBenchmark(
            "search_include",
            [](benchmark::State& state) { search(state, searches.front().second, true); })
            ->Arg(patients)
            ->Iterations(300);
    }
}

const int registered = (register_all(), 0);

}  // namespace
