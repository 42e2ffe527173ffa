#include "store/sqlite/store_file.hpp"

#include <algorithm>
#include <cassert>

#include "store/sqlite/record_upkeep.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/store_schema.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr std::size_t reader_count = 3;
// One sync for up to this many jobs: audit lines come a request each.
constexpr std::size_t jobs_per_transaction = 256;

// The pages that one transaction changes must find room, else they are written to the log again and
// again; a savepoint keeps what it changes in memory. In KiB, used as it is needed.
constexpr const char* writer_memory = "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY";
// After a failure this many transactions keep their jobs apart: who sends one wrong write after the
// other does not have all others' work done twice.
constexpr int apart_after_failure = 32;
constexpr const char* begin_job = "SAVEPOINT job";
constexpr const char* undo_job = "ROLLBACK TO job";
constexpr const char* end_job = "RELEASE job";

// What is deleted is overwritten: free pages and the room between rows hold nothing of a person who
// is erased. As Debian's SQLite does unasked.
constexpr const char* delete_for_good = "PRAGMA secure_delete=ON";

constexpr const char* reader_memory = "PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY";

// Of the thread, whatever the file: how many reads it is in the middle of.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
thread_local int reads_under_way = 0;

}  // namespace

Result<std::unique_ptr<StoreFile>> StoreFile::open(StoreOptions options) {
    VIGIL_TRY(lock, FileLock::take(options.path + ".lock"));
    VIGIL_TRY(writer, Database::open(options.path, OpenMode::read_write, options.vfs));
    VIGIL_CHECK(prepare_file(writer, store_schema));
    VIGIL_CHECK(writer.execute(writer_memory));
    VIGIL_CHECK(writer.execute(delete_for_good));
    std::vector<Database> readers;
    for (std::size_t i = 0; i < reader_count; ++i) {
        VIGIL_TRY(reader, Database::open(options.path, OpenMode::read_only, options.vfs));
        VIGIL_CHECK(reader.execute(reader_memory));
        readers.push_back(std::move(reader));
    }
    VIGIL_TRY(checkpointer, Checkpointer::start(options.path, options.vfs));
    auto file = std::make_unique<StoreFile>(std::move(options), std::move(lock), std::move(writer),
                                            std::move(readers), std::move(checkpointer));
    VIGIL_CHECK(file->audit_lines_.load(file->readers_.front().database));
    return file;
}

StoreFile::StoreFile(StoreOptions options, FileLock lock, Database writer,
                     std::vector<Database> readers, std::unique_ptr<Checkpointer> checkpointer)
    : StoreBodies(*options.sealer),
      options_(std::move(options)),
      lock_(std::move(lock)),
      writer_(std::move(writer)),
      checkpointer_(std::move(checkpointer)) {
    for (auto& reader : readers) readers_.push_back({.database = std::move(reader)});
    checkpointer_->around([this](bool begins) { hold_no_snapshots(begins); });
    checkpointer_->watch(writer_);
    thread_ = std::thread([this] { write_until_stopped(); });
}

void StoreFile::write(Work work, Done done) {
    add({.work = std::move(work), .done = std::move(done)});
}

void StoreFile::write_audit(Work work, Done done) {
    add({.work = std::move(work), .done = std::move(done), .is_audit = true});
}

void StoreFile::add(Job job) {
    {
        const std::lock_guard guard(jobs_mutex_);
        assert(!stopping_);
        jobs_.push_back(std::move(job));
    }
    jobs_wake_.notify_one();
}

void StoreFile::write_last(std::shared_ptr<WrittenLast> last) {
    const std::lock_guard guard(jobs_mutex_);
    last_ = std::move(last);
}

