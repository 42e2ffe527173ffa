#include "simulate/virtual_patient.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace vigil::simulate {
namespace {

using std::chrono::seconds;

constexpr double pulse_hz = 125;
constexpr double slow_hz = 25;  // respiration and capnogram
constexpr std::int32_t pleth_max = 1500;

Nanoseconds period_of(double hz) {
    return Nanoseconds(std::llround(1e9 / hz));
}

bool at_multiple_of(Timestamp t, Nanoseconds interval) {
    return t.time_since_epoch() % interval == Nanoseconds::zero();
}

}  // namespace

VirtualPatient::Metrics::Metrics(const Catalogue& catalogue) {
    const auto row = [&](std::string_view key) {
        const auto* metric = catalogue.find(key);
        assert(metric != nullptr);
        return metric;
    };
    heart_rate = row("heart_rate");
    spo2 = row("spo2");
    pulse_rate = row("pulse_rate_spo2");
    perfusion_index = row("perfusion_index");
    resp_rate = row("resp_rate");
    temperature = row("temp_core");
    nibp_sys = row("nibp_sys");
    nibp_dia = row("nibp_dia");
    nibp_mean = row("nibp_mean");
    pulse_rate_nibp = row("pulse_rate_nibp");
    abp_sys = row("abp_sys");
    abp_dia = row("abp_dia");
    abp_mean = row("abp_mean");
    etco2 = row("etco2");
    battery = row("battery_level");
    rhythm_status = row("rhythm_status");
    ecg_i = row("ecg_i");
    ecg_ii = row("ecg_ii");
    ecg_v1 = row("ecg_v1");
    pleth = row("pleth");
    resp_wave = row("resp_wave");
    abp_wave = row("abp_wave");
    co2_wave = row("co2_wave");
}

VirtualPatient::VirtualPatient(const Catalogue& catalogue, const BodySettings& body,
                               const MonitorSettings& monitor, std::uint64_t seed, Timestamp start)
    : settings_(monitor),
      metrics_(catalogue),
      start_(std::chrono::ceil<seconds>(start)),
      now_(start),
      block_start_(start_),
      body_([&] {
          auto fitted = body;
          fitted.ecg_hz = monitor.ecg_hz;
          fitted.pulse_hz = pulse_hz;
          return Body(fitted, seed);
      }()),
      random_(seed, 6),
      rhythm_since_(start_),
      next_nibp_(start_ + seconds(40 + static_cast<int>(random_.below(50)))) {
    assert(settings_.block > Nanoseconds::zero() &&
           settings_.block % std::chrono::milliseconds(200) == Nanoseconds::zero() &&
           seconds(1) % settings_.block == Nanoseconds::zero());
    assert(settings_.nibp_interval > Nanoseconds::zero());
}

void VirtualPatient::play(const Scenario& scenario) {
    courses_.emplace_back(scenario, block_start_);
}

void VirtualPatient::advance(Nanoseconds duration, std::vector<Emission>& out) {
    now_ += duration;
    while (block_start_ + settings_.block <= now_) {
        live_through_block();
        const auto from = block_start_;
        block_start_ += settings_.block;
        send_waveforms(from, out);
        if (!at_multiple_of(block_start_, seconds(1))) continue;
        oximeter_.second(body_.saturation(), attachments_.probe && body_.perfusion() > 0.15);
        send_vitals(out);
        announce_rhythm(out);
        if (block_start_ >= next_nibp_) send_nibp(out);
    }
}

void VirtualPatient::live_through_block() {
    Quantities offsets;
    const auto before = rhythm_;
    for (auto& course : courses_) course.advance(block_start_, offsets, rhythm_, attachments_);
    std::erase_if(courses_, [this](const Course& course) { return course.over(block_start_); });
    if (rhythm_ != before) rhythm_since_ = block_start_;
    body_.advance(elapsed_s(block_start_), std::chrono::duration<double>(settings_.block).count(),
                  offsets, rhythm_);
}

template <class Value>
std::vector<std::int32_t> VirtualPatient::sampled(std::size_t count, bool attached,
                                                  Value value) const {
    std::vector<std::int32_t> samples(count, WaveformBlock::missing);
    if (attached)
        for (std::size_t i = 0; i < count; ++i)
            samples[i] = static_cast<std::int32_t>(std::lrint(value(i)));
    return samples;
}

