// Characteristic values of other open decoders' test suites, decoded by a third one: ours must
// agree.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "codec/binary_text.hpp"
#include "codec/ble/characteristic.hpp"
#include "codec/golden.hpp"

namespace vigil::codec::ble {
namespace {

// A field of the vectors, the readings that may tell it (the first that is there does), and what
// it is multiplied by to be in their unit.
struct Field {
    std::string_view name;
    std::vector<std::string_view> metrics;
    double factor = 1;
};

const std::vector<Field> fields{{"heart_rate", {"heart_rate"}},
                                {"energy_expended_kj", {"energy_active"}},
                                {"diastolic", {"nibp_dia"}},
                                {"systolic", {"nibp_sys", "nibp_cuff_pressure"}},
                                {"mean_arterial_pressure", {"nibp_mean"}},
                                {"pulse_rate", {"pulse_rate_nibp", "pulse_rate_spo2"}},
                                {"temperature",
                                 {"temp_body", "temp_axillary", "temp_ear", "temp_finger",
                                  "temp_oral", "temp_rectal", "temp_tympanic"}},
                                {"spo2_pct", {"spo2"}},
                                {"pulse_amplitude_index_pct", {"perfusion_index"}},
                                {"carbohydrate_kg", {"carbs_intake"}, 1000},
                                {"hba1c_pct", {"hba1c"}},
                                {"body_fat_pct", {"body_fat"}},
                                {"basal_metabolism_kj", {"basal_metabolism"}},
                                {"fat_free_mass", {"fat_free_mass"}},
                                {"soft_lean_mass", {"soft_lean_mass"}},
                                {"body_water_mass", {"body_water"}},
                                {"muscle_pct", {"muscle_percentage"}},
                                {"muscle_mass", {"muscle_mass"}},
                                {"impedance_ohm", {"body_impedance"}},
                                {"weight", {"weight"}},
                                {"bmi", {"bmi"}},
                                {"height_m", {"height"}},
                                {"height_in", {"height"}},
                                {"level_pct", {"battery_level"}}};

const NumericValue* find(const Catalogue& catalogue, const DecodedMessage& message,
                         const std::vector<std::string_view>& metrics) {
    for (const auto& reading : message.readings)
        for (const auto key : metrics)
            if (reading.metric == catalogue.find(key)->id)
                return std::get_if<NumericValue>(&reading.value);
    return nullptr;
}

void expect_fields(const Catalogue& catalogue, JsonValue expected, const DecodedMessage& message) {
    const bool is_cuff = find(catalogue, message, {"nibp_cuff_pressure"}) != nullptr;
    for (const auto& [name, metrics, factor] : fields) {
        const auto value = expected[name];
        const auto* reading = find(catalogue, message, metrics);
        // NaN is "not measured" where a field is always sent; the cuff sends one pressure.
        if (!value || (is_cuff && name != "systolic")) continue;
        if (value.is(JsonKind::string)) {
            EXPECT_TRUE(reading == nullptr || reading->special != SpecialValue::none) << name;
            continue;
        }
        if (reading == nullptr) {
            ADD_FAILURE() << name << " is not read";
        } else if (reading->special == SpecialValue::none) {
            const auto wanted = std::stod(std::string(value.text())) * factor;
            EXPECT_NEAR(reading->value.to_double(), wanted, std::abs(wanted) * 1e-9) << name;
        }
    }
}

TEST(BleVectors, agree_with_other_decoders) {
    const std::filesystem::path folder = VIGIL_SHARED_DIR "/data/ble";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    const Catalogue catalogue;
    const DecodeContext context{catalogue, Timestamp(), 0, "d"};
    std::size_t read = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".json") continue;
        const auto text = golden::read_file(file.path());
        JsonDocument document;
        const auto vectors = document.parse(text);
        ASSERT_TRUE(vectors) << file.path();
        for (const auto vector : *vectors) {
            const auto uuid = static_cast<std::uint16_t>(
                std::stoul(std::string(vector["characteristic"].string()), nullptr, 16));
            std::string bytes;
            ASSERT_TRUE(read_hex(vector["hex"].string(), bytes));
            SCOPED_TRACE(std::string(vector["characteristic"].string()) + " " +
                         std::string(vector["hex"].string()));
            JsonDocument json;
            DeviceMemory memory;
            DecodedMessage message;
            const auto result = decode(uuid, bytes, context, memory, json, message);
            if (!result && result.error().kind == Error::Kind::unsupported) continue;
            ++read;
            const bool refused = vector["expected"]["error"].operator bool();
            EXPECT_EQ(!result, refused);
            if (result) expect_fields(catalogue, vector["expected"], message);
        }
    }
    EXPECT_GT(read, 50U);
}

}  // namespace
}  // namespace vigil::codec::ble