void StoreFile::write_until_stopped() {
    std::vector<Job> taken;
    std::shared_ptr<WrittenLast> last;
    for (;;) {
        taken.clear();
        {
            std::unique_lock guard(jobs_mutex_);
            jobs_wake_.wait(guard, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            while (!jobs_.empty() && taken.size() < jobs_per_transaction) {
                taken.push_back(std::move(jobs_.front()));
                jobs_.pop_front();
            }
            last = last_;
        }
        run(taken, last.get());
    }
}

void StoreFile::run(std::vector<Job>& jobs, WrittenLast* last) {
    std::vector<Result<void>> outcomes(jobs.size());
    const auto audit_before = audit_lines_.state();
    const bool changes = !std::ranges::all_of(jobs, &Job::is_audit);
    if (changes) ++changes_;
    auto committed =
        apart_ > 0 ? Result<Ran>(Ran::not_kept) : commit_together(jobs, last, outcomes);
    if (committed && *committed == Ran::not_kept) {
        apart_ = apart_ > 0 ? apart_ - 1 : apart_after_failure;
        audit_lines_.back_to(audit_before);
        committed = commit_apart(jobs, last, outcomes);
    }
    if (committed) {
        audit_lines_.committed();
    } else
        audit_lines_.back_to(audit_before);
    if (changes) ++changes_;
    const auto outcome = committed ? Result<void>() : tl::unexpected(std::move(committed).error());
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].done(outcome ? outcomes[i] : outcome);
}

Result<StoreFile::Ran> StoreFile::commit_together(std::vector<Job>& jobs, WrittenLast* last,
                                                  std::vector<Result<void>>& outcomes) {
    VIGIL_TRY(transaction, Transaction::begin(writer_));
    if (last != nullptr) last->begin();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto changes = sqlite3_total_changes64(writer_.handle());
        outcomes[i] = jobs[i].work(writer_);
        // SQLite may have rolled all back (the disk), whatever the job made of it.
        if (sqlite3_get_autocommit(writer_.handle()) != 0 ||
            (!outcomes[i] && sqlite3_total_changes64(writer_.handle()) != changes))
            return Ran::not_kept;
    }
    if (last != nullptr) VIGIL_CHECK(last->write(writer_));
    VIGIL_CHECK(transaction.commit());
    return Ran::kept;
}

Result<StoreFile::Ran> StoreFile::commit_apart(std::vector<Job>& jobs, WrittenLast* last,
                                               std::vector<Result<void>>& outcomes) {
    const auto run_prepared = [this](const char* sql) -> Result<void> {
        VIGIL_TRY(statement, writer_.lend(sql));
        return statement->run();
    };
    VIGIL_TRY(transaction, Transaction::begin(writer_));
    if (last != nullptr) last->begin();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        VIGIL_CHECK(run_prepared(begin_job));
        const auto audit_before = audit_lines_.state();
        outcomes[i] = jobs[i].work(writer_);
        // Some failures (disk full) end the whole transaction: then nobody's work is stored.
        if (sqlite3_get_autocommit(writer_.handle()) != 0)
            return tl::unexpected(outcomes[i] ? Error{.kind = Error::Kind::internal,
                                                      .message = "the transaction ended early",
                                                      .place = {}}
                                              : outcomes[i].error());
        if (!outcomes[i]) {
            VIGIL_CHECK(run_prepared(undo_job));
            audit_lines_.back_to(audit_before);
        }
        VIGIL_CHECK(run_prepared(end_job));
    }
    if (last != nullptr) VIGIL_CHECK(last->write(writer_));
    VIGIL_CHECK(transaction.commit());
    return Ran::kept;
}

// Whoever reads within a read does not wait for others, who may be waiting for the same: there is
// one more connection for them, which stays.
StoreFile::Reader::Reader(StoreFile& file) : file_(file) {
    std::unique_lock guard(file_.readers_mutex_);
    if (reads_under_way++ > 0 && file_.readers_.empty()) {
        auto more = Database::open(file_.options_.path, OpenMode::read_only, file_.options_.vfs);
        if (more && more->execute(reader_memory))
            file_.readers_.push_back({.database = std::move(*more)});
    }
    file_.readers_free_.wait(guard, [this] { return !file_.readers_.empty(); });
    connection_ = std::move(file_.readers_.back());
    file_.readers_.pop_back();
}

