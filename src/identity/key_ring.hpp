#pragma once
// The keys under which bodies are sealed: a random data key for each subject, wrapped by the
// site's master key. Only wrapped keys are stored, in a file of their own that no backup holds
// (identity/key_store.hpp): whoever destroys a subject's wrapped key has erased what was sealed
// under it, everywhere.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "identity/key256.hpp"
#include "identity/key_wrap.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

struct WrappedKey {
    PatientId subject;  // 0: the site
    KeyWrapBytes wrapped{};
    bool operator==(const WrappedKey&) const = default;
};

// Whether `master` wrapped it.
bool opens(const Key256& master, const WrappedKey& wrapped);

class KeyRing {
public:
    // Returns once the keys are durable: nothing is sealed under a key that could be lost.
    using Persist = std::function<Result<void>(std::span<const WrappedKey>)>;

    // Makes the site's key if `stored` has none. Fails where a stored key was not wrapped by this
    // master key: better no start than data that cannot be read. With a subject's key those of the
    // next numbers are made, `made_at_once` in all: patients come in numbers that follow each
    // other, and each sync is waited for.
    static Result<KeyRing> open(const Key256& master, const std::vector<WrappedKey>& stored,
                                RandomSource random, Persist persist,
                                std::uint32_t made_at_once = 1);

    // From any thread. Made, wrapped and persisted when first asked for; `not_found` for a subject
    // that was erased.
    Result<Key256> key(PatientId subject);
    std::optional<Key256> find(PatientId subject) const;
    std::size_t size() const;

    // Forgets the key and makes none for this subject any more. What is stored of it is for whoever
    // keeps the wrapped keys to destroy.
    void erase(PatientId subject);
    bool is_erased(PatientId subject) const;

    // The two halves of a change of the master key; no two at once, and no `erase` between them.
    // All keys wrapped by `master`, in the order of their subjects; `done` counts them. Readers and
    // writers go on meanwhile.
    std::vector<WrappedKey> rewrap(const Key256& master, std::atomic<std::uint64_t>& done);
    // `commit` is given what was made since, wrapped by `master`, and puts all of it in place; if
    // it cannot, the master key stays the one before. No key is made while it runs. Returns the
    // master key of before.
    Result<Key256> change_master(const Key256& master, const Persist& commit);
    // Whether each of `stored` is this ring's, wrapped by `master`, and opens with `before` no
    // more.
    Result<void> check(const Key256& master, const Key256& before,
                       const std::vector<WrappedKey>& stored) const;

private:
    KeyRing(const Key256& master, RandomSource random, Persist persist, std::uint32_t made_at_once);
    WrappedKey wrap(const Key256& master, PatientId subject, const Key256& key) const;

    Key256 master_{};
    RandomSource random_;
    Persist persist_;
    std::uint32_t made_at_once_ = 1;
    std::unique_ptr<std::mutex> mutex_;
    std::unordered_map<PatientId, Key256> keys_;
    std::vector<PatientId> made_since_;  // the last `rewrap` began
    // Asked at every opening: never held while a key is made durable.
    struct ErasedSubjects {
        std::atomic<bool> any = false;
        std::mutex mutex;
        std::unordered_set<PatientId> subjects;
    };
    std::unique_ptr<ErasedSubjects> erased_;
};

}  // namespace vigil::identity
