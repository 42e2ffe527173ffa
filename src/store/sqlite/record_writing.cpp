#include "store/sqlite/record_writing.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_last =
    "SELECT number, updated FROM record_versions ORDER BY number DESC LIMIT 1";
constexpr const char* select_place =
    "SELECT record, version, latest FROM records WHERE type = ? AND id = ?";
constexpr const char* insert_record =
    "INSERT INTO records(type, id, version, latest) VALUES(?, ?, ?, ?)";
constexpr const char* update_record =
    "UPDATE records SET version = ?2, latest = ?3 WHERE record = ?1";
constexpr const char* select_version =
    "SELECT body IS NULL, subject, method, updated FROM record_versions WHERE number = ?";
constexpr const char* insert_version =
    "INSERT INTO record_versions VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr const char* select_rows = "SELECT rows FROM record_rows WHERE record = ?";
constexpr const char* put_rows = "INSERT OR REPLACE INTO record_rows VALUES(?, ?)";
constexpr const char* delete_rows = "DELETE FROM record_rows WHERE record = ?";
constexpr const char* insert_key = "INSERT OR IGNORE INTO record_index VALUES(?, ?, ?)";
constexpr const char* delete_key =
    "DELETE FROM record_index WHERE parameter = ? AND key = ? AND record = ?";

// fhir/ bounds these itself, in the words of its answers.
constexpr std::size_t name_bytes_max = 4'096, rows_max = 20'000;

// Versions are told apart by time; FHIR instants are written to the microsecond.
Timestamp to_microsecond(Timestamp time) {
    return std::chrono::floor<std::chrono::microseconds>(time);
}

tl::unexpected<Error> too_long() {
    return fail(Error::Kind::too_large, "the resource has a name that is too long");
}

}  // namespace

Result<void> RecordWriting::begin() {
    texts_before_ = shared_.texts->mark();
    VIGIL_TRY(select, database_.lend(select_last));
    VIGIL_TRY(row, select->step());
    time_ = to_microsecond(shared_.clock());
    if (!row) return {};
    last_number_ = static_cast<std::uint64_t>(select->integer(0));
    time_ = std::max(time_, from_unix_ns(select->integer(1)) + std::chrono::microseconds(1));
    return {};
}

void RecordWriting::undo() {
    shared_.texts->undo(texts_before_);
    shared_.names.undone(made_);
}

// It sees its own writes, of text too.
Result<void> RecordWriting::write_texts(const Condition& asked) {
    return asks_for_text(asked) ? shared_.texts->write(database_) : Result<void>();
}

Result<RecordPage> RecordWriting::search(const RecordQuery& query) {
    VIGIL_CHECK(write_texts(query.where));
    return RecordReading::search(query);
}

Result<std::uint64_t> RecordWriting::count(const RecordQuery& query, std::uint64_t at_most) {
    VIGIL_CHECK(write_texts(query.where));
    return RecordReading::count(query, at_most);
}

Result<RecordWriting::Place> RecordWriting::place_of(std::uint32_t type, std::string_view id) {
    VIGIL_TRY(select, database_.lend(select_place));
    VIGIL_TRY(row, select->bind(1, type).bind_text(2, id).step());
    if (!row) return Place();
    return Place{.record = static_cast<std::uint64_t>(select->integer(0)),
                 .version = static_cast<std::uint64_t>(select->integer(1)),
                 .latest = static_cast<std::uint64_t>(select->integer(2))};
}

// The number of a resource that is referred to, which need not be there (yet).
Result<std::uint64_t> RecordWriting::refer_to(std::string_view type, std::string_view id) {
    VIGIL_TRY(number, intern(NameKind::type, 0, type));
    VIGIL_TRY(place, place_of(number, id));
    if (place.record != 0) return place.record;
    VIGIL_TRY(insert, database_.lend(insert_record));
    VIGIL_CHECK(insert->bind(1, number).bind_text(2, id).bind(3, 0).bind(4, 0).run());
    return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(database_.handle()));
}