void VirtualPatient::send_waveforms(Timestamp from, std::vector<Emission>& out) {
    const bool leads = attachments_.leads;
    auto& emission =
        out.emplace_back(Emission{block_start_, Emission::Kind::waveform, attachments_.link, {}});
    emission.readings.reserve(settings_.leads.size() + 4);
    const auto add = [&](const Metric& metric, double hz, Decimal scale,
                         std::vector<std::int32_t> samples) {
        emission.readings.push_back(wave(metric, from, hz, scale, std::move(samples)));
    };
    for (const auto lead : settings_.leads) {
        const auto samples = body_.ecg().samples(lead);
        const auto& metric = lead == Lead::I    ? *metrics_.ecg_i
                             : lead == Lead::II ? *metrics_.ecg_ii
                                                : *metrics_.ecg_v1;
        constexpr float steps_per_mv = 200;  // 5 µV
        add(metric, settings_.ecg_hz, {5, -3},
            sampled(samples.size(), leads, [&](auto i) { return samples[i] * steps_per_mv; }));
    }
    const auto pulse = body_.circulation().plethysmogram();
    add(*metrics_.pleth, pulse_hz, {1, -3}, sampled(pulse.size(), attachments_.probe, [&](auto i) {
        return std::clamp(pulse[i] * 1000.0F, 0.0F, static_cast<float>(pleth_max));
    }));
    if (settings_.arterial_line) {
        const auto pressure = body_.circulation().pressure_mmhg();
        add(*metrics_.abp_wave, pulse_hz, {1, -1},
            sampled(pressure.size(), true, [&](auto i) { return pressure[i] * 10; }));
    }
    const auto slow_count = static_cast<std::size_t>(
        std::lround(std::chrono::duration<double>(settings_.block).count() * slow_hz));
    const double start = elapsed_s(from);
    add(*metrics_.resp_wave, slow_hz, {1, -2}, sampled(slow_count, leads, [&](auto i) {
        return 100 * respiration_ohm(start + static_cast<double>(i) / slow_hz);
    }));
    if (settings_.capnography)
        add(*metrics_.co2_wave, slow_hz, {1, -1}, sampled(slow_count, true, [&](auto i) {
            return 10 * carbon_dioxide(start + static_cast<double>(i) / slow_hz);
        }));
}

void VirtualPatient::send_vitals(std::vector<Emission>& out) {
    auto& emission =
        out.emplace_back(Emission{block_start_, Emission::Kind::vitals, attachments_.link, {}});
    auto& readings = emission.readings;
    readings.reserve(12);
    const double t = elapsed_s(block_start_);
    // Without electrodes nothing is known; without beats neither: a rate of 0 is not a number that
    // monitors send.
    const double rate = body_.heart().rate_per_min(t, false);
    if (attachments_.leads && rate > 0 && rhythm_ != Rhythm::ventricular_fibrillation)
        readings.push_back(whole(*metrics_.heart_rate, rate));
    else
        readings.push_back(
            without_value(*metrics_.heart_rate, attachments_.leads ? 0 : status::signal_poor));

    const auto saturation = oximeter_.saturation();
    const double pulse = body_.heart().rate_per_min(t, true);
    const bool measurable = attachments_.probe && body_.perfusion() > 0.15 && pulse > 0;
    if (attachments_.probe && saturation) {
        readings.push_back(whole(*metrics_.spo2, std::min(100.0, *saturation)));
    } else {
        readings.push_back(without_value(*metrics_.spo2, status::signal_poor));
    }
    if (measurable) {
        readings.push_back(whole(*metrics_.pulse_rate, pulse));
        const auto index = std::clamp(std::lround(body_.perfusion() * 10), 0L, 200L);
        readings.push_back(numeric(*metrics_.perfusion_index, {index, -1}));
    } else {
        readings.push_back(without_value(*metrics_.pulse_rate, status::signal_poor));
        readings.push_back(without_value(*metrics_.perfusion_index, status::signal_poor));
    }
    if (attachments_.leads)
        readings.push_back(whole(*metrics_.resp_rate, body_.respiration().rate_per_min(t)));
    else
        readings.push_back(without_value(*metrics_.resp_rate, status::signal_poor));
    if (settings_.arterial_line) {
        const auto pressures = body_.circulation().measured();
        readings.push_back(whole(*metrics_.abp_sys, pressures.systolic));
        readings.push_back(whole(*metrics_.abp_dia, pressures.diastolic));
        readings.push_back(whole(*metrics_.abp_mean, pressures.mean));
    }
    if (settings_.capnography) readings.push_back(whole(*metrics_.etco2, body_.end_tidal_co2()));
    send_slow_vitals(readings);
}