StoreFile::Reader::~Reader() {
    --reads_under_way;
    {
        const std::lock_guard guard(file_.readers_mutex_);
        if (file_.no_snapshots_ > 0) (void)connection_.end_snapshot();
        file_.readers_.push_back(std::move(connection_));
    }
    file_.readers_free_.notify_one();
}

// What counts is read before the snapshot begins: it may hold later commits too, never fewer.
Result<void> StoreFile::Reader::begin(Sees sees) {
    const auto changes = file_.changes_.load();
    const bool is_settled = changes % 2 == 0;
    if (sees == Sees::all_but_audit && is_settled && connection_.snapshot == changes) return {};
    VIGIL_CHECK(connection_.end_snapshot());
    VIGIL_CHECK(connection_.database.execute("BEGIN"));
    connection_.snapshot = changes;
    return {};
}

Result<void> StoreFile::Reader::end(Sees sees, bool well) {
    const bool stands = sqlite3_get_autocommit(connection_.database.handle()) == 0;
    if (sees == Sees::all_but_audit && well && stands) return {};
    return connection_.end_snapshot();
}

Result<void> StoreFile::Connection::end_snapshot() {
    if (!snapshot) return {};
    snapshot.reset();
    // SQLite ends it by itself where the disk failed.
    if (sqlite3_get_autocommit(database.handle()) != 0) return {};
    return database.execute("COMMIT");
}

void StoreFile::hold_no_snapshots(bool none) {
    const std::lock_guard guard(readers_mutex_);
    no_snapshots_ += none ? 1 : -1;
    if (none)
        for (auto& reader : readers_) (void)reader.end_snapshot();
}

std::vector<Applied> StoreFile::consumers() const {
    auto found = const_cast<StoreFile*>(this)->read<std::vector<Applied>>(
        [](Database& database) -> Result<std::vector<Applied>> {
            VIGIL_TRY(rows, database.prepare("SELECT name, log_partition, log_offset "
                                             "FROM consumers ORDER BY name"));
            std::vector<Applied> all;
            for (;;) {
                VIGIL_TRY(row, rows.step());
                if (!row) return all;
                all.push_back({std::string(rows.bytes(0)),
                               {static_cast<std::uint32_t>(rows.integer(1)),
                                static_cast<std::uint64_t>(rows.integer(2))}});
            }
        });
    return found ? std::move(*found) : std::vector<Applied>();
}

Position StoreFile::applied(std::string_view consumer) const {
    for (const auto& each : consumers())
        if (each.consumer == consumer) return each.up_to;
    return {};
}

Result<void> StoreFile::record(Database& database, const Applied& applied) {
    VIGIL_TRY(put, database.prepare("INSERT INTO consumers VALUES(?1, ?2, ?3) ON CONFLICT(name) "
                                    "DO UPDATE SET log_partition = ?2, log_offset = ?3"));
    return put.bind_text(1, applied.consumer)
        .bind(2, applied.up_to.partition)
        .bind(3, static_cast<std::int64_t>(applied.up_to.offset))
        .run();
}

void StoreFile::advance(Applied applied, Done done) {
    write([applied = std::move(applied)](Database& database) { return record(database, applied); },
          std::move(done));
}

Result<void> StoreFile::backup(const std::string& path) {
    VIGIL_CHECK(copy_database(options_.path, path, options_.vfs));
    return drop_record_index(path, options_.vfs);
}

void StoreFile::finish() {
    {
        const std::lock_guard guard(jobs_mutex_);
        stopping_ = true;
    }
    jobs_wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    checkpointer_->finish();
}

}  // namespace vigil::store::sqlite
