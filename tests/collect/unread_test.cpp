#include "collect/unread.hpp"

#include <gtest/gtest.h>

namespace vigil::collect {
namespace {

Unread example() {
    return {.receive_time = from_unix_ns(1'767'268'800'123'456'789),
            .sender = {42},
            .sender_name = "monitor-07",
            .protocol = "mqtt",
            .source = "vigil/monitor-07/telemetry",
            .content_type = "application/json",
            .raw = std::string_view("{\"heart_rate\":\0", 15),
            .reasons = {{Error::Kind::malformed, "the text ends too early", "byte 15"},
                        {Error::Kind::unsupported, "no metric \"glow\"", "/glow"}}};
}

TEST(Unread, comes_back_as_it_was_kept) {
    std::string body;
    encode(example(), body);
    const auto read = decode_unread(body);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->receive_time, example().receive_time);
    EXPECT_EQ(read->sender.value, 42U);
    EXPECT_EQ(read->sender_name, "monitor-07");
    EXPECT_EQ(read->source, "vigil/monitor-07/telemetry");
    EXPECT_EQ(read->raw, example().raw);
    ASSERT_EQ(read->reasons.size(), 2U);
    EXPECT_EQ(read->reasons[1].kind, Error::Kind::unsupported);
    EXPECT_EQ(read->reasons[1].place, "/glow");
}

TEST(Unread, a_body_cut_anywhere_is_refused) {
    std::string body;
    encode(example(), body);
    for (std::size_t cut = 0; cut < body.size(); ++cut)
        EXPECT_FALSE(decode_unread(std::string_view(body).substr(0, cut))) << cut;
    EXPECT_FALSE(decode_unread(body + "x"));
}

TEST(Unread, tells_how_many_reasons_it_left_out) {
    auto many = example();
    many.reasons.assign(40, {Error::Kind::malformed, "no", "/x"});
    std::string body;
    encode(many, body);
    const auto read = decode_unread(body);
    ASSERT_EQ(read->reasons.size(), unread_reasons_max);
    EXPECT_EQ(read->reasons.back().message, "no (and 8 more)");
}

}  // namespace
}  // namespace vigil::collect
