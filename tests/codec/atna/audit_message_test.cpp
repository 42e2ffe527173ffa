#include "codec/atna/audit_message.hpp"

#include <gmock/gmock.h>

#include <random>

#include "base/utf8.hpp"
#include "codec/golden.hpp"

namespace vigil::codec::atna {
namespace {

using testing::HasSubstr;
using testing::Not;

const auto noon = from_unix_ns(1'772'366'400'500'000'000);

// A nurse reads a Condition of patient 7.
AuditMessage read_by(const std::string& nurse) {
    AuditMessage message;
    message.event_id = {"110110", "DCM", "Patient Record"};
    message.event_types = {{"read", "http://hl7.org/fhir/restful-interaction", "read"}};
    message.action = 'R';
    message.time = noon;
    message.purposes_of_use = {
        {"TREAT", "http://terminology.hl7.org/CodeSystem/v3-ActReason", "treatment"}};
    message.participants = {{.user_id = "192.0.2.7:50312",
                             .roles = {{"110152", "DCM", "Destination Role ID"}},
                             .access_point = "192.0.2.7",
                             .access_point_type = AccessPoint::ip_address},
                            {.user_id = nurse,
                             .alternative_user_id = nurse,
                             .user_name = nurse,
                             .is_requestor = true,
                             .roles = {{nurse, "urn:vigil:role", nurse}}}};
    message.enterprise_site_id = nurse;
    message.source_id = "ward.example";
    message.source_types = {{"4", "DCM", "Application Server"}};
    message.objects = {{.id = "7",
                        .type = '1',
                        .role = "1",
                        .id_type = {"2", "RFC-3881", "Patient Number"},
                        .name = nurse},
                       {.id = nurse,
                        .role = "24",
                        .id_type = {"12", "RFC-3881", "URI"},
                        .query = "code=" + nurse,
                        .detail_type = nurse,
                        .detail = nurse}};
    return message;
}

AuditMessage refused_to(const std::string& nurse, const std::string& why) {
    auto message = read_by(nurse);
    message.outcome = 8;
    message.outcome_description = why;
    return message;
}

// The markup alone: texts and values left out.
std::string skeleton(std::string_view xml) {
    std::string out;
    bool in_tag = false, in_value = false;
    for (const char c : xml) {
        if (in_value)
            in_value = c != '"';
        else if (in_tag || c == '<') {
            in_tag = c != '>';
            in_value = c == '"';
            out += c;
        }
    }
    return out;
}

TEST(AuditMessage, is_written_as_the_schema_of_ps3_15_has_it) {
    golden::expect_matches(VIGIL_TESTS_DIR "/codec/atna/golden/read.xml",
                           encode(read_by("nia")) + "\n");
    golden::expect_matches(
        VIGIL_TESTS_DIR "/codec/atna/golden/refused.xml",
        encode(refused_to("O'Neill <\"&\">", "not in your care\r\n\tso says\x01 \"the ward\"")) +
            "\n");
}

TEST(AuditMessage, says_a_name_or_a_query_of_an_object_not_both) {
    const auto xml = encode(read_by("nia"));
    EXPECT_THAT(xml, HasSubstr("<ParticipantObjectQuery>Y29kZT1uaWE=</ParticipantObjectQuery>"));
    EXPECT_THAT(xml, Not(HasSubstr("Query><ParticipantObjectName")));
}

TEST(AuditMessage, no_text_becomes_markup) {
    const auto plain = skeleton(encode(refused_to("nia", "why")));
    for (const auto* hostile :
         {"\"/><x y=\"", "]]>", "<!--", "-->", "</AuditMessage>", "&lt;", "&#0;", "<![CDATA[", "'"})
        EXPECT_EQ(skeleton(encode(refused_to(hostile, hostile))), plain) << hostile;
}

// Whatever the bytes: the same markup, only characters of XML, in UTF-8.
TEST(AuditMessage, any_bytes_make_a_well_formed_message) {
    const auto plain = skeleton(encode(refused_to("nia", "why")));
    std::mt19937 random(37);
    for (int round = 0; round < 2'000; ++round) {
        std::string text;
        for (auto left = 1 + random() % 40; left > 0; --left)
            text += static_cast<char>(random() % 4 == 0 ? "<>&\"'\n\0\xEF"[random() % 8]
                                                        : static_cast<int>(random() % 256));
        const auto xml = encode(refused_to(text, text));
        ASSERT_EQ(skeleton(xml), plain);
        ASSERT_TRUE(is_utf8(xml));
        for (const char c : xml)
            ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
        ASSERT_THAT(xml, Not(HasSubstr("\xEF\xBF\xBE")));
        ASSERT_THAT(xml, Not(HasSubstr("\xEF\xBF\xBF")));
    }
}

TEST(AuditMessage, what_is_no_character_of_xml_is_a_replacement) {
    const auto xml =
        encode(refused_to("a\x01"
                          "b\xFF"
                          "c\xEF\xBF\xBF"
                          "d",
                          ""));
    EXPECT_THAT(xml, HasSubstr("UserID=\"a\xEF\xBF\xBD"
                               "b\xEF\xBF\xBD"
                               "c\xEF\xBF\xBD"
                               "d\""));
}

}  // namespace
}  // namespace vigil::codec::atna
