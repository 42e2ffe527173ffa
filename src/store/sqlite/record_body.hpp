#pragma once
// A version's body as it stands in the file: compressed, then sealed for whose data it is.

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// From any thread.
std::string compressed_body(std::string_view clear);
std::string packed_body(StoreBodies& bodies, std::optional<PatientId> subject,
                        std::string_view compressed);
Result<std::string> unpacked_body(StoreBodies& bodies, std::optional<PatientId> subject,
                                  std::string_view packed);

}  // namespace vigil::store::sqlite
