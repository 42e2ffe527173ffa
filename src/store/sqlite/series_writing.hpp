#pragma once
// What changes the past, each as one piece of work within a transaction of vigil.db.

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "store/head.hpp"
#include "store/sqlite/chunk_table.hpp"
#include "store/sqlite/series_table.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// The name under which the chunks' position stands among the consumers.
inline constexpr const char* series_consumer = "series";

struct Flushed {
    std::uint64_t generation = 0;
    Position applied;
    KeptSeries kept;  // the rows that changed
};

// Moves generations of the head, oldest first, to chunks; with the position they stand for. Those
// that are in already (their number is not above the file's) are passed over.
Result<Flushed> flush_generations(StoreFile& file, Database& database,
                                  std::span<const Head::Frozen> generations);

// Returns how many samples were moved.
Result<std::uint64_t> refile_chunks(StoreFile& file, Database& database, const Refile& refile);
Result<void> erase_chunks(Database& database, PatientId patient);

// Retention, a bounded step at a time.
struct ForgetStepDone {
    bool more = false;             // a further step would find something
    std::set<PatientId> patients;  // whose series changed
};
// Removes chunks of a class that lie before `day`, the start of one. Those of days whose roll-ups
// do not stand yet are left until they do.
Result<ForgetStepDone> forget_chunks(StoreFile& file, Database& database, SampleClass which,
                                     Timestamp day);
// Removes roll-ups of minutes, hours and days in slots that end at or before `before`; and series
// of which nothing is left.
Result<ForgetStepDone> forget_rollups(StoreFile& file, Database& database, Timestamp before);

}  // namespace vigil::store::sqlite
