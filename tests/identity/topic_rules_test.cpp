#include "identity/topic_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

Principal pump() {
    return principal_of(Device{.external_id = "pump-1"});
}
Principal account(const char* name, Role role = Role::service) {
    return principal_of(Account{.user_name = name, .role = role});
}

TEST(TopicRules, a_device_has_its_own_tree_and_nothing_else) {
    const auto rules = *TopicRules::make({{"*", "#", true, true}});
    for (const auto* mine : {"vigil/pump-1/vitals", "vigil/pump-1/a/b/c"}) {
        EXPECT_TRUE(rules.may_publish(pump(), mine)) << mine;
        EXPECT_TRUE(rules.may_subscribe(pump(), mine)) << mine;
    }
    for (const auto* mine : {"vigil/pump-1/#", "vigil/pump-1/+/x", "$share/g/vigil/pump-1/#"})
        EXPECT_TRUE(rules.may_subscribe(pump(), mine)) << mine;
    for (const auto* not_mine :
         {"vigil/pump-2/vitals", "vigil/pump-10/vitals", "vigil/pump-1", "vigil/pump-1/",
          "vigil/+/x", "vigil/#", "#", "+/pump-1/x", "vigil", "other/pump-1/x", "$SYS/broker",
          "/vigil/pump-1/x", "$share/g/#", "$share//vigil/pump-1/#", "$share/vigil/pump-1/x", ""}) {
        EXPECT_FALSE(rules.may_publish(pump(), not_mine)) << not_mine;
        EXPECT_FALSE(rules.may_subscribe(pump(), not_mine)) << not_mine;
    }
    EXPECT_FALSE(rules.may_publish(pump(), "vigil/pump-1/#")) << "a topic has no wildcards";
}

TEST(TopicRules, accounts_have_what_the_site_gives_them) {
    const auto rules = *TopicRules::make({{"porter", "beds/+/moved", true, false},
                                          {"role:engineer", "vigil/#", false, true},
                                          {"*", "news", false, true}});
    const auto porter = account("porter"), engineer = account("eve", Role::engineer);
    EXPECT_TRUE(rules.may_publish(porter, "beds/12/moved"));
    EXPECT_FALSE(rules.may_subscribe(porter, "beds/12/moved")) << "to publish only";
    EXPECT_FALSE(rules.may_publish(porter, "beds/12/made"));
    EXPECT_FALSE(rules.may_publish(engineer, "beds/12/moved"));
    EXPECT_TRUE(rules.may_subscribe(engineer, "vigil/+/vitals"));
    EXPECT_FALSE(rules.may_publish(engineer, "vigil/pump-1/vitals"));
    EXPECT_TRUE(rules.may_subscribe(porter, "news"));
    EXPECT_FALSE(rules.may_subscribe(nobody(), "news"));
    EXPECT_FALSE(TopicRules().may_publish(porter, "news")) << "by default nothing";
}

TEST(TopicRules, that_cannot_be_meant_are_refused) {
    for (const auto* filter : {"", "a/#/b", "a#", "a+/b", "+a"})
        EXPECT_FALSE(TopicRules::make({{"*", filter, true, true}})) << filter;
    EXPECT_FALSE(TopicRules::make({{"role:king", "a", true, true}}));
    EXPECT_FALSE(TopicRules::make({{"", "a", true, true}}));
}

TEST(Covers, a_filter_covers_another_if_it_matches_all_that_the_other_could) {
    const std::vector<std::tuple<const char*, const char*, bool>> cases{
        {"#", "a/b", true},         {"#", "#", true},       {"a/#", "a", true},
        {"a/#", "a/+/c", true},     {"a/#", "b", false},    {"a/+", "a/#", false},
        {"a/+", "a/b", true},       {"a/+", "a/+", true},   {"a/+", "a/b/c", false},
        {"a/+", "a", false},        {"a/b", "a/+", false},  {"+/+", "/x", true},
        {"+", "a/b", false},        {"#", "$SYS/x", false}, {"+/x", "$SYS/x", false},
        {"$SYS/#", "$SYS/x", true}, {"a", "a/", false},     {"a/b/c", "a/b", false},
    };
    for (const auto& [wide, narrow, expected] : cases)
        EXPECT_EQ(covers(wide, narrow), expected) << wide << " over " << narrow;
}

}  // namespace
}  // namespace vigil::identity
