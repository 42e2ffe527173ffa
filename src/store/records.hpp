#pragma once
// Resources with their versions, and the typed index they are found by. Knows no FHIR: types and
// parameters are names that fhir/ gives a meaning, bodies are bytes.
//
// A parameter's name is one of a type's ("code" of "Observation"); what it means for a value to
// match is said here, what is extracted from a body and how a request is compiled is fhir/'s.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/audit.hpp"
#include "store/done.hpp"

namespace vigil::store {

// --- What a resource is found by
// ----------------------------------------------------------------------------------------

struct TokenValue {
    std::string system, code;  // no system: empty
    bool operator==(const TokenValue&) const = default;
};
// From `start` up to but not including `end`: what a partial date or a Period may mean. An open end
// is Timestamp::min() or max().
struct DateValue {
    Timestamp start, end;
    bool operator==(const DateValue&) const = default;
};
// A plain number, or a quantity in the canonical unit of its dimension; a Range has two ends, an
// open one is an infinity.
struct NumberValue {
    std::string unit;  // canonical UCUM; empty for a plain number
    double low = 0, high = 0;
    bool operator==(const NumberValue&) const = default;
};
struct StringValue {
    std::string folded;  // lower case, without accents: what a search compares
    std::string exact;   // as it stands in the resource: what :exact compares
    bool operator==(const StringValue&) const = default;
};
struct UriValue {
    std::string uri;
    bool operator==(const UriValue&) const = default;
};
// To a resource of this server by type and id, or to one elsewhere by its URL alone.
struct ReferenceValue {
    std::string type, id, url;
    bool operator==(const ReferenceValue&) const = default;
};
using IndexValue =
    std::variant<TokenValue, DateValue, NumberValue, StringValue, UriValue, ReferenceValue>;

struct IndexRow {
    std::string parameter;
    IndexValue value;
    // Parts of one composite share a group, counted from 1 in each resource; 0: it stands alone.
    std::uint16_t group = 0;
    bool operator==(const IndexRow&) const = default;
};

// --- What is asked for
// ---------------------------------------------------------------------------------------------

enum class Comparison : std::uint8_t {
    equal,       // eq: the searched range holds the value's
    not_equal,   // ne
    less,        // lt: the value's range reaches below the searched one's start
    less_equal,  // le
    greater,     // gt
    greater_equal,
    starts_after,  // sa: the value's range lies wholly after
    ends_before,   // eb
    overlaps       // ap, the searched range already widened
};

// Each matches a resource for which at least one of its rows of that parameter does.
struct TokenMatch {
    std::string parameter;
    std::optional<std::string> system;  // none: any; empty: only codes without a system
    std::optional<std::string> code;    // none: any code of the system
};
struct DateMatch {
    std::string parameter;
    Comparison comparison = Comparison::equal;
    DateValue value;
};
struct NumberMatch {
    std::string parameter;
    Comparison comparison = Comparison::equal;
    NumberValue value;  // the searched range: 5.4 stands for 5.35 up to 5.45
};
struct StringMatch {
    enum class How : std::uint8_t { starts_with, contains, exact };
    std::string parameter;
    How how = How::starts_with;
    std::string text;  // folded, but for `exact`
};
struct UriMatch {
    enum class How : std::uint8_t { equal, below, above };
    std::string parameter;
    How how = How::equal;
    std::string uri;
};
struct ReferenceMatch {
    std::string parameter;
    ReferenceValue to;  // without a type: any type with that id
};
struct Missing {  // no row of that parameter
    std::string parameter;
};
struct IdMatch {
    std::string id;
};
struct UpdatedMatch {
    Comparison comparison = Comparison::equal;
    DateValue value;
};
// Full-text search of the narrative (_text) or of all text of the resource (_content): all words.
struct TextMatch {
    bool narrative_only = false;
    std::string words;
};
struct Condition;
struct AllOf {
    std::vector<Condition> conditions;  // none: true
};
struct AnyOf {
    std::vector<Condition> conditions;  // none: false
};
struct NoneOf {
    std::vector<Condition> conditions;
};
// Matches within one group: a composite's parts.
struct Together {
    std::vector<Condition> conditions;  // Token-, Date-, Number-, String-, Uri-, ReferenceMatch
};
// Refers, by `parameter`, to a resource of `type` for which `condition` holds (a chain).
struct RefersTo {
    std::string parameter, type;
    std::shared_ptr<const Condition> condition;
};
// Is referred to, by `parameter` of a resource of `type` for which `condition` holds (_has).
struct ReferredBy {
    std::string type, parameter;
    std::shared_ptr<const Condition> condition;
};
struct Condition {
    std::variant<AllOf, AnyOf, NoneOf, Together, TokenMatch, DateMatch, NumberMatch, StringMatch,
                 UriMatch, ReferenceMatch, Missing, IdMatch, UpdatedMatch, TextMatch, RefersTo,
                 ReferredBy>
        is;
};

struct SortKey {
    enum class By : std::uint8_t { parameter, id, updated };
    By by = By::parameter;
    std::string parameter;
    bool descending = false;  // ascending sorts by the lowest row, descending by the highest
};

constexpr std::size_t page_bytes_max = std::size_t{32} << 20U;  // of bodies

struct RecordQuery {
    std::string type;
    Condition where;
    // What has no row of a sort key's parameter comes last. Dates sort by their start, tokens by
    // their code. Without any: in an order of the store's choosing, by which a page comes soonest.
    std::vector<SortKey> sort;
    std::string after;           // the cursor of the last match seen; empty: from the start
    std::size_t count_max = 50;  // a page, which ends sooner where it has as many bytes as this
    std::size_t bytes_max = page_bytes_max;
};

// --- Resources
// -----------------------------------------------------------------------------------------------------

struct Record {
    std::string type, id;
    std::uint64_t version = 0;
    Timestamp updated;
    bool deleted = false;
    std::string method;                // of the request that made this version: "PUT"
    std::optional<PatientId> subject;  // whose data it is; none: no patient's
    std::string body;                  // empty where deleted
};

struct RecordPage {
    std::vector<Record> records;
    std::string next;  // the cursor after the last of them; empty: there are no more
};

struct HistoryQuery {
    std::string type, id;  // empty: of all types, of all ids
    std::optional<Timestamp> since;
    std::optional<Timestamp> at;  // only versions that were current at that time
    std::string after;            // cursor
    std::size_t count_max = 50;   // newest first; a page ends sooner at as many bytes as this
    std::size_t bytes_max = page_bytes_max;
};

// One snapshot: what is read through it belongs together. Only what its Access covers is found.
class RecordReader {
public:
    virtual ~RecordReader() = default;
    // The current version, also of a deleted one; nothing: there never was one.
    virtual Result<std::optional<Record>> get(std::string_view type, std::string_view id) = 0;
    virtual Result<std::optional<Record>> version(std::string_view type, std::string_view id,
                                                  std::uint64_t version) = 0;
    // The ids of a type that begin so, in order: those of deleted ones too, and of what is withheld
    // of those whom the access covers.
    virtual Result<std::vector<std::string>> ids(std::string_view type, std::string_view prefix,
                                                 std::size_t count_max) = 0;
    virtual Result<RecordPage> history(const HistoryQuery& query) = 0;
    virtual Result<RecordPage> search(const RecordQuery& query) = 0;
    // How many match, counted up to `at_most`.
    virtual Result<std::uint64_t> count(const RecordQuery& query, std::uint64_t at_most) = 0;
    // What these resources refer to by a parameter of theirs (_include), current versions only,
    // each once; `target_type` may be empty.
    virtual Result<std::vector<Record>> referred(const std::vector<Record>& from,
                                                 std::string_view parameter,
                                                 std::string_view target_type,
                                                 std::size_t count_max) = 0;
    // What refers to these by a parameter of its own (_revinclude).
    virtual Result<std::vector<Record>> referring(const std::vector<Record>& to,
                                                  std::string_view type, std::string_view parameter,
                                                  std::size_t count_max) = 0;
};

// Of every resource of `type` each value of `parameter` is one of `under` as well, which shares
// with no other: one key finds both.
struct SharedKeys {
    std::string type, parameter, under;
};

// Resources of `type` with a code of the parameter `token` are found in the order of `date`,
// however many they are.
struct PairedKeys {
    std::string type, token, date;
};

struct RecordPut {
    std::string type, id;
    std::optional<PatientId> subject;
    std::string method;
    std::string body;
    std::vector<IndexRow> rows;
    std::string narrative, content;  // for TextMatch
    // The body as RecordStore::compress made it; empty: that is done at the write.
    std::string compressed = {};
};

// What one request changes: all of it or nothing. Sees its own writes.
class RecordTransaction : public RecordReader {
public:
    // Errors of the work itself are told by failing the work; nothing of it is kept then.
    virtual Result<Record> put(const RecordPut& put) = 0;  // answers without the body
    // Of one that is deleted already: answers with that deletion, which stands.
    virtual Result<Record> remove(std::string_view type, std::string_view id,
                                  std::string_view method) = 0;
    // New rows for the current version, which stays what it is (a new search parameter).
    virtual Result<void> reindex(std::string_view type, std::string_view id,
                                 const std::vector<IndexRow>& rows) = 0;
    // The same of its text for TextMatch.
    virtual Result<void> reindex_text(std::string_view type, std::string_view id,
                                      std::string_view narrative, std::string_view content) = 0;
    // Every current resource has been indexed anew: see RecordStore::index_is_whole.
    virtual Result<void> declare_index_whole() = 0;
    // Who writes this and why: on record with it or not at all.
    virtual Result<void> put_on_record(const AuditLine& line) = 0;
    // When this transaction's versions are from, to the microsecond: later than any version before.
    virtual Timestamp time() const = 0;
};

class RecordStore {
public:
    virtual ~RecordStore() = default;
    using Work = std::function<Result<void>(RecordTransaction&)>;
    // Before the first write. Parameters that the store has known for longer stay as they are.
    virtual void share_keys(const std::vector<SharedKeys>& shared) = 0;
    // The same; types of which the store has known resources stay as they are.
    virtual void pair_keys(const std::vector<PairedKeys>& paired) = 0;
    // From any thread, before a write: what it need not do on the one thread that writes.
    virtual std::string compress(std::string_view body) = 0;
    // Runs `work` on the writer's thread; others' work may share the commit, but fails or succeeds
    // on its own. `work` may be run again from the beginning, after what it wrote has been undone:
    // what it changes elsewhere counts only once `done` is called, after the commit, from any
    // thread.
    virtual void write(Access access, Work work, Done done) = 0;
    // On the calling thread, which may wait for a disk.
    virtual Result<void> read(const Access& access,
                              const std::function<Result<void>(RecordReader&)>& work) = 0;
    // False after a restore: backups hold no index, so searches find only what was indexed anew
    // since. Whoever knows what resources mean goes through `each_current`, reindexes all and
    // declares it done.
    virtual Result<bool> index_is_whole() = 0;
    // Current resources in the order of their creation, found by no index; `number` counts up with
    // gaps. Until the visitor returns false.
    virtual Result<void> each_current(
        const Access& access, std::uint64_t after,
        const std::function<bool(std::uint64_t number, const Record&)>& visit) = 0;
    // What other rooms learn of: versions in the order of their commits, numbered without gaps
    // from 1 (the outbox). Until the visitor returns false.
    virtual Result<void> changes(
        const Access& access, std::uint64_t after,
        const std::function<bool(std::uint64_t number, const Record&)>& visit) = 0;
    // The number of the last of them; 0: there are none.
    virtual Result<std::uint64_t> last_change() = 0;
};

}  // namespace vigil::store
