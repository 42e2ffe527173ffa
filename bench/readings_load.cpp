// readings_load: vital signs of a ward's past, written into the data folder of a server that is not
// running: six a second of each patient, as the server itself would have flushed and compacted
// them. Patient n has device n: the server must know both. For ./dev bench readings. `readings_load
// FOLDER PATIENTS HOURS` writes what ends at the last whole minute and prints one JSON object.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <random>
#include <vector>

#include "app/data_folder.hpp"
#include "net/loop.hpp"

namespace {

using namespace vigil;  // NOLINT(google-build-using-namespace): a program of one file

constexpr auto second = std::chrono::seconds(1);
constexpr auto hour = std::chrono::hours(1);
constexpr int flush_seconds = 600;

struct Walk {
    const char* metric;
    int level, swing;  // it keeps to level ± swing
};
constexpr std::array<Walk, 6> walks{{{"heart_rate", 74, 25},
                                     {"spo2", 96, 4},
                                     {"resp_rate", 16, 6},
                                     {"art_sys", 122, 25},
                                     {"art_dia", 71, 15},
                                     {"art_mean", 88, 18}}};

void must(const auto& result) {
    if (result) return;
    fmt::print(stderr, "readings_load: {} {}\n", result.error().message, result.error().place);
    std::exit(1);
}

// A third of the seconds bring another value, one digit up or down: what a monitor's averaged
// numbers do.
class Ward {
public:
    Ward(const Catalogue& catalogue, std::uint32_t patients) : patients_(patients) {
        for (const auto& walk : walks) metrics_.push_back(catalogue.find(walk.metric));
        for (std::uint32_t i = 0; i < patients * walks.size(); ++i) {
            const auto& walk = walks[i % walks.size()];
            values_.push_back(walk.level + static_cast<int>(random_() % 11) - 5);
        }
    }

    // One message of each patient. Every second device's clock stamps with up to 50 ms of jitter.
    void put(store::SeriesStore& series, Timestamp time) {
        for (std::uint32_t patient = 1; patient <= patients_; ++patient) {
            const auto bits = random_();
            auto at = time + std::chrono::milliseconds(patient * 37 % 1000);
            if (patient % 2 == 0)
                at += std::chrono::milliseconds(static_cast<int>(bits % 101) - 50);
            for (std::size_t i = 0; i < walks.size(); ++i)
                series.put({DeviceId{patient}, metrics_[i]->id, 0}, PatientId{patient},
                           sample(at, next(patient, i, bits >> (8 + 8 * i)), metrics_[i]->unit));
        }
    }
    std::size_t each_second() const { return values_.size(); }

private:
    int next(std::uint32_t patient, std::size_t i, std::uint64_t bits) {
        auto& value = values_[(patient - 1) * walks.size() + i];
        const auto chance = bits & 0xFF;
        if (chance < 43 && value < walks[i].level + walks[i].swing) ++value;
        if (chance >= 213 && value > walks[i].level - walks[i].swing) --value;
        return value;
    }
    static store::Sample sample(Timestamp at, int value, UnitId unit) {
        return {.filed_time = at,
                .device_time = at,
                .receive_time = at + std::chrono::milliseconds(80),
                .sequence = 0,
                .status = 0,
                .value = NumericValue{.value = {value, 0}, .unit = unit}};
    }

    std::uint32_t patients_;
    std::vector<const Metric*> metrics_;
    std::vector<int> values_;
    std::mt19937_64 random_{1};
};

void compact(store::SeriesStore& series, Timestamp now) {
    for (bool more = true; more;) {
        const auto done = store::await<bool>(
            [&](store::DoneWith<bool> done) { series.compact(now, std::move(done)); });
        must(done);
        more = *done;
    }
}

void load(app::DataFolder& folder, const Catalogue& catalogue, std::uint32_t patients, int hours) {
    auto& series = folder.series();
    Ward ward(catalogue, patients);
    const auto wall_began = std::chrono::steady_clock::now();
    const Timestamp end = std::chrono::floor<std::chrono::minutes>(net::system_clocks().wall());
    const Timestamp begin = end - hour * hours;
    std::optional<std::future<Result<void>>> flushing;
    std::int64_t seconds = 0;
    for (auto time = begin; time < end; time += second, ++seconds) {
        ward.put(series, time);
        if (seconds % flush_seconds != flush_seconds - 1) continue;
        // One under way while the next is put: memory holds two at most.
        if (flushing) must(flushing->get());
        auto flushed = std::make_shared<std::promise<Result<void>>>();
        flushing = flushed->get_future();
        series.flush([flushed](Result<void> done) { flushed->set_value(std::move(done)); });
        if (time - std::chrono::floor<std::chrono::hours>(time) < second * flush_seconds)
            compact(series, time);
    }
    if (flushing) must(flushing->get());
    must(store::await<void>([&](store::Done done) { series.flush(std::move(done)); }));
    compact(series, end);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - wall_began;
    fmt::print(R"({{"readings":{},"seconds":{},"begin":"{}","end":"{}"}})"
               "\n",
               static_cast<std::uint64_t>(seconds) * ward.each_second(), took.count(),
               format_rfc3339(begin), format_rfc3339(end));
}

template <class Number>
std::optional<Number> number(std::string_view text, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool read = error == std::errc() && end == text.data() + text.size();
    return read && value > 0 && value <= most ? std::optional(value) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    const auto patients = number<std::uint32_t>(argc == 4 ? argv[2] : "", 100'000);
    const auto hours = number<int>(argc == 4 ? argv[3] : "", 24 * 366);
    if (!patients || !hours) {
        fmt::print(stderr, "readings_load FOLDER PATIENTS HOURS\n");
        return 2;
    }
    const Catalogue catalogue;
    auto folder = app::DataFolder::open({.path = argv[1],
                                         .site_name = "bench",
                                         .catalogue = catalogue,
                                         .clock = net::system_clocks().wall,
                                         .committed = [](const auto&) {}});
    must(folder);
    load(**folder, catalogue, *patients, *hours);
    (*folder)->finish();
    return 0;
}
