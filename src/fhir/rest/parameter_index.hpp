#pragma once
// The search parameters that are in force: the standard ones, and those of SearchParameter
// resources on this server, from when all resources are indexed by them.
//
// A SearchParameter that is written is in force at once for what is written from then on, and a
// pass in the background indexes what was there before, in steps that a crash or a stop may come
// between. How far it has come is kept in Documents, by the version of the SearchParameter it is
// true of:
// {"version": 3, "after": 1200, "whole": false}. Until it is whole, what would search by the
// parameter is refused.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/context.hpp"
#include "store/documents.hpp"

namespace vigil::fhir {

class ParameterIndex {
public:
    struct Parts {
        store::RecordStore& records;
        store::Documents& documents;
        std::function<void(std::function<void()>)> on_worker;
        // The parameters have changed; from the thread that changed them.
        std::function<void()> changed;
    };
    // `standard` is what requests work with, with the standard parameters.
    ParameterIndex(const RestContext& standard, Parts parts);
    ParameterIndex(const ParameterIndex&) = delete;
    ParameterIndex& operator=(const ParameterIndex&) = delete;

    // What a request works with from its beginning to its end: it keeps it. From any thread.
    std::shared_ptr<const RestContext> now() const {
        const std::lock_guard lock(mutex_);
        return now_;
    }
    // At start: the SearchParameters that are there; all is indexed by them where the store has no
    // index (after a restore); an interrupted pass goes on. Waits for the disk. `access` is that of
    // passes, too.
    Result<void> open(const store::Access& access);
    // SearchParameters were written: what is in force from now on, and a pass if it takes one. Not
    // on the store's thread.
    void reload();
    // What failed (a full disk) is tried again every half minute. Each second, on one thread.
    void look_after();
    void stop() { stopping_ = true; }

private:
    struct Known {  // a SearchParameter that is in force
        CustomParameter parameter;
        std::uint64_t version = 0;
        std::uint64_t after = 0;  // resources up to here are indexed by it
    };
    struct Batch;

    Result<std::vector<store::Record>> read_records(bool index_is_whole);
    Result<std::vector<Known>> read_known(bool index_is_whole);
    Result<void> read_progress(Known& known);
    Result<void> load();
    Result<void> install(bool index_is_whole);
    void begin_pass();
    void step(std::uint64_t pass);
    void write(std::uint64_t pass, const std::shared_ptr<Batch>& batch);
    void written(std::uint64_t pass, const Batch& batch);
    Result<void> keep_progress(const std::vector<Known>& of);
    void pause(const Error& error);

    const RestContext standard_;
    const Parts parts_;
    std::optional<store::Access> access_;
    std::mutex reloading_;  // one at a time
    mutable std::mutex mutex_;
    std::shared_ptr<const RestContext> now_;
    std::vector<Known> pending_;  // that are not whole
    std::uint64_t pass_ = 0;      // counts up: steps of an earlier one end
    std::uint64_t after_ = 0, kept_ = 0;
    bool is_paused_ = false;
    std::uint64_t seconds_ = 0;
    std::atomic<bool> stopping_ = false;
};

}  // namespace vigil::fhir
