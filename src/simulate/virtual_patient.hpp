#pragma once
// A simulated patient at a simulated bedside monitor: goes through time as it is told to and says
// what such a monitor would send.

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"
#include "simulate/body.hpp"
#include "simulate/oximeter.hpp"
#include "simulate/scenario.hpp"

namespace vigil::simulate {

struct MonitorSettings {
    std::vector<Lead> leads{Lead::II, Lead::V1};
    double ecg_hz = 250;  // 250 or 500
    // What one waveform message covers: a multiple of 200 ms that divides a second.
    Nanoseconds block = std::chrono::seconds(1);
    bool arterial_line = false;
    bool capnography = false;
    Nanoseconds nibp_interval = std::chrono::minutes(15);
    Nanoseconds clock_error{};  // of the monitor's own clock: readings carry its time
};

// What the monitor sends in one go.
struct Emission {
    enum class Kind : std::uint8_t { vitals, waveform, event };
    Timestamp time;  // true time at which it is sent
    Kind kind = Kind::vitals;
    bool link_up = true;  // false: the network is away, the monitor keeps it and sends it later
    std::vector<Reading> readings;

    bool operator==(const Emission&) const = default;
};

class VirtualPatient {
public:
    // Same arguments, same emissions, however advance() cuts the time. The catalogue must outlive
    // the patient.
    VirtualPatient(const Catalogue& catalogue, const BodySettings& body,
                   const MonitorSettings& monitor, std::uint64_t seed, Timestamp start);

    // From now on; scenarios add up, the one begun last decides the rhythm.
    void play(const Scenario& scenario);

    // Appends what is sent in the next `duration`, in time order.
    void advance(Nanoseconds duration, std::vector<Emission>& out);

    Timestamp now() const { return now_; }
    Rhythm rhythm() const { return rhythm_; }
    const Body& body() const { return body_; }  // the truth behind the readings

private:
    // The catalogue's rows that a monitor speaks of.
    struct Metrics {
        explicit Metrics(const Catalogue& catalogue);
        const Metric *heart_rate, *spo2, *pulse_rate, *perfusion_index, *resp_rate, *temperature;
        const Metric *nibp_sys, *nibp_dia, *nibp_mean, *pulse_rate_nibp;
        const Metric *abp_sys, *abp_dia, *abp_mean, *etco2, *battery, *rhythm_status;
        const Metric *ecg_i, *ecg_ii, *ecg_v1, *pleth, *resp_wave, *abp_wave, *co2_wave;
    };

    void live_through_block();
    void send_waveforms(Timestamp from, std::vector<Emission>& out);
    void send_vitals(std::vector<Emission>& out);
    void send_slow_vitals(std::vector<Reading>& readings);
    void send_nibp(std::vector<Emission>& out);
    void announce_rhythm(std::vector<Emission>& out);

    Timestamp device_time(Timestamp t) const { return t + settings_.clock_error; }
    double elapsed_s(Timestamp t) const {
        return std::chrono::duration<double>(t - start_).count();
    }
    Reading numeric(const Metric& metric, Decimal value) const;
    Reading without_value(const Metric& metric, std::uint32_t status) const;
    Reading whole(const Metric& metric, double value) const;
    Reading wave(const Metric& metric, Timestamp from, double hz, Decimal scale,
                 std::vector<std::int32_t> samples) const;
    template <class Value>
    std::vector<std::int32_t> sampled(std::size_t count, bool attached, Value value) const;
    double respiration_ohm(double t) const;
    double carbon_dioxide(double t) const;

    MonitorSettings settings_;
    Metrics metrics_;
    Timestamp start_;        // a whole second
    Timestamp now_;          // how far advance() has come
    Timestamp block_start_;  // how far blocks have been made
    Body body_;
    Random random_;
    Oximeter oximeter_;
    std::vector<Course> courses_;
    Rhythm rhythm_ = Rhythm::sinus, announced_ = Rhythm::sinus;
    Timestamp rhythm_since_;
    Attachments attachments_;
    Timestamp next_nibp_;
};

}  // namespace vigil::simulate
