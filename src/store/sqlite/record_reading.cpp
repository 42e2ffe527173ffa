#include "store/sqlite/record_reading.hpp"

#include <algorithm>
#include <unordered_set>

namespace vigil::store::sqlite {

namespace {

// All name their columns in the order that read_version reads them.
constexpr const char* select_current =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM records r "
    "JOIN record_versions v ON v.number = r.latest WHERE r.record = ?";
constexpr const char* select_by_id =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM records r "
    "JOIN record_versions v ON v.number = r.latest WHERE r.type = ? AND r.id = ?";
constexpr const char* select_one_version =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM records r "
    "JOIN record_versions v ON v.record = r.record AND v.version = ?3 "
    "WHERE r.type = ?1 AND r.id = ?2";
// In the columns' order of `sees`.
constexpr const char* select_ids =
    "SELECT v.type, r.id, 0, 0, 0, v.subject, 0, 0, r.record FROM records r JOIN record_versions v "
    "ON v.number = "
    "r.latest "
    "WHERE r.type = ?1 AND r.id >= ?2 AND r.id < ?3 ORDER BY r.id";
// Newest first from below ?2; ?1: whose.
constexpr const char* history_of_all =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM record_versions v CROSS JOIN records r ON r.record = v.record "
    "WHERE ?1 = 0 AND v.number < ?2 ORDER BY v.number DESC";
constexpr const char* history_of_type =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM record_versions v CROSS JOIN records r ON r.record = v.record "
    "WHERE v.type = ?1 AND v.number < ?2 ORDER BY v.number DESC";
constexpr const char* history_of_record =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM record_versions v CROSS JOIN records r ON r.record = v.record "
    "WHERE v.record = ?1 AND v.number < ?2 ORDER BY v.version DESC";
constexpr const char* select_end =
    "SELECT updated FROM record_versions WHERE record = ? AND version = ?";
constexpr const char* select_time = "SELECT updated FROM record_versions WHERE number = ?";
constexpr const char* select_last_number = "SELECT coalesce(max(number), 0) FROM record_versions";

// The first number whose version is later than `time`: versions stand in order of time.
Result<std::uint64_t> number_after(Database& database, Timestamp time) {
    VIGIL_TRY(last, database.lend(select_last_number));
    VIGIL_TRY(any, last->step());
    std::int64_t low = 1, high = (any ? last->integer(0) : 0) + 1;
    VIGIL_TRY(select, database.lend(select_time));
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        select->reset();
        VIGIL_TRY(row, select->bind(1, middle).step());
        if (row && select->integer(0) > unix_ns(time))
            high = middle;
        else
            low = middle + 1;
    }
    return static_cast<std::uint64_t>(low);
}

// Whether the version stood at that time: it was there, and its successor was not yet.
Result<bool> stood_at(Database& database, const Statement& row, const Record& record,
                      Timestamp time) {
    if (record.updated > time) return false;
    VIGIL_TRY(next, database.lend(select_end));
    VIGIL_TRY(found, next->bind(1, row.integer(version_column_count + 1))
                         .bind(2, static_cast<std::int64_t>(record.version) + 1)
                         .step());
    return !found || next->integer(0) > unix_ns(time);
}

}  // namespace

std::optional<PatientId> subject_of(const Statement& row) {
    if (row.is_null(5)) return std::nullopt;
    return PatientId{static_cast<std::uint32_t>(row.integer(5))};
}

Result<Record> read_version(RecordFile& shared, Database& database, const Statement& row) {
    Record record;
    VIGIL_TRY(type, shared.names.name(database, static_cast<std::uint32_t>(row.integer(0))));
    record.type = std::move(type);
    record.id = row.bytes(1);
    record.version = static_cast<std::uint64_t>(row.integer(2));
    record.updated = from_unix_ns(row.integer(3));
    VIGIL_TRY(method, shared.names.name(database, static_cast<std::uint32_t>(row.integer(4))));
    record.method = std::move(method);
    record.subject = subject_of(row);
    record.deleted = row.is_null(6);
    if (!record.deleted) {
        VIGIL_TRY(body, unpacked_body(shared.file, record.subject, row.bytes(6)));
        record.body = std::move(body);
    }
    return record;
}

