#include "codec/wfdb/annotations.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdio>

#include "base/bytes.hpp"

namespace vigil::wfdb {
namespace {

// Pseudo-annotations: the upper six bits of a word.
constexpr std::uint8_t code_max = 49;
constexpr std::uint8_t skip = 59;
constexpr std::uint8_t set_number = 60;
constexpr std::uint8_t set_subtype = 61;
constexpr std::uint8_t set_channel = 62;
constexpr std::uint8_t set_text = 63;

constexpr std::string_view resolution_note = "## time resolution: ";

constexpr std::array<std::string_view, code_max + 1> symbols{
    "",  "N", "L", "R", "a", "V", "F", "J", "A",  "S", "E", "j", "/", "Q",
    "~", "",  "|", "",  "s", "T", "*", "D", "\"", "=", "p", "B", "^", "t",
    "+", "u", "?", "!", "[", "]", "e", "n", "@",  "x", "f", "(", ")", "r"};

tl::unexpected<Error> malformed(std::size_t position, const char* what) {
    return fail(Error::Kind::malformed, std::string("WFDB annotations: ") + what,
                "byte " + std::to_string(position));
}

// What a word after an annotation says about it.
bool apply(std::uint8_t kind, std::uint16_t value, ByteReader& in, Annotation& annotation) {
    switch (kind) {
        case set_number:
            annotation.number = static_cast<std::int8_t>(value);
            return true;
        case set_subtype:
            annotation.subtype = static_cast<std::int8_t>(value);
            return true;
        case set_channel:
            annotation.channel = static_cast<std::uint8_t>(value);
            return true;
        default: {  // set_text: padded to a whole word
            const auto text = in.take(value + value % 2U);
            if (!text) return false;
            annotation.text = text->substr(0, value);
            while (!annotation.text.empty() && annotation.text.back() == '\0')
                annotation.text.pop_back();
            return true;
        }
    }
}

void take_resolution(Annotations& annotations) {
    if (annotations.list.empty()) return;
    const auto& first = annotations.list.front();
    if (first.code != code::note || first.sample != 0 || !first.text.starts_with(resolution_note))
        return;
    const auto* start = first.text.data() + resolution_note.size();
    std::from_chars(start, first.text.data() + first.text.size(), annotations.resolution_hz);
    annotations.list.erase(annotations.list.begin());
}

}  // namespace

Result<Annotations> decode_annotations(std::string_view bytes) {
    Annotations annotations;
    ByteReader in(bytes);
    std::int64_t time = 0;
    while (const auto word = in.little_endian<std::uint16_t>()) {
        const auto kind = static_cast<std::uint8_t>(*word >> 10);
        const auto value = static_cast<std::uint16_t>(*word & 0x3FF);
        if (kind == 0 && value == 0) {
            take_resolution(annotations);
            return annotations;
        }
        if (kind == skip) {
            // PDP-11 order: the high word first, each word little-endian.
            const auto high = in.little_endian<std::int16_t>();
            const auto low = in.little_endian<std::uint16_t>();
            if (!high || !low) break;
            time += std::int64_t{*high} * 65536 + *low;
        } else if (kind > skip) {
            if (annotations.list.empty())
                return malformed(in.position(), "a field before the first annotation");
            if (!apply(kind, value, in, annotations.list.back())) break;
        } else if (kind <= code_max) {
            time += value;
            Annotation annotation{.sample = time, .code = kind, .text = {}};
            if (!annotations.list.empty()) {  // these two hold until they are changed
                annotation.channel = annotations.list.back().channel;
                annotation.number = annotations.list.back().number;
            }
            // A code of 0 moves time only.
            if (kind != 0) annotations.list.push_back(std::move(annotation));
            if (annotations.list.size() > annotations_max)
                return fail(Error::Kind::too_large, "WFDB annotations: too many");
        } else {
            return malformed(in.position(), "a code that is not defined");
        }
    }
    return malformed(in.position(), "cut off before their end mark");
}

namespace {

class Words {
public:
    void put(std::uint8_t kind, std::int64_t value) {
        writer_.little_endian(static_cast<std::uint16_t>(kind << 10 | (value & 0x3FF)));
    }
    void interval(std::uint8_t code, std::int64_t step) {
        if (step < 0 || step > 0x3FF) {
            put(skip, 0);
            writer_.little_endian(
                static_cast<std::uint16_t>(static_cast<std::uint64_t>(step) >> 16));
            writer_.little_endian(static_cast<std::uint16_t>(step));
            step = 0;
        }
        put(code, step);
    }
    void text(std::string_view text) {
        put(set_text, static_cast<std::int64_t>(text.size()));
        writer_.bytes(text);
        if (text.size() % 2 == 1) writer_.u8(0);
    }
    std::string take() {
        put(0, 0);
        return std::move(out_);
    }

private:
    std::string out_;
    ByteWriter writer_{out_};
};

}  // namespace

std::string encode(const Annotations& annotations) {
    constexpr std::size_t text_max = 1023;
    Words words;
    if (annotations.resolution_hz > 0) {
        std::array<char, 32> number{};
        const auto end =
            std::to_chars(number.data(), number.data() + number.size(), annotations.resolution_hz)
                .ptr;
        words.interval(code::note, 0);
        words.text(std::string(resolution_note) + std::string(number.data(), end));
    }
    Annotation before;
    for (const auto& annotation : annotations.list) {
        assert(annotation.code > 0 && annotation.code <= code_max);
        words.interval(annotation.code, annotation.sample - before.sample);
        if (annotation.subtype != 0) words.put(set_subtype, annotation.subtype & 0xFF);
        if (annotation.channel != before.channel) words.put(set_channel, annotation.channel);
        if (annotation.number != before.number) words.put(set_number, annotation.number & 0xFF);
        if (!annotation.text.empty())
            words.text(std::string_view(annotation.text).substr(0, text_max));
        before = annotation;
    }
    return words.take();
}

bool is_beat(std::uint8_t code) {
    constexpr std::array<std::uint8_t, 6> others{25, 30, 31, 34, 35, 38};
    return (code >= 1 && code <= 13) || code == 41 ||
           std::ranges::find(others, code) != others.end();
}

std::string_view symbol(std::uint8_t code) {
    return code < symbols.size() ? symbols[code] : std::string_view();
}

}  // namespace vigil::wfdb
