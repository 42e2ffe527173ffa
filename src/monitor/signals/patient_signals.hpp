#pragma once
// The waveforms of one patient's devices, read as they come: what they say of the rhythm goes to
// the alarm system as findings, and stands here for whoever asks. Deterministic: the same blocks at
// the same times of the log come to the same. Memory is bounded: four ECGs, four pulse waves.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/signals/ecg_watch.hpp"
#include "monitor/signals/pulse_watch.hpp"

namespace vigil::monitor {

struct MonitorTables;

class PatientSignals {
public:
    static constexpr std::size_t ecgs_max = 4, pulses_max = 4;
    // A pulse that goes on evenly for so long contradicts the ECG.
    static constexpr Nanoseconds pulse_span = std::chrono::seconds(5);

    // The tables outlive it.
    explicit PatientSignals(const MonitorTables& tables) : tables_(&tables) {}

    // Waveforms out of a message; `limits` are the patient's, a row of the limit table each. False:
    // there was none.
    bool on_readings(DeviceId device, std::span<const FiledReading> readings, Timestamp now,
                     std::span<const LimitSetting> limits);
    // The same of what came shortly before a snapshot: detectors learn, and nothing is told.
    void warm_up(DeviceId device, std::span<const FiledReading> readings, Timestamp now,
                 std::span<const LimitSetting> limits);
    // Each second, whatever comes.
    void on_time(Timestamp now, std::span<const LimitSetting> limits);
    // After either: what is to be told by now.
    void judge(Timestamp now, AgeClass age_class, std::vector<Finding>& found);
    void on_device_removed(DeviceId device);

    std::vector<EcgView> ecgs() const;
    std::optional<double> pulse_rate() const;  // of the first wave that has one

    std::string snapshot() const;
    static Result<PatientSignals> restore(const MonitorTables& tables, std::string_view bytes);

private:
    struct Pulse {
        DeviceId device{};
        EcgLead wave{};
        PulseWatch watch{};
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("device", self.device);
            visit("wave", self.wave);
        }
    };

    bool take(DeviceId device, std::span<const FiledReading> readings, Timestamp now, bool known);
    void take_pulse(DeviceId device, const FiledReading& filed, const Metric& metric, bool known);
    void take_ecg(DeviceId device, const FiledReading& filed, const Metric& metric, bool known,
                  Timestamp now);
    bool counts(const FiledReading& filed, Timestamp now) const;
    void read(Timestamp now, std::span<const LimitSetting> limits);
    std::optional<std::string> contradiction(const EcgWatch& ecg, rhythm::Condition condition,
                                             Timestamp since) const;
    bool pulse_stopped(const EcgWatch& ecg) const;

    const MonitorTables* tables_;
    std::vector<EcgWatch> ecgs_{};
    std::vector<Pulse> pulses_{};
    Timestamp rate_heard_{};  // when a device last told how fast the heart beats
};

}  // namespace vigil::monitor
