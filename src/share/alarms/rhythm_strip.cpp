#include "share/alarms/rhythm_strip.hpp"

#include <algorithm>
#include <tuple>

#include "signal/ecg/beat.hpp"

namespace vigil::share {

using monitor::SignalTables;

namespace {

bool reaches_into(const store::SeriesInfo& series, const store::Span& span) {
    return series.first < span.to && series.last >= span.from;
}

// The one with the best lead; of several the one with the most samples.
std::optional<DeviceId> device_of(const std::vector<store::SeriesInfo>& all,
                                  const SignalTables& signals, const store::Span& span) {
    std::optional<std::tuple<std::size_t, std::uint64_t, DeviceId>> best;
    for (const auto& each : all) {
        const auto place = signals.ecg_place(each.key.metric);
        if (!place || !reaches_into(each, span)) continue;
        const std::tuple found(*place, UINT64_MAX - each.count, each.key.device);
        if (!best || found < *best) best = found;
    }
    if (!best) return std::nullopt;
    return std::get<DeviceId>(*best);
}

class StripBlocks {
public:
    StripBlocks(store::SeriesStore& series, const store::Access& access, PatientId patient,
                DeviceId device, const SignalTables& signals, const store::Span& span)
        : series_(series),
          access_(access),
          patient_(patient),
          device_(device),
          signals_(signals),
          span_(span) {}

    void among(const std::vector<store::SeriesInfo>& all) {
        for (const auto& each : all)
            if (is_read(each.key) && reaches_into(each, span_) &&
                std::ranges::find(metrics_, each.key.metric) == metrics_.end())
                metrics_.push_back(each.key.metric);
    }

    std::optional<monitor::PastReading> next() {
        while (at_ == minute_.size() && !failure_ && !cut_ && span_.from < span_.to) read_minute();
        if (failure_ || at_ == minute_.size()) return std::nullopt;
        return std::move(minute_[at_++]);
    }
    bool cut() const { return cut_; }
    const std::optional<Error>& failure() const { return failure_; }

private:
    // The leads of the one device; pulses of any speak for or against what they say.
    bool is_read(const store::SeriesKey& key) const {
        return signals_.ecg_place(key.metric) ? key.device == device_
                                              : signals_.is_pulse_wave(key.metric);
    }

    void read_minute() {
        minute_.clear();
        at_ = 0;
        const store::Span minute{span_.from,
                                 std::min(span_.to, span_.from + std::chrono::minutes(1))};
        for (const auto metric : metrics_) {
            const auto read =
                series_.scan(access_, patient_, metric, minute,
                             [&](const store::SeriesKey& key, const store::Sample& sample) {
                                 const auto* block = std::get_if<WaveformBlock>(&sample.value);
                                 if (block == nullptr || !is_read(key)) return true;
                                 cut_ = samples_ + block->samples.size() > strip_samples_max;
                                 if (cut_) return false;
                                 samples_ += block->samples.size();
                                 minute_.push_back({key.device,
                                                    {{.metric = key.metric,
                                                      .channel = key.channel,
                                                      .status = sample.status,
                                                      .device_time = sample.device_time,
                                                      .value = sample.value},
                                                     sample.filed_time}});
                                 return true;
                             });
            if (!read) failure_ = read.error();
            if (failure_) return;
            if (cut_) {
                minute_.clear();  // some of its leads are not there
                return;
            }
        }
        std::ranges::sort(minute_, {}, [](const monitor::PastReading& each) {
            return std::tuple(each.filed.filed_time, each.filed.reading.metric, each.device,
                              each.filed.reading.channel);
        });
        span_.from = minute.to;
    }

    store::SeriesStore& series_;
    const store::Access& access_;
    PatientId patient_;
    DeviceId device_;
    const SignalTables& signals_;
    store::Span span_;
    std::vector<MetricId> metrics_{};
    std::vector<monitor::PastReading> minute_{};
    std::size_t at_ = 0, samples_ = 0;
    bool cut_ = false;
    std::optional<Error> failure_{};
};

}  // namespace

Result<StripShown> read_strip(store::SeriesStore& series, const store::Access& access,
                              const monitor::MonitorTables& tables, StripAsked asked) {
    auto& question = asked.question;
    VIGIL_TRY(all, series.list(access, asked.patient));
    const auto span = question.read();
    StripShown shown;
    shown.device = asked.device ? asked.device : device_of(all, tables.signals, span);
    if (!shown.device) return shown;
    question.ecg = *shown.device;
    StripBlocks blocks(series, access, asked.patient, question.ecg, tables.signals, span);
    blocks.among(all);
    shown.strip = monitor::read_strip(tables, question, [&blocks] { return blocks.next(); });
    shown.cut = blocks.cut();
    if (blocks.failure()) return tl::unexpected(*blocks.failure());
    return shown;
}

void write_strip(JsonWriter& json, const AlarmWords& words, const store::Span& span,
                 const StripShown& shown) {
    const auto& strip = shown.strip;
    const auto* device = shown.device ? words.registry.device(*shown.device) : nullptr;
    json.begin_object();
    json.member_or_null("device", device != nullptr ? device->external_id : std::string());
    json.member("from", span.from).member("to", span.to);
    json.member_or_null("read_from", strip.read_from);
    json.key("leads").begin_array();
    for (const auto& lead : strip.leads) {
        const auto* metric = words.catalogue.find(lead.metric);
        json.begin_object().member("metric", metric != nullptr ? metric->key : std::string());
        json.member("channel", lead.channel).end_object();
    }
    json.end_array().key("beats").begin_array();
    for (const auto& beat : strip.beats) {
        json.begin_object().member("time", beat.at);
        json.member("class", std::string(1, ecg::letter(beat.beat_class))).end_object();
    }
    json.end_array().key("rhythms").begin_array();
    for (const auto& each : strip.rhythms) {
        json.begin_object().member("rhythm", rhythm::name_of(each.rhythm));
        json.member("from", each.from).member_or_null("to", each.to).end_object();
    }
    json.end_array().key("heart_rate").begin_array();
    for (const auto& rate : strip.heart_rate)
        json.begin_object()
            .member("time", rate.time)
            .key("value")
            .number(rate.per_minute)
            .end_object();
    json.end_array().member("cut", shown.cut).end_object();
}

}  // namespace vigil::share
