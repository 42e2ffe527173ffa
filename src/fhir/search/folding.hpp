#pragma once
// Text as string searches compare it (FHIR R4 3.1.1.4.8): without case, accents and the difference
// between kinds of white space and punctuation at its ends.

#include <string>
#include <string_view>

namespace vigil::fhir {

// Unicode case folding and compatibility decomposition without combining marks (Unicode 15, UAX 15,
// 3.13): "Müller" and "MULLER" fold to the same. Text that is not UTF-8 is folded byte by byte.
std::string folded(std::string_view text);

}  // namespace vigil::fhir
