#pragma once
// SeriesStore as a list: slow, plain, and what the real one is compared with.

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "metric/catalogue.hpp"
#include "metric/unit.hpp"
#include "store/series.hpp"

namespace vigil::store::test {

class MemorySeries : public SeriesStore {
public:
    explicit MemorySeries(const Catalogue& catalogue) : catalogue_(catalogue) {}

    void put(const SeriesKey& series, PatientId patient, const Sample& sample) override {
        all_.push_back({series, patient, sample});
    }
    void refile(const Refile& refile, DoneWith<std::uint64_t> done) override {
        std::uint64_t moved = 0;
        for (auto& row : all_)
            if (row.key.device == refile.device && row.patient == refile.from &&
                refile.from != refile.to && within(row.sample, refile.span)) {
                row.patient = refile.to;
                ++moved;
            }
        done(moved);
    }
    void erase(PatientId patient, Done done) override {
        std::erase_if(all_, [&](const Row& row) { return row.patient == patient; });
        done({});
    }
    void advance(Position up_to) override { advanced_ = up_to; }
    Position applied() const override { return applied_; }
    void flush(Done done) override {
        applied_ = advanced_;
        done({});
    }
    void compact(Timestamp, DoneWith<bool> done) override { done(false); }
    void forget(SampleClass which, Timestamp before, DoneWith<bool> done) override {
        std::erase_if(all_, [&](const Row& row) {
            return class_of(row.sample) == which && row.sample.filed_time < before;
        });
        done(false);
    }
    void forget_rollups(Timestamp, DoneWith<bool> done) override { done(false); }
    std::size_t head_bytes() const override { return 0; }

