#include "identity/factor_tickets.hpp"

#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

constexpr AccountId ada{1}, bo{2};

class FactorTicketsTest : public testing::Test {
protected:
    std::string open(AccountId account, Timestamp now = at(8)) {
        return tickets.open(account, "hash", "192.0.2.7:50312", now, system_random());
    }
    bool good(const std::string& ticket, Timestamp now = at(8),
              const std::string& address = "192.0.2.7:40000") {
        return tickets.attempt(ticket, address, now) != nullptr;
    }
    FactorTickets tickets;
};

TEST_F(FactorTicketsTest, a_ticket_names_its_account_until_it_is_closed) {
    const auto ticket = open(ada);
    const auto* known = tickets.attempt(ticket, "192.0.2.7:40000", at(8));
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->account, ada);
    EXPECT_EQ(known->password_hash, "hash");
    tickets.close(ticket);
    EXPECT_FALSE(good(ticket));
    EXPECT_FALSE(good(""));
}

TEST_F(FactorTicketsTest, ends_after_five_minutes) {
    EXPECT_TRUE(good(open(ada), at(8, 4)));
    EXPECT_FALSE(good(open(ada), at(8, 5)));
    EXPECT_EQ(tickets.size(), 1U) << "the one that was found to be over is forgotten";
}

TEST_F(FactorTicketsTest, ends_after_five_attempts) {
    const auto ticket = open(ada);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(good(ticket)) << i;
    EXPECT_FALSE(good(ticket));
}

TEST_F(FactorTicketsTest, is_good_only_where_it_was_given_and_cannot_be_used_up_elsewhere) {
    const auto ticket = open(ada);
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(good(ticket, at(8), "198.51.100.9:1"));
    EXPECT_TRUE(good(ticket));
}

TEST_F(FactorTicketsTest, an_account_crowds_out_only_its_own) {
    const auto first = open(ada), bos = open(bo);
    for (std::size_t i = 0; i < FactorTickets::tickets_an_account_max; ++i) open(ada, at(8, 1));
    EXPECT_FALSE(good(first, at(8, 1)));
    EXPECT_TRUE(good(bos, at(8, 1)));
    EXPECT_EQ(tickets.size(), FactorTickets::tickets_an_account_max + 1);
}

TEST_F(FactorTicketsTest, what_is_over_is_swept) {
    open(ada);
    tickets.sweep(at(8, 5));
    EXPECT_EQ(tickets.size(), 0U);
}

}  // namespace
}  // namespace vigil::identity
