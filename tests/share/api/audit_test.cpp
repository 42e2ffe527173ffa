#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Ten lines, an hour apart: every third was refused; the even ones are about Ada, the odd ones of
// everyone.
class AuditApi : public ApiTest {
protected:
    AuditApi() {
        for (std::uint32_t i = 1; i <= 10; ++i) {
            store::AuditLine line;
            line.time = identity::at(0) + std::chrono::hours(i);
            line.principal = i % 2 == 0 ? "nurse" : "bus";
            line.role = "clinician";
            line.what = i == 4 ? "fhir.delete Observation/x" : "series.window";
            line.everyone = i % 2 == 1;
            if (i % 2 == 0) line.patients = {PatientId{1}};
            line.permitted = i % 3 != 0;
            if (!line.permitted) line.reason = "not allowed in this role";
            kept_audit.push_back(line);
        }
    }
    std::vector<int> numbers(const std::string& query) {
        const auto answer = ask("GET", "/api/audit" + query, administrator());
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::vector<int> found;
        for (const auto line : answer.json()["lines"])
            found.push_back(static_cast<int>(*line["number"].integer()));
        return found;
    }
};

TEST_F(AuditApi, lines_are_found_by_who_whose_what_when_and_outcome) {
    EXPECT_THAT(numbers(""), ElementsAre(10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
    EXPECT_THAT(numbers("?who=bus"), ElementsAre(9, 7, 5, 3, 1));
    EXPECT_THAT(numbers("?patient=1"), ElementsAre(10, 8, 6, 4, 2));
    EXPECT_THAT(numbers("?patient=2"), IsEmpty());
    EXPECT_THAT(numbers("?what=fhir.delete"), ElementsAre(4));
    EXPECT_THAT(numbers("?outcome=denied"), ElementsAre(9, 6, 3));
    EXPECT_THAT(numbers("?outcome=denied&who=nurse"), ElementsAre(6));
    const auto from = format_rfc3339(identity::at(0) + std::chrono::hours(7));
    const auto to = format_rfc3339(identity::at(0) + std::chrono::hours(9));
    EXPECT_THAT(numbers("?from=" + from + "&to=" + to), ElementsAre(8, 7));
}

TEST_F(AuditApi, a_line_says_all_that_is_on_record) {
    kept_audit[3].written_late = identity::at(0) + std::chrono::hours(5);
    const auto answer = ask("GET", "/api/audit?what=fhir.delete", administrator());
    const auto line = answer.json()["lines"][0];
    EXPECT_EQ(line["who"].string(), "nurse");
    EXPECT_EQ(line["act"].string(), "read");
    EXPECT_EQ(line["what"].string(), "fhir.delete Observation/x");
    EXPECT_EQ(line["patients"][0].string(), "1");
    EXPECT_TRUE(line["permitted"].is_true());
    EXPECT_TRUE(line["written_late"]);
}

TEST_F(AuditApi, pages_follow_each_other) {
    std::string next;
    std::vector<std::string> seen;
    do {
        const auto answer = ask(
            "GET", "/api/audit?limit=4" + (next.empty() ? "" : "&before=" + next), administrator());
        for (const auto line : answer.json()["lines"]) seen.emplace_back(line["number"].text());
        next = answer.json()["next"].is(JsonKind::null) ? ""
                                                        : std::string(answer.json()["next"].text());
    } while (!next.empty());
    EXPECT_THAT(seen, ElementsAre("10", "9", "8", "7", "6", "5", "4", "3", "2", "1"));
}

TEST_F(AuditApi, what_cannot_be_asked_is_refused) {
    for (const auto* query :
         {"?patient=ada", "?outcome=maybe", "?from=noon", "?limit=0", "?limit=1001", "?before=-1"})
        EXPECT_EQ(ask("GET", std::string("/api/audit") + query, administrator()).status, 400)
            << query;
}

}  // namespace
}  // namespace vigil::share
