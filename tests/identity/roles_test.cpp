// The tables of data/: every role and every area is in them.
#include "identity/roles.hpp"

#include <gtest/gtest.h>

#include <set>

#include "identity/purposes.hpp"
#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view roles_tsv, record_areas_tsv;
}

namespace vigil::identity {
namespace {

TEST(Roles, the_table_has_every_role_and_names_every_area) {
    const auto header = data::roles_tsv.substr(data::roles_tsv.find("role\t"));
    const auto names = split(header.substr(0, header.find('\n')), '\t');
    constexpr std::size_t before = 4;
    ASSERT_EQ(names.size(), before + area_count);
    for (std::size_t i = 0; i < area_count; ++i)
        EXPECT_EQ(names[before + i], to_string(static_cast<Area>(i)));
    std::set<std::string> in_table;
    for (const auto& row : table_rows(data::roles_tsv)) {
        ASSERT_TRUE(role(row[0])) << row[0];
        in_table.emplace(row[0]);
        for (std::size_t i = before; i < row.size(); ++i)
            EXPECT_EQ(row[i].find_first_not_of("rwa"), std::string_view::npos) << row[0];
        const auto& purposes = rules_of(*role(row[0])).purposes;
        ASSERT_FALSE(purposes.empty()) << row[0];
        for (const auto purpose : purposes) {
            ASSERT_NE(find_purpose(purpose), nullptr) << row[0] << " " << purpose;
            EXPECT_EQ(find_purpose(purpose)->name, purpose) << row[0];
        }
    }
    for (auto number = 1; number <= 10; ++number)
        EXPECT_TRUE(in_table.contains(std::string(to_string(static_cast<Role>(number)))));
}

TEST(Roles, types_of_resources_stand_in_areas_that_there_are) {
    std::set<std::string_view> areas;
    for (std::size_t i = 0; i < area_count; ++i) areas.insert(to_string(static_cast<Area>(i)));
    for (const auto& row : table_rows(data::record_areas_tsv)) {
        EXPECT_TRUE(areas.contains(row[1])) << row[0];
        if (row.size() > 2) EXPECT_TRUE(row[2] == "all" || row[2] == "staff") << row[0];
        EXPECT_EQ(to_string(area_of_type(row[0])), row[1]);
    }
    EXPECT_EQ(area_of_type("Condition"), Area::record);
    EXPECT_EQ(area_of_type("Nonsense"), Area::record);
}

// What nobody but an administrator, an auditor or a service may touch, however the table is
// changed.
TEST(Roles, accounts_and_audit_are_few_peoples) {
    for (const auto who : {Role::clinician, Role::physician, Role::nurse, Role::engineer,
                           Role::patient, Role::caregiver, Role::researcher}) {
        const auto& rules = rules_of(who);
        for (const auto area : {Area::accounts, Area::audit, Area::exports})
            EXPECT_EQ(rules.areas[static_cast<std::size_t>(area)], 0)
                << to_string(who) << " " << to_string(area);
    }
}

}  // namespace
}  // namespace vigil::identity
