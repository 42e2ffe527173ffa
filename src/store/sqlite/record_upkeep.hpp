#pragma once
// The records in backups and under verification.

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Of a copy of vigil.db that nothing uses: what resources are found by is taken out, down to the
// last page. Backups hold no search index (docs/architecture.md, promise 5); fhir/ makes it anew.
Result<void> drop_record_index(const std::string& path, const std::string& vfs);

struct RecordCounts {
    std::uint64_t resources = 0, versions = 0;
};
// Every version opens and decompresses, versions and their numbers are without gaps, every resource
// is found by all of its keys and by no others. Tells `problem` what does not fit.
Result<RecordCounts> check_records(StoreBodies& bodies, Database& database,
                                   const std::function<void(std::string)>& problem);

}  // namespace vigil::store::sqlite
