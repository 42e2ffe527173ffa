#pragma once
// Signs, now and then, where the chain of the audit stands, and holds the audit against what was
// signed (docs/guides/audit.md).

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "identity/audit_key.hpp"
#include "identity/key_folder.hpp"
#include "store/audit_check.hpp"
#include "store/documents.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::app {

// What a check of the whole audit came to.
struct AuditCheckOutcome {
    Timestamp at{};
    bool sound = true;
    std::uint64_t lines = 0;
    std::string problem{};  // the first finding, a sentence
};

// From any thread. What waits for the disk is never called on the loop.
class AuditCheckpoints {
public:
    struct Sources {
        store::sqlite::StoreFile& file;
        store::Documents& documents;  // where the outcome of the last check stands
        std::string store_path;
        identity::KeyFolder& keys;
        std::function<Timestamp()> now;
    };
    // Many lines need no more than one checkpoint a minute.
    static constexpr std::uint64_t lines_max = 10'000;
    static constexpr Nanoseconds at_least_between = std::chrono::minutes(1);

    AuditCheckpoints(Sources sources, const identity::AuditKey& key)
        : sources_(std::move(sources)), key_(key) {}

    // Of what a process before left without; after a restore always. Says on standard error where
    // the audit ends before what was signed. `restored`: just now; that it cannot be signed is an
    // error then. Of a restore that was not signed by the process before, the next one is.
    Result<void> begin(bool restored);
    // Lines wait for one: so many, or for so long.
    bool due(Timestamp now, Nanoseconds every) const;
    // Of all lines until now; where there are none since the last, that. Waits for the disk.
    Result<store::AuditCheckpoint> make(std::string_view why);
    std::optional<store::AuditCheckpoint> newest() const;

    // Waits for the disk, long: the whole chain. `go_on` is asked after each page of it.
    Result<store::AuditReport> verify(std::vector<std::string> kept,
                                      const std::function<bool()>& go_on) const;
    // Once a night (02:00 UTC) or, where there was none for a day, at once; kept, and a failure
    // said on standard error.
    Result<void> check_nightly(Timestamp now, const std::function<bool()>& go_on);
    std::optional<AuditCheckOutcome> last_check() const;

private:
    Result<void> load();
    void load_last_check();
    std::optional<store::AuditCheckpoint> next(const store::ChainEnd& end, std::string_view why);
    void say_if_cut_off() const;

    Sources sources_;
    identity::AuditKey key_;
    std::mutex making_;  // one at a time
    mutable std::mutex mutex_;
    std::optional<store::AuditCheckpoint> newest_;
    std::uint64_t sequence_ = 0;
    bool restored_ = false;  // and not signed yet
    Timestamp tried_{};
    std::optional<AuditCheckOutcome> last_check_;
};

// As the API and the command line show it.
std::string to_json(const store::AuditReport& report);

}  // namespace vigil::app
