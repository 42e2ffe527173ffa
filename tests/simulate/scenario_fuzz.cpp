// Whatever the text: no crash, and what is read can be played.
#include <cstdint>
#include <string_view>

#include "simulate/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    const auto scenarios = simulate::parse_scenarios({reinterpret_cast<const char*>(data), size});
    if (!scenarios) return 0;
    for (const auto& scenario : *scenarios) {
        simulate::Course course(scenario, Timestamp{});
        simulate::Quantities offsets;
        auto rhythm = simulate::Rhythm::sinus;
        simulate::Attachments attachments;
        course.advance(Timestamp(std::chrono::minutes(5)), offsets, rhythm, attachments);
    }
    return 0;
}
