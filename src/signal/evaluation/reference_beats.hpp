#pragma once
// What cardiologists annotated in a recording, as beat-by-beat comparison takes it.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "codec/wfdb/annotations.hpp"
#include "signal/ecg/beat.hpp"

namespace vigil::ecg {

// Two tables from annotation codes to classes are in use. They differ in the escape beats of atria
// and AV node (e, j), 245 beats of the MIT-BIH Arrhythmia Database: a result names its table.
enum class ClassTable : std::uint8_t {
    papers,  // e, j are N: de Chazal et al., IEEE Trans. Biomed. Eng. 51(7):1196-1206 (2004)
    bxb,     // e, j are S: WFDB's comparator bxb
};
std::string_view name_of(ClassTable table);

// Of a WFDB annotation code (annot.5); none if it marks no beat.
std::optional<BeatClass> class_of(std::uint8_t wfdb_code, ClassTable table);

struct ReferenceBeat {
    std::int64_t sample = 0;
    BeatClass beat_class = BeatClass::normal;
};

struct SampleSpan {
    std::int64_t begin = 0, end = 0;  // both inclusive
};

struct Reference {
    std::vector<ReferenceBeat> beats;
    std::vector<SampleSpan> fibrillation;  // ventricular flutter or fibrillation, from [ to ]
};

// Annotations in the order of time. Fibrillation without an end lasts until the last of them.
Reference reference_of(std::span<const wfdb::Annotation> annotations, ClassTable table);

}  // namespace vigil::ecg
