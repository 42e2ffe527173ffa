#pragma once
// vigil.db: what is derived from the log and what is a record of its own. One thread writes, many
// jobs to a transaction; a few connections read.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "store/done.hpp"
#include "store/log.hpp"
#include "store/sqlite/audit_lines.hpp"
#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/file_lock.hpp"

namespace vigil::store::sqlite {

struct StoreOptions {
    std::string path;          // ".../vigil.db"; "<path>.lock" beside it keeps a second process out
    Sealer* sealer = nullptr;  // outlives the file
    std::string vfs = {};
};

// Bodies as they stand in the file.
class StoreBodies {
public:
    explicit StoreBodies(Sealer& sealer) : sealer_(sealer) {}
    Result<std::string> opened(PatientId subject, std::string_view sealed) {
        std::string clear;
        VIGIL_CHECK(sealer_.open(subject, sealed, clear));
        return clear;
    }
    std::string sealed(PatientId subject, std::string_view clear) {
        std::string sealed;
        sealer_.seal(subject, clear, sealed);
        return sealed;
    }

private:
    Sealer& sealer_;
};

// What is put off to the end of a transaction, for all its jobs together. On the writer's thread.
class WrittenLast {
public:
    virtual ~WrittenLast() = default;
    virtual void begin() = 0;  // of a transaction; what the one before put off is done or void
    // After the last job: an error fails them all.
    virtual Result<void> write(Database& database) = 0;
};

class StoreFile final : public Consumers, public StoreBodies {
public:
    static Result<std::unique_ptr<StoreFile>> open(StoreOptions options);
    StoreFile(StoreOptions options, FileLock lock, Database writer, std::vector<Database> readers,
              std::unique_ptr<Checkpointer> checkpointer);
    StoreFile(const StoreFile&) = delete;
    StoreFile& operator=(const StoreFile&) = delete;
    ~StoreFile() override { finish(); }

    using Work = std::function<Result<void>(Database&)>;
    // Runs `work` on the writer's thread within a transaction; other work may share it, but fails
    // or succeeds on its own. `work` may be run again from the beginning, after what it and all
    // before it wrote has been undone: nothing it changes elsewhere may count before `done`, which
    // is called after the commit.
    void write(Work work, Done done);
    // Of work that adds lines to the audit and nothing else.
    void write_audit(Work work, Done done);
    // From the next transaction on.
    void write_last(std::shared_ptr<WrittenLast> last);

    // Runs `work` with a connection that reads one snapshot from its first statement on: of what
    // had been committed before, or of that but for lines of the audit. The second may be the
    // snapshot of an earlier read, whose pages the connection still has: each read adds a line, and
    // would cost the next ones all they know of the file.
    enum class Sees : std::uint8_t { all, all_but_audit };
    template <class T>
    Result<T> read(const std::function<Result<T>(Database&)>& work, Sees sees = Sees::all) {
        Reader reader(*this);
        VIGIL_CHECK(reader.begin(sees));
        auto result = work(reader.database());
        if (auto ended = reader.end(sees, result.has_value()); !ended && result)
            return tl::unexpected(std::move(ended).error());
        return result;
    }

    std::vector<Applied> consumers() const override;
    Position applied(std::string_view consumer) const override;
    void advance(Applied applied, Done done) override;
    // For work that writes a consumer's output: its position, in the same transaction.
    static Result<void> record(Database& database, const Applied& applied);

    const std::string& path() const { return options_.path; }
    // Nothing more is written of them. Within a write: what stands before it is there to be erased.
    void refuse_writes_of(PatientId erased) { erased_.insert(erased); }
    bool is_erased(PatientId subject) const {
        return !erased_.empty() && erased_.contains(subject);
    }

    // While one of these lives no idle reader holds a snapshot, which would keep the write-ahead
    // log from being reused.
    class NoSnapshots {
    public:
        explicit NoSnapshots(StoreFile& file) : file_(file) { file_.hold_no_snapshots(true); }
        NoSnapshots(const NoSnapshots&) = delete;
        NoSnapshots& operator=(const NoSnapshots&) = delete;
        ~NoSnapshots() { file_.hold_no_snapshots(false); }

    private:
        StoreFile& file_;
    };

    // For work that adds to the audit.
    AuditLines& audit_lines() { return audit_lines_; }

    Result<void> backup(const std::string& path);
    // Stops after what is queued. No write may follow.
    void finish();

private:
    struct Job {
        Work work;
        Done done;
        bool is_audit = false;
    };
    struct Connection {
        Database database;
        std::optional<std::uint64_t> snapshot = {};  // `changes_` when it began; none is held
        Result<void> end_snapshot();
    };
    class Reader {
    public:
        explicit Reader(StoreFile& file);
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;
        ~Reader();
        Database& database() { return connection_.database; }
        Result<void> begin(Sees sees);
        Result<void> end(Sees sees, bool well);

    private:
        StoreFile& file_;
        Connection connection_;
    };
    void add(Job job);
    void hold_no_snapshots(bool none);
    void write_until_stopped();
    void run(std::vector<Job>& jobs, WrittenLast* last);
    enum class Ran : std::uint8_t { kept, not_kept };
    // As if none would fail, which is cheap: a savepoint copies each page that its job changes. One
    // that fails after it has written leaves nothing kept.
    Result<Ran> commit_together(std::vector<Job>& jobs, WrittenLast* last,
                                std::vector<Result<void>>& outcomes);
    // Each in a savepoint of its own.
    Result<Ran> commit_apart(std::vector<Job>& jobs, WrittenLast* last,
                             std::vector<Result<void>>& outcomes);

    StoreOptions options_;
    FileLock lock_;
    Database writer_;
    std::unique_ptr<Checkpointer> checkpointer_;

    std::mutex jobs_mutex_;
    std::condition_variable jobs_wake_;
    std::deque<Job> jobs_;
    std::shared_ptr<WrittenLast> last_;
    bool stopping_ = false;

    std::mutex readers_mutex_;
    std::condition_variable readers_free_;
    std::vector<Connection> readers_;
    int no_snapshots_ = 0;  // so many want none
    // Commits of more than audit, counted before and after: odd while one may be there or not.
    std::atomic<std::uint64_t> changes_ = 0;

    AuditLines audit_lines_;
    std::unordered_set<PatientId> erased_;  // the writer's thread
    int apart_ = 0;                         // so many transactions more; the writer's thread
    std::thread thread_;
};

}  // namespace vigil::store::sqlite
