#pragma once
// The hub in a home: it hears the devices over Bluetooth LE and speaks for them over MQTT. What it
// hears while its network is away it keeps, and sends with the time it heard it.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "simulate/home.hpp"
#include "simulate/scenario.hpp"
#include "simulate/source.hpp"

namespace vigil::simulate {

struct HomeDevice {
    std::string_view name, display, model;
};

// Behind a hub "home-01" the scale is registered as "home-01-scale".
constexpr std::array home_devices{
    HomeDevice{"scale", "Body scale", "Simulated 181D scale"},
    HomeDevice{"cuff", "Upper arm cuff", "Simulated 1810 cuff"},
    HomeDevice{"meter", "Glucose meter", "Simulated 1808 meter"},
    HomeDevice{"cgm", "Glucose sensor", "Simulated 181F sensor"},
    HomeDevice{"thermometer", "Ear thermometer", "Simulated 1809 thermometer"},
    HomeDevice{"band", "Step counter", "Simulated wristband"}};

class HomeHub final : public Source {
public:
    // Of `scenario` a home knows the link.
    HomeHub(std::string hub, const HomeProfile& profile, const Scenario& scenario,
            std::uint64_t seed, Timestamp start);

    Timestamp now() const override { return now_; }
    bool link_up() const override { return link_up_; }
    void greet(Timestamp now, std::vector<Publication>& out) const override;
    void advance(Nanoseconds duration, bool later, std::vector<Publication>& out) override;

private:
    bool link_at(Timestamp time);
    Publication publication(const HomeMessage& message, bool kept) const;

    std::string hub_;
    HomeProfile profile_;
    HomeUser user_;
    Course course_;
    Timestamp now_, cgm_session_start_{};
    bool link_up_ = true;
    std::vector<HomeMessage> messages_;  // reused
};

}  // namespace vigil::simulate
