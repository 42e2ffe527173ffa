#pragma once

#include <cstddef>

namespace vigil::fhir::path {

// Work that an evaluation may still do. Used up, it stays so, and what was under way has no result.
struct Budget {
    // Walking text costs a step for so many bytes.
    static constexpr std::size_t bytes_per_step = 64;

    std::size_t steps = 0;

    bool is_spent() const { return steps == 0; }
    bool take(std::size_t count) {
        steps = count < steps ? steps - count : 0;
        return steps > 0;
    }
    bool take_text(std::size_t bytes) { return take(1 + bytes / bytes_per_step); }
};

}  // namespace vigil::fhir::path
