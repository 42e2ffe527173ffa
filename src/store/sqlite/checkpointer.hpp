#pragma once
// Moves a write-ahead log into its database on a thread and connection of its own, so that the
// thread that commits never does.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

class Checkpointer {
public:
    static Result<std::unique_ptr<Checkpointer>> start(const std::string& path,
                                                       const std::string& vfs);
    explicit Checkpointer(Database database);
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;
    ~Checkpointer() { finish(); }

    // Called before and after it takes what is in the log: true, false. Before `watch`.
    void around(std::function<void(bool begins)> around) { around_ = std::move(around); }
    // Learns from every commit of `writer` how long the write-ahead log has become. Must outlive it
    // or be finished first.
    void watch(Database& writer);
    void finish();
    std::uint64_t completed() const { return completed_; }
    std::uint64_t wal_bytes() const { return wal_pages_ * page_bytes; }

private:
    static constexpr std::uint64_t page_bytes = 4096;
    void run();
    void grown(std::uint64_t pages);
    void checkpoint(std::uint64_t pages);

    Database database_;
    std::function<void(bool)> around_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool wanted_ = false, stopping_ = false;
    std::uint64_t hinted_at_pages_ = 0, hint_at_pages_ = 0;  // the writer's thread
    std::atomic<std::uint64_t> wal_pages_ = 0, completed_ = 0;
    std::thread thread_;
};

}  // namespace vigil::store::sqlite
