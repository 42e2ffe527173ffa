#pragma once
// A SQLite VFS whose disk can fail: it fills up, it reports errors, or the power goes, and then
// what was never synced is gone, there in part, or torn within a write.

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace vigil::store::test {

class FaultyVfs {
public:
    // Of an odd seed it is as Linux's file systems are: a write tears no neighbour.
    explicit FaultyVfs(unsigned seed = 1);
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;
    ~FaultyVfs();
    const std::string& name() const { return name_; }

    // Every write from now on fails with this code (SQLITE_FULL, SQLITE_IOERR_WRITE, …); 0: none.
    void fail_writes(int code);
    // The power goes after so many further writes and syncs: nothing reaches the disk any more.
    void cut_after(std::uint64_t operations);
    bool is_cut() const;
    // Once every connection is closed: leaves the files as the disk has them, and power on.
    void bring_back();

private:
    struct Write {
        std::uint64_t offset = 0;
        std::string bytes;
        bool truncate = false;  // to `offset`
    };
    struct Tracked {
        std::string durable;  // as of the last sync
        std::vector<Write> unsynced;
    };
    struct File;
    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory);
    static const sqlite3_io_methods methods_;
    int before_write();
    void note(const std::string& path, Write write);
    void synced(const std::string& path);
    static void apply(std::string& image, const Write& write);

    std::string name_;
    bool spares_neighbours_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
    mutable std::mutex mutex_;
    std::mt19937 random_;
    int fail_code_ = 0;
    std::uint64_t left_ = UINT64_MAX;
    bool cut_ = false;
    std::map<std::string, Tracked> files_;
};

}  // namespace vigil::store::test