Result<RecordWriting::Current> RecordWriting::current(std::string_view type, const Place& place) {
    Current current;
    if (place.latest == 0) return current;
    VIGIL_TRY(select, database_.lend(select_version));
    VIGIL_TRY(row, select->bind(1, static_cast<std::int64_t>(place.latest)).step());
    if (!row) return fail(Error::Kind::internal, "a resource's version is missing");
    current.deleted = select->integer(0) != 0;
    if (!select->is_null(1))
        current.subject = PatientId{static_cast<std::uint32_t>(select->integer(1))};
    VIGIL_TRY(method,
              shared_.names.name(database_, static_cast<std::uint32_t>(select->integer(2))));
    current.method = std::move(method);
    current.updated = from_unix_ns(select->integer(3));
    if (!access_.reaches(type, current.subject))
        return fail(Error::Kind::forbidden, "this access does not cover that resource's patient");
    if (!current.deleted && access_.withholding() != nullptr) {
        VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
        VIGIL_TRY(seen, matcher_.sees(number, current.subject, place.record));
        if (!seen)
            return fail(Error::Kind::forbidden, "that resource is withheld from this access");
    }
    return current;
}

Result<void> RecordWriting::add_version(std::uint32_t type, Place& place, std::string_view id,
                                        std::string_view method, std::optional<PatientId> subject,
                                        const std::string* packed) {
    VIGIL_TRY(by, intern(NameKind::method, 0, method));
    ++last_number_;
    ++place.version;
    place.latest = last_number_;
    const auto latest = static_cast<std::int64_t>(place.latest);
    const auto version = static_cast<std::int64_t>(place.version);
    if (place.record == 0) {
        VIGIL_TRY(insert, database_.lend(insert_record));
        VIGIL_CHECK(insert->bind(1, type).bind_text(2, id).bind(3, version).bind(4, latest).run());
        place.record = static_cast<std::uint64_t>(sqlite3_last_insert_rowid(database_.handle()));
    } else {
        VIGIL_TRY(update, database_.lend(update_record));
        VIGIL_CHECK(update->bind(1, static_cast<std::int64_t>(place.record))
                        .bind(2, version)
                        .bind(3, latest)
                        .run());
    }
    VIGIL_TRY(insert, database_.lend(insert_version));
    insert->bind(1, latest)
        .bind(2, static_cast<std::int64_t>(place.record))
        .bind(3, type)
        .bind(4, version)
        .bind(5, unix_ns(time_))
        .bind(6, by);
    if (subject) insert->bind(7, subject->value);
    if (packed != nullptr) insert->bind_blob(8, *packed);
    return insert->run();
}

Result<Listing> RecordWriting::listing_of(std::uint32_t type) {
    VIGIL_TRY(all, intern(NameKind::listing, type, "all"));
    VIGIL_TRY(updated, intern(NameKind::listing, type, "updated"));
    return Listing{all, updated};
}

Result<StoredRow> RecordWriting::stored(std::uint32_t type, const IndexRow& row) {
    if (row.parameter.size() > name_bytes_max) return too_long();
    StoredRow made;
    VIGIL_TRY(parameter, intern(NameKind::parameter, type, row.parameter));
    made.parameter = parameter;
    made.group = row.group;
    if (const auto* token = std::get_if<TokenValue>(&row.value)) {
        made.kind = RowKind::token;
        made.text = token->code;
        if (token->system.size() > name_bytes_max) return too_long();
        if (!token->system.empty()) {
            VIGIL_TRY(system, intern(NameKind::system, 0, token->system));
            made.system = system;
        }
    } else if (const auto* date = std::get_if<DateValue>(&row.value)) {
        made.kind = RowKind::date;
        made.start = unix_ns(std::min(date->start, date->end));
        made.end = unix_ns(std::max(date->start, date->end));
    } else if (const auto* number = std::get_if<NumberValue>(&row.value)) {
        made.kind = RowKind::number;
        made.low = number->low;
        made.high = number->high;
        if (number->unit.size() > name_bytes_max) return too_long();
        if (!number->unit.empty()) {
            VIGIL_TRY(unit, intern(NameKind::unit, 0, number->unit));
            made.system = unit;
        }
    } else if (const auto* string = std::get_if<StringValue>(&row.value)) {
        made.kind = RowKind::string;
        made.text = string->folded;
        made.exact = string->exact;
    } else if (const auto* uri = std::get_if<UriValue>(&row.value)) {
        made.kind = RowKind::uri;
        made.text = uri->uri;
    } else {
        const auto& reference = std::get<ReferenceValue>(row.value);
        made.kind = reference.id.empty() ? RowKind::url : RowKind::reference;
        made.text = reference.url;
        if (reference.type.size() > name_bytes_max || reference.id.size() > name_bytes_max)
            return too_long();
        if (!reference.id.empty()) {
            VIGIL_TRY(target, refer_to(reference.type, reference.id));
            made.target = target;
        }
    }
    return made;
}

