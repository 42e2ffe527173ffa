#pragma once
// The checkpoints of the audit as they stand in vigil.db, and the check of the audit against them.

#include <optional>
#include <string>
#include <vector>

#include "store/audit_check.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Signs the end of the chain; none: there is nothing new to sign. On the writer's thread, maybe
// more than once: what counts is what is returned.
using MakeCheckpoint = std::function<std::optional<AuditCheckpoint>(const ChainEnd& end)>;

// A checkpoint of all lines that were given to the file before this call; waits for the commit.
Result<std::optional<AuditCheckpoint>> keep_checkpoint(StoreFile& file, const MakeCheckpoint& make);

// In the order in which they were made, as texts.
Result<std::vector<std::string>> kept_checkpoints(Database& database);
Result<std::vector<std::string>> newest_checkpoints(Database& database);  // some, newest first

// How many lines were there before the chain was.
Result<std::uint64_t> lines_chained_later(Database& database);

struct AuditTrust {
    // Checkpoints by other keys vouch for nothing; none: that of the first kept one is taken.
    std::optional<PublicKey> key;
    CheckSignature signature_holds;
    // From outside the file: of the key folder, and of an auditor.
    std::vector<std::string> beside;
    std::vector<std::string> kept;
};

// Walks the whole chain, in pages, beside a running server. `go_on` is asked after each page,
// also while a line is looked for, and may rest; false ends the walk with `busy`. An error only
// where the file cannot be opened; it needs no key to what is sealed.
Result<AuditReport> verify_audit(const std::string& store_path, const AuditTrust& trust,
                                 const std::function<bool()>& go_on, const std::string& vfs = {});

}  // namespace vigil::store::sqlite
