#include "fhir/operation/summary_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string table_of(std::string text, bool is_cut = false) {
    const auto resource = Resource::parse(std::move(text));
    EXPECT_TRUE(resource);
    return summary_table({resource->json()}, is_cut, [](std::string_view) { return JsonValue(); });
}

TEST(SummaryText, is_xhtml_whatever_the_record_says) {
    EXPECT_EQ(xhtml_escaped("a<b>&\"c\"\n"), "a&lt;b&gt;&amp;&quot;c&quot;\n");
    EXPECT_EQ(xhtml_escaped(std::string_view("\0\x1B", 2)), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_THAT(summary_paragraph("1 < 2"), HasSubstr("<p>1 &lt; 2</p>"));
}

TEST(SummaryText, tells_what_when_and_the_value) {
    const auto text = table_of(
        R"({"resourceType":"Observation","code":{"coding":[{"code":"8867-4","display":"Heart rate"}]},
            "effectiveDateTime":"2026-01-02T08:00:00Z","valueQuantity":{"value":72,"unit":"1/min"}})");
    EXPECT_THAT(text,
                HasSubstr("<td>Heart rate</td><td>2026-01-02T08:00:00Z</td><td>72 1/min</td>"));
    EXPECT_THAT(text, Not(HasSubstr("there are more")));
    EXPECT_THAT(table_of(R"({"resourceType":"Procedure","code":{"text":"x"}})", true),
                HasSubstr("there are more"));
}

TEST(SummaryText, of_a_cell_is_cut_between_characters) {
    std::string name;
    for (int i = 0; i < 400; ++i) name += "ü";
    const auto text = table_of(R"({"resourceType":"Procedure","code":{"text":")" + name + "\"}}");
    EXPECT_LT(text.size(), 700U);
    EXPECT_THAT(text, HasSubstr("ü</td>"));
}

}  // namespace
}  // namespace vigil::fhir
