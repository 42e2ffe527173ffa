#include "metric/catalogue.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <unordered_map>

#include "metric/name_index.hpp"
#include "metric/table.hpp"
#include "metric/unit.hpp"

namespace vigil {
namespace data {
extern const std::string_view metrics_tsv;  // data/metrics.tsv
}

namespace {

// The columns of data/metrics.tsv.
enum Column : std::size_t {
    column_id,
    column_key,
    column_kind,
    column_display,
    column_mdc_refid,
    column_mdc_code,
    column_mdc_also,
    column_loinc,
    column_loinc_also,
    column_default_of,
    column_ucum,
    column_plausible_min,
    column_plausible_max,
    column_molar_mass,
    column_expected_interval,
    column_count
};

// The file is compiled in and tests read every row of it: what does not parse is a bug.
std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    assert(text.empty() || result.ptr == text.data() + text.size());
    return value;
}

std::optional<Decimal> decimal(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return parse_decimal(text).value();
}

UnitId unit(std::string_view code) {
    if (code.empty()) return {};
    const auto found = units::find(code);
    assert(found);
    return *found;
}

MetricKind kind(std::string_view text) {
    if (text == "waveform") return MetricKind::waveform;
    if (text == "event") return MetricKind::event;
    if (text == "setting") return MetricKind::setting;
    assert(text == "numeric");
    return MetricKind::numeric;
}

Metric metric_of(const std::vector<std::string_view>& row) {
    assert(row.size() == column_count);
    const auto interval = row[column_expected_interval];
    return Metric{
        .id = MetricId{static_cast<std::uint16_t>(number(row[column_id]))},
        .kind = kind(row[column_kind]),
        .key = std::string(row[column_key]),
        .display = std::string(row[column_display]),
        .mdc_refid = std::string(row[column_mdc_refid]),
        .mdc_code = number(row[column_mdc_code]),
        .loinc = std::string(row[column_loinc]),
        .unit = unit(row[column_ucum]),
        .plausible_min = decimal(row[column_plausible_min]),
        .plausible_max = decimal(row[column_plausible_max]),
        .molar_mass = decimal(row[column_molar_mass]),
        .expected_interval = interval.empty() ? Nanoseconds{} : parse_duration(interval).value()};
}

}  // namespace

// Numbers in here are places in `metrics_`.
class Catalogue::Index {
public:
    void add(const Metric& metric, std::uint16_t place) {
        by_id.resize(std::max<std::size_t>(by_id.size(), metric.id.value + 1U), NameIndex::none);
        by_id[metric.id.value] = place;
        by_key.add(metric.key, place);
        if (!metric.mdc_refid.empty()) by_refid.add(metric.mdc_refid, place);
        if (metric.mdc_code != 0) add_mdc(metric.mdc_code, place);
        if (!metric.loinc.empty()) by_loinc.add(metric.loinc, place);
    }
    // The first row of a code is its default: the constructor adds those that the data file names
    // so before all others.
    void add_mdc(std::uint32_t code, std::uint16_t place) {
        const auto [known, added] = by_mdc.emplace(code, place);
        if (!added && known->second != place) shared_mdc.emplace_back(code, place);
    }

    std::vector<std::uint16_t> by_id;
    std::unordered_map<std::uint32_t, std::uint16_t> by_mdc;
    std::vector<std::pair<std::uint32_t, std::uint16_t>> shared_mdc;  // the others of such a code
    NameIndex by_key{512}, by_refid{512}, by_loinc{256};
};

Catalogue::Catalogue() {
    auto index = std::make_shared<Index>();
    const auto rows = table_rows(data::metrics_tsv);
    const auto count = static_cast<std::uint16_t>(rows.size());
    metrics_.reserve(count);
    for (const auto& row : rows) metrics_.push_back(metric_of(row));
    for (std::uint16_t place = 0; place < count; ++place)
        for (const auto code : split(rows[place][column_default_of], '|')) {
            const auto& metric = metrics_[place];
            if (code.empty()) continue;
            if (code == metric.loinc) {
                index->by_loinc.add(code, place);
            } else {
                index->by_refid.add(metric.mdc_refid, place);
                index->add_mdc(number(code), place);
            }
        }
    for (std::uint16_t place = 0; place < count; ++place) {
        index->add(metrics_[place], place);
        for (const auto code : split(rows[place][column_mdc_also], '|'))
            if (!code.empty()) index->add_mdc(number(code), place);
        for (const auto code : split(rows[place][column_loinc_also], '|'))
            if (!code.empty()) index->by_loinc.add(code, place);
    }
    index_ = std::move(index);
}

Result<MetricId> Catalogue::add_site_metric(Metric metric) {
    constexpr std::size_t site_metrics_max = 0x7000;
    if (metric.key.empty()) return fail(Error::Kind::malformed, "a site metric needs a key");
    if (find(metric.key) != nullptr)
        return fail(Error::Kind::conflict, "there is a metric with the key " + metric.key);
    if (!metric.mdc_refid.empty() && find_refid(metric.mdc_refid) != nullptr)
        return fail(Error::Kind::conflict, "there is a metric with the REFID " + metric.mdc_refid);
    if (metric.mdc_code != 0 && find_mdc(metric.mdc_code) != nullptr)
        return fail(Error::Kind::conflict, "there is a metric with this IEEE 11073 code");
    if (!metric.loinc.empty() && find_loinc(metric.loinc) != nullptr)
        return fail(Error::Kind::conflict, "there is a metric with the LOINC code " + metric.loinc);
    if (!metric.id) {
        const auto next = std::max<std::size_t>(index_->by_id.size(), site_ids_from);
        metric.id = MetricId{static_cast<std::uint16_t>(next)};
    }
    if (metric.id.value < site_ids_from || metric.id.value >= site_ids_from + site_metrics_max)
        return fail(Error::Kind::malformed, "a site metric's id lies in 0x8000..0xEFFF");
    if (find(metric.id) != nullptr)
        return fail(Error::Kind::conflict, "there is a site metric with this id");
    auto index = std::make_shared<Index>(*index_);
    index->add(metric, static_cast<std::uint16_t>(metrics_.size()));
    index_ = std::move(index);
    const auto id = metric.id;
    metrics_.push_back(std::move(metric));
    return id;
}

const Metric& Catalogue::at(MetricId id) const {
    const auto* metric = find(id);
    assert(metric != nullptr);
    return *metric;
}

const Metric* Catalogue::find(MetricId id) const {
    return id.value < index_->by_id.size() ? place(index_->by_id[id.value]) : nullptr;
}

const Metric* Catalogue::find(std::string_view key) const {
    return place(index_->by_key.find(key));
}

const Metric* Catalogue::find_refid(std::string_view refid) const {
    return place(index_->by_refid.find(refid));
}

const Metric* Catalogue::find_loinc(std::string_view code) const {
    return place(index_->by_loinc.find(code));
}

const Metric* Catalogue::find_mdc(std::uint32_t code, UnitId unit) const {
    const auto found = index_->by_mdc.find(code);
    if (found == index_->by_mdc.end()) return nullptr;
    const auto* metric = place(found->second);
    if (unit && unit != metric->unit)
        for (const auto& [shared, other] : index_->shared_mdc)
            if (shared == code && metrics_[other].unit == unit) return place(other);
    return metric;
}

const Metric* Catalogue::place(std::uint16_t number) const {
    return number == NameIndex::none ? nullptr : &metrics_[number];
}

}  // namespace vigil
