#pragma once
// The metric catalogue: every quantity this server can name. Rows come from data/metrics.tsv,
// compiled in; a site adds its own in configuration.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil {

enum class MetricKind : std::uint8_t { numeric, waveform, event, setting };

struct Metric {
    MetricId id;  // stable for ever: stored in the log and in chunks; site metrics from 0x8000
    MetricKind kind = MetricKind::numeric;
    std::string key;      // "heart_rate": what payloads, topics and the API call it
    std::string display;  // "Heart rate (ECG-derived)"
    std::string mdc_refid;
    std::uint32_t mdc_code = 0;  // 32-bit CF_CODE10; 0 where none could be verified
    std::string loinc;           // empty where none could be verified
    UnitId unit;                 // the normal unit, 0 for none
    std::optional<Decimal> plausible_min, plausible_max;  // artefact limits in `unit`, inclusive
    std::optional<Decimal> molar_mass;                    // g/mol, for mass ⇄ substance units
    Nanoseconds expected_interval{};  // how often a live source sends it; 0: episodic
};

class Catalogue {
public:
    Catalogue();  // the built-in rows

    // Refuses a key, REFID or code that is taken.
    Result<MetricId> add_site_metric(Metric metric);

    const Metric& at(MetricId id) const;  // the id must come from this catalogue
    const Metric* find(std::string_view key) const;
    const Metric* find_refid(std::string_view refid) const;
    const Metric* find_mdc(std::uint32_t code) const;
    // LOINC codes are many-to-one (8867-4): the row the catalogue names as the code's default.
    const Metric* find_loinc(std::string_view code) const;
    std::span<const Metric> all() const;

private:
    struct Index;
    std::vector<Metric> metrics_;
    std::shared_ptr<Index> index_;
};

}  // namespace vigil
