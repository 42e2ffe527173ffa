#pragma once
// A person at home with the devices of a chronic illness: scale, cuff, glucose meter, continuous
// glucose sensor, ear thermometer and a step counter, each speaking its own protocol.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "simulate/random.hpp"

namespace vigil::simulate {

struct HomeProfile {
    double weight_kg = 82;
    double fluid_kg_per_day = 0;  // heart failure that goes wrong: 0.4 is an emergency in a week
    double systolic = 138, diastolic = 84, pulse = 70;
    double glucose_mg_per_dl = 135;    // fasting
    double carbohydrate_response = 1;  // 0.3: not diabetic; 1: type 2; 1.6: badly adjusted
    double adherence = 0.9;            // share of the planned measurements that happen
    bool has_cgm = true, has_meter = true;
    std::int16_t utc_offset_minutes = 60;
};

// One message as its device, or the hub it talks to, publishes it.
struct HomeMessage {
    Timestamp time;
    std::string device;        // "scale", "cuff", "meter", "cgm", "thermometer", "band"
    std::string topic_suffix;  // "ble/2A9D" or "telemetry"
    std::string payload;

    bool operator==(const HomeMessage&) const = default;
};

class HomeUser {
public:
    // Same arguments, same messages, however advance() cuts the time.
    HomeUser(const HomeProfile& profile, std::uint64_t seed, Timestamp start);

    // Appends what is sent in the next `duration`, in time order.
    void advance(Nanoseconds duration, std::vector<HomeMessage>& out);

    // When the glucose sensor was put on; the epoch: none is worn.
    Timestamp cgm_session_start() const { return cgm_worn_; }
    // The truth behind sensor and meter, at a time of the last day that was advanced to.
    double glucose(Timestamp t) const;

private:
    struct Meal {
        Timestamp time;
        double carbohydrate_g = 0;
    };

    void plan_day();
    void plan_morning();
    void plan_meals();
    void plan_meter();
    void plan_cgm();
    void plan_steps();
    void plan_blood_pressure(Timestamp at);
    void plan(Timestamp at, std::string device, std::uint16_t characteristic, std::string payload);

    Timestamp at_local(double hour, double spread_minutes);
    Timestamp local(Timestamp t) const {
        return t + std::chrono::minutes(profile_.utc_offset_minutes);
    }
    bool happens() { return random_.chance(profile_.adherence); }

    HomeProfile profile_;
    Random random_;
    Timestamp start_, now_;
    Timestamp day_;                     // local midnight of the day that is planned next, as UTC
    std::vector<HomeMessage> planned_;  // in time order from `sent_` on
    std::size_t sent_ = 0;
    std::deque<Meal> meals_;
    double weight_kg_, glucose_drift_ = 0;
    std::uint16_t glucose_sequence_ = 0;
    Timestamp cgm_session_{};  // that is planned
    Timestamp cgm_worn_{};     // that has begun
};

}  // namespace vigil::simulate
