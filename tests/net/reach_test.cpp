#include "net/reach.hpp"

#include <gtest/gtest.h>

namespace vigil::net {
namespace {

Endpoint at(std::string_view address) {
    const bool is_ipv6 = address.find(':') != std::string_view::npos;
    return *Endpoint::parse(is_ipv6 ? "[" + std::string(address) + "]:443"
                                    : std::string(address) + ":443");
}

TEST(Reach, knows_what_is_public) {
    for (const auto* address : {"0.0.0.0",
                                "0.1.2.3",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.254",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.1",
                                "192.0.2.1",
                                "192.88.99.1",
                                "192.168.1.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.1",
                                "203.0.113.1",
                                "224.0.0.1",
                                "239.255.255.255",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "::ffff:169.254.169.254",
                                "::127.0.0.1",
                                "64:ff9b::7f00:1",
                                "64:ff9b::a9fe:a9fe",
                                "64:ff9b:1::1",
                                "100::1",
                                "fc00::1",
                                "fd12:3456::1",
                                "fe80::1",
                                "fec0::1",
                                "ff02::1",
                                "2001::1",
                                "2001:db8::1",
                                "2002:7f00:1::",
                                "3fff::1",
                                "4000::1"})
        EXPECT_FALSE(is_public(at(address))) << address;
    for (const auto* address :
         {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.0.0.1",
          "128.0.0.1", "169.253.0.1", "172.15.255.255", "172.32.0.1", "192.167.0.1", "198.20.0.1",
          "223.255.255.254", "::ffff:1.1.1.1", "64:ff9b::101:101", "2001:200::1", "2606:4700::1",
          "2a00::1"})
        EXPECT_TRUE(is_public(at(address))) << address;
}

TEST(Reach, looks_at_where_a_name_leads) {
    const auto reach = Reach::parse("");
    ASSERT_TRUE(reach);
    EXPECT_TRUE(reach->admits("hooks.example", at("1.1.1.1")));
    for (const auto* address : {"127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fe80::1"})
        EXPECT_FALSE(reach->admits("hooks.example", at(address))) << address;
    // Whoever allowed the URL wrote the address.
    EXPECT_TRUE(reach->admits("10.0.0.7", at("10.0.0.7")));
    EXPECT_TRUE(reach->admits("::1", at("::1")));
    EXPECT_TRUE(reach->admits("localhost", at("127.0.0.1")));
    EXPECT_TRUE(reach->admits("localhost", at("::1")));
    EXPECT_FALSE(reach->admits("localhost", at("169.254.169.254")));
    // Other ways to write one are names: nobody reads in them what they are.
    for (const auto* host : {"2130706433", "0x7f.1", "127.1", "017700000001", "127.0.0.1."})
        EXPECT_FALSE(reach->admits(host, at("127.0.0.1"))) << host;
}

TEST(Reach, networks_that_the_operator_named_are_open) {
    const auto reach = Reach::parse("10.1.0.0/16  192.168.7.9 fd00:1::/33");
    ASSERT_TRUE(reach);
    for (const auto* address : {"10.1.2.3", "::ffff:10.1.2.3", "192.168.7.9", "fd00:1:7fff::1"})
        EXPECT_TRUE(reach->admits("hooks.hospital", at(address))) << address;
    for (const auto* address : {"10.2.0.1", "192.168.7.8", "fd00:1:8000::1", "127.0.0.1"})
        EXPECT_FALSE(reach->admits("hooks.hospital", at(address))) << address;
    EXPECT_TRUE(Reach::parse("0.0.0.0/0")->admits("any.example", at("127.0.0.1")));
    EXPECT_FALSE(Reach::parse("0.0.0.0/0")->admits("any.example", at("::1")));
    for (const auto* text : {"10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/", "10.0.0.0/8x", "::/129",
                             "10.0.0.0/-1", "10.0.0.0 ,::1"})
        EXPECT_FALSE(Reach::parse(text)) << text;
}

TEST(Reach, keeps_the_addresses_that_are_admitted) {
    const auto reach = *Reach::parse("");
    const auto kept = reach.within("hooks.example", {at("10.0.0.7"), at("1.1.1.1"), at("::1")});
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->size(), 1U);
    EXPECT_EQ(kept->front().host(), "1.1.1.1");
    const auto none = reach.within("hooks.example", {at("10.0.0.7")});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, Error::Kind::forbidden);
    EXPECT_NE(none.error().message.find("10.0.0.7"), std::string::npos);
}

}  // namespace
}  // namespace vigil::net
