#pragma once
// A transaction that keeps nothing: what a write is refused for shows, but for what it would find
// of its own. On any thread, over a snapshot.

#include <utility>

#include "store/records.hpp"

namespace vigil::fhir {

class TryOut final : public store::RecordTransaction {
public:
    using Record = store::Record;
    TryOut(store::RecordReader& reader, Timestamp now) : reader_(reader), now_(now) {}

    Result<std::optional<Record>> get(std::string_view type, std::string_view id) override {
        return reader_.get(type, id);
    }
    Result<std::optional<Record>> version(std::string_view type, std::string_view id,
                                          std::uint64_t version) override {
        return reader_.version(type, id, version);
    }
    Result<std::vector<std::string>> ids(std::string_view type, std::string_view prefix,
                                         std::size_t count_max) override {
        return reader_.ids(type, prefix, count_max);
    }
    Result<store::RecordPage> history(const store::HistoryQuery& query) override {
        return reader_.history(query);
    }
    Result<store::RecordPage> search(const store::RecordQuery& query) override {
        return reader_.search(query);
    }
    Result<std::uint64_t> count(const store::RecordQuery& query, std::uint64_t at_most) override {
        return reader_.count(query, at_most);
    }
    Result<std::vector<Record>> referred(const std::vector<Record>& from,
                                         std::string_view parameter, std::string_view target_type,
                                         std::size_t count_max) override {
        return reader_.referred(from, parameter, target_type, count_max);
    }
    Result<std::vector<Record>> referring(const std::vector<Record>& to, std::string_view type,
                                          std::string_view parameter,
                                          std::size_t count_max) override {
        return reader_.referring(to, type, parameter, count_max);
    }

    Result<Record> put(const store::RecordPut& put) override { return kept(put.type, put.id); }
    Result<Record> remove(std::string_view type, std::string_view id,
                          std::string_view /*method*/) override {
        return kept(type, id);
    }
    Result<void> reindex(std::string_view, std::string_view,
                         const std::vector<store::IndexRow>&) override {
        return {};
    }
    Result<void> reindex_text(std::string_view, std::string_view, std::string_view,
                              std::string_view) override {
        return {};
    }
    Result<void> declare_index_whole() override { return {}; }
    Result<void> put_on_record(const store::AuditLine&) override { return {}; }
    Timestamp time() const override { return now_; }

private:
    Result<Record> kept(std::string_view type, std::string_view id) const {
        Record record;
        record.type = type;
        record.id = id;
        record.version = 1;
        record.updated = now_;
        return record;
    }

    store::RecordReader& reader_;
    Timestamp now_;
};

}  // namespace vigil::fhir
