#include "fhir/deidentify/risk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fhir/deidentify/gate.hpp"
#include "fhir/deidentify/generalise.hpp"

namespace vigil::fhir::deidentify {
namespace {

using testing::ElementsAre;

// 5 women of 30 to 39 and 2 men of that age in ZIP 100, 3 women of 40 to 49 in 101; who may be told
// without sex or with it, without ZIP or with it.
RiskTable worked_example() {
    RiskTable table;
    table.persons = 10;
    const std::vector<std::uint32_t> nothing(10, 0);
    table.columns = {{"age", {{0, 0, 0, 0, 0, 0, 0, 1, 1, 1}}},
                     {"sex", {{0, 0, 0, 0, 0, 1, 1, 0, 0, 0}, nothing}},
                     {"zip", {{0, 0, 0, 0, 0, 0, 0, 1, 1, 1}, nothing}}};
    constexpr std::uint32_t a = 0, b = 1, c = 2;
    table.sensitive = {{"diagnosis", {{a}, {b}, {c}, {a}, {b}, {c}, {a}, {a}, {a}, {a}}}};
    return table;
}

const std::vector<std::uint8_t> exact{0, 0, 0}, without_sex{0, 1, 0};

Measures measured(const RiskTable& table, const std::vector<std::uint8_t>& levels,
                  std::uint32_t class_min = 1, double fraction = 1) {
    return measure(table, classes_of(table, levels), class_min, fraction);
}

TEST(Risk, of_the_worked_example) {
    const auto table = worked_example();
    const auto before = measured(table, exact);
    EXPECT_EQ(before.classes, 3U);
    EXPECT_EQ(before.k, 2U);
    EXPECT_DOUBLE_EQ(before.prosecutor, 0.5);
    EXPECT_DOUBLE_EQ(before.marketer, 0.3) << "three classes of ten persons";
    const auto after = measured(table, without_sex);
    EXPECT_EQ(after.classes, 2U);
    EXPECT_EQ(after.k, 3U);
    EXPECT_EQ(after.diversity.at(0).distinct, 1U) << "all three of a class have A";
    EXPECT_DOUBLE_EQ(after.diversity.at(0).entropy, 1);
}

TEST(Risk, of_a_journalist_is_less_where_the_data_is_a_sample) {
    EXPECT_DOUBLE_EQ(measured(worked_example(), exact, 1, 0.1).journalist, 0.05);
}

TEST(Risk, counts_only_who_is_released) {
    const auto left = measured(worked_example(), exact, 3);
    EXPECT_EQ(left.persons, 8U);
    EXPECT_EQ(left.k, 3U);
    const auto nobody = measured(worked_example(), exact, 11);
    EXPECT_EQ(nobody.persons, 0U);
    EXPECT_EQ(nobody.k, 0U);
}

TEST(Risk, what_all_of_a_class_have_is_known_whatever_else_they_have) {
    RiskTable table;
    table.persons = 3;
    table.sensitive = {{"diagnosis", {{0, 1}, {0, 2}, {0, 3}}}};
    EXPECT_EQ(measured(table, {}).diversity.at(0).distinct, 1U);
    table.sensitive = {{"diagnosis", {{0}, {1}, {}}}};
    const auto found = measured(table, {}).diversity.at(0);
    EXPECT_EQ(found.distinct, 3U) << "none is a value too";
    EXPECT_NEAR(found.entropy, 3, 1e-9);
    EXPECT_DOUBLE_EQ(found.closeness, 0) << "the one class is all there is";
}

TEST(Risk, closeness_is_half_of_what_the_shares_differ_by) {
    RiskTable table;
    table.persons = 4;
    table.columns = {{"sex", {{0, 0, 1, 1}}}};
    table.sensitive = {{"diagnosis", {{0}, {0}, {1}, {1}}}};
    EXPECT_DOUBLE_EQ(measured(table, {0}).diversity.at(0).closeness, 0.5);
}

TEST(Gate, as_the_guide_says) {
    const auto gate = *gate_of("public");
    EXPECT_EQ(gate.class_min(), 12U) << "a risk below 0.09 takes twelve, k alone eleven";
    EXPECT_EQ(gate_of("trusted")->class_min(), 5U);
    EXPECT_EQ(gate_of("none")->class_min(), 1U);
    EXPECT_FALSE(gate_of("open"));
    const Measures good{.persons = 300,
                        .classes = 10,
                        .k = 30,
                        .prosecutor = 1.0 / 30,
                        .journalist = 0,
                        .marketer = 1.0 / 30,
                        .diversity = {{"d", 3, 3.0, 0.2}}};
    for (const auto& line : check(good, gate)) EXPECT_TRUE(line.holds) << line.what;
    const Measures bad{.persons = 10,
                       .classes = 5,
                       .k = 2,
                       .prosecutor = 0.5,
                       .journalist = 0.5,
                       .marketer = 0.5,
                       .diversity = {{"d", 1, 1.0, 0.9}}};
    for (const auto& line : check(bad, gate)) EXPECT_FALSE(line.holds) << line.what;
    EXPECT_EQ(check(bad, gate).size(), 6U);
    EXPECT_TRUE(check(bad, *gate_of("none")).empty());
}

TEST(Generalise, tells_what_loses_the_least) {
    const Gate gate{.k = 3, .prosecutor_max = {}, .marketer_max = {}, .l = {}, .t = {}};
    const auto made = generalise(worked_example(), gate, {.left_out_max = 0.05});
    EXPECT_THAT(made.levels, ElementsAre(0, 1, 0)) << "sex goes, age and ZIP stay";
    EXPECT_EQ(made.measures.k, 3U);
    EXPECT_EQ(made.left_out, 0U);
    EXPECT_DOUBLE_EQ(made.loss, 1.0 / 3);
}

TEST(Generalise, leaves_few_out_rather_than_tell_less_of_all) {
    const Gate gate{.k = 3, .prosecutor_max = {}, .marketer_max = {}, .l = {}, .t = {}};
    const auto made = generalise(worked_example(), gate, {.left_out_max = 0.2});
    EXPECT_THAT(made.levels, ElementsAre(0, 0, 0));
    EXPECT_EQ(made.left_out, 2U);
    EXPECT_EQ(made.measures.k, 5U - 2U);
    EXPECT_DOUBLE_EQ(made.loss, 0.2);
}

TEST(Generalise, leaves_all_out_where_nothing_helps) {
    const Gate gate{.k = 11, .prosecutor_max = {}, .marketer_max = {}, .l = {}, .t = {}};
    const auto made = generalise(worked_example(), gate, {});
    EXPECT_EQ(made.measures.persons, 0U);
    EXPECT_EQ(made.left_out, 10U);
}

}  // namespace
}  // namespace vigil::fhir::deidentify