// Empty: it has none.
Result<std::string> RecordWriting::kept_rows(std::uint64_t record) {
    VIGIL_TRY(select, database_.lend(select_rows));
    VIGIL_TRY(row, select->bind(1, static_cast<std::int64_t>(record)).step());
    return row ? std::string(select->bytes(0)) : std::string();
}

Result<std::vector<IndexKey>> RecordWriting::keys_of(const std::string& kept) {
    std::vector<IndexKey> keys;
    if (kept.empty()) return keys;
    RowsReader reader(kept);
    VIGIL_TRY(listing, listing_of(reader.head().type));
    append_listing_keys(listing, reader.head(), keys);
    std::vector<StoredRow> rows;
    for (StoredRow each; reader.next(each);) rows.push_back(each);
    append_keys(reader.head().type, rows, *shared_.names.homes(), keys);
    put_in_order(keys);
    return keys;
}

Result<void> RecordWriting::change_keys(std::uint64_t record, const std::vector<IndexKey>& before,
                                        const std::vector<IndexKey>& after) {
    const auto run_with = [&](const char* sql, const std::vector<IndexKey>& keys) -> Result<void> {
        if (keys.empty()) return {};
        VIGIL_TRY(statement, database_.lend(sql));
        for (const auto& each : keys)
            VIGIL_CHECK(statement->bind(1, each.parameter)
                            .bind_blob(2, each.key)
                            .bind(3, static_cast<std::int64_t>(record))
                            .run());
        return {};
    };
    if (before.empty()) return run_with(insert_key, after);
    std::vector<IndexKey> gone, come;
    std::ranges::set_difference(before, after, std::back_inserter(gone));
    std::ranges::set_difference(after, before, std::back_inserter(come));
    VIGIL_CHECK(run_with(delete_key, gone));
    return run_with(insert_key, come);
}

Result<void> RecordWriting::index(std::uint64_t record, const StoredHead& head,
                                  const std::vector<IndexRow>& rows, bool is_new) {
    if (rows.size() > rows_max)
        return fail(Error::Kind::too_large, "the resource has more to be found by than is kept");
    std::vector<IndexKey> before, after;
    std::string strings_before;
    if (!is_new) {
        VIGIL_TRY(kept, kept_rows(record));
        VIGIL_TRY(keys, keys_of(kept));
        before = std::move(keys);
        strings_before = strings_of(kept);
    }
    VIGIL_TRY(listing, listing_of(head.type));
    std::vector<StoredRow> all;
    all.reserve(rows.size());
    append_listing_keys(listing, head, after);
    for (const auto& each : rows) {
        VIGIL_TRY(row, stored(head.type, each));
        all.push_back(row);
    }
    append_keys(head.type, all, *shared_.names.homes(), after);
    put_in_order(after);
    const auto bytes = encode_rows(head, all);
    VIGIL_TRY(put, database_.lend(put_rows));
    VIGIL_CHECK(put->bind(1, static_cast<std::int64_t>(record)).bind_blob(2, bytes).run());
    shared_.texts->strings(record, std::move(strings_before), strings_of(bytes));
    if (shared_.texts->is_full()) VIGIL_CHECK(shared_.texts->write(database_));
    return change_keys(record, before, after);
}

