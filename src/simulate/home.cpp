#include "simulate/home.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "simulate/gatt_frame.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view cgm_session_topic = "ble/2AAA";
constexpr auto cgm_every = minutes(5);
constexpr auto cgm_session = days(10);
constexpr double cgm_lag_minutes = 8;  // from blood to the fluid the sensor sits in

int rounded(double value) {
    return static_cast<int>(std::lround(value));
}

double minutes_between(Timestamp from, Timestamp to) {
    return std::chrono::duration<double, std::ratio<60>>(to - from).count();
}

Timestamp add_minutes(Timestamp t, double count) {
    return t + seconds(std::llround(count * 60));
}

}  // namespace

HomeUser::HomeUser(const HomeProfile& profile, std::uint64_t seed, Timestamp start)
    : profile_(profile),
      random_(seed, 7),
      start_(start),
      now_(start),
      day_(std::chrono::floor<days>(local(start)) - minutes(profile.utc_offset_minutes)),
      weight_kg_(profile.weight_kg) {}

void HomeUser::advance(Nanoseconds duration, std::vector<HomeMessage>& out) {
    now_ += duration;
    while (day_ <= now_) plan_day();
    for (; sent_ < planned_.size() && planned_[sent_].time <= now_; ++sent_) {
        if (planned_[sent_].topic_suffix == cgm_session_topic) cgm_worn_ = planned_[sent_].time;
        out.push_back(std::move(planned_[sent_]));
    }
}

