#pragma once
// A RecordStore under test: any implementation that can be opened, and opened again on what it
// kept. The contract and property tests know no more of it.

#include <atomic>
#include <functional>
#include <memory>

#include "store/fakes.hpp"
#include "store/records.hpp"
#include "store/sqlite/records.hpp"
#include "store/test_access.hpp"

namespace vigil::store::test {

class RecordsSubject {
public:
    virtual ~RecordsSubject() = default;
    virtual RecordStore& store() = 0;
    virtual void restart() = 0;
};

class SqliteRecordsSubject final : public RecordsSubject {
public:
    explicit SqliteRecordsSubject(std::string vfs = {}) : vfs_(std::move(vfs)) { open(); }
    ~SqliteRecordsSubject() override { close(); }
    SqliteRecordsSubject(const SqliteRecordsSubject&) = delete;
    SqliteRecordsSubject& operator=(const SqliteRecordsSubject&) = delete;
    RecordStore& store() override { return *store_; }
    sqlite::StoreFile& file() { return *file_; }
    std::string path() const { return folder_.file("vigil.db"); }
    void restart() override {
        close();
        open();
    }
    void close() {
        file_->finish();  // what is queued still needs the store
        store_.reset();
        file_.reset();
    }
    void open() {
        auto opened = sqlite::StoreFile::open({.path = path(), .sealer = &sealer_, .vfs = vfs_});
        if (!opened) std::abort();
        file_ = std::move(*opened);
        store_ = sqlite::open_records(*file_, [this] { return from_unix_ns(now_ += 1'500); });
    }

private:
    std::string vfs_;
    TemporaryFolder folder_;
    FlippingSealer sealer_;
    std::atomic<std::int64_t> now_ = 1'772'323'200'000'000'000;  // 2026-03-01
    std::unique_ptr<sqlite::StoreFile> file_;
    std::unique_ptr<RecordStore> store_;
};

using MakeRecords = std::function<std::unique_ptr<RecordsSubject>()>;

// Waits for the commit.
inline Result<void> write(RecordStore& store, const Access& access, RecordStore::Work work) {
    return await<void>([&](Done done) { store.write(access, std::move(work), std::move(done)); });
}

inline Condition all_of(std::vector<Condition> conditions) {
    return {AllOf{std::move(conditions)}};
}
inline std::shared_ptr<const Condition> shared(Condition condition) {
    return std::make_shared<const Condition>(std::move(condition));
}

}  // namespace vigil::store::test
