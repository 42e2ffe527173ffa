// HL7's test suite of FHIRPath for R4; golden/hl7_cases.tsv says which of its cases are not here.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>

#include "fhir/path/resources.hpp"

namespace vigil::fhir::path {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

TEST(Hl7Suite, every_case_comes_out_as_it_says) {
    std::ifstream table(VIGIL_TESTS_DIR "/fhir/path/golden/hl7_cases.tsv");
    std::string line;
    std::size_t cases = 0;
    while (std::getline(table, line)) {
        const auto first = line.find('\t');
        if (line.starts_with('#') || first == std::string::npos) continue;
        const auto second = line.find('\t', first + 1);
        const auto resource =
            second == std::string::npos ? "patient" : line.substr(first + 1, second - first - 1);
        auto expression = line.substr((second == std::string::npos ? first : second) + 1);
        replace_all(expression, "⏎", "\n");
        EXPECT_EQ(evaluated(expression, golden(resource)), line.substr(0, first)) << expression;
        ++cases;
    }
    EXPECT_GT(cases, 600U);
}

// testLessThan, testLessOrEqual, testGreatorOrEqual, testGreaterThan
TEST(Hl7Suite, pairs_are_in_order) {
    struct Pair {
        std::string_view a, b;
        char order;  // '?': it is not known
    };
    constexpr std::array pairs{Pair{"1", "2", '<'},
                               Pair{"1.0", "1.2", '<'},
                               Pair{"'a'", "'b'", '<'},
                               Pair{"'A'", "'a'", '<'},
                               Pair{"@2014-12-12", "@2014-12-13", '<'},
                               Pair{"@2014-12-13T12:00:00", "@2014-12-13T12:00:01", '<'},
                               Pair{"@T12:00:00", "@T14:00:00", '<'},
                               Pair{"1", "1", '='},
                               Pair{"1.0", "1.0", '='},
                               Pair{"'a'", "'a'", '='},
                               Pair{"'A'", "'A'", '='},
                               Pair{"@2014-12-12", "@2014-12-12", '='},
                               Pair{"@2014-12-13T12:00:00", "@2014-12-13T12:00:00", '='},
                               Pair{"@T12:00:00", "@T12:00:00", '='},
                               Pair{"2", "1", '>'},
                               Pair{"1.1", "1.0", '>'},
                               Pair{"'b'", "'a'", '>'},
                               Pair{"'B'", "'A'", '>'},
                               Pair{"@2014-12-13", "@2014-12-12", '>'},
                               Pair{"@2014-12-13T12:00:01", "@2014-12-13T12:00:00", '>'},
                               Pair{"@T12:00:01", "@T12:00:00", '>'},
                               Pair{"@2018-03", "@2018-03-01", '?'},
                               Pair{"@2018-03-01T10:30", "@2018-03-01T10:30:00", '?'},
                               Pair{"@T10:30", "@T10:30:00", '?'},
                               Pair{"@2018-03-01T10:30:00", "@2018-03-01T10:30:00.0", '='},
                               Pair{"@T10:30:00", "@T10:30:00.0", '='}};
    struct Operator {
        std::string_view sign, true_for;
    };
    constexpr std::array operators{Operator{"<", "<"}, Operator{"<=", "<="}, Operator{">", ">"},
                                   Operator{">=", ">="}};
    for (const auto& pair : pairs)
        for (const auto& [sign, true_for] : operators) {
            const auto text =
                std::string(pair.a).append(" ").append(sign).append(" ").append(pair.b);
            const std::string expected = pair.order == '?'                            ? "{}"
                                         : true_for.find(pair.order) == true_for.npos ? "false"
                                                                                      : "true";
            EXPECT_EQ(evaluated(text, golden("patient")), expected) << text;
        }
}

// testBooleanLogicAnd to testBooleanImplies
TEST(Hl7Suite, logic_is_three_valued) {
    constexpr std::array<std::string_view, 3> values{"true", "false", "{}"};
    struct Table {
        std::string_view word;
        std::array<std::string_view, 9> results;  // true true, true false, true {}, false true, …
    };
    constexpr std::array tables{
        Table{"and", {"true", "false", "{}", "false", "false", "false", "{}", "false", "{}"}},
        Table{"or", {"true", "true", "true", "true", "false", "{}", "true", "{}", "{}"}},
        Table{"xor", {"false", "true", "{}", "true", "false", "{}", "{}", "{}", "{}"}},
        Table{"implies", {"true", "false", "{}", "true", "true", "true", "true", "{}", "{}"}}};
    for (const auto& [word, results] : tables)
        for (std::size_t i = 0; i < results.size(); ++i) {
            const auto text = std::string(values[i / 3]) + " " + std::string(word) + " " +
                              std::string(values[i % 3]);
            EXPECT_EQ(evaluated(text, golden("patient")), results[i]) << text;
        }
}

}  // namespace
}  // namespace vigil::fhir::path
