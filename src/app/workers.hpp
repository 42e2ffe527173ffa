#pragma once
// A few threads for what may wait for a disk or takes its time: queries, password hashes, backups.

#include <sys/resource.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vigil::app {

class Workers {
public:
    // `niceness`: what others do goes first.
    explicit Workers(std::size_t count, int niceness = 0) {
        for (std::size_t i = 0; i < count; ++i)
            threads_.emplace_back([this, niceness] {
                if (niceness > 0) ::setpriority(PRIO_PROCESS, 0, niceness);  // on Linux: the thread
                run();
            });
    }
    ~Workers() { finish(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void post(std::function<void()> work) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back(std::move(work));
        }
        ready_.notify_one();
    }
    // Finishes what is queued.
    void finish() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        ready_.notify_all();
        for (auto& thread : threads_)
            if (thread.joinable()) thread.join();
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            const auto work = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace vigil::app
