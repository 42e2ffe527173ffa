#include "store/head.hpp"

#include <gtest/gtest.h>

#include "store/sample_maker.hpp"

namespace vigil::store {
namespace {

std::size_t bytes_of_runs(const std::vector<Head::Frozen>& generations) {
    std::size_t bytes = 0;
    for (const auto& generation : generations)
        for (const auto& [series, run] : generation->runs) bytes += run.byte_count();
    return bytes;
}

TEST(Head, counts_the_bytes_of_its_runs_as_they_change) {
    Head head(0, {}, {});
    EXPECT_EQ(head.byte_count(), 0U);
    test::SampleMaker maker(7);
    const auto put = [&](std::uint16_t metric) {
        for (const auto& sample : maker.run(metric % 3, 200))
            head.put({DeviceId{1}, MetricId{metric}, 0}, PatientId{1}, sample);
    };
    for (std::uint16_t metric = 1; metric <= 5; ++metric) put(metric);
    head.freeze();
    put(1);
    const auto of_both = head.byte_count();
    head.freeze();
    const auto frozen = head.frozen();
    ASSERT_EQ(frozen.size(), 2U);
    const auto of_names = of_both - bytes_of_runs(frozen);
    EXPECT_EQ(head.byte_count(), of_both) << "an empty generation weighs nothing";

    head.forget(frozen[0]->number, {}, {});
    EXPECT_EQ(head.byte_count(), of_names + bytes_of_runs({frozen[1]}));
    head.forget(frozen[1]->number, {}, {});
    EXPECT_EQ(head.byte_count(), of_names);
    EXPECT_GT(of_names, 0U);
    EXPECT_LT(of_names, 5U * 1024U);
}

}  // namespace
}  // namespace vigil::store
