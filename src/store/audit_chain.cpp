#include "store/audit_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"

namespace vigil::store {
namespace {

constexpr std::string_view title = "vigil audit checkpoint 1";
constexpr std::string_view between = "\n\n";  // in a file of them
constexpr std::size_t why_bytes_max = 32;

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Error::Kind::malformed, fmt::format("this is no checkpoint of an audit: {}", what));
}

// Takes "<name> <value>\n" off the front.
Result<std::string_view> take(std::string_view& text, std::string_view name) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) || line.size() <= name.size() ||
        line[name.size()] != ' ')
        return malformed(fmt::format("its line \"{}\" is missing", name));
    text.remove_prefix(end + 1);
    return line.substr(name.size() + 1);
}

Result<std::uint64_t> take_number(std::string_view& text, std::string_view name) {
    VIGIL_TRY(word, take(text, name));
    std::uint64_t number = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size() || number > INT64_MAX ||
        (word.size() > 1 && word.front() == '0'))
        return malformed(fmt::format("\"{}\" is no number", name));
    return number;
}

Result<void> take_bytes(std::string_view& text, std::string_view name,
                        std::span<std::uint8_t> out) {
    VIGIL_TRY(word, take(text, name));
    if (!read_hex(word, out))
        return malformed(
            fmt::format("\"{}\" is not {} bytes in hexadecimal digits", name, out.size()));
    return {};
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

}  // namespace

Sha256Digest ChainHash::of(const Sha256Digest& before, std::uint64_t number, Timestamp time,
                           std::string_view body) {
    head_.assign(bytes_of(before));
    ByteWriter writer(head_);
    writer.big_endian(number);
    writer.big_endian(unix_ns(time));
    return sha256_.of({head_, body});
}

std::string signed_text(const AuditCheckpoint& checkpoint) {
    return fmt::format("{}\nsequence {}\nline {}\nhash {}\ntime {}\nwhy {}\nkey {}\n", title,
                       checkpoint.sequence, checkpoint.end.number, hex_of(checkpoint.end.hash),
                       format_rfc3339(checkpoint.time), checkpoint.why, hex_of(checkpoint.key));
}

std::string encode(const AuditCheckpoint& checkpoint) {
    return fmt::format("{}signature {}\n", signed_text(checkpoint), hex_of(checkpoint.signature));
}

Result<AuditCheckpoint> decode_checkpoint(std::string_view text) {
    if (text.size() > checkpoint_bytes_max) return malformed("it is too long");
    auto rest = text;
    if (!rest.starts_with(title) || rest.size() == title.size() || rest[title.size()] != '\n')
        return malformed("it does not begin as one");
    rest.remove_prefix(title.size() + 1);
    AuditCheckpoint out;
    VIGIL_TRY(sequence, take_number(rest, "sequence"));
    out.sequence = sequence;
    VIGIL_TRY(number, take_number(rest, "line"));
    out.end.number = number;
    VIGIL_CHECK(take_bytes(rest, "hash", out.end.hash));
    VIGIL_TRY(written, take(rest, "time"));
    VIGIL_TRY(time, parse_rfc3339(written));
    out.time = time.instant;
    VIGIL_TRY(why, take(rest, "why"));
    if (why.empty() || why.size() > why_bytes_max || !std::ranges::all_of(why, is_lower))
        return malformed("\"why\" is not a word");
    out.why = why;
    VIGIL_CHECK(take_bytes(rest, "key", out.key));
    VIGIL_CHECK(take_bytes(rest, "signature", out.signature));
    // What was signed is this very text: there is one way to write it.
    if (!rest.empty() || encode(out) != text) return malformed("it is not written as one");
    return out;
}

CheckpointFile split_checkpoints(std::string_view bytes) {
    CheckpointFile file;
    for (;;) {
        const auto end = bytes.find(between, file.whole);
        if (end == std::string_view::npos) return file;
        file.checkpoints.emplace_back(bytes.substr(file.whole, end + 1 - file.whole));
        file.whole = end + between.size();
    }
}

}  // namespace vigil::store
