#pragma once
// The lines of the audit as they stand in vigil.db.

#include "store/audit.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Within a transaction.
Result<void> append_line(StoreBodies& bodies, Database& database, const AuditLine& line);

}  // namespace vigil::store::sqlite
