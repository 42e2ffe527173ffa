#pragma once
// A bedside monitor on the wire: what its patient or its recording gives, as the messages it sends.

#include <string>
#include <variant>
#include <vector>

#include "metric/catalogue.hpp"
#include "simulate/playback.hpp"
#include "simulate/source.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::simulate {

class BedsideMonitor final : public Source {
public:
    // Waves are sent from `waves_from` on: what a monitor brings up from its memory is numbers.
    BedsideMonitor(std::string device, const Catalogue& catalogue,
                   std::variant<VirtualPatient, Playback> plays, Timestamp start,
                   Timestamp waves_from = {})
        : device_(std::move(device)),
          catalogue_(catalogue),
          plays_(std::move(plays)),
          now_(start),
          waves_from_(waves_from) {}

    Timestamp now() const override { return now_; }
    bool link_up() const override { return link_up_; }
    void greet(Timestamp now, std::vector<Publication>& out) const override;
    void advance(Nanoseconds duration, bool later, std::vector<Publication>& out) override;

private:
    std::string device_;
    const Catalogue& catalogue_;
    std::variant<VirtualPatient, Playback> plays_;
    Timestamp now_, waves_from_;
    bool link_up_ = true;
    std::vector<Emission> emissions_;  // reused
};

}  // namespace vigil::simulate
