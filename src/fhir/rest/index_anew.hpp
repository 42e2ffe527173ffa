#pragma once
// Backups hold no search index: after a restore every resource is indexed anew from its body.

#include <optional>
#include <string>

#include "fhir/rest/context.hpp"

namespace vigil::fhir {

// What a resource is found by, made of its body; nothing where it cannot be read by today's
// definitions.
struct IndexEntry {
    std::string type, id;
    Extracted by;
};
std::optional<IndexEntry> index_entry(const store::Record& record, const RestContext& context);

// Before anything is searched, on a thread that may wait for the disk. Does nothing where the index
// is whole; goes on where it was interrupted by beginning again. Returns how many were indexed.
Result<std::uint64_t> index_anew(store::RecordStore& records, const store::Access& access,
                                 const RestContext& context);

}  // namespace vigil::fhir
