#include "fhir/audit/event_views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/bulk/no_records.hpp"
#include "fhir/search/request.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

const SearchParameters& parameters() {
    static const SearchParameters parameters(definitions());
    return parameters;
}

constexpr std::string_view base = "https://ward.example/fhir";

// Ten lines, an hour apart: the even ones are nia's reads of Ada's record, the odd ones ben's
// refused searches; line 10 is the newest.
class EventViewsTest : public testing::Test {
protected:
    EventViewsTest() {
        patients.add("ada", PatientId{7});
        patients.add("eve", PatientId{8});
        for (int i = 1; i <= 10; ++i) {
            store::AuditLine line;
            line.time = start + std::chrono::hours(i);
            line.principal = i % 2 == 0 ? "nia" : "ben";
            line.role = "nurse";
            line.purpose = "treatment";
            line.what = i % 2 == 0 ? "fhir.read Condition/12" : "fhir.search Condition";
            if (i % 2 == 0) line.patients = {PatientId{7}};
            line.permitted = i % 2 == 0;
            lines.push_back(line);
        }
    }

    EventPage page(const Parameters& asked, std::size_t count = 50, std::uint64_t before = 0,
                   const EventReader& reader = {}) {
        auto search = read_search("AuditEvent", asked,
                                  {.parameters = parameters(),
                                   .base = base,
                                   .now = start,
                                   .limits = {},
                                   .strict = true,
                                   .expand = {}});
        EXPECT_TRUE(search) << (search ? "" : search.error().issues.front().diagnostics);
        auto query = search->queries.front();
        query.count_max = count;
        auto found = views.find(query, before, reader,
                                {.parameters = parameters(), .base = base, .now = start}, others);
        EXPECT_TRUE(found);
        return std::move(*found);
    }
    std::vector<std::string> ids(const Parameters& asked, const EventReader& reader = {}) {
        std::vector<std::string> out;
        for (const auto& record : page(asked, 50, 0, reader).records) out.push_back(record.id);
        return out;
    }

    const Timestamp start = from_unix_ns(1'772'366'400'000'000'000);
    PatientNumbers patients;
    std::vector<store::AuditLine> lines;
    std::size_t looked_at = 0;
    NoRecords others;
    EventViews views{[this](std::uint64_t before, const EventViews::Visit& visit) {
                         const auto last = before == 0 ? lines.size() : before - 1;
                         for (auto n = std::min<std::uint64_t>(last, lines.size()); n > 0; --n) {
                             ++looked_at;
                             if (!visit(n, lines[n - 1])) break;
                         }
                         return Result<void>();
                     },
                     {std::string(base), "Ward", patients}};
};

TEST_F(EventViewsTest, all_lines_are_found_newest_first) {
    EXPECT_THAT(ids({}), ElementsAre("a10", "a9", "a8", "a7", "a6", "a5", "a4", "a3", "a2", "a1"));
}

TEST_F(EventViewsTest, searches_by_what_a_line_knows) {
    EXPECT_THAT(ids({{"patient", "Patient/ada"}}), ElementsAre("a10", "a8", "a6", "a4", "a2"));
    EXPECT_THAT(ids({{"patient", "Patient/eve"}}), IsEmpty());
    EXPECT_THAT(ids({{"patient", "Patient/nobody"}}), IsEmpty());
    EXPECT_THAT(ids({{"outcome", "8"}, {"date", "ge2026-03-01T17:30:00Z"}}),
                ElementsAre("a9", "a7"));
    EXPECT_THAT(ids({{"date", "lt2026-03-01T14:30:00Z"}}), ElementsAre("a2", "a1"));
    EXPECT_THAT(ids({{"agent-name", "nia"}, {"_id", "a4,a5"}}), ElementsAre("a4"));
    EXPECT_THAT(ids({{"altid", "ben"}, {"action", "E"}}),
                ElementsAre("a9", "a7", "a5", "a3", "a1"));
    EXPECT_THAT(ids({{"entity", "Condition/12"}}), ElementsAre("a10", "a8", "a6", "a4", "a2"));
    EXPECT_THAT(ids({{"subtype", "http://hl7.org/fhir/restful-interaction|read"},
                     {"type", "rest"},
                     {"date", "2026-03-01T14:00:00Z"}}),
                ElementsAre("a2"));
}

TEST_F(EventViewsTest, pages_follow_each_other_without_a_gap) {
    std::vector<std::string> found;
    std::uint64_t before = 0;
    for (int pages = 0; pages < 10; ++pages) {
        const auto part = page({{"outcome", "0"}}, 2, before);
        for (const auto& record : part.records) found.push_back(record.id);
        before = part.before;
        if (before == 0) break;
    }
    EXPECT_EQ(before, 0U);
    EXPECT_THAT(found, ElementsAre("a10", "a8", "a6", "a4", "a2"));
}

TEST_F(EventViewsTest, a_date_ends_the_search_where_nothing_older_can_match) {
    for (int i = 0; i < 1'000; ++i) lines.insert(lines.begin(), lines.front());
    looked_at = 0;
    EXPECT_EQ(page({{"date", "ge2026-03-01T20:30:00Z"}}).records.size(), 2U);
    EXPECT_LT(looked_at, 10U);
}

TEST_F(EventViewsTest, one_look_is_bounded_and_says_where_the_next_begins) {
    lines.assign(EventViews::lines_max + 100, lines.front());
    const auto part = page({{"patient", "Patient/ada"}});
    EXPECT_THAT(part.records, IsEmpty());
    EXPECT_EQ(part.before, 101U);
    EXPECT_EQ(page({{"patient", "Patient/ada"}}, 50, part.before).before, 0U);
}

TEST_F(EventViewsTest, a_patient_finds_what_names_them_whatever_is_asked) {
    const EventReader ada{.patient = PatientId{7}, .accounts = {}};
    EXPECT_THAT(ids({}, ada), ElementsAre("a10", "a8", "a6", "a4", "a2"));
    EXPECT_THAT(ids({{"patient", "Patient/eve"}}, ada), IsEmpty());
    const auto one = views.get("a10", ada);
    ASSERT_TRUE(one);
    EXPECT_FALSE(*one) << "an id does not say whose it is";
}

TEST_F(EventViewsTest, an_event_is_found_by_its_id) {
    const auto found = views.get("a4", {});
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, "a4");
    EXPECT_EQ((*found)->updated, start + std::chrono::hours(4));
    for (const auto* other : {"a0", "a11", "4", "d4"}) {
        const auto none = views.get(other, {});
        ASSERT_TRUE(none);
        EXPECT_FALSE(*none) << other;
    }
}

}  // namespace
}  // namespace vigil::fhir
