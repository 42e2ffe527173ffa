#pragma once
// The small tables of vigil.db behind their interfaces. All outlived by the file.

#include <functional>
#include <memory>

#include "store/audit.hpp"
#include "store/documents.hpp"
#include "store/events.hpp"
#include "store/quarantine.hpp"
#include "store/records.hpp"
#include "store/snapshots.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

std::unique_ptr<Documents> open_documents(StoreFile& file);
std::unique_ptr<Snapshots> open_snapshots(StoreFile& file);
std::unique_ptr<Audit> open_audit(StoreFile& file);
// Within a transaction of the file.
Result<void> append_line(StoreFile& file, Database& database, const AuditLine& line);
std::unique_ptr<Quarantine> open_quarantine(StoreFile& file);
std::unique_ptr<EventStore> open_events(StoreFile& file);
// `clock` gives versions their time; called on the writer's thread.
std::unique_ptr<RecordStore> open_records(StoreFile& file, std::function<Timestamp()> clock);

}  // namespace vigil::store::sqlite
