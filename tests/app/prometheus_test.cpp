#include "app/prometheus.hpp"

#include <gtest/gtest.h>

#include "app/measures.hpp"

namespace vigil::app {
namespace {

TEST(PrometheusText, is_the_text_format_0_0_4) {
    PrometheusText text;
    text.counter("vigil_messages_total", "Device messages taken in.", 7);
    text.metric("vigil_file_bytes", "gauge", "Sizes.");
    text.sample("file", "a\"b\\c", 0.5);
    EXPECT_EQ(text.take(),
              "# HELP vigil_messages_total Device messages taken in.\n"
              "# TYPE vigil_messages_total counter\n"
              "vigil_messages_total 7\n"
              "# HELP vigil_file_bytes Sizes.\n"
              "# TYPE vigil_file_bytes gauge\n"
              "vigil_file_bytes{file=\"a\\\"b\\\\c\"} 0.5\n");
}

TEST(Histogram, buckets_count_what_was_at_most_as_long) {
    Histogram histogram;
    histogram.add(std::chrono::microseconds(250));  // exactly the first bound
    histogram.add(std::chrono::milliseconds(3));
    histogram.add(std::chrono::seconds(10));
    EXPECT_EQ(histogram.count_up_to(0), 1U);
    EXPECT_EQ(histogram.count_up_to(3), 1U);  // 2 ms
    EXPECT_EQ(histogram.count_up_to(4), 2U);  // 4 ms
    EXPECT_EQ(histogram.count_up_to(Histogram::bounds.size() - 1), 2U);
    EXPECT_EQ(histogram.count_up_to(Histogram::bounds.size()), 3U);
    EXPECT_NEAR(histogram.sum(), 10.00325, 1e-9);
}

}  // namespace
}  // namespace vigil::app
