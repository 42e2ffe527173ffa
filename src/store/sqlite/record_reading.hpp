#pragma once
// Reads of the records within one snapshot of the file.

#include "store/records.hpp"
#include "store/sqlite/record_body.hpp"
#include "store/sqlite/record_match.hpp"
#include "store/sqlite/record_search.hpp"
#include "store/sqlite/record_text_changes.hpp"

namespace vigil::store::sqlite {

// What the readers and the writer of one file share.
struct RecordFile {
    StoreFile& file;
    RecordNames names;
    std::function<Timestamp()> clock;
    std::shared_ptr<TextChanges> texts;
};

template <class Seam>
class RecordReading : public Seam {
public:
    RecordReading(RecordFile& shared, Database& database, const Access& access)
        : shared_(shared),
          database_(database),
          access_(access),
          matcher_(database, shared.names, access) {}

    Result<std::optional<Record>> get(std::string_view type, std::string_view id) override;
    Result<std::optional<Record>> version(std::string_view type, std::string_view id,
                                          std::uint64_t version) override;
    Result<std::vector<std::string>> ids(std::string_view type, std::string_view prefix,
                                         std::size_t count_max) override;
    Result<RecordPage> history(const HistoryQuery& query) override;
    Result<RecordPage> search(const RecordQuery& query) override;
    Result<std::uint64_t> count(const RecordQuery& query, std::uint64_t at_most) override;
    Result<std::vector<Record>> referred(const std::vector<Record>& from,
                                         std::string_view parameter, std::string_view target_type,
                                         std::size_t count_max) override;
    Result<std::vector<Record>> referring(const std::vector<Record>& to, std::string_view type,
                                          std::string_view parameter,
                                          std::size_t count_max) override;

protected:
    RecordFile& shared_;
    Database& database_;
    const Access& access_;
    RecordMatcher matcher_;
};

// The columns of a version; its number and its record's follow.
inline constexpr std::size_t version_column_count = 7;
std::optional<PatientId> subject_of(const Statement& row);
RecordMatcher::Version version_of(const Statement& row);
Result<Record> read_version(RecordFile& shared, Database& database, const Statement& row);

}  // namespace vigil::store::sqlite