RecordMatcher::Version version_of(const Statement& row) {
    return {.type = static_cast<std::uint32_t>(row.integer(0)),
            .subject = subject_of(row),
            .record = static_cast<std::uint64_t>(row.integer(version_column_count + 1)),
            .number = static_cast<std::uint64_t>(row.integer(version_column_count)),
            .deleted = row.is_null(6)};
}

namespace {

Result<bool> sees(RecordMatcher& matcher, const Statement& row) {
    return matcher.sees(version_of(row));
}

using OneRecord = std::optional<Record>;

Result<OneRecord> read_one(RecordFile& shared, Database& database, RecordMatcher& matcher,
                           Statement& select) {
    VIGIL_TRY(row, select.step());
    if (!row) return OneRecord();
    VIGIL_TRY(seen, sees(matcher, select));
    if (!seen) return OneRecord();
    VIGIL_TRY(record, read_version(shared, database, select));
    return OneRecord(std::move(record));
}

Result<OneRecord> read_current(RecordFile& shared, Database& database, RecordMatcher& matcher,
                               std::uint64_t record) {
    VIGIL_TRY(select, database.lend(select_current));
    select->bind(1, static_cast<std::int64_t>(record));
    return read_one(shared, database, matcher, *select);
}

}  // namespace

template <class Seam>
Result<std::optional<Record>> RecordReading<Seam>::get(std::string_view type, std::string_view id) {
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(select, database_.lend(select_by_id));
    select->bind(1, number).bind_text(2, id);
    return read_one(shared_, database_, matcher_, *select);
}

template <class Seam>
Result<std::optional<Record>> RecordReading<Seam>::version(std::string_view type,
                                                           std::string_view id,
                                                           std::uint64_t version) {
    if (version > INT64_MAX) return OneRecord();
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(select, database_.lend(select_one_version));
    select->bind(1, number).bind_text(2, id).bind(3, static_cast<std::int64_t>(version));
    return read_one(shared_, database_, matcher_, *select);
}

template <class Seam>
Result<std::vector<std::string>> RecordReading<Seam>::ids(std::string_view type,
                                                          std::string_view prefix,
                                                          std::size_t count_max) {
    std::vector<std::string> found;
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(select, database_.lend(select_ids));
    const auto end = std::string(prefix) + '\x7F';  // ids are ASCII: after all that begin so
    select->bind(1, number).bind_text(2, prefix).bind_text(3, end);
    while (found.size() < count_max) {
        VIGIL_TRY(row, select->step());
        if (!row) break;
        VIGIL_TRY(covered, matcher_.sight().sees(number, subject_of(*select)));
        if (covered) found.emplace_back(select->bytes(1));
    }
    return found;
}

template <class Seam>
Result<RecordPage> RecordReading<Seam>::history(const HistoryQuery& query) {
    std::uint64_t before = INT64_MAX;
    if (query.at) {
        VIGIL_TRY(end, number_after(database_, *query.at));
        before = end;
    }
    if (!query.after.empty()) {
        VIGIL_TRY(number, decode_number_cursor(query.after));
        before = std::min(before, number);
    }
    const char* sql = history_of_all;
    std::int64_t whose = 0;
    if (!query.type.empty()) {
        VIGIL_TRY(type, shared_.names.find(database_, NameKind::type, 0, query.type));
        sql = history_of_type;
        whose = type;
        if (!query.id.empty()) {
            VIGIL_TRY(record, find_record(database_, type, query.id));
            sql = history_of_record;
            whose = static_cast<std::int64_t>(record);
        }
        if (whose == 0) return RecordPage();
    }
    VIGIL_TRY(rows, database_.lend(sql));
    rows->bind(1, whose).bind(2, static_cast<std::int64_t>(before));
    RecordPage page;
    std::uint64_t last = 0;
    std::size_t bytes = 0;
    for (;;) {
        VIGIL_TRY(row, rows->step());
        if (!row) return page;
        if (query.since && rows->integer(3) < unix_ns(*query.since)) return page;
        VIGIL_TRY(seen, sees(matcher_, *rows));
        if (!seen) continue;
        if (page.records.size() == query.count_max || bytes >= query.bytes_max) {
            page.next = encode_number_cursor(last);
            return page;
        }
        VIGIL_TRY(record, read_version(shared_, database_, *rows));
        if (query.at) {
            VIGIL_TRY(stood, stood_at(database_, *rows, record, *query.at));
            if (!stood) continue;
        }
        last = static_cast<std::uint64_t>(rows->integer(version_column_count));
        bytes += record.body.size();
        page.records.push_back(std::move(record));
    }
}

