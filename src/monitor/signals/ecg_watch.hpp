#pragma once
// The ECG of one device on one patient: of the leads that it sends the best two, on one row of
// samples each, read by rhythm::RhythmWatch as `vigil evaluate ecg` reads recordings; and whether
// it can be read at all.

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "metric/batch.hpp"
#include "monitor/signals/rhythm_calls.hpp"
#include "monitor/signals/sample_timeline.hpp"
#include "signal/rhythm/rhythm_watch.hpp"

namespace vigil::monitor {

struct EcgLead {
    MetricId metric{};
    std::uint16_t channel = 0;
    bool operator==(const EcgLead&) const = default;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("metric", self.metric);
        visit("channel", self.channel);
    }
};

struct EcgBeat {
    Timestamp at{};
    ecg::BeatClass beat_class = ecg::BeatClass::unclassifiable;
    float quality = 0;
};

// What is known of a device's ECG now.
struct EcgView {
    struct Lead {
        EcgLead lead;
        quality::Grade grade = quality::Grade::unusable;
        bool is_off = false;
    };
    DeviceId device{};
    std::vector<Lead> leads{};                 // that are read
    Timestamp up_to{};                         // what has been read; a beat is found 0.3 s later
    bool usable = false;                       // a lead is attached and free of noise
    std::optional<double> heart_rate{};        // none: not known, or the heart stands still
    std::vector<rhythm::Condition> rhythms{};  // that are told, those that say most first
    std::vector<EcgBeat> beats{};              // the last ones, in the order of time
};

class EcgWatch {
public:
    static constexpr std::size_t seen_max = 16;  // leads of one device
    static constexpr std::size_t beats_kept = 32;
    // A lead that is so far behind the other is not waited for.
    static constexpr Nanoseconds behind_max = std::chrono::seconds(2);
    // Without any block for so long the signal is lost.
    static constexpr Nanoseconds silent_after = std::chrono::seconds(10);

    explicit EcgWatch(DeviceId device) : device_(device) {}

    // A block of a lead of this place in the order of preference; `now` is the log's time.
    void take(const FiledReading& filed, const Metric& metric, std::size_t place, Timestamp now);
    // Reads what has come of all leads that are waited for.
    void read(Timestamp now, const rhythm::ArrhythmiaSettings& settings);
    // What is to be told by now. `judge` says all but what this knows itself; `pulse_stopped`: a
    // pulse wave that is there shows none.
    void judge(RhythmCalls::Judge judge, bool pulse_stopped, const SignalTables& tables,
               std::vector<Finding>& found);

    // What was read last is known to have been told: it came before a snapshot.
    void warmed() { calls_.warmed(); }

    DeviceId device() const { return device_; }
    // Up to where it was read; none: nothing is being read.
    std::optional<Timestamp> up_to() const;
    std::optional<double> heart_rate() const;
    // Of the beats since then; none: fewer than two.
    std::optional<double> rate_since(Timestamp since) const;
    EcgView view() const;

    // For a snapshot: what was told and which leads were read. The detectors' state is not in it:
    // whoever restores lets them read what came just before (SiteWatch::warm_up).
    struct Stored {
        DeviceId device{};
        std::vector<EcgLead> chosen{};
        std::vector<RhythmCalls::Told> told{};
        bool leads_off = false, noise = false, cannot_analyse = false;
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("device", self.device);
            visit("chosen", self.chosen);
            visit("told", self.told);
            visit("leads_off", self.leads_off);
            visit("noise", self.noise);
            visit("cannot_analyse", self.cannot_analyse);
        }
    };
    Stored stored() const;
    static std::optional<EcgWatch> restore(const Stored& stored);

private:
    struct Seen {
        EcgLead lead;
        std::size_t place = 0;
        Nanoseconds period{};
        Timestamp heard{};
        Timestamp apart_until{};  // its times have nothing to do with those of the other lead
    };
    struct Line {
        Timestamp begin;
        Nanoseconds period;
        rhythm::RhythmWatch watch;
        std::array<std::optional<SampleTimeline>, ecg::leads_max> timelines{};
        std::int64_t fed = 0;
        // By the signal's own seconds.
        std::optional<double> off_since_s{}, noisy_since_s{}, clear_since_s{};
    };
    // A technical condition: whether people were told of it.
    struct Told {
        bool present = false;
        AlarmPriority priority{};
    };

    Seen* note(const EcgLead& lead, std::size_t place, Nanoseconds period, Timestamp now);
    void choose(Timestamp now);
    std::vector<EcgLead> best(Timestamp now) const;
    Timestamp heard(const EcgLead& lead) const;
    bool begin_line(Timestamp begin, Nanoseconds period);
    void end_line();
    std::int64_t readable_up_to(Timestamp now) const;
    void feed(std::size_t count);
    void note_quality();
    void tell(Told& told, bool present, ConditionId condition,
              std::optional<AlarmPriority> priority, std::string detail, Timestamp now,
              std::vector<Finding>& found) const;

    DeviceId device_;
    std::vector<Seen> seen_{};
    std::vector<EcgLead> chosen_{};
    Timestamp first_seen_{}, chosen_at_{};
    std::optional<Timestamp> unreadable_{};  // when a lead came that no detector reads
    std::optional<Line> line_{};
    RhythmCalls calls_{};
    Told leads_off_{}, noise_{}, cannot_analyse_{};
    std::deque<EcgBeat> beats_{};
};

}  // namespace vigil::monitor
