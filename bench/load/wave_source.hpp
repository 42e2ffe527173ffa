#pragma once
// Waveform messages of a simulated bedside monitor: two ECG leads at 500 Hz, pleth and respiration,
// a second each, sent faster than they were measured: their period is shortened as much.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "load/publisher.hpp"
#include "metric/catalogue.hpp"

namespace vigil::load {

// Made once, shared by all publishers.
class WaveMessages {
public:
    explicit WaveMessages(const Catalogue& catalogue);

    struct Message {
        std::string bytes;
        std::size_t sequence_place = 0;
        std::vector<std::size_t> start_places;
        std::size_t samples = 0;
    };
    const std::vector<Message>& all() const { return messages_; }
    double samples_each() const;

private:
    std::vector<Message> messages_;
};

class WaveSource final : public Source {
public:
    WaveSource(const WaveMessages& messages, std::size_t number)
        : messages_(messages), at_(number * 7) {}
    void append(std::uint64_t time_ns, std::uint64_t sequence, std::string& out) override;

private:
    const WaveMessages& messages_;
    std::size_t at_;
    std::uint64_t began_ns_ = 0;
};

}  // namespace vigil::load
