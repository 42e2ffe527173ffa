#include "store/sqlite/record_text.hpp"

#include "base/utf8.hpp"
#include "store/sqlite/record_rows.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_texts = "SELECT narrative, content FROM record_texts WHERE record = ?";
constexpr const char* put_texts = "INSERT OR REPLACE INTO record_texts VALUES(?, ?, ?)";
constexpr const char* delete_texts = "DELETE FROM record_texts WHERE record = ?";
constexpr const char* add_words =
    "INSERT INTO record_words(rowid, narrative, content) VALUES(?, ?, ?)";
constexpr const char* take_words =
    "INSERT INTO record_words(record_words, rowid, narrative, content) "
    "VALUES('delete', ?, ?, ?)";
constexpr const char* add_strings = "INSERT INTO record_strings(rowid, text) VALUES(?, ?)";
constexpr const char* take_strings =
    "INSERT INTO record_strings(record_strings, rowid, text) VALUES('delete', ?, ?)";
constexpr const char* find_words =
    "SELECT rowid FROM record_words WHERE record_words MATCH ? ORDER BY rowid LIMIT ?";
constexpr const char* find_strings =
    "SELECT rowid FROM record_strings WHERE record_strings MATCH ? ORDER BY rowid LIMIT ?";
constexpr const char* match_words =
    "SELECT 1 FROM record_words WHERE record_words MATCH ? AND rowid = ?";

constexpr std::size_t query_words_max = 64;
constexpr std::size_t trigram = 3;  // characters

bool parts_words(char c) {
    const auto byte = static_cast<unsigned char>(c);
    const auto within = [byte](char low, char high) { return byte >= low && byte <= high; };
    return byte < 0x80 && !within('0', '9') && !within('a', 'z') && !within('A', 'Z');
}

// As FTS5 takes it as plain text: a string in its language, whatever stands in it.
std::string quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c == '\0' ? ' ' : c;
    }
    return quoted += '"';
}

}  // namespace

Result<void> put_words(Database& database, std::uint64_t record, std::string_view narrative,
                       std::string_view content) {
    const auto row = static_cast<std::int64_t>(record);
    {
        VIGIL_TRY(before, database.lend(select_texts));
        VIGIL_TRY(there, before->bind(1, row).step());
        if (there && before->bytes(0) == narrative && before->bytes(1) == content) return {};
        if (there) {
            VIGIL_TRY(take, database.lend(take_words));
            VIGIL_CHECK(take->bind(1, row)
                            .bind_text(2, before->bytes(0))
                            .bind_text(3, before->bytes(1))
                            .run());
        }
        if (narrative.empty() && content.empty()) {
            if (!there) return {};
            before->reset();
            VIGIL_TRY(remove, database.lend(delete_texts));
            return remove->bind(1, row).run();
        }
    }
    VIGIL_TRY(add, database.lend(add_words));
    VIGIL_CHECK(add->bind(1, row).bind_text(2, narrative).bind_text(3, content).run());
    VIGIL_TRY(put, database.lend(put_texts));
    return put->bind(1, row).bind_text(2, narrative).bind_text(3, content).run();
}

Result<void> change_strings(Database& database, std::uint64_t record, const std::string& before,
                            const std::string& after) {
    if (before == after) return {};
    const auto run = [&](const char* sql, const std::string& text) -> Result<void> {
        if (text.empty()) return {};
        VIGIL_TRY(statement, database.lend(sql));
        return statement->bind(1, static_cast<std::int64_t>(record)).bind_text(2, text).run();
    };
    VIGIL_CHECK(run(take_strings, before));
    return run(add_strings, after);
}

std::string strings_of(std::string_view rows) {
    std::string all;
    RowsReader reader(rows);
    for (StoredRow row; reader.next(row);) {
        if (row.kind != RowKind::string) continue;
        all.append(row.text);
        all.push_back('\n');
    }
    return all;
}

std::string words_query(bool narrative_only, std::string_view words) {
    std::string query;
    std::size_t count = 0;
    for (std::size_t at = 0; at < words.size() && count < query_words_max;) {
        while (at < words.size() && parts_words(words[at])) ++at;
        auto end = at;
        while (end < words.size() && !parts_words(words[end])) ++end;
        if (end == at) break;
        if (count++ > 0) query += " AND ";
        query += quoted(words.substr(at, end - at));
        at = end;
    }
    if (query.empty()) return query;
    return narrative_only ? "narrative : (" + query + ")" : query;
}

std::string strings_query(std::string_view part) {
    // Each trigram of it, in no order: the rows decide.
    std::vector<std::string_view> characters;
    for (std::size_t at = 0; at < part.size();) {
        const auto length = utf8_sequence_length(part.substr(at));
        if (length == 0) return {};
        characters.push_back(part.substr(at, length));
        at += length;
    }
    std::string query;
    for (std::size_t i = 0; i + trigram <= characters.size() && i < query_words_max; ++i) {
        if (i > 0) query += " AND ";
        std::string three;
        for (std::size_t j = i; j < i + trigram; ++j) three += characters[j];
        query += quoted(three);
    }
    return query;
}

Result<std::optional<std::vector<std::uint64_t>>> find_text(Database& database, TextIndex index,
                                                            const std::string& query,
                                                            std::size_t count_max) {
    using Records = std::optional<std::vector<std::uint64_t>>;
    std::vector<std::uint64_t> records;
    VIGIL_TRY(select, database.lend(index == TextIndex::words ? find_words : find_strings));
    select->bind_text(1, query).bind(2, static_cast<std::int64_t>(count_max) + 1);
    for (;;) {
        VIGIL_TRY(row, select->step());
        if (!row) break;
        records.push_back(static_cast<std::uint64_t>(select->integer(0)));
    }
    if (records.size() > count_max) return Records();
    return Records(std::move(records));
}

Result<bool> has_words(Database& database, const std::string& query, std::uint64_t record) {
    VIGIL_TRY(select, database.lend(match_words));
    return select->bind_text(1, query).bind(2, static_cast<std::int64_t>(record)).step();
}

}  // namespace vigil::store::sqlite
