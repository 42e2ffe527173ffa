#pragma once
// One request's changes of the records, on the writer's thread within a transaction.

#include <unordered_map>

#include "store/sqlite/record_reading.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

class RecordWriting final : public RecordReading<RecordTransaction> {
public:
    RecordWriting(RecordFile& shared, Database& database, const Access& access)
        : RecordReading(shared, database, access) {}
    // What came before it: the number of the last version, and when this one's are from.
    Result<void> begin();
    // Where the work fails: nothing of it is kept.
    void undo();

    Result<RecordPage> search(const RecordQuery& query) override;
    Result<std::uint64_t> count(const RecordQuery& query, std::uint64_t at_most) override;
    Result<Record> put(const RecordPut& put) override;
    Result<Record> remove(std::string_view type, std::string_view id,
                          std::string_view method) override;
    Result<void> reindex(std::string_view type, std::string_view id,
                         const std::vector<IndexRow>& rows) override;
    Result<void> reindex_text(std::string_view type, std::string_view id,
                              std::string_view narrative, std::string_view content) override;
    Result<void> declare_index_whole() override;
    Result<void> put_on_record(const AuditLine& line) override {
        return append_line(shared_.file, database_, line);
    }
    Timestamp time() const override { return time_; }
    const RecordNames::Made& made() const { return made_; }

private:
    struct Place {
        std::uint64_t record = 0, version = 0, latest = 0;  // record 0: never heard of
    };
    struct Current {
        bool deleted = true;
        std::optional<PatientId> subject;
        std::string method;
        Timestamp updated;
    };
    Result<Place> place_of(std::uint32_t type, std::string_view id);
    Result<std::uint64_t> refer_to(std::string_view type, std::string_view id);
    // `forbidden`: this access does not reach it.
    Result<Current> current(std::string_view type, const Place& place);
    Result<void> check_may(Interaction interaction, std::string_view type) const;
    Result<std::uint32_t> intern(NameKind kind, std::uint32_t owner, std::string_view name) {
        return shared_.names.intern(database_, kind, owner, name, made_);
    }
    Result<void> add_version(std::uint32_t type, Place& place, std::string_view id,
                             std::string_view method, std::optional<PatientId> subject,
                             const std::string* packed);
    Result<Listing> listing_of(std::uint32_t type);
    Result<StoredRow> stored(std::uint32_t type, const IndexRow& row);
    Result<void> index(std::uint64_t record, const StoredHead& head,
                       const std::vector<IndexRow>& rows, bool is_new);
    Result<void> forget(std::uint64_t record);
    Result<std::string> kept_rows(std::uint64_t record);
    Result<std::vector<IndexKey>> keys_of(const std::string& kept);
    Result<void> change_keys(std::uint64_t record, const std::vector<IndexKey>& before,
                             const std::vector<IndexKey>& after);

    Result<void> write_texts(const Condition& asked);

    TextChanges::Mark texts_before_;
    std::uint64_t last_number_ = 0;
    Timestamp time_;
    RecordNames::Made made_;
};

}  // namespace vigil::store::sqlite
