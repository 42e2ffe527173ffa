// Whatever a person types as a rule: refused with a place, or a rule that is evaluated.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "monitor/alarms/bed.hpp"
#include "monitor/rules/rule_evaluator.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::monitor;
    const auto rule = parse_rule({reinterpret_cast<const char*>(data), size}, the_catalogue());
    if (!rule) return 0;
    RuleEvaluator evaluator(*rule, the_catalogue());
    for (std::int64_t second = 0; second < 200; second += 7) {
        for (const auto& metric : the_catalogue().all()) {
            if (!evaluator.uses(metric.id)) continue;
            evaluator.on_value({vigil::DeviceId{1},
                                metric.id,
                                0,
                                {{second * 31 % 97, 0}},
                                second % 2 == 0,
                                Bed::time(second)},
                               Bed::time(second));
        }
        evaluator.on_time(Bed::time(second + 3));
    }
    return 0;
}