    Result<void> scan(const Access& access, PatientId patient, MetricId metric, Span span,
                      const std::function<bool(const SeriesKey&, const Sample&)>& visit) override {
        if (!access.covers(patient)) return fail(Error::Kind::forbidden, "not covered");
        for (const auto& row : kept(patient))
            if (row.key.metric == metric && within(row.sample, span) &&
                access.sees(patient, metric, row.sample.filed_time) && !visit(row.key, row.sample))
                break;
        return {};
    }
    Result<void> scan_numbers(const Access& access, PatientId patient, MetricId metric, Span span,
                              const NumberVisitor& visit) override {
        return scan(access, patient, metric, span, [&](const SeriesKey& key, const Sample& sample) {
            const auto* number = std::get_if<NumericValue>(&sample.value);
            if (number == nullptr) return true;
            const Number one{sample.filed_time, *number, sample.status};
            return visit(key, {&one, 1});
        });
    }
    Result<std::vector<Bucket>> scan(const Access& access, PatientId patient, SeriesKey series,
                                     Span span, Resolution resolution) override {
        if (!access.covers(patient)) return fail(Error::Kind::forbidden, "not covered");
        std::map<std::int64_t, Bucket> buckets;
        const std::int64_t length = resolution == Resolution::minute ? 60'000'000'000
                                    : resolution == Resolution::hour ? 3'600'000'000'000
                                                                     : 86'400'000'000'000;
        const auto& metric = catalogue_.at(series.metric);
        for (const auto& row : kept(patient)) {
            const auto* number = std::get_if<NumericValue>(&row.sample.value);
            if (row.key != series || number == nullptr || number->special != SpecialValue::none ||
                (row.sample.status & status::invalid) != 0)
                continue;
            const auto value =
                units::convert(number->value, number->unit, metric.unit, metric.molar_mass);
            const auto start = unix_ns(row.sample.filed_time) / length * length;
            if (!value || start + length <= unix_ns(span.from) || start >= unix_ns(span.to))
                continue;
            const double v = value->to_double();
            auto& b = buckets[start];
            b.start = from_unix_ns(start);
            b.min = b.count == 0 ? v : std::min(b.min, v);
            b.max = b.count == 0 ? v : std::max(b.max, v);
            b.mean = (b.mean * static_cast<double>(b.count) + v) / static_cast<double>(b.count + 1);
            b.last = v;
            ++b.count;
        }
        // Those that lie in what is seen, but for the ends of the span.
        std::vector<Bucket> found;
        for (const auto& part : access.seen(patient, series.metric, span))
            for (const auto& [start, bucket] : buckets) {
                const auto end = bucket.start + Nanoseconds(length);
                if ((bucket.start >= part.from || part.from == span.from) &&
                    (end <= part.to || part.to == span.to))
                    found.push_back(bucket);
            }
        return found;
    }
    Result<std::vector<SeriesInfo>> list(const Access& access, PatientId patient) override {
        if (!access.covers(patient)) return fail(Error::Kind::forbidden, "not covered");
        std::map<SeriesKey, SeriesInfo> infos;
        for (const auto& row : kept(patient)) {
            if (!sees_any(access, patient, row.key.metric)) continue;
            const auto time = row.sample.filed_time;
            auto& info = infos.try_emplace(row.key, SeriesInfo{row.key, patient, time, time, 0})
                             .first->second;
            info.first = std::min(info.first, time);
            info.last = std::max(info.last, time);
            ++info.count;
        }
        std::vector<SeriesInfo> found;
        for (const auto& [key, info] : infos) found.push_back(info);
        return found;
    }
    std::vector<SeriesInfo> of_metric(const Access& access, MetricId metric) override {
        std::map<std::pair<PatientId, SeriesKey>, SeriesInfo> infos;
        for (const auto& row : all_) {
            if (row.key.metric != metric || !access.covers(row.patient) ||
                !sees_any(access, row.patient, metric))
                continue;
            const auto time = row.sample.filed_time;
            auto& info = infos
                             .try_emplace({row.patient, row.key},
                                          SeriesInfo{row.key, row.patient, time, time, 0})
                             .first->second;
            info.first = std::min(info.first, time);
            info.last = std::max(info.last, time);
            ++info.count;
        }
        std::vector<SeriesInfo> found;
        for (const auto& [key, info] : infos) found.push_back(info);
        return found;
    }
    Result<std::uint64_t> count(const Access& access, PatientId patient, MetricId metric, Span span,
                                std::uint32_t without) override {
        std::uint64_t count = 0;
        VIGIL_CHECK(
            scan(access, patient, metric, span, [&](const SeriesKey&, const Sample& sample) {
                count += (sample.status & without) == 0 ? 1 : 0;
                return true;
            }));
        return count;
    }
    Result<std::vector<LatestSample>> latest(const Access& access, PatientId patient) override {
        if (!access.covers(patient)) return fail(Error::Kind::forbidden, "not covered");
        std::map<SeriesKey, Sample> newest;
        for (const auto& row : kept(patient)) newest[row.key] = row.sample;
        std::vector<LatestSample> found;
        for (auto& [key, sample] : newest) {
            if (!access.sees(patient, key.metric, sample.filed_time)) continue;
            if (auto* block = std::get_if<WaveformBlock>(&sample.value)) block->samples.clear();
            found.push_back({key, sample});
        }
        return found;
    }
    std::unordered_map<DeviceId, Timestamp> newest_of_devices() const override {
        std::unordered_map<DeviceId, Timestamp> found;
        for (const auto& row : all_) {
            auto& newest = found.try_emplace(row.key.device, row.sample.filed_time).first->second;
            newest = std::max(newest, row.sample.filed_time);
        }
        return found;
    }
    std::vector<MeasuredMetric> measured() const override {
        std::vector<MeasuredMetric> found;
        for (const auto& row : all_) {
            const auto time = row.sample.filed_time;
            const auto known = std::ranges::find_if(found, [&](const auto& one) {
                return one.device == row.key.device && one.metric == row.key.metric;
            });
            if (known == found.end()) {
                found.push_back({row.key.device, row.key.metric, time, time});
                continue;
            }
            known->first = std::min(known->first, time);
            known->newest = std::max(known->newest, time);
        }
        return found;
    }

private:
    struct Row {
        SeriesKey key;
        PatientId patient;
        Sample sample;
    };
    static bool sees_any(const Access& access, PatientId patient, MetricId metric) {
        return !access.seen(patient, metric, {Timestamp::min(), Timestamp::max()}).empty();
    }
    static bool within(const Sample& sample, Span span) {
        return span.from <= sample.filed_time && sample.filed_time < span.to;
    }
    static SampleClass class_of(const Sample& sample) {
        return sample.value.index() == 0   ? SampleClass::vitals
               : sample.value.index() == 4 ? SampleClass::waveforms
                                           : SampleClass::events;
    }
    static bool same_value(const Sample& a, const Sample& b) {
        const auto* number = std::get_if<NumericValue>(&a.value);
        if (number == nullptr || b.value.index() != 0) return a.value == b.value;
        const auto& other = std::get<NumericValue>(b.value);
        return number->value.same_as(other.value) && number->unit == other.unit &&
               number->special == other.special;
    }
    // A patient's samples, each once, in order.
    std::vector<Row> kept(PatientId patient) const {
        // What tells a repeat, but for the value.
        const auto identity = [](const Row& row) {
            const auto& sample = row.sample;
            return std::tuple(row.key, sample.sequence, sample.device_time,
                              sample.device_time ? Timestamp{} : sample.filed_time);
        };
        std::multimap<std::tuple<Timestamp, SeriesKey, std::uint32_t>, Row> rows;
        std::multimap<decltype(identity(std::declval<Row>())), const Row*> known;
        for (const auto& row : all_) {
            if (row.patient != patient) continue;
            const auto [from, to] = known.equal_range(identity(row));
            if (std::any_of(from, to, [&](const auto& earlier) {
                    const auto& sample = earlier.second->sample;
                    const bool corrects = (row.sample.status & status::corrected) != 0;
                    return same_value(sample, row.sample) &&
                           (!corrects || sample.status == row.sample.status);
                }))
                continue;
            const std::tuple place(row.sample.filed_time, row.key, row.sample.sequence);
            if ((row.sample.status & status::corrected) != 0) {
                const auto [first, last] = rows.equal_range(place);
                for (auto one = first; one != last; ++one)
                    std::erase_if(known,
                                  [&](const auto& each) { return each.second == &one->second; });
                rows.erase(first, last);
            }
            known.emplace(identity(row), &rows.emplace(place, row)->second);
        }
        std::vector<Row> found;
        for (auto& [place, row] : rows) found.push_back(row);
        return found;
    }

    const Catalogue& catalogue_;
    std::vector<Row> all_;
    Position advanced_, applied_;
};

}  // namespace vigil::store::test
