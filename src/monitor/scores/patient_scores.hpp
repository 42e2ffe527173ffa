#pragma once
// The scores of one patient as the watch keeps them: what comes to be known of the patient goes in,
// and what people are to be told of comes out as findings for the alarm system
// (clinical_scores §10 rules 1 and 4). Which score raises an alarm is a row of
// data/alarm-conditions.tsv, "<score>_raised"; the others are shown.

#include <string>
#include <string_view>
#include <vector>

#include "monitor/alarms/patient_monitor.hpp"
#include "monitor/scores/score_state.hpp"

namespace vigil::monitor {

class PatientScores {
public:
    // What was raised stands until the score has been lower for so long: one that goes to and fro
    // between two bands is one alarm.
    static constexpr Nanoseconds lower_for = std::chrono::minutes(5);

    // The tables outlive it.
    explicit PatientScores(const MonitorTables& tables);

    // Each adds what it came to to `found`, for PatientMonitor::on_finding.
    void on_birth_date(std::string_view date, Timestamp now, std::vector<Finding>& found);
    // What somebody decided (ScoreSettingSet), once it is known to be a setting.
    void on_setting(ChosenSetting chosen, Timestamp now, std::vector<Finding>& found);
    void on_readings(DeviceId device, std::span<const FiledReading> readings, Timestamp now,
                     std::vector<Finding>& found);
    void on_time(Timestamp now, std::vector<Finding>& found);
    // The patient has left: what was told ends.
    void on_leave(Timestamp now, std::vector<Finding>& found);
    void on_device_removed(DeviceId device) { state_.end_association(device); }

    const ScoreState& state() const { return state_; }

    std::string snapshot() const;
    static Result<PatientScores> restore(const MonitorTables& tables, std::string_view bytes);

private:
    // What people were told of a score.
    struct Told {
        std::uint8_t bands = 0;  // its band's number plus one; 0: nothing
        Timestamp lower_since = never;
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("bands", self.bands);
            visit("lower_since", self.lower_since);
        }
    };

    void take(const std::vector<ScoreUpdate>& updates, Timestamp now, std::vector<Finding>& found);
    void judge(std::size_t table, const ScoreResult& result, bool overdue, Timestamp now,
               std::vector<Finding>& found);
    Finding finding(std::size_t table, const ScoreResult& result, Timestamp now) const;

    const MonitorTables* tables_;
    ScoreState state_;
    std::vector<Told> told_;  // by table
    Timestamp due_ = never;   // before this nothing that was told ends by itself
};

}  // namespace vigil::monitor
