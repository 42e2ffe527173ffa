#pragma once
// Beat and rhythm annotations of WFDB records (WFDB Applications Guide, annot.5).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vigil::wfdb {

struct Annotation {
    std::int64_t sample = 0;  // frame number, or in `Annotations::resolution_hz`
    std::uint8_t code = 0;    // 1..49
    std::int8_t subtype = 0;
    std::uint8_t channel = 0;
    std::int8_t number = 0;
    std::string text{};  // "(AFIB"

    bool operator==(const Annotation&) const = default;
};

struct Annotations {
    double resolution_hz = 0;  // 0: the record's frames
    std::vector<Annotation> list;

    bool operator==(const Annotations&) const = default;
};

namespace code {
constexpr std::uint8_t normal = 1;
constexpr std::uint8_t premature_ventricular = 5;
constexpr std::uint8_t note = 22;
constexpr std::uint8_t rhythm_change = 28;
}  // namespace code

constexpr std::size_t annotations_max = 10'000'000;

Result<Annotations> decode_annotations(std::string_view bytes);
std::string encode(const Annotations& annotations);

// Does the code mark a beat (isqrs)?
bool is_beat(std::uint8_t code);
// As printed by rdann: "N", "V", "+"; empty for a code without one.
std::string_view symbol(std::uint8_t code);

}  // namespace vigil::wfdb
