#include "monitor/scores/score_words.hpp"

#include <gtest/gtest.h>

#include "monitor/scores/score_codes.hpp"
#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

TEST(ScoreWords, everything_that_a_result_can_say_has_words) {
    const auto has = [](const std::string& key) { EXPECT_FALSE(score_words(key).empty()) << key; };
    for (const auto& table : built_in().tables()) {
        has("score." + table.key);
        for (const auto& setting : table.settings) {
            has("setting." + setting.key);
            for (const auto& value : setting.values) has("setting." + setting.key + "." + value);
        }
        for (const auto& input : table.inputs) {
            has("input." + input.key);
            for (const auto& level : input.levels) has("level." + level.key);
        }
        for (const auto& band : table.bands) {
            has("band." + table.key + "." + band.key);
            has("risk." + band.risk);
        }
    }
    for (int i = 0; i <= static_cast<int>(InputState::apart); ++i)
        has(std::string(key_of(static_cast<InputState>(i))));
    for (int i = 0; i <= static_cast<int>(Applicability::pregnant); ++i)
        has(std::string(key_of(static_cast<Applicability>(i))));
    for (const auto direction : {ScoreTrend::Direction::falling, ScoreTrend::Direction::steady,
                                 ScoreTrend::Direction::rising})
        has(std::string(key_of(direction)));
    has(std::string(key_of(Occasion::bedside_set)));
    has(std::string(key_of(Occasion::continuous)));
    EXPECT_EQ(score_words("score.none"), "");
}

TEST(ScoreCodes, news2_and_its_parts_have_their_SNOMED_codes_by_the_scale_in_use) {
    const auto& table = table_of("news2");
    const auto snomed = [](std::string_view code) { return code; };
    ASSERT_EQ(codes_of(table).size(), 1U);
    EXPECT_EQ(codes_of(table)[0].code, snomed("1104051000000101"));
    const auto part = [&](const PatientFacts& patient, std::uint8_t parameter) {
        const auto found = codes_of(table, parameter, set_of("news2", {}, patient));
        return found.size() == 1 ? found[0].code : std::string_view("not one");
    };
    EXPECT_EQ(part(adult(), 1), "1104311000000102");
    EXPECT_EQ(part(on_scale_2(), 1), "1104321000000108");
    for (std::uint8_t i = 0; i < 7; ++i)
        EXPECT_NE(part(adult(), i), "not one") << table.parameters[i];
    EXPECT_EQ(local_code_of(table, 4), "news2.pulse");
    EXPECT_TRUE(codes_of(table_of("mews")).empty());
    EXPECT_EQ(local_code_of(table_of("mews")), "mews");
}

// SNOMED CT identifiers end in a check digit (Verhoeff's dihedral code, SNOMED CT TIG 5.2.3).
TEST(ScoreCodes, SNOMED_codes_carry_their_check_digit) {
    constexpr int d[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                               {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                               {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                               {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                               {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
    constexpr int first[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    const auto is_right = [&](std::string_view code) {
        int check = 0;
        for (std::size_t i = 0; i < code.size(); ++i) {
            int digit = code[code.size() - 1 - i] - '0';
            for (std::size_t times = 0; times < i % 8; ++times) digit = first[digit];
            check = d[check][digit];
        }
        return check == 0;
    };
    EXPECT_FALSE(is_right("1104051000000102"));
    const auto& table = table_of("news2");
    EXPECT_TRUE(is_right(codes_of(table)[0].code));
    for (const auto& patient : {adult(), on_scale_2()})
        for (std::uint8_t i = 0; i < 7; ++i) {
            const auto code = codes_of(table, i, set_of("news2", {}, patient))[0].code;
            EXPECT_TRUE(is_right(code)) << code;
        }
    // So do those that mean a level.
    for (const auto& each : built_in().tables())
        for (const auto& input : each.inputs)
            for (const auto& level : input.levels)
                for (const auto& word : level.words)
                    if (word.size() > 5 &&
                        word.find_first_not_of("0123456789") == std::string::npos)
                        EXPECT_TRUE(is_right(word)) << word;
}

}  // namespace
}  // namespace vigil::monitor
