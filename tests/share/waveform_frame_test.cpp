#include "share/waveform_frame.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "base/bytes.hpp"

namespace vigil::share {
namespace {

double float64(ByteReader& in) {
    return std::bit_cast<double>(*in.little_endian<std::uint64_t>());
}

TEST(WaveformFrame, lays_blocks_out_as_the_live_stream_page_says) {
    WaveformFrame frame;
    WaveformBlock narrow{
        std::chrono::milliseconds(4), {5, -3}, {0, 0}, {}, {1, -2, WaveformBlock::missing}};
    WaveformBlock wide{
        std::chrono::milliseconds(2), {1, 0}, {10, 0}, {}, {40000, WaveformBlock::missing}};
    frame.add(7, narrow, from_unix_ns(1'000'000'250'000), true, false);
    frame.add(8, wide, from_unix_ns(0), false, true);
    const auto bytes = frame.take();
    EXPECT_TRUE(frame.empty());
    EXPECT_EQ(bytes.size() % 8, 0U);

    ByteReader in(bytes);
    EXPECT_EQ(in.u8(), 1);
    EXPECT_EQ(in.u8(), 1);
    EXPECT_EQ(in.little_endian<std::uint16_t>(), 2);
    in.take(4);
    EXPECT_EQ(in.little_endian<std::uint32_t>(), 7U);
    EXPECT_EQ(in.u8(), 2);
    EXPECT_EQ(in.u8(), 1);
    in.take(2);
    EXPECT_EQ(in.little_endian<std::uint32_t>(), 3U);
    in.take(4);
    EXPECT_DOUBLE_EQ(float64(in), 1'000'000.25);
    EXPECT_DOUBLE_EQ(float64(in), 4.0);
    EXPECT_DOUBLE_EQ(float64(in), 0.005);
    EXPECT_DOUBLE_EQ(float64(in), 0.0);
    EXPECT_EQ(in.little_endian<std::int16_t>(), 1);
    EXPECT_EQ(in.little_endian<std::int16_t>(), -2);
    EXPECT_EQ(in.little_endian<std::int16_t>(), INT16_MIN);
    in.take(2);  // padding
    EXPECT_EQ(in.little_endian<std::uint32_t>(), 8U);
    EXPECT_EQ(in.u8(), 4);
    EXPECT_EQ(in.u8(), 2);
    in.take(10 + 32);
    EXPECT_EQ(in.little_endian<std::int32_t>(), 40000);
    EXPECT_EQ(in.little_endian<std::int32_t>(), INT32_MIN);
    EXPECT_TRUE(in.empty());
}

TEST(WaveformFrame, cuts_a_long_block_in_parts_that_follow_each_other) {
    WaveformFrame frame;
    WaveformBlock block{std::chrono::milliseconds(1), {1, 0}, {0, 0}, {}, {}};
    block.samples.assign(WaveformFrame::samples_max + 1, 5);
    frame.add(0, block, from_unix_ns(0), true, false);
    const auto bytes = frame.take();
    EXPECT_EQ(ByteReader(bytes.substr(2)).little_endian<std::uint16_t>(), 2);
    ByteReader second(std::string_view(bytes).substr(bytes.size() - 56));
    second.take(5);
    EXPECT_EQ(second.u8(), 0);  // no gap inside a block
    second.take(2);
    EXPECT_EQ(second.little_endian<std::uint32_t>(), 1U);
    second.take(4);
    EXPECT_DOUBLE_EQ(float64(second), 65535.0);
}

}  // namespace
}  // namespace vigil::share
