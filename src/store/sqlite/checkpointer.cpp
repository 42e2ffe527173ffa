#include "store/sqlite/checkpointer.hpp"

#include <algorithm>

namespace vigil::store::sqlite {

namespace {

// From 32 MiB on the log is copied into the file beside the writer: a page that changes again and
// again until then is copied once. From 64 MiB on its reuse is forced, for which the writer waits
// the few milliseconds that the last pages take: a writer that never pauses would otherwise let it
// grow without end.
constexpr std::uint64_t copy_from_pages = 8'192;
constexpr std::uint64_t restart_from_pages = 16'384;

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::start(const std::string& path,
                                                          const std::string& vfs) {
    VIGIL_TRY(database, Database::open(path, OpenMode::read_write, vfs));
    VIGIL_CHECK(database.execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"));
    return std::make_unique<Checkpointer>(std::move(database));
}

Checkpointer::Checkpointer(Database database) : database_(std::move(database)) {
    thread_ = std::thread([this] { run(); });
}

void Checkpointer::watch(Database& writer) {
    sqlite3_wal_hook(
        writer.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Checkpointer*>(self)->grown(static_cast<std::uint64_t>(pages));
            return SQLITE_OK;
        },
        this);
}

void Checkpointer::grown(std::uint64_t pages) {
    wal_pages_.store(pages, std::memory_order_relaxed);
    // Once for each stretch: a hint a commit would wake the thread thousands of times a second.
    if (pages < hint_at_pages_ && pages >= hinted_at_pages_) return;
    hinted_at_pages_ = pages;
    hint_at_pages_ = std::max(copy_from_pages, pages + copy_from_pages / 8);
    if (pages < copy_from_pages) return;
    {
        const std::lock_guard guard(mutex_);
        wanted_ = true;
    }
    wake_.notify_one();
}

void Checkpointer::run() {
    for (;;) {
        {
            std::unique_lock guard(mutex_);
            wake_.wait(guard, [this] { return wanted_ || stopping_; });
            if (stopping_) return;
            wanted_ = false;
        }
        checkpoint(wal_pages_.load(std::memory_order_relaxed));
    }
}

void Checkpointer::checkpoint(std::uint64_t pages) {
    if (around_) around_(true);
    // A failure (disk full, say) is not reported here: nothing is lost by it, the next commit of
    // the writer meets the same disk and reports it.
    sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
    if (pages >= restart_from_pages)
        sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr,
                                  nullptr);
    if (around_) around_(false);
    ++completed_;
}

void Checkpointer::finish() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

}  // namespace vigil::store::sqlite
