#include "store/faulty_vfs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "store/fakes.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::test {

struct FaultyVfs::File {
    sqlite3_file base;
    FaultyVfs* owner;
    std::string* path;
    sqlite3_file* real;
};

#define VIGIL_REAL(call)                               \
    ([&] {                                             \
        auto* f = reinterpret_cast<File*>(file)->real; \
        return f->pMethods->call;                      \
    }())

const sqlite3_io_methods FaultyVfs::methods_ = {
    .iVersion = 2,
    .xClose =
        [](sqlite3_file* file) {
            auto* self = reinterpret_cast<File*>(file);
            const int code = VIGIL_REAL(xClose(f));
            delete self->path;
            return code;
        },
    .xRead = [](sqlite3_file* file, void* out, int size,
                sqlite3_int64 at) { return VIGIL_REAL(xRead(f, out, size, at)); },
    .xWrite =
        [](sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
            auto* self = reinterpret_cast<File*>(file);
            if (const int code = self->owner->before_write(); code != 0) return code;
            self->owner->note(*self->path, {static_cast<std::uint64_t>(at),
                                            std::string(static_cast<const char*>(bytes),
                                                        static_cast<std::size_t>(size)),
                                            false});
            return VIGIL_REAL(xWrite(f, bytes, size, at));
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
            auto* self = reinterpret_cast<File*>(file);
            if (const int code = self->owner->before_write(); code != 0) return code;
            self->owner->note(*self->path, {static_cast<std::uint64_t>(size), {}, true});
            return VIGIL_REAL(xTruncate(f, size));
        },
    .xSync =
        [](sqlite3_file* file, int) {
            auto* self = reinterpret_cast<File*>(file);
            if (self->owner->before_write() != 0) return SQLITE_IOERR_FSYNC;
            self->owner->synced(*self->path);
            return SQLITE_OK;
        },
    .xFileSize = [](sqlite3_file* file,
                    sqlite3_int64* size) { return VIGIL_REAL(xFileSize(f, size)); },
    .xLock = [](sqlite3_file* file, int level) { return VIGIL_REAL(xLock(f, level)); },
    .xUnlock = [](sqlite3_file* file, int level) { return VIGIL_REAL(xUnlock(f, level)); },
    .xCheckReservedLock = [](sqlite3_file* file,
                             int* out) { return VIGIL_REAL(xCheckReservedLock(f, out)); },
    .xFileControl = [](sqlite3_file* file, int op,
                       void* argument) { return VIGIL_REAL(xFileControl(f, op, argument)); },
    .xSectorSize = [](sqlite3_file* file) { return VIGIL_REAL(xSectorSize(f)); },
    // Whether it promises that a write tears no neighbour's sector.
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
            return reinterpret_cast<File*>(file)->owner->spares_neighbours_
                       ? SQLITE_IOCAP_POWERSAFE_OVERWRITE
                       : 0;
        },
    .xShmMap = [](sqlite3_file* file, int page, int size, int extend,
                  void volatile** out) { return VIGIL_REAL(xShmMap(f, page, size, extend, out)); },
    .xShmLock = [](sqlite3_file* file, int offset, int count,
                   int flags) { return VIGIL_REAL(xShmLock(f, offset, count, flags)); },
    .xShmBarrier = [](sqlite3_file* file) { VIGIL_REAL(xShmBarrier(f)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove_it) { return VIGIL_REAL(xShmUnmap(f, remove_it)); },
    .xFetch = nullptr,
    .xUnfetch = nullptr};

#undef VIGIL_REAL

