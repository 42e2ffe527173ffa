#pragma once
// Numbers that could be swapped get types of their own. 0 is never a valid number: "none".

#include <compare>
#include <cstdint>
#include <functional>

namespace vigil {

template <class Tag, class Number = std::uint32_t>
struct Id {
    Number value = 0;
    constexpr explicit operator bool() const { return value != 0; }
    constexpr auto operator<=>(const Id&) const = default;
};

using DeviceId = Id<struct DeviceTag>;                 // a registered device, numbered by identity/
using PatientId = Id<struct PatientTag>;               // a person's record, numbered by identity/
using AccountId = Id<struct AccountTag>;               // someone who signs in
using MetricId = Id<struct MetricTag, std::uint16_t>;  // a row of the catalogue of this server
using UnitId = Id<struct UnitTag, std::uint16_t>;      // a UCUM unit known to this server

// Where an entry stands in the log. Order holds within a partition; the embedded log has one.
struct Position {
    std::uint32_t partition = 0;
    std::uint64_t offset = 0;  // the first entry has 1; 0 is "before everything"
    auto operator<=>(const Position&) const = default;
};

}  // namespace vigil

template <class Tag, class Number>
struct std::hash<vigil::Id<Tag, Number>> {
    std::size_t operator()(vigil::Id<Tag, Number> id) const noexcept {
        return std::hash<Number>()(id.value);
    }
};
