#include "app/unread_keeper.hpp"

#include <gmock/gmock.h>

namespace vigil::app {
namespace {

using testing::ElementsAre;

// A quarantine whose transactions the test releases.
class HeldQuarantine final : public store::Quarantine {
public:
    void add(std::vector<Held> unread, store::Applied applied, store::Done done) override {
        on_way = std::move(unread);
        on_way_up_to = applied.up_to;
        done_ = std::move(done);
    }
    void release(const Result<void>& result = {}) {
        if (result) {
            for (const auto& held : on_way) kept.push_back(held.item.position.offset);
            up_to = on_way_up_to;
        }
        std::exchange(done_, nullptr)(result);
    }
    void decide(store::QuarantineDecision, std::optional<store::Applied>, store::Done) override {}
    Result<std::vector<store::QuarantineItem>> list(const store::Access&,
                                                    const store::QuarantineQuery&) override {
        return std::vector<store::QuarantineItem>();
    }
    Result<std::optional<Held>> get(const store::Access&, Position) override {
        return std::optional<Held>();
    }
    Result<store::QuarantineCounts> counts() override { return store::QuarantineCounts(); }
    Result<std::uint64_t> open_of(std::string_view) override { return 0; }

    std::vector<Held> on_way;
    std::vector<std::uint64_t> kept;
    Position on_way_up_to, up_to;

private:
    store::Done done_;
};

class UnreadKeeperTest : public testing::Test {
protected:
    void commit(std::uint64_t offset, bool unread) {
        if (unread) {
            store::Quarantine::Held held;
            held.item.position = {0, offset};
            keeper.hold(std::move(held));
        }
        keeper.seen({0, offset});
        keeper.flush();
    }

    HeldQuarantine quarantine;
    UnreadKeeper keeper{quarantine, [](const std::function<void()>& call) { call(); }};
};

TEST_F(UnreadKeeperTest, what_holds_nothing_is_passed_at_once) {
    commit(7, false);
    EXPECT_EQ(keeper.kept_up_to(), (Position{0, 7}));
}

TEST_F(UnreadKeeperTest, an_entry_counts_as_passed_once_it_is_in_quarantine) {
    commit(7, true);
    EXPECT_FALSE(keeper.settled());
    EXPECT_EQ(keeper.kept_up_to(), Position{});
    quarantine.release();
    EXPECT_TRUE(keeper.settled());
    EXPECT_EQ(keeper.kept_up_to(), (Position{0, 7}));
    EXPECT_EQ(quarantine.up_to, (Position{0, 7}));
}

TEST_F(UnreadKeeperTest, what_comes_meanwhile_waits_for_the_next_transaction) {
    commit(7, true);
    commit(8, true);
    commit(9, false);
    quarantine.release();
    EXPECT_EQ(keeper.kept_up_to(), (Position{0, 7}));
    keeper.flush();
    quarantine.release();
    EXPECT_EQ(keeper.kept_up_to(), (Position{0, 9}));
    EXPECT_THAT(quarantine.kept, ElementsAre(7, 8));
}

TEST_F(UnreadKeeperTest, what_could_not_be_written_is_told_once_tried_again_and_not_passed) {
    testing::internal::CaptureStderr();
    commit(7, true);
    quarantine.release(fail(Error::Kind::busy, "disk full"));
    commit(8, false);
    EXPECT_EQ(keeper.kept_up_to(), Position{});
    quarantine.release(fail(Error::Kind::busy, "disk full"));
    commit(9, true);
    quarantine.release();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "vigil: quarantine: disk full\n");
    EXPECT_THAT(quarantine.kept, ElementsAre(7, 9));
    EXPECT_EQ(keeper.kept_up_to(), (Position{0, 9}));
}

}  // namespace
}  // namespace vigil::app
