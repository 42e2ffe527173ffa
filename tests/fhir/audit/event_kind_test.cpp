#include "fhir/audit/event_kind.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace vigil::fhir {
namespace {

struct Case {
    std::string what;
    store::Act act;
    std::string type, subtype;  // codes
    char action;
    EventPattern pattern;
};

using store::Act;
using enum EventPattern;

const std::vector<Case> cases{
    {"fhir.read Condition/12", Act::read, "rest", "read", 'R', read},
    {"fhir.vread Condition/12/_history/1", Act::read, "rest", "vread", 'R', read},
    {"fhir.history Condition/12/_history", Act::read, "rest", "history-type", 'R', none},
    {"fhir.history", Act::read, "rest", "history-system", 'R', none},
    {"fhir.search Observation?code=8867-4", Act::read, "rest", "search-type", 'E', query},
    {"fhir.search ?_type=Patient", Act::read, "rest", "search-system", 'E', query},
    {"fhir.operation Patient/1/$everything", Act::read, "rest", "operation", 'E', none},
    {"fhir.create Condition/12/_history/1", Act::write, "rest", "create", 'C', create},
    {"fhir.update Condition/12/_history/2", Act::write, "rest", "update", 'U', update},
    {"fhir.patch Condition/12/_history/3", Act::write, "rest", "patch", 'U', update},
    {"fhir.delete Condition/12/_history/4", Act::write, "rest", "delete", 'D', remove},
    {"fhir.bundle", Act::write, "rest", "", 'E', none},
    {"fhir.export Patient", Act::read, "110106", "disclose", 'R', disclosure},
    {"fhir.export.end: whole", Act::read, "110106", "disclose", 'R', disclosure},
    {"fhir.import", Act::write, "110107", "", 'C', none},
    {"patient everything", Act::read, "110106", "disclose", 'R', disclosure},
    {"sign-in nia", Act::read, "110114", "110122", 'E', none},
    {"sign-in nia: second factor", Act::read, "110114", "110122", 'E', none},
    {"own session ended", Act::write, "110114", "110123", 'E', none},
    {"account token", Act::administer, "110114", "ITI-71", 'E', none},
    {"app token", Act::write, "110114", "ITI-71", 'E', none},
    {"account token revoke", Act::administer, "110113", "110137", 'D', none},
    {"account tokens", Act::administer, "access", "", 'R', none},
    {"account add", Act::administer, "110113", "110137", 'C', none},
    {"account change", Act::administer, "110113", "110137", 'U', none},
    {"relation care-team", Act::write, "110113", "110135", 'U', none},
    {"relation end", Act::write, "110113", "110135", 'D', none},
    {"relations", Act::read, "110110", "", 'R', none},
    {"patient restrict", Act::administer, "110113", "110135", 'U', none},
    {"patient erase", Act::administer, "110110", "", 'D', none},
    {"emergency access", Act::read, "110113", "110127", 'E', none},
    {"audit read", Act::administer, "110101", "", 'R', none},
    {"accesses", Act::read, "110101", "", 'R', none},
    {"series.window", Act::read, "110110", "", 'R', none},
    {"live stream", Act::read, "110110", "", 'R', none},
    {"patient add", Act::write, "110110", "", 'C', none},
    {"patient", Act::read, "110110", "", 'R', none},
    {"device attach", Act::write, "110110", "", 'U', none},
    {"device add", Act::administer, "amend", "", 'C', none},
    {"devices", Act::read, "access", "", 'R', none},
    {"what no table knows", Act::read, "access", "", 'R', none}};

TEST(EventKind, each_line_is_the_event_that_the_standards_have_for_it) {
    for (const auto& each : cases) {
        store::AuditLine line;
        line.what = each.what;
        line.act = each.act;
        const auto kind = kind_of(line);
        EXPECT_EQ(kind.type.code, each.type) << each.what;
        EXPECT_EQ(kind.subtypes.empty() ? "" : kind.subtypes.front().code, each.subtype)
            << each.what;
        EXPECT_EQ(kind.action, each.action) << each.what;
        EXPECT_EQ(kind.pattern, each.pattern) << each.what;
    }
}

TEST(EventKind, says_which_resource_and_which_version) {
    store::AuditLine line;
    line.what = "fhir.read Condition/12";
    EXPECT_TRUE(kind_of(line).names_resource());
    EXPECT_FALSE(kind_of(line).names_version());
    line.what = "fhir.update Condition/12/_history/3";
    EXPECT_TRUE(kind_of(line).names_version());
    for (const auto* what : {"fhir.read Condition", "fhir.update Condition?code=x/y",
                             "fhir.history Condition/12/_history", "fhir.create Condition"}) {
        line.what = what;
        EXPECT_FALSE(kind_of(line).names_resource()) << what;
    }
}

TEST(EventKind, what_came_to_nothing_is_a_minor_failure_and_a_denial_a_serious_one) {
    store::AuditLine line;
    line.what = "fhir.read Condition/12: 404";
    const auto kind = kind_of(line);
    EXPECT_EQ(kind.target, "Condition/12");
    EXPECT_EQ(kind.status, "404");
    EXPECT_EQ(outcome_of(line, kind), 4);
    line.permitted = false;
    EXPECT_EQ(outcome_of(line, kind), 8);
    line = {};
    line.what = "fhir.read Condition/12";
    EXPECT_EQ(outcome_of(line, kind_of(line)), 0);
}

TEST(EventKind, a_query_of_which_something_was_left_out_is_not_whole) {
    store::AuditLine line;
    line.what = "fhir.search Patient?family=***&_count=3";
    EXPECT_FALSE(kind_of(line).is_whole_query());
    line.what = "fhir.search Observation?code=x";
    EXPECT_TRUE(kind_of(line).is_whole_query());
}

TEST(EventKind, purposes_have_codes_where_they_are_purposes_of_use) {
    EXPECT_EQ(purpose_of_use("treatment").code, "TREAT");
    EXPECT_EQ(purpose_of_use("emergency").code, "BTG");
    EXPECT_EQ(purpose_of_use("research").code, "HRESCH");
    EXPECT_EQ(purpose_of_use("operations").code, "HOPERAT");
    EXPECT_EQ(purpose_of_use("patient").code, "PATRQT");
    EXPECT_EQ(purpose_of_use("family").display, "family requested");
    EXPECT_EQ(purpose_of_use("sign-in").code, "");
}

TEST(EventKind, the_address_is_without_its_port) {
    EXPECT_EQ(network_address("192.0.2.7:50312"), "192.0.2.7");
    EXPECT_EQ(network_address("[2001:db8::7]:443"), "2001:db8::7");
    EXPECT_EQ(network_address("this machine"), "");
    EXPECT_EQ(network_address(""), "");
}

}  // namespace
}  // namespace vigil::fhir
