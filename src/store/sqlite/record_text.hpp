#pragma once
// Full-text search of resources, and of what stands within their strings: two FTS5 tables that keep
// no text of their own. To take a resource out of one, what was put in must be said again: of
// words it stands in record_texts, of strings in the resource's rows.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

// Replaces what was there; both empty: none.
Result<void> put_words(Database& database, std::uint64_t record, std::string_view narrative,
                       std::string_view content);
// `before` and `after`: all strings of the resource, as strings_of joins them.
Result<void> change_strings(Database& database, std::uint64_t record, const std::string& before,
                            const std::string& after);
std::string strings_of(std::string_view rows);

// What FTS5 is asked for; empty: the text has no word, or is too short, to be looked up by.
std::string words_query(bool narrative_only, std::string_view words);
std::string strings_query(std::string_view part);

enum class TextIndex : std::uint8_t { words, strings };
// In order; nothing where they are more than `count_max`.
Result<std::optional<std::vector<std::uint64_t>>> find_text(Database& database, TextIndex index,
                                                            const std::string& query,
                                                            std::size_t count_max);
Result<bool> has_words(Database& database, const std::string& query, std::uint64_t record);

}  // namespace vigil::store::sqlite
