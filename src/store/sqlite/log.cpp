#include "store/sqlite/log.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "store/log_commit.hpp"
#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/file_lock.hpp"
#include "store/sqlite/log_schema.hpp"
#include "store/sqlite/schema.hpp"

namespace vigil::store::sqlite {

namespace {

// What one step of a rewrite looks at and writes: commits wait for the writing.
constexpr int rewrite_rows_max = 256;
constexpr std::size_t rewrite_bytes_max = std::size_t{1} << 20;

constexpr int gather_steps = 8;

class SqliteLog final : public LogFile {
public:
    SqliteLog(LogOptions options, FileLock lock, Database writer, Database reader, Statement insert,
              std::unique_ptr<Checkpointer> checkpointer, LogBounds bounds)
        : options_(std::move(options)),
          lock_(std::move(lock)),
          writer_(std::move(writer)),
          insert_(std::move(insert)),
          reader_(std::move(reader)),
          checkpointer_(std::move(checkpointer)),
          first_(bounds.first),
          end_(bounds.end),
          last_time_(bounds.last_time),
          bytes_(bounds.bytes) {
        checkpointer_->watch(writer_);
        committer_ = std::thread([this] { commit_until_stopped(); });
    }
    SqliteLog(const SqliteLog&) = delete;
    SqliteLog& operator=(const SqliteLog&) = delete;
    ~SqliteLog() override { finish(); }

    Ticket append(EntryKind kind, PatientId subject, const Fingerprint& identity,
                  std::string_view body) override;
    std::size_t pending_bytes() const override {
        return pending_bytes_.load(std::memory_order_relaxed);
    }
    Result<Position> read(Position from, const std::function<bool(const Entry&)>& visit) override;
    Position after_damage(Position position) override;
    Position first() override { return {0, first_.load()}; }
    Position end() override { return {0, end_.load()}; }
    Result<void> trim(Position before) override;
    LogMeasures measures() const override;
    Result<Timestamp> commit_time(Position position) override;
    Result<Position> retained_from(Timestamp since, std::uint64_t bytes_max) override;
    Result<Position> rewrite(Position from, Timestamp before, const Rewriter& rewriter) override;
    Result<void> backup(const std::string& path) override;
    void finish() override;

private:
    void commit_until_stopped();
    void gather(std::unique_lock<std::mutex>& guard);
    void commit_all(PendingEntries& taken);
    Result<void> store(const CommitEncoder::Encoded& encoded, Timestamp time);
    struct Row {
        std::uint64_t first = 0, count = 0;
        Timestamp time;
        std::string body;
    };
    Result<bool> next_row(std::uint64_t from, Row& row);
    // Runs on the committer's thread between two commits, and is waited for.
    Result<void> between_commits(std::function<Result<void>()> errand);
    Result<std::string> rewritten(const Row& row, const Rewriter& rewriter, bool& changed);
    Result<void> put_in_place(const std::vector<Row>& rows);

    LogOptions options_;
    FileLock lock_;

    // The owner's thread and the committer meet here.
    std::mutex mutex_;
    std::condition_variable wake_;
    PendingEntries pending_;
    bool waiting_ = false, stopping_ = false;
    std::vector<std::packaged_task<Result<void>()>> errands_;  // run between commits
    std::atomic<std::size_t> pending_bytes_ = 0;
    Ticket appended_ = 0;  // the owner's

    // The committer's own.
    Database writer_;
    Statement insert_;
    CommitEncoder encoder_;
    Ticket reported_ = 0;
    std::chrono::steady_clock::time_point taken_at_;  // when the last commit's entries were taken

    std::mutex reader_mutex_;
    Database reader_;

