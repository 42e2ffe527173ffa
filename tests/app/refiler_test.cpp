#include "app/refiler.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "store/memory_series.hpp"

namespace vigil::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

// The plain series store, whose refiles the test releases.
class HeldSeries final : public store::test::MemorySeries {
public:
    using MemorySeries::MemorySeries;
    void refile(const store::Refile& refile, store::DoneWith<std::uint64_t> done) override {
        ASSERT_FALSE(done_) << "one at a time";
        refile_ = refile;
        done_ = std::move(done);
    }
    void release() { MemorySeries::refile(refile_, std::exchange(done_, nullptr)); }
    void fail_it() { std::exchange(done_, nullptr)(fail(Error::Kind::busy, "disk full")); }
    bool asked() const { return static_cast<bool>(done_); }

private:
    store::Refile refile_{};
    store::DoneWith<std::uint64_t> done_;
};

class RefilerTest : public testing::Test {
protected:
    RefilerTest() {
        series.put(
            {{1}, catalogue.find("heart_rate")->id, 0}, {},
            {.filed_time = noon, .device_time = {}, .receive_time = noon, .value = NumericValue{}});
    }
    void move(std::uint32_t from, std::uint32_t to) {
        refiler.refile({.device = {1},
                        .span = {noon, noon + std::chrono::seconds(1)},
                        .from = {from},
                        .to = {to}},
                       [this, to](const Result<std::uint64_t>& moved) {
                           told.push_back(std::to_string(to) + ": " +
                                          (moved ? std::to_string(*moved) : "later"));
                       });
    }

    Catalogue catalogue;
    HeldSeries series{catalogue};
    Refiler refiler{series, [](const std::function<void()>& call) { call(); }};
    std::vector<std::string> told;
};

TEST_F(RefilerTest, acts_take_effect_in_their_order) {
    move(0, 1);
    move(1, 2);
    EXPECT_THAT(told, IsEmpty());
    series.release();
    series.release();
    EXPECT_THAT(told, ElementsAre("1: 1", "2: 1"));
    EXPECT_TRUE(refiler.settled());
}

TEST_F(RefilerTest, what_cannot_be_moved_is_told_and_tried_again_before_what_follows) {
    move(0, 1);
    move(1, 2);
    series.fail_it();
    EXPECT_THAT(told, ElementsAre("1: later", "2: later"));
    EXPECT_FALSE(refiler.settled());
    EXPECT_FALSE(series.asked());
    move(2, 3);
    EXPECT_THAT(told, ElementsAre("1: later", "2: later", "3: later"));
    refiler.retry();
    series.fail_it();
    refiler.retry();
    for (int step = 0; step < 3; ++step) series.release();
    EXPECT_TRUE(refiler.settled());
    move(3, 4);
    series.release();
    EXPECT_THAT(told.back(), "4: 1") << "it had come as far as the last act said";
}

TEST_F(RefilerTest, a_retry_with_nothing_stuck_does_nothing) {
    refiler.retry();
    move(0, 1);
    refiler.retry();
    series.release();
    EXPECT_THAT(told, ElementsAre("1: 1"));
}

}  // namespace
}  // namespace vigil::app
