#include "codec/mqtt/text.hpp"

#include <gmock/gmock.h>

#include <string>

namespace vigil::mqtt {
namespace {

using namespace std::string_literals;

TEST(MqttText, is_well_formed_utf_8) {
    for (const auto& good :
         {""s, "a"s, "eight by"s, "seventeen letters"s, "\xC3\xA4"s,
          "\xEF\xBB\xBF"s
          "bom"s,
          "\xF0\x9F\x92\x93"s, "\xEF\xBF\xBF"s, "\xF4\x8F\xBF\xBF"s, "\xED\x9F\xBF"s, "tab\there"s})
        EXPECT_TRUE(is_valid_text(good)) << good;
    for (const auto& bad :
         {"\x80"s, "\xC3"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xF0\x8F\xBF\xBF"s,
          "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\xE2\x82"s, "\xE2\x28\xA1"s})
        EXPECT_FALSE(is_valid_text(bad)) << bad;
}

TEST(MqttText, holds_no_surrogates) {
    EXPECT_FALSE(is_valid_text("\xED\xA0\x80"));
    EXPECT_FALSE(is_valid_text("\xED\xBF\xBF"));
}

TEST(MqttText, holds_no_null_character_wherever_it_stands) {
    for (std::size_t at = 0; at < 20; ++at) {
        std::string text(20, 'a');
        text[at] = '\0';
        EXPECT_FALSE(is_valid_text(text)) << at;
        text[at] = '\xFF';
        EXPECT_FALSE(is_valid_text(text)) << at;
    }
}

TEST(TopicName, has_a_character_and_no_wildcard) {
    EXPECT_TRUE(is_valid_topic_name("/"));
    EXPECT_TRUE(is_valid_topic_name("Accounts payable"));
    EXPECT_FALSE(is_valid_topic_name(""));
    EXPECT_FALSE(is_valid_topic_name("a/+"));
    EXPECT_FALSE(is_valid_topic_name("a/#"));
}

TEST(TopicName, has_no_wildcard_wherever_it_stands) {
    for (std::size_t size = 1; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int byte = 1; byte < 256; ++byte) {
                std::string topic(size, 'a');
                topic[at] = static_cast<char>(byte);
                EXPECT_EQ(is_valid_topic_name(topic), byte != '+' && byte != '#')
                    << size << " " << at << " " << byte;
            }
}

TEST(TopicFilter, multi_level_wildcard_is_last_and_alone_in_its_level) {
    for (const auto* good : {"#", "sport/#", "sport/tennis/#", "+/#", "/#"})
        EXPECT_TRUE(is_valid_topic_filter(good)) << good;
    for (const auto* bad : {"", "sport/tennis#", "sport/#/ranking", "##", "#/", "a#"})
        EXPECT_FALSE(is_valid_topic_filter(bad)) << bad;
}

TEST(TopicFilter, single_level_wildcard_is_alone_in_its_level) {
    for (const auto* good : {"+", "+/tennis/#", "sport/+/player1", "/+", "+/+", "sport/+"})
        EXPECT_TRUE(is_valid_topic_filter(good)) << good;
    for (const auto* bad : {"sport+", "+sport", "a/+b/c", "++"})
        EXPECT_FALSE(is_valid_topic_filter(bad)) << bad;
}

TEST(TopicFilter, shared_filter_has_a_name_and_a_filter) {
    const auto shared = parse_shared("$share/ward/vigil/+/state");
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared->share_name, "ward");
    EXPECT_EQ(shared->filter, "vigil/+/state");
    EXPECT_TRUE(is_valid_topic_filter("$share/ward//finance"));
    for (const auto* bad : {"$share/", "$share/ward", "$share/ward/", "$share//a", "$share/w+/a",
                            "$share/w#/a", "$share/ward/a#"})
        EXPECT_FALSE(is_valid_topic_filter(bad)) << bad;
    EXPECT_FALSE(parse_shared("$shared/a/b"));
}

TEST(TopicFilter, matches_level_by_level) {
    struct Case {
        const char *filter, *topic;
        bool match;
    };
    for (const auto& [filter, topic, match] : {
             Case{"sport/tennis/player1/#", "sport/tennis/player1", true},
             Case{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
             Case{"sport/#", "sport", true},
             Case{"sport/#", "sports", false},
             Case{"#", "a/b", true},
             Case{"sport/tennis/+", "sport/tennis/player1", true},
             Case{"sport/tennis/+", "sport/tennis/player1/ranking", false},
             Case{"sport/+", "sport", false},
             Case{"sport/+", "sport/", true},
             Case{"+/+", "/finance", true},
             Case{"/+", "/finance", true},
             Case{"+", "/finance", false},
             Case{"a/b", "a/b", true},
             Case{"a/b", "a/b/", false},
             Case{"a/b/", "a/b", false},
             Case{"a//b", "a//b", true},
             Case{"a/+/b", "a//b", true},
             Case{"ACCOUNTS", "Accounts", false},
             Case{"+/#", "a", true},
             Case{"a/#", "a/", true},
         })
        EXPECT_EQ(matches(filter, topic), match) << filter << " " << topic;
}

TEST(TopicFilter, wildcards_do_not_match_topics_that_begin_with_a_dollar_sign) {
    EXPECT_FALSE(matches("#", "$SYS/monitor"));
    EXPECT_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
}

TEST(TopicFilter, is_compared_without_normalising) {
    EXPECT_FALSE(matches("\xC3\xA4", "a\xCC\x88"));  // ä composed and decomposed
    EXPECT_TRUE(
        matches("\xEF\xBB\xBF"
                "a",
                "\xEF\xBB\xBF"
                "a"));
    EXPECT_FALSE(matches("a",
                         "\xEF\xBB\xBF"
                         "a"));
}

}  // namespace
}  // namespace vigil::mqtt
