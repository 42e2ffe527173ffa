#include "fhir/bulk/import_text.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include "fhir/bulk/given_text.hpp"

namespace vigil::fhir {
namespace {

using State = ImportText::State;
using ::testing::ElementsAre;

std::string gzip(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct Read {
    std::vector<std::string> lines;
    std::vector<ImportPlace> places;  // after each of them
    std::optional<Error> error;
};

Read read(const std::string& text, std::size_t part, const ImportPlace& from = {},
          bool has_ranges = true) {
    const auto begin = has_ranges && !from.is_packed ? from.offset : 0;
    ImportText import(std::make_unique<GivenText>(text, part, begin), from);
    Read out;
    ImportText::Line line;
    for (;;) {
        const auto state = import.next(line);
        if (!state) {
            out.error = state.error();
            return out;
        }
        if (*state == State::end) return out;
        if (*state == State::waiting) continue;
        out.lines.push_back(line.is_too_long ? "too long" : line.text);
        out.places.push_back(import.place());
    }
}

const std::string ndjson = "{\"a\":1}\n\n  \r\n{\"b\":2}\r\n{\"c\":3}";

TEST(ImportText, gives_the_same_lines_however_they_come_and_passes_over_blank_ones) {
    for (std::size_t part = 1; part <= ndjson.size(); ++part) {
        const auto got = read(ndjson, part);
        EXPECT_THAT(got.lines, ElementsAre("{\"a\":1}", "{\"b\":2}\r", "{\"c\":3}")) << part;
        EXPECT_EQ(got.places.back().line, 5U);
        EXPECT_EQ(got.places.back().offset, ndjson.size());
        EXPECT_FALSE(got.error);
    }
    EXPECT_TRUE(read("", 1).lines.empty());
    EXPECT_TRUE(read("\n\n", 1).lines.empty());
}

TEST(ImportText, unpacks_gzip_also_of_several_members) {
    const auto packed = gzip(ndjson.substr(0, 5)) + gzip(ndjson.substr(5));
    for (std::size_t part = 1; part <= packed.size(); ++part)
        EXPECT_THAT(read(packed, part).lines, ElementsAre("{\"a\":1}", "{\"b\":2}\r", "{\"c\":3}"))
            << part;
    EXPECT_TRUE(read(packed, 7).places.front().is_packed);
}

TEST(ImportText, what_packs_well_is_unpacked_a_part_at_a_time) {
    std::string text;
    for (int i = 0; i < 3'000; ++i) text += std::string(999, 'x') + "\n";
    const auto got = read(gzip(text), 1 << 20);
    EXPECT_EQ(got.lines.size(), 3'000U);
    EXPECT_EQ(got.lines.back(), std::string(999, 'x'));
    EXPECT_FALSE(got.error);
}

TEST(ImportText, goes_on_after_each_line_with_and_without_ranges) {
    for (const auto& text : {ndjson, gzip(ndjson)})
        for (const bool has_ranges : {true, false}) {
            const auto whole = read(text, 3);
            for (std::size_t i = 0; i < whole.lines.size(); ++i) {
                const auto rest = read(text, 3, whole.places[i], has_ranges);
                EXPECT_EQ(rest.lines,
                          std::vector(whole.lines.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                      whole.lines.end()));
                if (!rest.places.empty()) {
                    EXPECT_EQ(rest.places.back().offset, whole.places.back().offset);
                    EXPECT_EQ(rest.places.back().line, whole.places.back().line);
                }
            }
        }
}

TEST(ImportText, a_gzip_that_is_cut_off_or_damaged_is_an_error) {
    const auto packed = gzip(ndjson);
    for (std::size_t size = 2; size < packed.size(); ++size) {
        const auto got = read(packed.substr(0, size), 5);
        ASSERT_TRUE(got.error) << size;
        EXPECT_EQ(got.error->kind, Error::Kind::malformed);
    }
    EXPECT_TRUE(read(packed + "rest", 5).error);
}

TEST(ImportText, a_line_that_is_too_long_is_told_without_its_text_and_the_next_is_read) {
    const std::string text =
        std::string(ImportText::line_bytes_max + (1 << 20), 'x') + "\n{\"b\":2}\n";
    const auto got = read(text, 1 << 18);
    EXPECT_THAT(got.lines, ElementsAre("too long", "{\"b\":2}"));
    EXPECT_EQ(got.places.back().offset, text.size());
}

}  // namespace
}  // namespace vigil::fhir