void HomeUser::plan_day() {
    planned_.erase(planned_.begin(), planned_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
    weight_kg_ += profile_.fluid_kg_per_day + 0.15 * random_.normal();
    glucose_drift_ = 0.6 * glucose_drift_ + 8 * random_.normal();
    plan_meals();
    plan_morning();
    plan_blood_pressure(at_local(19.5, 40));
    if (profile_.has_meter) plan_meter();
    if (profile_.has_cgm) plan_cgm();
    plan_steps();
    // What would have been before the simulation began did not happen.
    std::erase_if(planned_, [this](const HomeMessage& message) { return message.time <= start_; });
    std::ranges::sort(planned_, [](const HomeMessage& a, const HomeMessage& b) {
        return std::tie(a.time, a.device, a.payload) < std::tie(b.time, b.device, b.payload);
    });
    day_ += days(1);
}

void HomeUser::plan_meals() {
    while (!meals_.empty() && meals_.front().time < day_ - hours(12)) meals_.pop_front();
    meals_.push_back({at_local(7.75, 20), random_.uniform(35, 60)});
    meals_.push_back({at_local(12.5, 30), random_.uniform(45, 80)});
    if (random_.chance(0.4)) meals_.push_back({at_local(16, 30), random_.uniform(10, 30)});
    meals_.push_back({at_local(18.75, 30), random_.uniform(50, 90)});
}

void HomeUser::plan_morning() {
    const auto rise = at_local(6.9, 25);
    if (happens())
        plan(rise, "scale", gatt::weight_measurement,
             gatt::weight(weight_kg_ + 0.05 * random_.normal(), local(rise)));
    plan_blood_pressure(add_minutes(rise, 6));
    if (random_.chance(1.0 / 7)) {
        const auto at = add_minutes(rise, 12);
        const Decimal fahrenheit{std::lround(978 + 4 * random_.normal()), -1};
        plan(at, "thermometer", gatt::temperature_measurement,
             gatt::temperature(fahrenheit, true, local(at)));
    }
}

// Two measurements a minute apart, as the guidelines ask (ESH 2021 on home measurement).
void HomeUser::plan_blood_pressure(Timestamp at) {
    if (!happens()) return;
    const bool morning = at - day_ < hours(12);
    double systolic = profile_.systolic + (morning ? 4 : -2) + 6 * random_.normal();
    for (int i = 0; i < 2; ++i) {
        const double diastolic =
            profile_.diastolic + 0.5 * (systolic - profile_.systolic) + 2 * random_.normal();
        const double mean = diastolic + (systolic - diastolic) / 3;
        const double pulse = profile_.pulse + 4 * random_.normal();
        plan(at, "cuff", gatt::blood_pressure_measurement,
             gatt::blood_pressure(rounded(systolic), rounded(diastolic), rounded(mean),
                                  rounded(pulse), local(at)));
        at += seconds(75);
        systolic -= 2 + 2 * random_.uniform();  // the second is a little calmer
    }
}

// Each meal raises glucose along a gamma curve with its peak after an hour, on the fasting level, a
// rise before dawn and the day's own drift.
double HomeUser::glucose(Timestamp t) const {
    double value = profile_.glucose_mg_per_dl + glucose_drift_;
    const auto midnight = std::chrono::floor<days>(local(t));
    const double from_dawn = minutes_between(midnight, local(t)) / 60 - 6.5;
    value += 10 * std::exp(-from_dawn * from_dawn / 4);
    for (const auto& meal : meals_) {
        const double since = minutes_between(meal.time, t) / 60;
        if (since <= 0 || since > 8) continue;
        value += 1.25 * profile_.carbohydrate_response * meal.carbohydrate_g * since *
                 std::exp(1 - since);
    }
    return std::clamp(value, 45.0, 480.0);
}

void HomeUser::plan_meter() {
    const auto measure = [&](Timestamp at, gatt::Meal meal, double carbohydrate_g) {
        if (!happens()) return;
        // ISO 15197 lets a meter be 15 % off; a good one is within 5 %.
        const double read = glucose(at) * (1 + 0.03 * random_.normal());
        const auto sequence = glucose_sequence_++;
        plan(at, "meter", gatt::glucose_measurement,
             gatt::glucose(sequence, rounded(read), true, local(at)));
        plan(at + seconds(20), "meter", gatt::glucose_context,
             gatt::glucose_meal(sequence, meal, rounded(carbohydrate_g)));
    };
    for (const auto& meal : meals_) {
        if (meal.time < day_) continue;
        const bool breakfast = meal.time - day_ < hours(10);
        measure(add_minutes(meal.time, -10), breakfast ? gatt::Meal::fasting : gatt::Meal::before,
                meal.carbohydrate_g);
        if (random_.chance(0.4)) measure(add_minutes(meal.time, 110), gatt::Meal::after, 0);
    }
    measure(at_local(22.5, 30), gatt::Meal::bedtime, 0);
}

void HomeUser::plan_cgm() {
    for (auto at = day_; at < day_ + days(1); at += cgm_every) {
        if (at <= start_) continue;  // the sensor is put on when the simulation begins
        if (cgm_session_ == Timestamp{} || at - cgm_session_ >= cgm_session) {
            cgm_session_ = at;
            plan(at, "cgm", gatt::cgm_session_start_time,
                 gatt::cgm_session_start(local(at), profile_.utc_offset_minutes));
            continue;
        }
        const auto seen = add_minutes(at, -cgm_lag_minutes);
        const double value = glucose(seen) + 2 * random_.normal();
        const double slope = (glucose(seen) - glucose(seen - cgm_every)) / 5;
        plan(
            at, "cgm", gatt::cgm_measurement,
            gatt::cgm(rounded(value), static_cast<std::uint16_t>(minutes_between(cgm_session_, at)),
                      rounded(slope * 10)));
    }
}

// The hour's steps, and once a day the resting pulse, as JSON.
void HomeUser::plan_steps() {
    const double lively = std::clamp(1 + 0.4 * random_.normal(), 0.2, 2.0);
    for (int hour = 7; hour < 23; ++hour) {
        const double noon = (hour - 14) / 5.0;
        const auto steps =
            rounded(520 * lively * std::exp(-noon * noon) * random_.uniform(0.2, 1.8));
        const auto at = day_ + hours(hour + 1);
        planned_.push_back({at, "band", "telemetry",
                            fmt::format(R"({{"steps":{},"ts":"{}"}})", steps, format_rfc3339(at))});
    }
    const auto at = day_ + hours(9);
    planned_.push_back(
        {at, "band", "telemetry",
         fmt::format(R"({{"heart_rate_resting":{},"ts":"{}"}})",
                     rounded(profile_.pulse - 6 + random_.normal()), format_rfc3339(at))});
}

void HomeUser::plan(Timestamp at, std::string device, std::uint16_t characteristic,
                    std::string payload) {
    planned_.push_back(
        {at, std::move(device), fmt::format("ble/{:04X}", characteristic), std::move(payload)});
}

Timestamp HomeUser::at_local(double hour, double spread_minutes) {
    return add_minutes(day_, hour * 60 + spread_minutes * random_.uniform(-1, 1));
}

}  // namespace vigil::simulate
