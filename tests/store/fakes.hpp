#pragma once
// What the store's tests stand on: a folder that goes away, a sealer that can be told from clear
// text, a clock under the test's hand, and a log's sink to wait on.

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "store/log.hpp"

namespace vigil::store::test {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vigil-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Flips every bit and names the subject: clear text on disk, or a segment opened for somebody else,
// fails the test.
class FlippingSealer final : public Sealer {
public:
    void seal(PatientId subject, std::string_view clear, std::string& out) override {
        out.append(reinterpret_cast<const char*>(&subject.value), sizeof subject.value);
        for (const char c : clear) out.push_back(static_cast<char>(~c));
    }
    Result<void> open(PatientId subject, std::string_view sealed, std::string& out) override {
        const std::string_view name(reinterpret_cast<const char*>(&subject.value),
                                    sizeof subject.value);
        if (!sealed.starts_with(name))
            return fail(Error::Kind::malformed, "sealed for somebody else");
        for (const char c : sealed.substr(name.size())) out.push_back(static_cast<char>(~c));
        return {};
    }
};

// Collects commits and lets a test wait for a ticket.
class Commits {
public:
    std::function<void(std::vector<Commit>)> sink() {
        return [this](std::vector<Commit> commits) {
            const std::lock_guard guard(mutex_);
            for (auto& commit : commits) all_.push_back(std::move(commit));
            changed_.notify_all();
        };
    }
    Commit wait_for(Ticket ticket) {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [&] { return !all_.empty() && all_.back().last >= ticket; });
        for (const auto& commit : all_)
            if (commit.first <= ticket && ticket <= commit.last) return commit;
        return {.outcome = fail(Error::Kind::internal, "the ticket was never reported")};
    }
    std::vector<Commit> all() {
        const std::lock_guard guard(mutex_);
        return all_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Commit> all_;
};

}  // namespace vigil::store::test
