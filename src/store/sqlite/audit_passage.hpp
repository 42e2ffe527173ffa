#pragma once

#include <memory>

#include "store/audit_passage.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Outlived by the file.
std::unique_ptr<AuditPassage> open_audit_passage(StoreFile& file);

}  // namespace vigil::store::sqlite
