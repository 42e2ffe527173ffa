#include "store/chunk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "store/sample_maker.hpp"

namespace vigil::store {
namespace {

using test::SampleMaker;

struct Made {
    MetricId metric;
    std::uint16_t channel = 0;
    std::vector<Sample> samples;
};

std::string encoded(const std::vector<Made>& runs, Effort effort = Effort::compaction) {
    ChunkWriter writer(effort);
    for (const auto& run : runs) writer.add(run.metric, run.channel, run.samples);
    return writer.finish();
}

void expect_same(const Sample& a, const Sample& b) {
    EXPECT_EQ(a.filed_time, b.filed_time);
    EXPECT_EQ(a.device_time, b.device_time);
    EXPECT_EQ(a.receive_time, b.receive_time);
    EXPECT_EQ(a.sequence, b.sequence);
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.value, b.value);
    if (const auto* number = std::get_if<NumericValue>(&a.value))
        EXPECT_TRUE(number->value.same_as(std::get<NumericValue>(b.value).value));
}

TEST(Chunk, gives_back_every_kind_of_sample_as_it_was) {
    SampleMaker maker(3);
    std::vector<Made> runs;
    for (int kind = 0; kind < 5; ++kind)
        for (const std::size_t count : {1U, 2U, 40U, 300U})
            runs.push_back({MetricId{static_cast<std::uint16_t>(kind + 1)},
                            static_cast<std::uint16_t>(count), maker.run(kind, count)});
    for (const auto effort : {Effort::flush, Effort::compaction}) {
        const auto bytes = encoded(runs, effort);
        const auto reader = ChunkReader::open(bytes);
        ASSERT_TRUE(reader) << reader.error().message;
        ASSERT_EQ(reader->runs().size(), runs.size());
        ColumnDecoder decoder;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto& run = reader->runs()[i];
            EXPECT_EQ(run.metric, runs[i].metric);
            EXPECT_EQ(run.channel, runs[i].channel);
            EXPECT_EQ(run.count, runs[i].samples.size());
            EXPECT_EQ(run.first, runs[i].samples.front().filed_time);
            EXPECT_EQ(run.last, runs[i].samples.back().filed_time);
            std::vector<Sample> back;
            ASSERT_TRUE(reader->samples(i, decoder, back));
            ASSERT_EQ(back.size(), runs[i].samples.size());
            for (std::size_t j = 0; j < back.size(); ++j) expect_same(back[j], runs[i].samples[j]);
        }
    }
}

TEST(Chunk, of_a_span_only_its_samples_are_read) {
    SampleMaker maker(5);
    for (int kind = 0; kind < 5; ++kind) {
        const auto samples = maker.run(kind, 300);
        const auto bytes = encoded({{MetricId{1}, 0, samples}});
        const auto reader = ChunkReader::open(bytes);
        ColumnDecoder decoder;
        const auto begin = samples.front().filed_time, end = samples.back().filed_time;
        for (int i = 0; i < 40; ++i) {
            const auto from = begin + (end - begin) * (maker.below(14) - 2) / 10;
            const Span span{
                from, from + (end - begin) * maker.below(12) / 10 + Nanoseconds(maker.below(3))};
            std::vector<Sample> wanted, read;
            std::ranges::copy_if(samples, std::back_inserter(wanted), [&](const Sample& sample) {
                return span.from <= sample.filed_time && sample.filed_time < span.to;
            });
            ASSERT_TRUE(reader->samples(0, decoder, read, span));
            ASSERT_EQ(read.size(), wanted.size());
            for (std::size_t j = 0; j < read.size(); ++j) expect_same(read[j], wanted[j]);
        }
    }
}

