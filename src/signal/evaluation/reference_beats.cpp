#include "signal/evaluation/reference_beats.hpp"

namespace vigil::ecg {
namespace {

constexpr std::uint8_t fibrillation_start = 32, fibrillation_end = 33;

}  // namespace

std::string_view name_of(ClassTable table) {
    return table == ClassTable::papers ? "papers" : "bxb";
}

std::optional<BeatClass> class_of(std::uint8_t wfdb_code, ClassTable table) {
    const auto symbol = wfdb::is_beat(wfdb_code) ? wfdb::symbol(wfdb_code) : std::string_view();
    if (symbol.size() != 1) return std::nullopt;
    switch (symbol.front()) {
        case 'N':
        case 'L':
        case 'R':
        case 'B':
            return BeatClass::normal;
        case 'e':
        case 'j':
            return table == ClassTable::papers ? BeatClass::normal : BeatClass::supraventricular;
        case 'A':
        case 'a':
        case 'J':
        case 'S':
        case 'n':
            return BeatClass::supraventricular;
        case 'V':
        case 'E':
        case 'r':
            return BeatClass::ventricular;
        case 'F':
            return BeatClass::fusion;
        case '/':
        case 'f':
        case 'Q':
        case '?':
            return BeatClass::unclassifiable;
        default:  // '!', a flutter wave, is of no class
            return std::nullopt;
    }
}

Reference reference_of(std::span<const wfdb::Annotation> annotations, ClassTable table) {
    Reference reference;
    bool fibrillates = false;
    for (const auto& annotation : annotations) {
        if (const auto beat_class = class_of(annotation.code, table))
            reference.beats.push_back({.sample = annotation.sample, .beat_class = *beat_class});
        if (annotation.code == fibrillation_start && !fibrillates) {
            fibrillates = true;
            reference.fibrillation.push_back({.begin = annotation.sample, .end = 0});
        }
        if (!fibrillates) continue;
        reference.fibrillation.back().end = annotation.sample;
        fibrillates = annotation.code != fibrillation_end;
    }
    return reference;
}

}  // namespace vigil::ecg
