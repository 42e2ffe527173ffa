#pragma once
// The words of IEC 60601-1-8 that everything here is said in, and their numbers as they are stored:
// a number never changes meaning.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigil::monitor {

// By the harm if nobody responds and how soon it comes (IEC 60601-1-8 table 1).
enum class AlarmPriority : std::uint8_t { low = 1, medium = 2, high = 3 };

// From a monitored variable of the patient, or from equipment and the alarm system itself.
enum class ConditionClass : std::uint8_t { physiological = 1, technical = 2 };

enum class AlarmState : std::uint8_t {
    active = 1,        // A: condition present, nobody has acknowledged it
    acknowledged = 2,  // K: present, an operator stopped the sound for this one
    latched = 3,       // L: the condition has ended, nobody acknowledged it
    ended = 4          // E
};

// How an operator has inactivated signals (IEC 60601-1-8 3: audio/alarm, paused/off).
enum class InactivationKind : std::uint8_t {
    audio_paused = 1,  // no sound until a time; what is seen stays
    audio_off = 2,     // the same for longer: reminded of
    alarm_paused = 3,  // no signals at all until a time
    alarm_off = 4      // no signals at all for longer: reminded of
};

// What a person answers in a distributed alarm system with confirmation (CDAS, IEC 60601-1-8 6.11).
enum class Response : std::uint8_t { accepted = 1, rejected = 2, released = 3 };

// What became of a message that told a person, or a system that tells people, of an alarm.
enum class Dissemination : std::uint8_t {
    delivered = 1,      // whoever carries it on has taken it: a mail server, a paging system
    received = 2,       // and it is on the person's own device, or that system says it is
    undeliverable = 3,  // it will not come
};

enum class AgeClass : std::uint8_t { adult = 1, paediatric = 2, neonate = 3 };

constexpr bool valid(AlarmPriority p) {
    return p >= AlarmPriority::low && p <= AlarmPriority::high;
}
constexpr bool valid(ConditionClass c) {
    return c == ConditionClass::physiological || c == ConditionClass::technical;
}
constexpr bool valid(AlarmState s) {
    return s >= AlarmState::active && s <= AlarmState::ended;
}
constexpr bool valid(InactivationKind k) {
    return k >= InactivationKind::audio_paused && k <= InactivationKind::alarm_off;
}
constexpr bool valid(Response r) {
    return r >= Response::accepted && r <= Response::released;
}
constexpr bool valid(Dissemination d) {
    return d >= Dissemination::delivered && d <= Dissemination::undeliverable;
}
constexpr bool valid(AgeClass c) {
    return c >= AgeClass::adult && c <= AgeClass::neonate;
}

std::string_view to_string(AlarmPriority priority);
std::string_view to_string(ConditionClass condition_class);
std::string_view to_string(AlarmState state);
std::string_view to_string(InactivationKind kind);
std::string_view to_string(Response response);
std::string_view to_string(Dissemination dissemination);
std::string_view to_string(AgeClass age_class);

// The word's value, of any of the above; none: not a word of it.
template <class Enum>
std::optional<Enum> from_word(std::string_view word) {
    for (unsigned number = 0; number <= UINT8_MAX; ++number) {
        const auto value = static_cast<Enum>(number);
        if (valid(value) && to_string(value) == word) return value;
    }
    return std::nullopt;
}

}  // namespace vigil::monitor
