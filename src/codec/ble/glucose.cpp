// Glucose Service 1.0.1: Glucose Measurement (2A18) and its Context (2A34).

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "codec/ble/frame.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::ble {
namespace {

using Names = std::array<std::string_view, 16>;

// Fluid the sample was taken from: which metric it is. Whole blood or plasma of a vein or an
// artery have no metric of their own.
std::string_view metric_of(std::uint8_t sample_type) {
    switch (sample_type) {
        case 1:
            return "glucose_capillary";
        case 2:
            return "glucose_capillary_plasma";
        case 9:
            return "glucose_cgm";
        case 10:
            return "glucose_control";
        default:
            return "glucose_blood";
    }
}

constexpr Names locations{"", "finger", "alternate_site", "earlobe", "control_solution"};
constexpr Names meals{"", "before_meal", "after_meal", "fasting", "casual", "bedtime"};
constexpr Names testers{"", "self", "health_care_professional", "laboratory"};
constexpr Names healths{"",         "minor_issues", "major_issues", "during_menses", "under_stress",
                        "no_issues"};
constexpr Names carbohydrates{"",      "breakfast", "lunch",  "dinner",
                              "snack", "drink",     "supper", "brunch"};

void add_named(Frame& frame, std::string_view metric, const Names& names, std::uint8_t number) {
    if (number < names.size() && !names[number].empty())
        frame.add(metric, EventValue{std::string(names[number]), {}});
}

// The status annunciation of 2A18.
enum StatusBit : int {
    sensor_malfunction = 1,
    sample_insufficient,
    strip_insertion_error,
    strip_type_incorrect,
    result_too_high,
    result_too_low,
    temperature_too_high,
    temperature_too_low,
    read_interrupted,
    general_fault,
    time_fault
};

void apply_status(Frame& frame, NumericValue& concentration, std::uint16_t bits) {
    if (has(bits, sensor_malfunction) || has(bits, general_fault))
        frame.mark(status::invalid | status::alarm_at_source);
    for (const int bit : {sample_insufficient, strip_insertion_error, strip_type_incorrect,
                          temperature_too_high, temperature_too_low, read_interrupted})
        if (has(bits, bit)) frame.mark(status::questionable);
    if (has(bits, time_fault)) frame.mark(status::clock);
    if (has(bits, result_too_high)) concentration.special = SpecialValue::over_range;
    if (has(bits, result_too_low)) concentration.special = SpecialValue::under_range;
}

// kg/L and mol/L differ from what people read by a power of ten: moving the point is exact.
NumericValue read_concentration(Frame& frame, bool is_molar) {
    auto value = frame.sfloat(is_molar ? "mmol/L" : "mg/dL");
    value.value.exponent = static_cast<std::int8_t>(value.value.exponent + (is_molar ? 3 : 5));
    return value;
}

void remember(DeviceMemory& memory, std::uint16_t sequence, std::optional<Timestamp> time) {
    auto& known = memory.glucose_measurements;
    std::erase_if(known, [&](const auto& one) { return one.sequence == sequence; });
    if (known.size() >= DeviceMemory::glucose_measurements_max) known.erase(known.begin());
    known.push_back({sequence, time});
}

std::optional<Timestamp> recall(const DeviceMemory& memory, std::uint16_t sequence) {
    const auto found = std::ranges::find(memory.glucose_measurements, sequence,
                                         &DeviceMemory::GlucoseMeasurement::sequence);
    return found == memory.glucose_measurements.end() ? std::nullopt : found->time;
}

// The record's own number and time: the same record read out twice is stored once.
Fingerprint identity(std::uint16_t characteristic, std::uint16_t sequence, Timestamp time) {
    return fingerprint(std::to_string(sequence) + " " + std::to_string(unix_ns(time)),
                       characteristic);
}

// Carbohydrates and medication are in kg and litres; the service's first description, which many
// meters follow, meant g, mg and mL. No meal holds `limit` of it: such a number is the old form.
NumericValue read_amount(Frame& frame, std::string_view ucum, int power, const Decimal& limit) {
    auto amount = frame.sfloat(ucum);
    if (amount.special != SpecialValue::none || amount.value >= limit) return amount;
    amount.value.exponent = static_cast<std::int8_t>(amount.value.exponent + power);
    return amount;
}

struct Medication {
    std::uint8_t kind = 0;
    NumericValue amount;
};

struct Context {
    std::uint8_t carbohydrate = 0, meal = 0, tester_health = 0, intensity = 0;
    std::uint16_t exercise_s = 0;
    std::optional<NumericValue> carbohydrate_amount, hba1c;
    std::optional<Medication> medication;
};

Context read_context(Frame& frame, std::uint8_t flags) {
    Context out;
    if (has(flags, 7)) frame.u8();  // extended flags: all reserved
    if (has(flags, 0)) {
        out.carbohydrate = frame.u8();
        out.carbohydrate_amount = read_amount(frame, "g", 3, {1, 0});
    }
    if (has(flags, 1)) out.meal = frame.u8();
    if (has(flags, 2)) out.tester_health = frame.u8();
    if (has(flags, 3)) {
        out.exercise_s = frame.u16();
        out.intensity = frame.u8();
    }
    if (has(flags, 4)) {
        out.medication.emplace();
        out.medication->kind = frame.u8();
        out.medication->amount = has(flags, 5) ? read_amount(frame, "mL", 3, {1, 0})
                                               : read_amount(frame, "mg", 6, {1, -1});
    }
    if (has(flags, 6)) out.hba1c = frame.sfloat("%");
    return out;
}

void add_exercise(Frame& frame, const Context& context) {
    constexpr std::uint16_t overrun = 0xFFFF;
    frame.add("active_minutes",
              NumericValue{
                  {context.exercise_s, 0},
                  Frame::unit("s"),
                  context.exercise_s == overrun ? SpecialValue::over_range : SpecialValue::none});
    frame.add("exercise_intensity",
              NumericValue{{context.intensity, 0}, Frame::unit("%"), SpecialValue::none});
}

}  // namespace