void VirtualPatient::send_slow_vitals(std::vector<Reading>& readings) {
    if (at_multiple_of(block_start_, seconds(5))) {
        const auto tenths = std::lround(10 * body_.temperature() + 0.2 * random_.normal());
        readings.push_back(numeric(*metrics_.temperature, {tenths, -1}));
    }
    if (at_multiple_of(block_start_, seconds(60)))
        readings.push_back(whole(*metrics_.battery,
                                 std::clamp(body_.quantities()[Quantity::battery], 0.0, 100.0)));
}

// A cuff finds no pressure where there is hardly a pulse: it says so instead of guessing.
void VirtualPatient::send_nibp(std::vector<Emission>& out) {
    next_nibp_ = block_start_ + settings_.nibp_interval;
    const auto pressures = body_.circulation().measured();
    const double pulse = body_.heart().rate_per_min(elapsed_s(block_start_), true);
    auto& emission =
        out.emplace_back(Emission{block_start_, Emission::Kind::vitals, attachments_.link, {}});
    auto& readings = emission.readings;
    constexpr double pulse_pressure_min = 12;
    if (pressures.systolic - pressures.diastolic < pulse_pressure_min || pulse == 0) {
        for (const auto* metric : {metrics_.nibp_sys, metrics_.nibp_dia, metrics_.nibp_mean})
            readings.push_back(without_value(*metric, status::questionable));
        return;
    }
    // ISO 81060-2 allows a mean error of 5 mmHg; this cuff is better.
    const double error = 2 * random_.normal();
    readings.push_back(whole(*metrics_.nibp_sys, pressures.systolic + error));
    readings.push_back(whole(*metrics_.nibp_dia, pressures.diastolic + 0.6 * error));
    readings.push_back(whole(*metrics_.nibp_mean, pressures.mean + 0.7 * error));
    readings.push_back(whole(*metrics_.pulse_rate_nibp, pulse));
}

// The monitor's own analysis names a rhythm once it has held for four seconds.
void VirtualPatient::announce_rhythm(std::vector<Emission>& out) {
    if (rhythm_ == announced_ || block_start_ - rhythm_since_ < seconds(4) || !attachments_.leads)
        return;
    announced_ = rhythm_;
    Reading reading{.metric = metrics_.rhythm_status->id,
                    .device_time = device_time(block_start_),
                    .value = EventValue{std::string(name(rhythm_)), {}}};
    out.push_back({block_start_, Emission::Kind::event, attachments_.link, {std::move(reading)}});
}

Reading VirtualPatient::numeric(const Metric& metric, Decimal value) const {
    return {.metric = metric.id,
            .device_time = device_time(block_start_),
            .value = NumericValue{value, metric.unit}};
}

Reading VirtualPatient::whole(const Metric& metric, double value) const {
    return numeric(metric, {std::lround(value), 0});
}

Reading VirtualPatient::without_value(const Metric& metric, std::uint32_t status) const {
    return {.metric = metric.id,
            .status = status | status::not_available,
            .device_time = device_time(block_start_),
            .value = NumericValue{{}, metric.unit, SpecialValue::not_available}};
}

Reading VirtualPatient::wave(const Metric& metric, Timestamp from, double hz, Decimal scale,
                             std::vector<std::int32_t> samples) const {
    const bool missing = !samples.empty() && samples.front() == WaveformBlock::missing;
    return {.metric = metric.id,
            .status = missing ? status::signal_poor : 0,
            .device_time = device_time(from),
            .value = WaveformBlock{period_of(hz), scale, {0, 0}, metric.unit, std::move(samples)}};
}

// Impedance of the chest above its rest: the breath, and a little of the heartbeat.
double VirtualPatient::respiration_ohm(double t) const {
    const double stroke = 0.03 * std::min(1.0, body_.output());
    return 1.2 * body_.respiration().volume(t) + stroke * std::sin(2 * std::numbers::pi * 1.2 * t);
}

// The capnogram's square hill: it rises as the dead space is washed out and falls with the next
// breath in.
double VirtualPatient::carbon_dioxide(double t) const {
    const double expired = body_.respiration().expired_s(t);
    if (expired <= 0) return 0;
    const double plateau = 0.92 + 0.08 * std::min(1.0, expired / 2);
    return body_.end_tidal_co2() * plateau * (1 - std::exp(-expired / 0.12));
}

}  // namespace vigil::simulate
