#include "identity/enrolment_desk.hpp"

#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

class EnrolmentDeskTest : public testing::Test {
protected:
    std::string offer(DeviceId device) {
        const auto offered = ward.registry.plan_enrolment(device, std::chrono::hours(24),
                                                          system_random(), ward.now());
        EXPECT_TRUE(ward.apply(offered->act));
        return grouped_code(offered->secret);
    }
    bool check(const std::string& device, const std::string& code,
               const std::string& address = "192.0.2.7:1000") {
        return desk.check(device, code, address, now).has_value();
    }
    // Somebody has the locator and mistypes the rest.
    static std::string mistyped(std::string code) {
        code.back() = code.back() == '0' ? '1' : '0';
        return code;
    }

    Ward ward;
    DeviceId pump = ward.device("pump");
    EnrolmentDesk desk{ward.registry};
    Timestamp now = at(8);
};

TEST_F(EnrolmentDeskTest, a_right_code_is_taken_however_it_is_typed_and_not_used_up_by_it) {
    auto code = offer(pump);
    EXPECT_TRUE(check("pump", code));
    for (auto& c : code) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto shown = desk.check("pump", code, "192.0.2.7:1000", now);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->device, pump);
    EXPECT_EQ(shown->code, ward.registry.enrolment(pump)->code);
    for (const auto* wrong : {"", "nonsense", "0000-0000-0000-0000-0000"})
        EXPECT_FALSE(check("pump", wrong)) << wrong;
    EXPECT_FALSE(check("nobody", code));
    EXPECT_FALSE(check("", code));
}

TEST_F(EnrolmentDeskTest, a_code_that_is_mistyped_ten_times_is_to_be_taken_back) {
    const auto code = offer(pump);
    for (std::uint32_t i = 0; i < EnrolmentDesk::wrong_tries_max; ++i) {
        EXPECT_FALSE(desk.worn_out("pump"));
        EXPECT_FALSE(check("pump", mistyped(code), "192.0.2." + std::to_string(i) + ":1"));
    }
    EXPECT_EQ(desk.wrong_tries(pump), EnrolmentDesk::wrong_tries_max);
    EXPECT_EQ(desk.worn_out("pump"), pump);
    EXPECT_FALSE(check("pump", code, "192.0.2.99:1")) << "before the act is committed, too";
    const auto newer = offer(pump);
    EXPECT_EQ(desk.wrong_tries(pump), 0U);
    EXPECT_TRUE(check("pump", newer, "192.0.2.99:1"));
}

TEST_F(EnrolmentDeskTest, whoever_knows_only_the_name_cannot_use_a_code_up_or_keep_the_device_out) {
    const auto code = offer(pump);
    for (int i = 0; i < 5'000; ++i)
        (void)check(
            "pump",
            code.starts_with("0000") ? "1111-0000-0000-0000-0000" : "0000-0000-0000-0000-0000",
            "198.51.100." + std::to_string(i % 250) + ":1");
    EXPECT_EQ(desk.wrong_tries(pump), 0U);
    EXPECT_FALSE(desk.worn_out("pump"));
    EXPECT_EQ(desk.wait("pump", "192.0.2.7:1000", now), Nanoseconds(0));
    EXPECT_TRUE(check("pump", code));
}

TEST_F(EnrolmentDeskTest, tries_of_one_device_from_one_address_are_slowed_and_no_others) {
    (void)offer(pump);
    (void)ward.device("other");
    for (int i = 0; i < 20; ++i) (void)check("pump", "nonsense");
    EXPECT_GT(desk.wait("pump", "192.0.2.7:2000", now), Nanoseconds(0));
    EXPECT_LE(desk.wait("pump", "192.0.2.7:2000", now), std::chrono::minutes(1));
    EXPECT_EQ(desk.wait("pump", "192.0.2.8:1000", now), Nanoseconds(0));
    EXPECT_EQ(desk.wait("other", "192.0.2.7:1000", now), Nanoseconds(0)) << "behind one address";
}

}  // namespace
}  // namespace vigil::identity