template <class Seam>
Result<RecordPage> RecordReading<Seam>::search(const RecordQuery& query) {
    VIGIL_TRY(found, RecordSearch(database_, shared_.names, access_).page(query));
    RecordPage page;
    page.next = std::move(found.next);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < found.records.size(); ++i) {
        if (bytes >= query.bytes_max) {  // a shorter page, with the cursor after it
            auto shorter = query;
            shorter.count_max = i;
            return search(shorter);
        }
        VIGIL_TRY(record, read_current(shared_, database_, matcher_, found.records[i]));
        if (!record) continue;
        bytes += record->body.size();
        page.records.push_back(std::move(*record));
    }
    return page;
}

template <class Seam>
Result<std::uint64_t> RecordReading<Seam>::count(const RecordQuery& query, std::uint64_t at_most) {
    return RecordSearch(database_, shared_.names, access_).count(query, at_most);
}

template <class Seam>
Result<std::vector<Record>> RecordReading<Seam>::referred(const std::vector<Record>& from,
                                                          std::string_view parameter,
                                                          std::string_view target_type,
                                                          std::size_t count_max) {
    std::vector<Record> records;
    std::unordered_set<std::uint64_t> seen;
    RecordMatcher matcher(database_, shared_.names, access_);
    Candidate source, target;
    for (const auto& each : from) {
        VIGIL_TRY(type, shared_.names.find(database_, NameKind::type, 0, each.type));
        VIGIL_TRY(by, shared_.names.find(database_, NameKind::parameter, type, parameter));
        VIGIL_TRY(number, find_record(database_, type, each.id));
        VIGIL_TRY(there, matcher.load(number, source));
        if (!there || by == 0) continue;
        for (const auto& row : source.rows) {
            if (row.parameter != by || row.kind != RowKind::reference ||
                !seen.insert(row.target).second)
                continue;
            VIGIL_TRY(current, matcher.load(row.target, target));
            if (!current) continue;
            VIGIL_TRY(record, read_current(shared_, database_, matcher_, row.target));
            if (!record || (!target_type.empty() && record->type != target_type)) continue;
            if (records.size() == count_max) return records;
            records.push_back(std::move(*record));
        }
    }
    return records;
}

template <class Seam>
Result<std::vector<Record>> RecordReading<Seam>::referring(const std::vector<Record>& to,
                                                           std::string_view type,
                                                           std::string_view parameter,
                                                           std::size_t count_max) {
    std::vector<Record> records;
    std::unordered_set<std::uint64_t> seen;
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(by, shared_.names.find(database_, NameKind::parameter, number, parameter));
    if (by == 0) return records;
    RecordMatcher matcher(database_, shared_.names, access_);
    for (const auto& each : to) {
        VIGIL_TRY(of, shared_.names.find(database_, NameKind::type, 0, each.type));
        VIGIL_TRY(target, find_record(database_, of, each.id));
        if (target == 0) continue;
        VIGIL_CHECK(matcher.each_referring(by, target, [&](std::uint64_t found) -> Result<bool> {
            if (records.size() == count_max) return false;
            if (!seen.insert(found).second) return true;
            VIGIL_TRY(record, read_current(shared_, database_, matcher_, found));
            if (record) records.push_back(std::move(*record));
            return true;
        }));
    }
    return records;
}

template class RecordReading<RecordReader>;
template class RecordReading<RecordTransaction>;

}  // namespace vigil::store::sqlite
