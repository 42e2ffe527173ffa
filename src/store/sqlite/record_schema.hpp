#pragma once
// The tables of the records within vigil.db. What was stored: records, record_versions. What it is
// found by, made of it by fhir/ and in clear: record_rows, record_index. Numbers stand for types,
// parameters, systems and units: record_names.

namespace vigil::store::sqlite {

inline constexpr const char* record_tables = R"(
-- owner: the type whose parameter it is, else 0.
CREATE TABLE record_names(
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_names_name ON record_names(kind, owner, name);

-- latest: the number of the current version; 0 (with version 0) where the resource is only
-- referred to.
CREATE TABLE records(
    record INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    latest INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_id ON records(type, id);

-- number: without gaps from 1 in the order of commits, the outbox. body: NULL where deleted.
CREATE TABLE record_versions(
    number INTEGER PRIMARY KEY,
    record INTEGER NOT NULL,
    type INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    method INTEGER NOT NULL,
    subject INTEGER,
    body BLOB
) STRICT;
CREATE UNIQUE INDEX record_versions_record ON record_versions(record, version);
CREATE INDEX record_versions_type ON record_versions(type);

-- Of each current resource, all it is found by: what a search reads to test a candidate.
CREATE TABLE record_rows(
    record INTEGER PRIMARY KEY,
    rows BLOB NOT NULL
) STRICT;

-- Of each of those rows the keys it is found by: in the order of the values.
CREATE TABLE record_index(
    parameter INTEGER NOT NULL,
    key BLOB NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY(parameter, key, record)
) STRICT, WITHOUT ROWID;
)";

// Version 5: a parameter whose values are also another's stands under that one's number in
// record_index (home; 0: under its own). What a resource's patient is, nobody looked up there.
inline constexpr const char* record_home_column = R"(
ALTER TABLE record_names ADD COLUMN home INTEGER NOT NULL DEFAULT 0;
DELETE FROM record_index WHERE parameter IN
    (SELECT number FROM record_names WHERE kind = 6 AND name = 'subject');
)";

// Version 4: full text, and what stands within strings. Without text of their own: what was put in
// is said again to take it out.
inline constexpr const char* record_text_tables = R"(
CREATE TABLE record_texts(
    record INTEGER PRIMARY KEY,
    narrative TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE record_words USING fts5(narrative, content, content='', columnsize=0,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE record_strings USING fts5(text, content='', columnsize=0, detail=none,
    tokenize='trigram case_sensitive 1');

-- whole: 0 where a backup was restored, which holds no index, until all is indexed anew.
CREATE TABLE record_index_state(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    whole INTEGER NOT NULL
) STRICT;
INSERT INTO record_index_state VALUES(1, 1);
)";

}  // namespace vigil::store::sqlite