TEST(Chunk, receive_times_are_rounded_to_seconds_after_the_filed_time) {
    SampleMaker maker(3);
    auto samples = maker.run(0, 1);
    samples[0].receive_time = samples[0].filed_time + std::chrono::milliseconds(1'600);
    const auto bytes = encoded({{MetricId{1}, 0, samples}});
    const auto reader = ChunkReader::open(bytes);
    ColumnDecoder decoder;
    std::vector<Sample> back;
    ASSERT_TRUE(reader->samples(0, decoder, back));
    EXPECT_EQ(back[0].receive_time, samples[0].filed_time + std::chrono::seconds(2));
}

TEST(Chunk, numbers_are_read_as_columns_too) {
    SampleMaker maker(9);
    const auto samples = maker.run(0, 500);
    const auto bytes = encoded({{MetricId{1}, 0, samples}});
    const auto reader = ChunkReader::open(bytes);
    ColumnDecoder decoder;
    NumericColumns columns;
    ASSERT_TRUE(reader->columns(0, decoder, columns));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& number = std::get<NumericValue>(samples[i].value);
        EXPECT_EQ(columns.filed_ns[i], unix_ns(samples[i].filed_time));
        EXPECT_EQ(columns.mantissa[i], number.value.mantissa);
        EXPECT_EQ(columns.exponent[i], number.value.exponent);
        EXPECT_EQ(columns.unit[i], number.unit.value);
        EXPECT_EQ(columns.status[i], samples[i].status);
    }
}

TEST(Chunk, a_sender_that_drops_trailing_zeros_costs_little_more) {
    SampleMaker maker(9);
    auto samples = maker.run(0, 3'600);
    auto dropped = samples;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto tenths = static_cast<std::int64_t>(365 + i / 60 % 7);
        std::get<NumericValue>(samples[i].value).value = {tenths, -1};
        std::get<NumericValue>(dropped[i].value).value =
            tenths % 10 == 0 ? Decimal{tenths / 10, 0} : Decimal{tenths, -1};
    }
    const auto plain = encoded({{MetricId{1}, 0, samples}}).size();
    const auto with_drops = encoded({{MetricId{1}, 0, dropped}}).size();
    EXPECT_LT(with_drops, plain + 400);
}

// Whatever the bytes, reading ends with samples or an error.
void read_all(std::string_view bytes) {
    const auto reader = ChunkReader::open(bytes);
    if (!reader) return;
    ColumnDecoder decoder;
    for (std::size_t i = 0; i < reader->runs().size(); ++i) {
        std::vector<Sample> back;
        if (reader->samples(i, decoder, back)) EXPECT_EQ(back.size(), reader->runs()[i].count);
    }
}

TEST(Chunk, damage_is_an_error_and_never_more) {
    SampleMaker maker(21);
    std::vector<Made> runs;
    for (int kind = 0; kind < 5; ++kind)
        runs.push_back({MetricId{static_cast<std::uint16_t>(kind + 1)}, 0, maker.run(kind, 30)});
    const auto bytes = encoded(runs);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        EXPECT_FALSE(ChunkReader::open(std::string_view(bytes).substr(0, cut))) << cut;
    }
    std::mt19937 random(1);
    for (int i = 0; i < 3'000; ++i) {
        auto damaged = bytes;
        for (unsigned n = 0; n <= random() % 3; ++n)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        read_all(damaged);
    }
}

// The corpus of fuzz_chunk starts from these; a format change shows here first.
TEST(Chunk, old_chunks_stay_readable) {
    SampleMaker maker(77);
    std::vector<Made> runs;
    for (int kind = 0; kind < 5; ++kind)
        runs.push_back({MetricId{static_cast<std::uint16_t>(kind + 1)}, 1, maker.run(kind, 20)});
    const auto path = std::filesystem::path(VIGIL_TESTS_DIR) / "store/corpus/chunk/version_1";
    if (std::getenv("UPDATE_GOLDEN") != nullptr)
        std::ofstream(path, std::ios::binary) << encoded(runs);
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const auto reader = ChunkReader::open(bytes);
    ASSERT_TRUE(reader) << reader.error().message;
    ColumnDecoder decoder;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::vector<Sample> back;
        ASSERT_TRUE(reader->samples(i, decoder, back));
        ASSERT_EQ(back.size(), runs[i].samples.size());
        for (std::size_t j = 0; j < back.size(); ++j) expect_same(back[j], runs[i].samples[j]);
    }
}

}  // namespace
}  // namespace vigil::store