Result<void> RecordWriting::forget(std::uint64_t record) {
    VIGIL_TRY(kept, kept_rows(record));
    VIGIL_TRY(keys, keys_of(kept));
    VIGIL_CHECK(change_keys(record, keys, {}));
    shared_.texts->strings(record, strings_of(kept), {});
    shared_.texts->words(record, {}, {});
    VIGIL_TRY(remove, database_.lend(delete_rows));
    return remove->bind(1, static_cast<std::int64_t>(record)).run();
}

Result<void> RecordWriting::check_may(Interaction interaction, std::string_view type) const {
    if (access_.may(interaction, type)) return {};
    return fail(Error::Kind::forbidden, "this access may not change resources of that type");
}

Result<Record> RecordWriting::put(const RecordPut& put) {
    if (!access_.reaches(put.type, put.subject))
        return fail(Error::Kind::forbidden, "this access does not cover that patient");
    if (put.type.empty() || put.id.empty() || put.type.size() > name_bytes_max ||
        put.id.size() > name_bytes_max || put.method.size() > name_bytes_max)
        return too_long();
    if (put.subject && shared_.file.is_erased(*put.subject))
        return fail(Error::Kind::not_found, "the patient whom this is about was erased");
    VIGIL_TRY(type, intern(NameKind::type, 0, put.type));
    VIGIL_TRY(place, place_of(type, put.id));
    VIGIL_CHECK(check_may(place.latest == 0 ? Interaction::create : Interaction::update, put.type));
    VIGIL_TRY(before, current(put.type, place));
    const auto packed =
        packed_body(shared_.file, put.subject,
                    put.compressed.empty() ? compressed_body(put.body) : put.compressed);
    VIGIL_CHECK(add_version(type, place, put.id, put.method, put.subject, &packed));
    VIGIL_CHECK(index(place.record, {.type = type, .subject = put.subject, .updated = time_},
                      put.rows, before.deleted));
    // Of a new one without text there is nothing to replace.
    if (place.version > 1 || !put.narrative.empty() || !put.content.empty())
        shared_.texts->words(place.record, put.narrative, put.content);
    return Record{.type = put.type,
                  .id = put.id,
                  .version = place.version,
                  .updated = time_,
                  .deleted = false,
                  .method = put.method,
                  .subject = put.subject,
                  .body = {}};
}

// Of a deleted one: answers with the deletion that stands.
Result<Record> RecordWriting::remove(std::string_view type, std::string_view id,
                                     std::string_view method) {
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(place, place_of(number, id));
    if (place.latest == 0) return fail(Error::Kind::not_found, "there is no such resource");
    VIGIL_CHECK(check_may(Interaction::remove, type));
    VIGIL_TRY(before, current(type, place));
    Record record{.type = std::string(type),
                  .id = std::string(id),
                  .version = place.version,
                  .updated = before.updated,
                  .deleted = true,
                  .method = before.method,
                  .subject = before.subject,
                  .body = {}};
    if (before.deleted) return record;
    VIGIL_CHECK(add_version(number, place, id, method, before.subject, nullptr));
    VIGIL_CHECK(forget(place.record));
    record.version = place.version;
    record.updated = time_;
    record.method = method;
    return record;
}

Result<void> RecordWriting::reindex(std::string_view type, std::string_view id,
                                    const std::vector<IndexRow>& rows) {
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(place, place_of(number, id));
    VIGIL_TRY(before, current(type, place));
    if (before.deleted) return fail(Error::Kind::not_found, "there is no such resource");
    return index(place.record,
                 {.type = number, .subject = before.subject, .updated = before.updated}, rows,
                 false);
}

Result<void> RecordWriting::reindex_text(std::string_view type, std::string_view id,
                                         std::string_view narrative, std::string_view content) {
    VIGIL_TRY(number, shared_.names.find(database_, NameKind::type, 0, type));
    VIGIL_TRY(place, place_of(number, id));
    VIGIL_TRY(before, current(type, place));
    if (before.deleted) return fail(Error::Kind::not_found, "there is no such resource");
    shared_.texts->words(place.record, narrative, content);
    return {};
}

Result<void> RecordWriting::declare_index_whole() {
    return database_.execute("UPDATE record_index_state SET whole = 1");
}

}  // namespace vigil::store::sqlite
