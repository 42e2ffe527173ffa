// Any text as a site's chart: it is read whole or refused, and what is read can be computed with.

#include <cstdlib>
#include <string_view>

#include "monitor/scores/changes.hpp"
#include "monitor/scores/score_set.hpp"
#include "monitor/scores/score_state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    using namespace vigil::monitor;
    static const Catalogue catalogue;
    const auto table = parse_score_table({reinterpret_cast<const char*>(data), size}, catalogue);
    if (!table) return 0;
    const auto now = from_unix_ns(1'772'366'400'000'000'000);
    PatientFacts patient;
    patient.birth = BirthDate{2015, 6, 15};
    std::vector<Measurement> given;
    for (const auto& input : table->inputs)
        for (const auto& source : input.sources)
            for (const std::int64_t value : {-1, 0, 20, 37, 97, 150})
                given.push_back({.metric = source.metric,
                                 .value = Measurement::Number{{value, 0}, {}},
                                 .time = now});
    for (const auto occasion : {Occasion::bedside_set, Occasion::continuous}) {
        const auto result = evaluate(*table, catalogue, given, patient, now, occasion);
        if (result.complete() && !table->ratio && !result.tally.band_least && table->age.before)
            std::abort();
        what_would_change(*table, result);
        next_observations_due(*table, result);
    }
    return 0;
}
