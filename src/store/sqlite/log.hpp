#pragma once
// The log in one SQLite file (log.db), one row a commit. WAL with full sync: when a commit is
// reported, it is on the disk.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/log.hpp"

namespace vigil::store::sqlite {

struct LogOptions {
    std::string path;          // ".../log.db"; "<path>.lock" beside it keeps a second process out
    Sealer* sealer = nullptr;  // outlives the log
    std::function<Timestamp()> clock;  // gives commits their time; called on the committer's thread
    // Takes each commit, in order of tickets, on the committer's thread: app/ posts it to the loop.
    std::function<void(std::vector<Commit>)> committed;
    std::size_t commit_bytes_max = std::size_t{1} << 20;
    // A sync costs the processor as much as some hundred messages do. While they arrive faster than
    // `gather_from`, a commit waits for more of them: until there are `gather_bytes`, it arrives
    // less, or `gather_for` is over. Below that rate nothing waits.
    double gather_from_bytes_s = 8e6;
    std::size_t gather_bytes = std::size_t{128} << 10;
    std::chrono::microseconds gather_for = std::chrono::milliseconds(2);
    std::string vfs = {};  // empty: the system's
};

struct LogMeasures {
    std::uint64_t commits = 0, failed_commits = 0, checkpoints = 0;
    std::uint64_t wal_bytes = 0;
};

class LogFile : public Log {
public:
    virtual LogMeasures measures() const = 0;
    // When the entry was committed.
    virtual Result<Timestamp> commit_time(Position position) = 0;
    // From where on the log is to be kept: the first commit not older than `since` of the newest
    // that fit into `bytes_max`. The newest commit always stays. Found without reading the log.
    virtual Result<Position> retained_from(Timestamp since, std::uint64_t bytes_max) = 0;
    // Puts other bodies in place of an entry's, where `rewriter` says so: what retention leaves of
    // a message. Takes some commits from the one that holds `from` on, as far as they are older
    // than `before`; returns where the next one begins, or `from` where there is nothing to do.
    using Rewriter = std::function<bool(const Entry&, std::string& body)>;
    virtual Result<Position> rewrite(Position from, Timestamp before, const Rewriter& rewriter) = 0;
    // Writes a consistent copy of the log to `path`, which must not exist.
    virtual Result<void> backup(const std::string& path) = 0;
    // Stops after what is buffered has been committed and reported. No append may follow.
    virtual void finish() = 0;
};

// Fails with `conflict` where another process has this log open. Starts the committer's thread and
// the one that moves the write-ahead log into the file; both end with the object.
Result<std::unique_ptr<LogFile>> open_log(LogOptions options);

}  // namespace vigil::store::sqlite
