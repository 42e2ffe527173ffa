#include "fhir/validation/narrative.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

std::string in_div(const std::string& content) {
    return "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + content + "</div>";
}

TEST(Narrative, may_hold_what_the_specification_allows) {
    for (const auto* content :
         {"text", "<p>a<br/>b</p>", "<table><tr><td colspan='2' class=\"x\">1</td></tr></table>",
          "<a href=\"http://example.org/x?a=1&amp;b=2\">link</a>",
          "<a href=\"#top\" name=\"n\">x</a>",
          "<img src=\"data:image/png;base64,AAAA\" alt=\"ECG\"/>", "<img src=\"#image\"/>",
          "a &lt; b &#160; &#xA0; &nbsp;", "<!-- said --> x", "<p style=\"color: red\">x</p>",
          "<span xml:lang=\"de\" lang=\"de\">Puls</span>"})
        EXPECT_EQ(narrative_problem(in_div(content)), "") << content;
}

TEST(Narrative, must_be_well_formed) {
    for (const auto* content : {"<p>", "<p></b>", "</p>", "a & b", "&;", "&lt", "<p class=x>a</p>",
                                "<p class=\"x>a</p>", "<p class>a</p>", "<!-- x", "<", "<p",
                                "<p id=\"a\"class=\"b\">x</p>", "<p title=\"<\">x</p>"})
        EXPECT_NE(narrative_problem(in_div(content)), "") << content;
    for (const auto* text : {"", "text", "<p>x</p>", "<div>no namespace</div>",
                             "<div xmlns=\"http://www.w3.org/2000/svg\">x</div>", "<div"})
        EXPECT_NE(narrative_problem(text), "") << text;
    EXPECT_NE(narrative_problem(in_div("a") + in_div("b")), "");
}

TEST(Narrative, must_say_something) {
    EXPECT_THAT(narrative_problem(in_div(" \n <p> </p>")), ::testing::HasSubstr("txt-2"));
    EXPECT_THAT(narrative_problem("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>"),
                ::testing::HasSubstr("txt-2"));
}

TEST(Narrative, has_nothing_active) {
    for (const auto* content : {"<script>alert(1)</script>",
                                "<SCRIPT>alert(1)</SCRIPT>",
                                "<iframe src=\"x\"></iframe>",
                                "<object data=\"x\"></object>",
                                "<embed src=\"x\"/>",
                                "<form><input/></form>",
                                "<link href=\"x\"/>",
                                "<style>p{}</style>",
                                "<base href=\"x\"/>",
                                "<svg></svg>",
                                "<p onclick=\"alert(1)\">x</p>",
                                "<img src=\"x\" onerror=\"alert(1)\"/>",
                                "<a href=\"javascript:alert(1)\">x</a>",
                                "<a href=\" JaVaScRiPt:alert(1)\">x</a>",
                                "<a href=\"java\tscript:alert(1)\">x</a>",
                                "<a href=\"&#106;avascript:alert(1)\">x</a>",
                                "<a href=\"java&#10;script:alert(1)\">x</a>",
                                "<a href=\"vbscript:x\">x</a>",
                                "<a href=\"data:text/html,x\">x</a>",
                                "<img src=\"data:image/svg+xml,x\"/>",
                                "<p style=\"background: url(http://x)\">x</p>",
                                "<p style=\"width: expression(1)\">x</p>",
                                "<p style=\"width: exp/**/ression(1)\">x</p>",
                                "<?php x ?>",
                                "<!DOCTYPE html>",
                                "<![CDATA[<script>]]>"})
        EXPECT_NE(narrative_problem(in_div(content)), "") << content;
}

TEST(Narrative, may_not_nest_without_end) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<b>";
    EXPECT_THAT(narrative_problem(in_div(deep)), ::testing::HasSubstr("deep"));
}

}  // namespace
}  // namespace vigil::fhir
