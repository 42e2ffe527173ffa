#pragma once
// A person is erased from vigil.db: what stands of them in clear (what resources are found by) and
// what is sealed under their key, which is destroyed elsewhere (identity/key_folder.hpp). Readings
// are SeriesStore::erase's.

#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/records.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

struct ErasedRows {
    std::uint64_t resources = 0;    // that were current: each has a deletion as its last version
    std::uint64_t versions = 0;     // whose bodies are gone
    std::uint64_t quarantined = 0;  // messages
    std::uint64_t events = 0;       // that the monitor concluded
    std::uint64_t documents = 0;
};

// Nothing more is written of them: what was decided before they were erased may still come.
Result<void> refuse_writes_of(StoreFile& file, PatientId patient);

// In bounded steps, so that others write between them; done again it finds nothing. `access` covers
// the patient. Waits for the disk.
Result<ErasedRows> erase_rows(StoreFile& file, RecordStore& records, const Access& access,
                              PatientId patient);

// When a resource of theirs was last written; nothing: there is none.
Result<std::optional<Timestamp>> last_written(StoreFile& file, PatientId patient);

// What was deleted stands no longer in the full text's segments or in the write-ahead log; pages
// that became free were overwritten as they did (secure_delete). `busy` where a reader held the log
// all the while: to be called again.
Result<void> wipe_deleted(StoreFile& file);

}  // namespace vigil::store::sqlite
