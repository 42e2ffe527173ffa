// Whatever a line of the audit holds, its message is well-formed, and has the same markup.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "codec/atna/audit_message.hpp"
#include "codec/atna/syslog_message.hpp"

namespace {

using vigil::codec::atna::AuditMessage;

AuditMessage message_of(const std::string& text) {
    AuditMessage message;
    message.event_id = {text, text, text};
    message.event_types = {{text, text, text}};
    message.outcome_description = "x" + text;
    message.purposes_of_use = {{text, text, text}};
    message.participants = {{.user_id = text,
                             .alternative_user_id = "x" + text,
                             .user_name = "x" + text,
                             .roles = {{text, text, text}},
                             .access_point = text,
                             .access_point_type = vigil::codec::atna::AccessPoint::name}};
    message.enterprise_site_id = "x" + text;
    message.source_id = text;
    message.objects = {
        {.id = text, .role = "x" + text, .name = text},
        {.id = text, .query = "x" + text, .detail_type = "x" + text, .detail = text}};
    return message;
}

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string plain = skeleton(encode(message_of("nia")));
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto xml = encode(message_of(text));
    if (skeleton(xml) != plain || !vigil::is_utf8(xml)) std::abort();
    for (const char c : xml)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') std::abort();
    const auto line = encode(vigil::codec::atna::SyslogMessage{
        .host = text, .application = text, .process = text, .id = text, .text = xml});
    const auto header = std::string_view(line).substr(0, line.find("\xEF\xBB\xBF"));
    for (const char c : header)
        if (c < ' ' || c > '~') std::abort();
    return 0;
}
