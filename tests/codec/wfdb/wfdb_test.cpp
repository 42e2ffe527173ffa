// WFDB records: what the specification prints, what its reference samples hold, and what is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "codec/wfdb/annotations.hpp"
#include "codec/wfdb/record.hpp"

namespace vigil::wfdb {
namespace {

using testing::ElementsAre;

std::string bytes_of(std::initializer_list<int> values) {
    std::string out;
    for (const auto value : values) out += static_cast<char>(value);
    return out;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

FileSource folder(const std::filesystem::path& path) {
    return [path](std::string_view name) -> Result<std::string> {
        if (!std::filesystem::exists(path / name))
            return fail(Error::Kind::not_found, "no such file", std::string(name));
        return read_file(path / name);
    };
}

const std::filesystem::path recordings = std::filesystem::path(VIGIL_SHARED_DIR) / "data/ecg";

#define NEEDS_RECORDINGS()                    \
    if (!std::filesystem::exists(recordings)) \
    GTEST_SKIP() << "real recordings are not at " << recordings

TEST(WfdbHeader, of_record_100_reads_as_the_specification_prints_it) {
    const auto header = decode_header(
        "100 2 360 650000 0:0:0 0/0/0\n"
        "100.dat 212 200 11 1024 995 -22131 0 MLII\n"
        "100.dat 212 200 11 1024 1011 20052 0 V5\n"
        "# 69 M 1085 1629 x1\r\n# Aldomet, Inderal\n");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->name, "100");
    EXPECT_EQ(header->frame_hz, 360);
    EXPECT_EQ(header->frame_count, 650000U);
    ASSERT_EQ(header->signals.size(), 2U);
    const auto& v5 = header->signals[1];
    EXPECT_EQ(v5.format, 212);
    EXPECT_EQ(v5.gain, 200);
    EXPECT_EQ(v5.baseline, 1024) << "the ADC's zero where none is given";
    EXPECT_EQ(v5.initial_value, 1011);
    EXPECT_EQ(v5.checksum, 20052);
    EXPECT_EQ(v5.description, "V5");
    EXPECT_THAT(header->info, ElementsAre(" 69 M 1085 1629 x1", " Aldomet, Inderal"));
}

TEST(WfdbHeader, takes_every_field_of_a_signal_line) {
    const auto header = decode_header(
        "x 1 125.5/125(-3) 10\nx.dat 16x4:2+24 1.28(-109)/mmHg 8 3 4 65535 0 ABP mean\n");
    ASSERT_TRUE(header);
    const auto& signal = header->signals[0];
    EXPECT_EQ(signal.samples_per_frame, 4U);
    EXPECT_EQ(signal.skew, 2U);
    EXPECT_EQ(signal.byte_offset, 24U);
    EXPECT_EQ(signal.gain, 1.28);
    EXPECT_EQ(signal.baseline, -109);
    EXPECT_EQ(signal.units, "mmHg");
    EXPECT_EQ(signal.checksum, -1);
    EXPECT_EQ(signal.description, "ABP mean");
    EXPECT_EQ(header->frame_hz, 125.5);
}

TEST(WfdbHeader, uses_the_defaults_of_the_specification) {
    const auto header = decode_header("x 1\nx.dat 16\n");
    ASSERT_TRUE(header);
    EXPECT_EQ(header->frame_hz, 250);
    EXPECT_EQ(header->signals[0].gain, 200);
    EXPECT_FALSE(header->signals[0].calibrated);
    EXPECT_EQ(header->signals[0].units, "mV");
}

TEST(WfdbHeader, written_and_read_again_is_the_same) {
    for (const auto* text :
         {"x 1 125.5 10\nx.dat 16x4:2+24 1.28(-109)/mmHg 8 3 4 -1 0 ABP mean\n#a\n",
          "m/2 7 125 2000 8:26:04 26/10/1994\ns1 1000\n~ 1000\n"}) {
        const auto header = decode_header(text);
        ASSERT_TRUE(header);
        EXPECT_EQ(encode(*header), text);
    }
}

TEST(WfdbHeader, damage_is_refused_with_its_line) {
    for (const auto* text :
         {"", "# only a comment\n", "x\n", "x one\n", "x 1\n", "x 1 -5\nx.dat 16\n",
          "x 1 360 many\nx.dat 16\n", "x 1\nx.dat sixteen\n", "x 1\nx.dat 16x0\n",
          "x 1\nx.dat 16 2oo\n", "x 1\nx.dat 16\ny.dat 16\n", "x/2 1 125 20\na 10\n", "x 100000\n",
          "x/0 1\n", "x 1\nx.dat 99999999\n"})
        EXPECT_FALSE(decode_header(text)) << text;
    EXPECT_EQ(decode_header("x 2\nx.dat 16\nx.dat y\n").error().place, "line 3");
}

std::vector<std::int32_t> decoded(std::string_view file, std::uint16_t format,
                                  std::uint64_t count = 0) {
    const Signal signal{.file = "x.dat", .format = format};
    const auto read = decode_samples(file, std::span(&signal, 1), count);
    EXPECT_TRUE(read);
    return read ? read->front() : std::vector<std::int32_t>{};
}

TEST(WfdbSamples, format_212_packs_two_in_three_bytes) {
    EXPECT_THAT(decoded(bytes_of({0xE3, 0x33, 0xF3}), 212), ElementsAre(995, 1011));
    EXPECT_THAT(decoded(bytes_of({0xE3, 0x33, 0xF3, 0x00, 0x08}), 212),
                ElementsAre(995, 1011, missing))
        << "an odd last sample takes two bytes; -2048 is no sample";
}

TEST(WfdbSamples, every_format_reads_what_it_wrote) {
    for (const auto format :
         std::initializer_list<std::uint16_t>{16, 24, 32, 61, 80, 160, 212, 310, 311})
        for (std::size_t count = 0; count < 8; ++count) {
            std::vector<std::int32_t> samples;
            for (std::size_t i = 0; i < count; ++i)
                samples.push_back(i == 3 ? missing : static_cast<std::int32_t>(i * 37) % 120 - 60);
            EXPECT_EQ(decoded(encode_samples(samples, format), format, count), samples) << format;
        }
}

TEST(WfdbSamples, what_does_not_fit_together_is_refused) {
    const std::string file(30, '\1');
    const auto refused = [&](std::vector<Signal> signals, std::uint64_t frames) {
        return !decode_samples(file, signals, frames);
    };
    EXPECT_TRUE(refused({{.file = "x", .format = 16}}, 16)) << "shorter than the header says";
    EXPECT_TRUE(refused({{.file = "x", .format = 17}}, 1)) << "unknown format";
    EXPECT_TRUE(refused({{.file = "x", .format = 508}}, 1)) << "FLAC";
    EXPECT_TRUE(refused({{.file = "x", .format = 16}, {.file = "x", .format = 80}}, 1));
    EXPECT_TRUE(refused({{.file = "x", .format = 16, .byte_offset = 31}}, 0));
    EXPECT_TRUE(refused({{.file = "x", .format = 16, .samples_per_frame = 4'000'000'000}}, 1));
    EXPECT_TRUE(refused({{.file = "x", .format = 16}}, std::uint64_t{1} << 62));
}

TEST(WfdbAnnotations, read_as_the_specification_writes_them) {
    const auto read =
        decode_annotations(bytes_of({0x3B, 0x04, 0x12, 0x70, 0x03, 0xFC, 0x28, 0x4E, 0x00, 0x00,  //
                                     0x00, 0xEC, 0x0F, 0x00, 0x40, 0x42, 0x00, 0x14, 0x00, 0x00}));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(
        read->list,
        ElementsAre(
            Annotation{.sample = 59, .code = code::normal, .text = {}},
            Annotation{.sample = 77, .code = code::rhythm_change, .text = "(N"},
            Annotation{.sample = 1'000'077, .code = code::premature_ventricular, .text = {}}));
}

TEST(WfdbAnnotations, are_written_as_the_specification_writes_them) {
    const Annotations annotations{
        .resolution_hz = 0,
        .list = {{.sample = 59, .code = code::normal, .text = {}},
                 {.sample = 1'000'059, .code = code::premature_ventricular, .text = {}},
                 {.sample = 1'000'077, .code = code::rhythm_change, .text = "(N"}}};
    EXPECT_EQ(encode(annotations),
              bytes_of({0x3B, 0x04, 0x00, 0xEC, 0x0F, 0x00, 0x40, 0x42, 0x00, 0x14,  //
                        0x12, 0x70, 0x02, 0xFC, 0x28, 0x4E, 0x00, 0x00}));
}

TEST(WfdbAnnotations, written_and_read_again_are_the_same) {
    const Annotations annotations{
        .resolution_hz = 1000,
        .list = {{.sample = 0, .code = 1, .text = {}},
                 {.sample = 1023, .code = 5, .subtype = -3, .channel = 1, .text = "odd"},
                 {.sample = 5'000'000'0, .code = 28, .channel = 1, .number = 2, .text = "(AFIB"},
                 {.sample = 5'000'000'0, .code = 1, .channel = 0, .number = 2, .text = {}}}};
    const auto bytes = encode(annotations);
    const auto read = decode_annotations(bytes);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, annotations);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_annotations(std::string_view(bytes).substr(0, size)));
}

TEST(WfdbAnnotations, a_field_that_belongs_to_nothing_is_refused) {
    EXPECT_FALSE(decode_annotations(bytes_of({0x01, 0xF0, 0x00, 0x00})));
    EXPECT_FALSE(decode_annotations(bytes_of({0x01, 0xC8, 0x00, 0x00})));
}

TEST(WfdbRecord, sums_of_every_binary_format_are_the_headers) {
    NEEDS_RECORDINGS();
    const auto record = decode_record("binformats", folder(recordings / "wfdb-samples"));
    ASSERT_TRUE(record) << record.error().message;
    ASSERT_EQ(record->signals.size(), 10U);
    for (const auto& signal : record->signals) {
        EXPECT_EQ(signal.samples.size(), 499U);
        EXPECT_EQ(checksum(signal.samples, signal.signal.format), signal.signal.checksum)
            << signal.signal.description;
    }
}

TEST(WfdbRecord, whole_arrhythmia_records_match_their_sums_and_counts) {
    NEEDS_RECORDINGS();
    const auto files = folder(recordings / "mitdb");
    struct Expected {
        const char* name;
        std::size_t annotations, beats, normal, ventricular;
    };
    for (const auto& expected :
         {Expected{"101", 1874, 1865, 1860, 0}, Expected{"106", 2098, 2027, 1507, 520},
          Expected{"203", 3108, 2980, 2529, 444}}) {
        const auto record = decode_record(expected.name, files);
        ASSERT_TRUE(record) << record.error().message;
        for (const auto& signal : record->signals) {
            EXPECT_EQ(signal.samples.size(), 650000U);
            EXPECT_EQ(signal.samples.front(), signal.signal.initial_value);
            EXPECT_EQ(checksum(signal.samples, 212), signal.signal.checksum);
        }
        const auto annotations = decode_annotations(
            read_file(recordings / "mitdb" / (std::string(expected.name) + ".atr")));
        ASSERT_TRUE(annotations) << annotations.error().message;
        std::map<std::string_view, std::size_t> symbols;
        std::size_t beats = 0;
        for (const auto& annotation : annotations->list) {
            ++symbols[symbol(annotation.code)];
            beats += is_beat(annotation.code) ? 1 : 0;
        }
        EXPECT_EQ(annotations->list.size(), expected.annotations) << expected.name;
        EXPECT_EQ(beats, expected.beats) << expected.name;
        EXPECT_EQ(symbols["N"], expected.normal) << expected.name;
        EXPECT_EQ(symbols["V"], expected.ventricular) << expected.name;
    }
}

TEST(WfdbRecord, offset_odd_length_and_several_samples_a_frame) {
    NEEDS_RECORDINGS();
    const auto files = folder(recordings / "wfdb-samples");
    for (const auto* name :
         {"a103l", "100_3chan", "test01_00s_skewframe", "s0010_re", "test01_00s"}) {
        const auto record = decode_record(name, files);
        ASSERT_TRUE(record) << name << ": " << record.error().message;
        for (const auto& signal : record->signals) EXPECT_EQ(signal.samples.empty(), false) << name;
    }
    const auto skewed = decode_record("test01_00s_skewframe", files);
    EXPECT_EQ(skewed->signals[1].samples.size(), 2 * skewed->signals[0].samples.size());
    EXPECT_EQ(skewed->signals[1].hz, 1000);
    EXPECT_EQ(skewed->signals[0].samples.back(), missing) << "the skew leaves three out";
    const auto alarm = decode_record("a103l", files);
    EXPECT_EQ(alarm->signals[0].samples.front(), -171);
    EXPECT_EQ(checksum(alarm->signals[0].samples, 16), -27403);
}

TEST(WfdbRecord, segments_follow_each_other) {
    NEEDS_RECORDINGS();
    const auto record =
        decode_record("041s", folder(recordings / "wfdb-samples/multi-segment/041s"));
    ASSERT_TRUE(record) << record.error().message;
    ASSERT_EQ(record->signals.size(), 7U);
    const auto& first = record->signals.front();
    EXPECT_EQ(first.samples.size() / first.signal.samples_per_frame, 2000U);
}

TEST(WfdbRecord, of_variable_layout_keeps_its_gaps) {
    // Two segments with different signals round a gap, under a layout.
    const std::map<std::string, std::string, std::less<>> held{
        {"r.hea", "r/4 2 100 9\nlayout 0\na 3\n~ 2\nb 4\n"},
        {"layout.hea", "layout 2 100 0\n~ 0 200/mV 12 0 0 0 0 II\n~ 0 200/mV 12 0 0 0 0 ABP\n"},
        {"a.hea", "a 1 100 3\na.dat 16 200/mV 12 0 0 0 0 II\n"},
        {"b.hea", "b 2 100 4\nb.dat 16 100/mV 12 0 0 0 0 II\nb.dat 16 10/mmHg 12 0 0 0 0 ABP\n"},
        {"a.dat", encode_samples(std::vector<std::int32_t>{1, 2, 3}, 16)},
        {"b.dat", encode_samples(std::vector<std::int32_t>{4, 90, 5, 91, 6, 92, 7, 93}, 16)}};
    const auto record = decode_record("r", [&](std::string_view name) -> Result<std::string> {
        const auto found = held.find(name);
        if (found == held.end()) return fail(Error::Kind::not_found, "no", std::string(name));
        return found->second;
    });
    ASSERT_TRUE(record) << record.error().message << record.error().place;
    ASSERT_EQ(record->signals.size(), 2U);
    EXPECT_THAT(record->signals[0].samples, ElementsAre(1, 2, 3, missing, missing, 8, 10, 12, 14))
        << "in the steps of the first segment";
    EXPECT_THAT(record->signals[1].samples,
                ElementsAre(missing, missing, missing, missing, missing, 90, 91, 92, 93));
}

TEST(WfdbRecord, never_opens_a_file_outside_its_folder) {
    bool asked = false;
    const auto files = [&](std::string_view name) -> Result<std::string> {
        if (name == "r.hea") return std::string("r 1 100 1\n../secret 16\n");
        asked = true;
        return std::string("xx");
    };
    EXPECT_FALSE(decode_record("r", files));
    EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace vigil::wfdb
