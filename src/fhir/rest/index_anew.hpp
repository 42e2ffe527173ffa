#pragma once
// Backups hold no search index: after a restore every resource is indexed anew from its body.

#include "fhir/rest/context.hpp"

namespace vigil::fhir {

// Before anything is searched, on a thread that may wait for the disk. Does nothing where the index
// is whole; goes on where it was interrupted by beginning again. Returns how many were indexed.
Result<std::uint64_t> index_anew(store::RecordStore& records, const store::Access& access,
                                 const RestContext& context);

}  // namespace vigil::fhir