    std::unique_ptr<Checkpointer> checkpointer_;
    std::atomic<std::uint64_t> first_, end_;
    Timestamp last_time_;
    std::atomic<std::uint64_t> bytes_;  // of all bodies ever written
    std::atomic<std::uint64_t> commits_ = 0, failed_commits_ = 0;
    std::thread committer_;
};

Ticket SqliteLog::append(EntryKind kind, PatientId subject, const Fingerprint& identity,
                         std::string_view body) {
    bool wake = false;
    {
        const std::lock_guard guard(mutex_);
        assert(!stopping_);
        const auto before = pending_.byte_count();
        pending_.add(kind, subject, identity, body);
        pending_bytes_.fetch_add(pending_.byte_count() - before, std::memory_order_relaxed);
        wake = std::exchange(waiting_, false);
    }
    if (wake) wake_.notify_one();
    return ++appended_;
}

void SqliteLog::commit_until_stopped() {
    PendingEntries taken;
    for (;;) {
        std::vector<std::packaged_task<Result<void>()>> errands;
        {
            std::unique_lock guard(mutex_);
            while (pending_.empty() && errands_.empty() && !stopping_) {
                waiting_ = true;
                wake_.wait(guard);
            }
            waiting_ = false;
            if (pending_.empty() && errands_.empty()) return;
            gather(guard);
            taken.swap(pending_);
            errands.swap(errands_);
        }
        if (!taken.empty()) commit_all(taken);
        taken.clear();
        for (auto& errand : errands) errand();
    }
}

// The rate of arrival is that since the last commit was taken, then that of the last step: what
// comes in a burst and ends waits one step longer at most.
void SqliteLog::gather(std::unique_lock<std::mutex>& guard) {
    using std::chrono::steady_clock;
    const auto is_fast = [&](std::size_t bytes, steady_clock::duration elapsed) {
        return static_cast<double>(bytes) >
               options_.gather_from_bytes_s * std::chrono::duration<double>(elapsed).count();
    };
    auto now = steady_clock::now();
    auto since = std::exchange(taken_at_, now);
    const auto until = now + options_.gather_for;
    for (std::size_t before = 0;;) {
        const auto bytes = pending_.byte_count();
        if (stopping_ || !errands_.empty() || bytes >= options_.gather_bytes || now >= until ||
            !is_fast(bytes - before, now - since))
            break;
        before = bytes;
        since = now;
        guard.unlock();
        std::this_thread::sleep_for(options_.gather_for / gather_steps);
        guard.lock();
        now = steady_clock::now();
    }
    taken_at_ = now;
}

void SqliteLog::commit_all(PendingEntries& taken) {
    for (std::size_t at = 0; at < taken.byte_count();) {
        const auto encoded =
            encoder_.encode(taken, at, options_.commit_bytes_max, *options_.sealer);
        // Time does not run backwards in the log, whatever the system clock does.
        const Timestamp time = std::max(options_.clock(), last_time_);
        Commit commit{.first = reported_ + 1,
                      .last = reported_ + encoded.entries,
                      .first_position = {0, end_.load()},
                      .time = time,
                      .outcome = store(encoded, time)};
        reported_ = commit.last;
        if (commit.outcome) {
            last_time_ = time;
            end_ += encoded.entries;
            ++commits_;
        } else {
            ++failed_commits_;
        }
        pending_bytes_.fetch_sub(encoded.next - at, std::memory_order_relaxed);
        at = encoded.next;
        options_.committed({std::move(commit)});
    }
}

Result<void> SqliteLog::store(const CommitEncoder::Encoded& encoded, Timestamp time) {
    const auto first = end_.load();
    const auto bytes = bytes_.load() + encoded.bytes.size();
    insert_.bind(1, static_cast<std::int64_t>(first))
        .bind(2, static_cast<std::int64_t>(encoded.entries))
        .bind(3, unix_ns(time))
        .bind(4, commit_checksum(first, encoded.entries, time, encoded.bytes))
        .bind(5, static_cast<std::int64_t>(bytes))
        .bind_blob(6, encoded.bytes);
    VIGIL_CHECK(insert_.run());
    bytes_ = bytes;
    return {};
}

// A statement a row: a reader that is slow to visit holds no snapshot, which would keep the
// write-ahead log from being reused.
Result<bool> SqliteLog::next_row(std::uint64_t from, Row& row) {
    const std::lock_guard guard(reader_mutex_);
    VIGIL_TRY(select, reader_.prepare(select_commit_from));
    select.bind(1, static_cast<std::int64_t>(from));
    VIGIL_TRY(found, select.step());
    if (!found) return false;
    row.first = static_cast<std::uint64_t>(select.integer(0));
    row.count = static_cast<std::uint64_t>(select.integer(1));
    row.time = from_unix_ns(select.integer(2));
    const auto body = select.bytes(4);
    row.body.assign(body);
    if (select.integer(3) != commit_checksum(row.first, row.count, row.time, row.body))
        return fail(Error::Kind::malformed, "this commit of the log is damaged on disk",
                    fmt::format("0:{}", row.first));
    return true;
}

Result<Position> SqliteLog::read(Position from, const std::function<bool(const Entry&)>& visit) {
    CommitDecoder decoder;
    Row row;
    auto at = std::max<std::uint64_t>(from.offset, 1);
    for (const auto end = end_.load(); at < end;) {
        VIGIL_TRY(found, next_row(at, row));
        if (!found) break;
        auto entries =
            decoder.decode(row.body, {0, row.first}, row.count, row.time, *options_.sealer);
        if (!entries) {
            entries.error().place = fmt::format("0:{}", row.first);
            return tl::unexpected(std::move(entries).error());
        }
        for (const auto& entry : *entries) {
            if (entry.position.offset < at) continue;
            at = entry.position.offset + 1;
            if (!visit(entry)) return Position{0, at};
        }
    }
    return Position{0, at};
}

Position SqliteLog::after_damage(Position position) {
    const std::lock_guard guard(reader_mutex_);
    auto select = reader_.prepare("SELECT min(first_offset) FROM commits WHERE first_offset > ?");
    if (!select) return end();
    const auto row = select->bind(1, static_cast<std::int64_t>(position.offset)).step();
    if (!row || !*row || select->is_null(0)) return end();
    // A page whose keys are out of order answers with any of them: reading goes on, and never back.
    const auto next = static_cast<std::uint64_t>(select->integer(0));
    return next > position.offset ? Position{0, next} : end();
}

Result<void> SqliteLog::between_commits(std::function<Result<void>()> errand) {
    std::packaged_task<Result<void>()> task(std::move(errand));
    auto done = task.get_future();
    {
        const std::lock_guard guard(mutex_);
        if (stopping_) return fail(Error::Kind::busy, "the log is being closed");
        errands_.push_back(std::move(task));
        waiting_ = false;
    }
    wake_.notify_one();
    return done.get();
}

Result<void> SqliteLog::trim(Position before) {
    for (bool more = true; more;)
        VIGIL_CHECK(between_commits([&]() -> Result<void> {
            VIGIL_TRY(forgotten,
                      forget_commits(writer_, std::min(before.offset, end_.load()), ForgetStep{}));
            if (forgotten.rows > 0) first_ = forgotten.end;
            more = forgotten.more;
            return {};
        }));
    return {};
}

Result<Position> SqliteLog::rewrite(Position from, Timestamp before, const Rewriter& rewriter) {
    std::vector<Row> changed_rows;
    auto at = std::max<std::uint64_t>(from.offset, 1);
    std::size_t bytes = 0;
    for (int looked_at = 0; looked_at < rewrite_rows_max && bytes < rewrite_bytes_max;
         ++looked_at) {
        Row row;
        bool changed = false;
        const auto found = next_row(at, row);
        if (found && (!*found || row.time >= before)) break;
        auto body = found ? rewritten(row, rewriter, changed) : tl::unexpected(found.error());
        if (!body) {
            // What stands before the damage is written first; the next call begins with it.
            if (looked_at > 0) break;
            return tl::unexpected(std::move(body).error());
        }
        at = row.first + row.count;
        if (!changed) continue;
        bytes += body->size();
        row.body = std::move(*body);
        changed_rows.push_back(std::move(row));
    }
    if (!changed_rows.empty())
        VIGIL_CHECK(between_commits([&] { return put_in_place(changed_rows); }));
    return Position{0, at};
}

Result<void> SqliteLog::put_in_place(const std::vector<Row>& rows) {
    VIGIL_TRY(transaction, Transaction::begin(writer_));
    VIGIL_TRY(update, writer_.prepare("UPDATE commits SET checksum = ?, body = ? WHERE "
                                      "first_offset = ? AND count = ?"));
    for (const auto& row : rows)
        VIGIL_CHECK(update.bind(1, commit_checksum(row.first, row.count, row.time, row.body))
                        .bind_blob(2, row.body)
                        .bind(3, static_cast<std::int64_t>(row.first))
                        .bind(4, static_cast<std::int64_t>(row.count))
                        .run());
    return transaction.commit();
}

Result<std::string> SqliteLog::rewritten(const Row& row, const Rewriter& rewriter, bool& changed) {
    CommitDecoder decoder;
    VIGIL_TRY(entries,
              decoder.decode(row.body, {0, row.first}, row.count, row.time, *options_.sealer));
    PendingEntries pending;
    std::string body;
    for (const auto& entry : entries) {
        body.clear();
        const bool other = rewriter(entry, body);
        changed = changed || other;
        pending.add(entry.kind, entry.subject, entry.identity,
                    other ? std::string_view(body) : entry.body);
    }
    CommitEncoder encoder;
    return std::string(encoder.encode(pending, 0, SIZE_MAX, *options_.sealer).bytes);
}

LogMeasures SqliteLog::measures() const {
    return {.commits = commits_,
            .failed_commits = failed_commits_,
            .checkpoints = checkpointer_->completed(),
            .wal_bytes = checkpointer_->wal_bytes()};
}

Result<Timestamp> SqliteLog::commit_time(Position position) {
    const std::lock_guard guard(reader_mutex_);
    return commit_time_at(reader_, position.offset);
}

Result<Position> SqliteLog::retained_from(Timestamp since, std::uint64_t bytes_max) {
    const LogBounds bounds{.first = first_, .end = end_, .last_time = {}, .bytes = bytes_};
    const std::lock_guard guard(reader_mutex_);
    VIGIL_TRY(from, sqlite::retained_from(reader_, bounds, since, bytes_max));
    return Position{0, from};
}

Result<void> SqliteLog::backup(const std::string& path) {
    return copy_database(options_.path, path, options_.vfs);
}

void SqliteLog::finish() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (committer_.joinable()) committer_.join();
    checkpointer_->finish();
}

}  // namespace

Result<std::unique_ptr<LogFile>> open_log(LogOptions options) {
    VIGIL_TRY(lock, FileLock::take(options.path + ".lock"));
    VIGIL_TRY(writer, Database::open(options.path, OpenMode::read_write, options.vfs));
    VIGIL_CHECK(prepare_log_file(writer));
    VIGIL_TRY(bounds, log_bounds(writer));
    VIGIL_TRY(insert, writer.prepare(insert_commit));
    VIGIL_TRY(reader, Database::open(options.path, OpenMode::read_only, options.vfs));
    VIGIL_TRY(checkpointer, Checkpointer::start(options.path, options.vfs));
    return std::make_unique<SqliteLog>(std::move(options), std::move(lock), std::move(writer),
                                       std::move(reader), std::move(insert),
                                       std::move(checkpointer), bounds);
}

}  // namespace vigil::store::sqlite
