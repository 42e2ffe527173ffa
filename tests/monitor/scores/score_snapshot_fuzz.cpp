// Any bytes as a snapshot: refused, or a state that goes on and is written again as it was read.

#include <cstdlib>
#include <string_view>

#include "monitor/scores/score_state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    using namespace vigil::monitor;
    static const Catalogue catalogue;
    static const ScoreSet set(catalogue);
    auto state = ScoreState::decode({reinterpret_cast<const char*>(data), size}, set);
    if (!state) return 0;
    const auto bytes = state->encode();
    auto again = ScoreState::decode(bytes, set);
    if (!again || again->encode() != bytes) std::abort();
    auto now = from_unix_ns(1'772'366'400'000'000'000);
    for (int i = 0; i < 5; ++i) {
        FiledReading filed;
        filed.reading.metric = catalogue.find(i % 2 == 0 ? "heart_rate" : "nibp_sys")->id;
        filed.reading.value = NumericValue{{80 + i, 0}, {}, SpecialValue::none};
        filed.filed_time = now;
        state->apply(DeviceId{1}, std::span(&filed, 1), now);
        now += std::chrono::minutes(2);
        state->advance(now);
    }
    if (!ScoreState::decode(state->encode(), set)) std::abort();
    return 0;
}
