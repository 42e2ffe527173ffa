#pragma once
// What one viewer of the live stream asked to see: the `subscribe` frame of
// docs/reference/live-stream.md.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"

namespace vigil::share {

struct Subscription {
    bool all_patients = false;
    std::unordered_set<PatientId> patients;
    bool all_metrics = false;
    std::unordered_set<MetricId> metrics;
    bool waveforms = false;
    Nanoseconds history = std::chrono::seconds(10);  // of each waveform, with a snapshot
    std::optional<Position> resume;
    std::vector<std::string> refused;  // ids that name no patient

    static constexpr std::size_t patients_max = 10'000;
    static constexpr std::int64_t history_s_max = 60;

    bool wants(PatientId patient) const {
        return patient && (all_patients || patients.contains(patient));
    }
    bool wants(MetricId metric) const { return all_metrics || metrics.contains(metric); }
};

// Metrics that the catalogue does not know are ignored: a newer client may ask for them.
Result<Subscription> read_subscription(std::string_view frame, const Catalogue& catalogue);

}  // namespace vigil::share