Result<void> glucose_measurement(Frame& frame, DeviceMemory& memory) {
    const auto flags = frame.u8();
    const auto sequence = frame.u16();
    auto time = frame.date_time();
    const std::int16_t offset_minutes = has(flags, 0) ? frame.s16() : std::int16_t{0};
    std::optional<NumericValue> concentration;
    std::uint8_t type_location = 0;
    if (has(flags, 1)) {
        concentration = read_concentration(frame, has(flags, 2));
        type_location = frame.u8();
    }
    const std::uint16_t bits = has(flags, 3) ? frame.u16() : 0;
    VIGIL_CHECK(frame.complete());

    // User-facing time: the base time never changes, setting the clock changes the offset.
    if (time) *time += std::chrono::minutes(offset_minutes);
    frame.measured_at(time);
    // Records come out of the meter's memory, on request (Glucose Service 3.1).
    frame.mark(status::stored_data);
    if (time) frame.out().payload_identity = identity(0x2A18, sequence, *time);
    remember(memory, sequence, time);
    NumericValue value{{}, {}, SpecialValue::not_available};
    if (concentration) value = *concentration;
    apply_status(frame, value, bits);
    frame.add(metric_of(type_location & 0x0F), value);
    add_named(frame, "glucose_sample_location", locations, type_location >> 4);
    return {};
}

Result<void> glucose_context(Frame& frame, DeviceMemory& memory) {
    const auto flags = frame.u8();
    const auto sequence = frame.u16();
    const auto context = read_context(frame, flags);
    VIGIL_CHECK(frame.complete());

    const auto time = recall(memory, sequence);
    frame.measured_at(time);
    frame.mark(status::stored_data);
    if (time) frame.out().payload_identity = identity(0x2A34, sequence, *time);
    if (context.carbohydrate_amount) {
        frame.add("carbs_intake", *context.carbohydrate_amount);
        add_named(frame, "carbs_meal", carbohydrates, context.carbohydrate);
    }
    add_named(frame, "glucose_meal", meals, context.meal);
    add_named(frame, "glucose_tester", testers, context.tester_health & 0x0F);
    add_named(frame, "glucose_health", healths, context.tester_health >> 4);
    if (has(flags, 3)) add_exercise(frame, context);
    // Rapid, short, intermediate, long acting and premixed insulin are channels 1 to 5.
    if (context.medication)
        frame
            .add(has(flags, 5) ? "medication_volume" : "medication_amount",
                 context.medication->amount)
            .channel = context.medication->kind;
    if (context.hba1c) frame.add("hba1c", *context.hba1c);
    return {};
}

}  // namespace vigil::codec::ble
