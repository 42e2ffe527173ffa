#include "codec/atna/syslog_message.hpp"

#include <gtest/gtest.h>

namespace vigil::codec::atna {
namespace {

SyslogMessage message() {
    return {.time = from_unix_ns(1'772'366'400'123'456'789),
            .host = "ward.example",
            .application = "vigil",
            .process = "17",
            .id = "IHE+RFC-3881",
            .text = "<AuditMessage/>"};
}

TEST(SyslogMessage, is_written_as_rfc_5424_has_it_with_a_bom_before_the_text) {
    EXPECT_EQ(encode(message()),
              "<85>1 2026-03-01T12:00:00.123456Z ward.example vigil 17 IHE+RFC-3881 - "
              "\xEF\xBB\xBF<AuditMessage/>");
}

TEST(SyslogMessage, the_priority_is_of_facility_and_severity) {
    auto warning = message();
    warning.severity = 4;
    EXPECT_TRUE(encode(warning).starts_with("<84>1 "));
}

TEST(SyslogMessage, nothing_in_a_header_field_begins_another) {
    auto hostile = message();
    hostile.host = "a b\nc\xC3\xA9";
    hostile.application = std::string(100, 'x');
    hostile.process = "";
    const auto text = encode(hostile);
    EXPECT_EQ(text.substr(0, text.find(" - IHE")),
              "<85>1 2026-03-01T12:00:00.123456Z a?b?c?? " + std::string(48, 'x'));
}

TEST(SyslogMessage, a_frame_counts_octets) {
    EXPECT_EQ(framed("abc"), "3 abc");
    EXPECT_EQ(framed("\xC3\xA9"), "2 \xC3\xA9");
}

}  // namespace
}  // namespace vigil::codec::atna
