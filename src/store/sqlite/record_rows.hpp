#pragma once
// What a resource is found by, as the store keeps it: the rows of one resource as one blob, which a
// search tests a candidate with, and the keys each row stands under in record_index.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/sqlite/record_names.hpp"

namespace vigil::store::sqlite {

enum class RowKind : std::uint8_t { token = 1, date, number, string, uri, reference, url };

// An IndexRow with numbers for names. Views: whoever makes one keeps the text.
struct StoredRow {
    RowKind kind = RowKind::token;
    std::uint32_t parameter = 0;
    std::uint16_t group = 0;
    std::string_view text, exact;     // code, folded string, URI, URL; the string as it stands
    std::uint32_t system = 0;         // of a token, unit of a number; 0: none
    std::int64_t start = 0, end = 0;  // date, nanoseconds since the epoch
    double low = 0, high = 0;         // number
    std::uint64_t target = 0;         // reference: the record it refers to
};

struct StoredHead {
    std::uint32_t type = 0;
    std::optional<PatientId> subject;
    Timestamp updated;
};

std::string encode_rows(const StoredHead& head, const std::vector<StoredRow>& rows);

// Reads what encode_rows made; a damaged blob ends early and says so.
class RowsReader {
public:
    explicit RowsReader(std::string_view bytes) : in_(bytes) { read_head(); }
    const StoredHead& head() const { return head_; }
    bool next(StoredRow& row);  // false: no more
    bool damaged() const { return damaged_; }

private:
    void read_head();
    bool fail();
    ByteReader in_;
    StoredHead head_;
    bool damaged_ = false;
};

// --- Keys: bytes that sort as the values do. The first byte is the kind of key; long text is cut
// off, so a key finds a superset of what matches and the rows decide.

inline constexpr std::size_t key_text_max = 96;
// Dates longer than this also stand under their end: any other that ends after a time starts after
// that time less this.
inline constexpr std::int64_t short_date_ns = 86'400'000'000'000;

namespace key_kind {
inline constexpr char all = 'A', token = 'T', date = 'D', date_end = 'E', number = 'N',
                      number_high = 'H', string = 'S', string_exact = 'X', uri = 'U',
                      reference = 'R', url = 'L', several_dates = 'M';
}

struct IndexKey {
    std::uint32_t parameter = 0;
    std::string key;
    auto operator<=>(const IndexKey&) const = default;
};

std::string token_key(std::string_view code);  // of any system
std::string token_key(std::string_view code, std::uint32_t system);
std::string date_key(std::int64_t time);
std::string date_end_key(std::int64_t time);
std::string number_key(std::uint32_t unit, double value);
std::string number_high_key(std::uint32_t unit, double value);
std::string text_key(char kind, std::string_view text);
std::string reference_key(std::uint64_t record);
// The first key after all that begin with this one.
std::string after_prefix(std::string key);
std::string ascii_lower(std::string_view text);

// All keys of a resource's rows, under the parameters they stand under; may come twice.
void append_keys(std::uint32_t type, const std::vector<StoredRow>& rows, const Homes& homes,
                 std::vector<IndexKey>& keys);
// Rows may share a key: it stands in the index once.
void put_in_order(std::vector<IndexKey>& keys);
// The one of a row's that a search sorts by.
std::string sort_key(const StoredRow& row);

}  // namespace vigil::store::sqlite
