#pragma once
// A registry with its log, for tests: commands are planned and applied at once.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "identity/registry.hpp"

namespace vigil::identity {

// The hour of a day in November.
inline Timestamp at(int hour, int minute = 0) {
    return Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)) +
           std::chrono::hours(hour) + std::chrono::minutes(minute);
}

struct Ward {
    Registry registry;
    std::uint64_t offset = 0;

    Given now() const { return {at(7), "admin"}; }

    Result<Applied> apply(const Act& act) { return registry.apply(act, {0, ++offset}); }
    Applied must(const Result<Act>& planned) {
        EXPECT_TRUE(planned) << (planned ? "" : planned.error().message);
        if (!planned) return {};
        auto applied = apply(*planned);
        EXPECT_TRUE(applied) << (applied ? "" : applied.error().message);
        return applied ? *applied : Applied{};
    }
    PatientId patient(const std::string& name, const std::string& identifier = {}) {
        const auto act =
            registry.plan_add_patient({.display_name = name, .identifier = identifier}, now());
        must(act);
        return std::get<PatientAdded>(act->body).patient.id;
    }
    DeviceId device(const std::string& external_id) {
        must(registry.plan_add_device({.external_id = external_id}, now()));
        return registry.find_device(external_id)->id;
    }
    AccountId account(const std::string& user_name, Role role) {
        must(registry.plan_add_account({.user_name = user_name, .role = role}, now()));
        return registry.find_account(user_name)->id;
    }
    Applied attach(DeviceId device, PatientId patient, Timestamp from, Timestamp to = end_of_time,
                   AssociationRank rank = AssociationRank::manual) {
        return must(registry.plan_attach({device, patient, from, to, rank}, now()));
    }
    std::string device_token(const std::string& external_id) {
        const auto issued = registry.plan_device_token(registry.find_device(external_id)->id,
                                                       system_random(), now());
        EXPECT_TRUE(issued);
        EXPECT_TRUE(apply(issued->act));
        return issued->secret;
    }
};

}  // namespace vigil::identity
