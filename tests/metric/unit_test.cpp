#include "metric/unit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "metric/catalogue.hpp"

namespace vigil {
namespace {

UnitId unit(std::string_view code) {
    const auto found = units::find(code);
    EXPECT_TRUE(found) << code;
    return found.value_or(UnitId{});
}

// As text, so that precision is asserted too; "refused" where there is no such conversion.
std::string converted(std::string_view value, std::string_view from, std::string_view to,
                      std::optional<Decimal> molar_mass = std::nullopt) {
    const auto result =
        units::convert(parse_decimal(value).value(), unit(from), unit(to), molar_mass);
    return result ? to_string(*result) : "refused";
}

const Decimal glucose{180156, -3};

TEST(Unit, converts_published_values) {
    EXPECT_EQ(converted("98.6", "[degF]", "Cel"), "37.00");
    EXPECT_EQ(converted("37.0", "Cel", "[degF]"), "98.6");
    EXPECT_EQ(converted("-40", "Cel", "[degF]"), "-40");
    EXPECT_EQ(converted("37", "Cel", "K"), "310.15");
    EXPECT_EQ(converted("0", "K", "Cel"), "-273.15");
    EXPECT_EQ(converted("120", "mm[Hg]", "kPa"), "16.0");
    EXPECT_EQ(converted("16.0", "kPa", "mm[Hg]"), "120.0");
    EXPECT_EQ(converted("100", "mg/dL", "mmol/L", glucose), "5.55");
    EXPECT_EQ(converted("5.5", "mmol/L", "mg/dL", glucose), "99");
    EXPECT_EQ(converted("5.55", "mmol/L", "mg/dL", glucose), "100.0");
    EXPECT_EQ(converted("1", "[lb_av]", "kg"), "0.5");
    EXPECT_EQ(converted("150.0", "[lb_av]", "kg"), "68.04");
    EXPECT_EQ(converted("70", "[in_i]", "cm"), "178");
    EXPECT_EQ(converted("70.0", "[in_i]", "cm"), "177.8");
    EXPECT_EQ(converted("10", "cm[H2O]", "mm[Hg]"), "7.4");
    EXPECT_EQ(converted("60", "/min", "Hz"), "1.00");
    EXPECT_EQ(converted("2000", "kcal", "kJ"), "8368");
}

TEST(Unit, powers_of_ten_are_exact_and_keep_every_digit) {
    EXPECT_EQ(converted("1.00", "kg", "g"), "1000");
    EXPECT_EQ(converted("1.2345", "mV", "uV"), "1234.5");
    EXPECT_EQ(converted("72", "kg", "mg"), "72000000");
    EXPECT_EQ(converted("0.97", "1", "%"), "97");
    EXPECT_EQ(converted("97", "%", "1"), "0.97");
    EXPECT_EQ(converted("999999999999999999", "mg", "g"), "999999999999999.999");
}

TEST(Unit, refuses_what_is_another_quantity_or_needs_the_substance) {
    EXPECT_EQ(converted("100", "mg/dL", "mmol/L"), "refused");
    EXPECT_EQ(converted("1", "kg", "cm", glucose), "refused");
    EXPECT_EQ(converted("15", "{score}", "%"), "refused");
    EXPECT_EQ(converted("15", "{score}", "{steps}"), "refused");
    EXPECT_EQ(converted("15", "{score}", "1"), "15");
    EXPECT_EQ(converted("12", "{breaths}/min", "/min"), "12");
    EXPECT_EQ(converted("100", "{steps}/min", "/min"), "100");
    // IFCC mmol/mol of HbA1c is no plain fraction: 48 mmol/mol are 6.5 %, not 4.8 %.
    EXPECT_EQ(converted("48", "mmol/mol", "%"), "refused");
    EXPECT_FALSE(units::convert({1, 0}, UnitId{}, unit("kg")));
    EXPECT_FALSE(units::convert({1, 0}, UnitId{60000}, unit("kg")));
    EXPECT_FALSE(units::convert({999'999'999'999'999'999, 0}, unit("kPa"), unit("mm[Hg]")));
}

TEST(Unit, there_and_back_again_at_the_sources_precision_is_the_same_value) {
    std::mt19937 random(20261123);
    const std::vector<std::pair<std::string_view, std::string_view>> pairs{
        {"mm[Hg]", "kPa"}, {"Cel", "[degF]"}, {"[degF]", "Cel"},   {"[degF]", "K"},
        {"[lb_av]", "kg"}, {"cm", "[in_i]"},  {"mg/dL", "mmol/L"}, {"mmol/L", "mg/dL"},
        {"/min", "Hz"},    {"mL/h", "L/min"}, {"kcal", "kJ"},      {"cm[H2O]", "mm[Hg]"}};
    for (const auto& [from, to] : pairs)
        for (int i = 0; i < 2000; ++i) {
            const Decimal value{std::uniform_int_distribution<std::int64_t>(-99999, 99999)(random),
                                static_cast<std::int8_t>(-static_cast<int>(random() % 4))};
            const auto there = units::convert(value, unit(from), unit(to), glucose);
            ASSERT_TRUE(there) << from << " " << to;
            const auto back = units::convert(*there, unit(to), unit(from), glucose);
            ASSERT_TRUE(back);
            const auto rounded = decimal_from_double(back->to_double(), value.exponent);
            ASSERT_TRUE(rounded);
            EXPECT_TRUE(rounded->same_as(value))
                << to_string(value) << from << " " << to_string(*there) << to;
        }
}

TEST(Unit, every_unit_is_found_by_its_own_code_and_shown) {
    for (std::uint16_t id = 1; id < units::count(); ++id) {
        const auto& row = units::at(UnitId{id});
        EXPECT_EQ(row.id.value, id);
        EXPECT_EQ(units::find(row.ucum), UnitId{id}) << row.ucum;
        if (row.mdc_code != 0) {
            EXPECT_EQ(row.mdc_code >> 16, 4U) << row.ucum;  // the partition of dimensions
            EXPECT_EQ(units::find_mdc(row.mdc_code), UnitId{id}) << row.ucum;
        }
    }
    EXPECT_EQ(units::at(UnitId{}).ucum, "");
    EXPECT_EQ(units::at(unit("Cel")).shown, "°C");
}

TEST(Unit, synonyms_are_what_devices_send) {
    EXPECT_EQ(unit("mmHg"), unit("mm[Hg]"));
    EXPECT_EQ(unit("bpm"), unit("/min"));
    EXPECT_EQ(unit("degC"), unit("Cel"));
    EXPECT_EQ(unit("mcg"), unit("ug"));
    EXPECT_EQ(units::find_mdc(264099), unit("kg/m2"));
    for (const auto* unknown : {"", "C", "F", "U", "mmhG", "beats"})
        EXPECT_FALSE(units::find(unknown)) << unknown;
}

}  // namespace
}  // namespace vigil
