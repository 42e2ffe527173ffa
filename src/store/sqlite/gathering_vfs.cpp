#include "store/sqlite/gathering_vfs.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <new>

namespace vigil::store::sqlite {

namespace {

// SQLite's own VFS cuts a write off at 128 KiB.
constexpr std::size_t gathered_max = 124U << 10U;

// The underlying file stands behind it, in the memory that SQLite gives to both.
struct GatheringFile {
    sqlite3_file head;
    std::string* gathered;
    sqlite3_int64 offset;  // of its first byte
    // Where a write may tear its neighbours SQLite pads a commit to the end of a sector, and part
    // of that comes after the sync: such a file is written as it comes.
    bool gathers;

    sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    sqlite3_int64 end() const { return offset + static_cast<sqlite3_int64>(gathered->size()); }

    int write_gathered() {
        if (gathered->empty()) return SQLITE_OK;
        const int code = under()->pMethods->xWrite(under(), gathered->data(),
                                                   static_cast<int>(gathered->size()), offset);
        // Where it failed it is tried again with the next call: until then SQLite may count on it.
        if (code == SQLITE_OK) gathered->clear();
        return code;
    }
};
static_assert(sizeof(GatheringFile) % alignof(sqlite3_int64) == 0);

GatheringFile& of(sqlite3_file* file) {
    return *reinterpret_cast<GatheringFile*>(file);
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    auto& self = of(file);
    if (!self.gathers) return self.under()->pMethods->xWrite(self.under(), bytes, count, offset);
    const auto size = static_cast<std::size_t>(count);
    if (offset != self.end() || self.gathered->size() + size > gathered_max)
        if (const int code = self.write_gathered(); code != SQLITE_OK) return code;
    if (self.gathered->empty()) self.offset = offset;
    try {
        self.gathered->append(static_cast<const char*>(bytes), size);
    } catch (const std::bad_alloc&) {
        return SQLITE_IOERR_NOMEM;
    }
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
    auto& self = of(file);
    const bool overlaps = offset < self.end() && offset + count > self.offset;
    if (overlaps)
        if (const int code = self.write_gathered(); code != SQLITE_OK) return code;
    return self.under()->pMethods->xRead(self.under(), bytes, count, offset);
}

int close(sqlite3_file* file) {
    auto& self = of(file);
    const int written = self.write_gathered();
    const int closed = self.under()->pMethods->xClose(self.under());
    delete self.gathered;
    return written != SQLITE_OK ? written : closed;
}

// For all else the file is as it would be without gathering.
template <auto method, class... Rest>
int pass_on(sqlite3_file* file, Rest... rest) {
    auto& self = of(file);
    if (const int code = self.write_gathered(); code != SQLITE_OK) return code;
    return (self.under()->pMethods->*method)(self.under(), rest...);
}

template <auto method, class... Rest>
int ask(sqlite3_file* file, Rest... rest) {
    return (of(file).under()->pMethods->*method)(of(file).under(), rest...);
}

using Methods = sqlite3_io_methods;

// Version 1: shared memory, locks of ranges and mapped pages are the database file's.
constexpr Methods methods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = pass_on<&Methods::xTruncate, sqlite3_int64>,
    .xSync = pass_on<&Methods::xSync, int>,
    .xFileSize = pass_on<&Methods::xFileSize, sqlite3_int64*>,
    .xLock = ask<&Methods::xLock, int>,
    .xUnlock = ask<&Methods::xUnlock, int>,
    .xCheckReservedLock = ask<&Methods::xCheckReservedLock, int*>,
    .xFileControl = ask<&Methods::xFileControl, int, void*>,
    .xSectorSize = ask<&Methods::xSectorSize>,
    .xDeviceCharacteristics = ask<&Methods::xDeviceCharacteristics>,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

struct GatheringVfs {
    sqlite3_vfs vfs;  // first: SQLite's pointer to it is one to this
    sqlite3_vfs* base;
    std::string name;
};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    auto* base = reinterpret_cast<GatheringVfs*>(vfs)->base;
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, path, file, flags, flags_out);
    auto& self = of(file);
    self.head.pMethods = nullptr;  // nothing to close where it fails
    if (const int code = base->xOpen(base, path, self.under(), flags, flags_out);
        code != SQLITE_OK) {
        if (self.under()->pMethods != nullptr) self.under()->pMethods->xClose(self.under());
        return code;
    }
    self.gathered = new std::string;
    self.offset = 0;
    const int device = self.under()->pMethods->xDeviceCharacteristics(self.under());
    self.gathers = (device & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
    self.head.pMethods = &methods;
    return SQLITE_OK;
}

}  // namespace

std::string gathering_vfs(const std::string& base) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<GatheringVfs>> made;  // by what is under it
    const std::lock_guard guard(mutex);
    auto* under = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
    if (under == nullptr) return {};
    auto& found = made[under->zName];
    if (found) return found->name;
    // Its other methods are the underlying one's, which finds what it needs in the copy.
    found = std::make_unique<GatheringVfs>(GatheringVfs{*under, under, "vigil-gathering-over-"});
    found->name += under->zName;
    found->vfs.zName = found->name.c_str();
    found->vfs.szOsFile += static_cast<int>(sizeof(GatheringFile));
    found->vfs.xOpen = open;
    if (sqlite3_vfs_register(&found->vfs, 0) != SQLITE_OK) return {};
    return found->name;
}

}  // namespace vigil::store::sqlite
