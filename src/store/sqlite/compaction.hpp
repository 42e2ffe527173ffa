#pragma once
// Small chunks become large ones, and days that are over get their roll-ups.

#include <set>

#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

struct Compacted {
    bool more = false;            // a further call would find something
    std::set<PatientId> touched;  // repeats were dropped: their counts changed
};

// A bounded amount of it, in one transaction.
Result<Compacted> compact_chunks(StoreFile& file, Database& database, const Catalogue& catalogue,
                                 Timestamp now);
// Only the days before `before`: what retention does before it takes their chunks.
Result<Compacted> close_days(StoreFile& file, Database& database, const Catalogue& catalogue,
                             Timestamp before);

}  // namespace vigil::store::sqlite
