#pragma once
// What vigil.db holds only because the log says so: thrown away, it is made again from the log.

#include "base/result.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Chunks, roll-ups, snapshots and how far each consumer has come. What is a record of its own
// stays: the audit, documents, and what people decided about messages in quarantine. All or
// nothing. The caller has made sure that the log reaches back to its first entry.
Result<void> forget_derived(StoreFile& file);

}  // namespace vigil::store::sqlite
