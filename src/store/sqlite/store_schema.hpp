#pragma once
// The tables of vigil.db. Bodies are sealed; what stands in clear is what queries need: numbers of
// patients, devices and metrics, times, counts.

#include <array>

#include "store/sqlite/audit_lines.hpp"
#include "store/sqlite/record_schema.hpp"
#include "store/sqlite/schema.hpp"

namespace vigil::store::sqlite {

// Version 6: the audit's chain (docs/reference/audit-chain.md). chained_later: the lines that were
// there before it.
inline constexpr const char* audit_chain_tables = R"(
ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
CREATE TABLE audit_checkpoints(
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE audit_origin(
    chained_later INTEGER NOT NULL
) STRICT;
INSERT INTO audit_origin SELECT IFNULL(MAX(number), 0) FROM audit;
)";

// Version 7: whose data a message in quarantine was taken for, whose key seals it.
inline constexpr const char* quarantine_subject =
    "ALTER TABLE quarantine ADD COLUMN subject INTEGER NOT NULL DEFAULT 0";

// Version 8: what the monitor concluded.
inline constexpr const char* event_table = R"(
CREATE TABLE events(
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    time INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY(log_partition, log_offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_time ON events(time);
CREATE INDEX events_subject ON events(subject, time);
)";

inline constexpr std::array<const char*, 7> store_tables{R"(
CREATE TABLE consumers(
    name TEXT PRIMARY KEY,
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents(
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    subject INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY(kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots(
    name TEXT PRIMARY KEY,
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE audit(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE quarantine(
    log_partition INTEGER NOT NULL,
    log_offset INTEGER NOT NULL,
    sender TEXT NOT NULL,
    device TEXT NOT NULL,
    state INTEGER NOT NULL,
    item BLOB NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY(log_partition, log_offset)
) STRICT;
CREATE INDEX quarantine_state ON quarantine(state, log_partition, log_offset);
CREATE INDEX quarantine_sender ON quarantine(sender, state);

-- How many times the head was moved to chunks: a reader that took its view of the head before it
-- took its snapshot of this file can tell what of the head it would see twice.
CREATE TABLE flushes(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    count INTEGER NOT NULL
) STRICT;
INSERT INTO flushes VALUES(1, 0);

-- What is in chunks, a row a series.
CREATE TABLE series(
    patient INTEGER NOT NULL,
    device INTEGER NOT NULL,
    metric INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY(patient, device, metric, channel)
) STRICT, WITHOUT ROWID;

-- run: 0 where a chunk holds all series of its class, else metric * 65536 + channel of the one
-- waveform. tier: 0 as flushed, 1 an hour merged, 2 a day merged; no chunk crosses the bounds of
-- its tier's UTC hour (0, 1) or day (2).
CREATE TABLE chunks(
    id INTEGER PRIMARY KEY,
    patient INTEGER NOT NULL,
    device INTEGER NOT NULL,
    class INTEGER NOT NULL,
    run INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_place ON chunks(patient, device, tier, first_time, last_time, class, run);
CREATE INDEX chunks_small ON chunks(first_time) WHERE tier = 0;
CREATE INDEX chunks_age ON chunks(class, last_time);

-- Retention took what was filed before that time, of each class.
CREATE TABLE horizons(
    class INTEGER PRIMARY KEY,
    time INTEGER NOT NULL
) STRICT;

-- Days of a device whose roll-ups do not stand: reads sum up their samples instead.
CREATE TABLE open_days(
    patient INTEGER NOT NULL,
    device INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY(patient, device, day)
) STRICT, WITHOUT ROWID;

-- level: 0 the minutes of a day, 1 the hours of a month, 2 the days of a year; slot: its start.
CREATE TABLE rollups(
    id INTEGER PRIMARY KEY,
    patient INTEGER NOT NULL,
    device INTEGER NOT NULL,
    metric INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    level INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX rollups_place ON rollups(patient, device, metric, channel, level, slot);
CREATE INDEX rollups_age ON rollups(level, slot);
)",
                                                         record_tables,
                                                         record_text_tables,
                                                         record_home_column,
                                                         audit_chain_tables,
                                                         quarantine_subject,
                                                         event_table};

// Version 2: retention finds what is old without looking at the rest. Versions 3 to 5: records.
inline constexpr std::array<const char*, 7> store_upgrades{R"(
CREATE INDEX chunks_age ON chunks(class, last_time);
CREATE INDEX rollups_age ON rollups(level, slot);
CREATE TABLE horizons(class INTEGER PRIMARY KEY, time INTEGER NOT NULL) STRICT;
)",
                                                           record_tables,
                                                           record_text_tables,
                                                           record_home_column,
                                                           audit_chain_tables,
                                                           quarantine_subject,
                                                           event_table};

inline Result<void> finish_store_upgrade(Database& database, std::int64_t from) {
    constexpr std::int64_t with_chain = 6;
    return from < with_chain ? chain_lines(database) : Result<void>();
}

inline constexpr FileSchema store_schema{.application_id = 0x56474C32,  // "VGL2"
                                         .version = 8,
                                         .what = "store",
                                         .tables = store_tables,
                                         .upgrades = store_upgrades,
                                         .finish_upgrade = finish_store_upgrade};

}  // namespace vigil::store::sqlite
