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
    MetricId id{};  // stable for ever: stored in the log and in chunks; site metrics from 0x8000
    MetricKind kind = MetricKind::numeric;
    std::string key{};      // "heart_rate": what payloads, topics and the API call it
    std::string display{};  // "Heart rate (ECG-derived)"
    std::string mdc_refid{};
    std::uint32_t mdc_code = 0;  // 32-bit CF_CODE10 (partition × 65536 + code); 0: none verified
    std::string loinc{};         // empty where none could be verified
    UnitId unit{};               // the normal unit, 0 for none
    std::optional<Decimal> plausible_min{},
        plausible_max{};                  // artefact limits in `unit`, inclusive
    std::optional<Decimal> molar_mass{};  // g/mol, for mass ⇄ substance units
    // The longest ordinary pause of a live source; 0: episodic (cuff, scale). See freshness.hpp.
    Nanoseconds expected_interval{};
};

class Catalogue {
public:
    Catalogue();  // the built-in rows

    // Refuses a key, REFID or code that is taken. `metric.id` is kept if it is one of the site's
    // (from site_ids_from on) and free; 0 takes the next free one. What is stored under an id must
    // mean the same at the next start: whoever keeps the site's metrics keeps their ids.
    Result<MetricId> add_site_metric(Metric metric);
    static constexpr std::uint16_t site_ids_from = 0x8000;

    const Metric& at(MetricId id) const;  // the id must come from this catalogue
    // For ids read back from disk: nullptr where a site metric has since been removed.
    const Metric* find(MetricId id) const;
    const Metric* find(std::string_view key) const;
    const Metric* find_refid(std::string_view refid) const;
    // Some codes are shared (steps and distance, 11073-10441): `unit`, as sent, tells them apart;
    // without one, the row the catalogue names as the code's default.
    const Metric* find_mdc(std::uint32_t code, UnitId unit = {}) const;
    // LOINC codes are many-to-one (8867-4): the row the catalogue names as the code's default.
    const Metric* find_loinc(std::string_view code) const;
    std::span<const Metric> all() const& { return metrics_; }  // built-in rows, then the site's
    std::span<const Metric> all() && = delete;                 // the rows live in the catalogue

private:
    class Index;
    const Metric* place(std::uint16_t number) const;
    std::vector<Metric> metrics_;
    std::shared_ptr<const Index> index_;  // shared by copies; never changed once made
};

}  // namespace vigil