FaultyVfs::FaultyVfs(unsigned seed)
    : spares_neighbours_(seed % 2 != 0), real_(sqlite3_vfs_find(nullptr)), random_(seed) {
    static std::atomic<int> count = 0;
    name_ = "faulty" + std::to_string(++count);
    vfs_ = *real_;
    vfs_.zName = name_.c_str();
    vfs_.pNext = nullptr;
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

int FaultyVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* self = static_cast<FaultyVfs*>(vfs->pAppData);
    auto* opened = reinterpret_cast<File*>(file);
    opened->base.pMethods = nullptr;
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    const int code = self->real_->xOpen(self->real_, name, opened->real, flags, out);
    if (code != SQLITE_OK) return code;
    opened->owner = self;
    opened->path = new std::string(name == nullptr ? "" : name);
    opened->base.pMethods = &methods_;
    return SQLITE_OK;
}

int FaultyVfs::remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto* self = static_cast<FaultyVfs*>(vfs->pAppData);
    if (self->before_write() != 0) return SQLITE_IOERR_DELETE;
    {
        const std::lock_guard guard(self->mutex_);
        self->files_.erase(name);
    }
    return self->real_->xDelete(self->real_, name, sync_directory);
}

int FaultyVfs::before_write() {
    const std::lock_guard guard(mutex_);
    if (fail_code_ != 0) return fail_code_;
    if (cut_ || left_ == 0) {
        cut_ = true;
        return SQLITE_IOERR_WRITE;
    }
    --left_;
    return 0;
}

void FaultyVfs::fail_writes(int code) {
    const std::lock_guard guard(mutex_);
    fail_code_ = code;
}

void FaultyVfs::cut_after(std::uint64_t operations) {
    const std::lock_guard guard(mutex_);
    left_ = operations;
}

bool FaultyVfs::is_cut() const {
    const std::lock_guard guard(mutex_);
    return cut_;
}

void FaultyVfs::note(const std::string& path, Write write) {
    const std::lock_guard guard(mutex_);
    files_[path].unsynced.push_back(std::move(write));
}

void FaultyVfs::synced(const std::string& path) {
    const std::lock_guard guard(mutex_);
    auto& file = files_[path];
    for (const auto& write : file.unsynced) apply(file.durable, write);
    file.unsynced.clear();
}

void FaultyVfs::apply(std::string& image, const Write& write) {
    if (write.truncate) {
        image.resize(write.offset);
        return;
    }
    if (image.size() < write.offset + write.bytes.size())
        image.resize(write.offset + write.bytes.size());
    image.replace(write.offset, write.bytes.size(), write.bytes);
}

void FaultyVfs::bring_back() {
    const std::lock_guard guard(mutex_);
    for (auto& [path, file] : files_) {
        // Of what was not synced any part may be there, in any order, and one write in pieces.
        for (auto& write : file.unsynced) {
            if (random_() % 2 == 0) continue;
            if (random_() % 4 == 0 && !write.bytes.empty())
                write.bytes.resize(random_() % write.bytes.size());
            apply(file.durable, write);
        }
        file.unsynced.clear();
        std::ofstream(path, std::ios::binary | std::ios::trunc) << file.durable;
        std::filesystem::remove(path + "-shm");
    }
    fail_code_ = 0;
    left_ = UINT64_MAX;
    cut_ = false;
}

namespace {

// The disk in the tests must lose things, or they prove nothing.
TEST(FaultyVfs, loses_what_was_not_synced) {
    TemporaryFolder folder;
    FaultyVfs vfs(1);
    {
        auto database =
            sqlite::Database::open(folder.file("a.db"), sqlite::OpenMode::read_write, vfs.name());
        ASSERT_TRUE(database);
        ASSERT_TRUE(
            database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
                              "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a)"));
        for (int i = 0; i < 50; ++i)
            ASSERT_TRUE(database->execute("INSERT INTO t VALUES(zeroblob(3000))"));
        vfs.cut_after(0);
    }
    vfs.bring_back();
    auto database =
        sqlite::Database::open(folder.file("a.db"), sqlite::OpenMode::read_write, vfs.name());
    ASSERT_TRUE(database);
    const auto rows = database->number("SELECT count(*) FROM t");
    EXPECT_TRUE(!rows || *rows < 50);
}

}  // namespace
}  // namespace vigil::store::test
