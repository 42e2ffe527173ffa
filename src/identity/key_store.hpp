#pragma once
// The data keys of a data folder and what wraps them. docs/decisions/0040-keys-at-rest.md.
//
//     root key ── wraps ──▶ master key ── wraps ──▶ a data key for each patient ── seals ──▶ data
//
//     keys/subject.keys    the master key and the data keys, wrapped (identity/wrapped_keys.hpp);
//                          appended as patients come, else replaced as a whole
//     keys/master.key      the root key, where the site names no other
//     keys/master.next     the root key that takes its place, while a rotation is under way
//     keys/erased.list     the patients whose key was destroyed, a line an act

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/key_ring.hpp"
#include "identity/root_key.hpp"
#include "identity/wrapped_keys.hpp"

namespace vigil::identity {

struct KeyState {
    std::uint32_t version = 0;              // of the master key; 0: from before there were versions
    Timestamp since{};                      // of this version
    std::vector<std::string> wrapped_by{};  // for people; the site's own first
    std::string source{};                   // "key", "pkcs11" or "tpm"
    std::size_t keys = 0;
    std::string due{};  // why a rotation is due; empty: it is not
    bool rotating = false;
    std::uint64_t rewrapped = 0;  // by the rotation that runs, or ran last
    std::string failed{};         // why the last one did; empty: it did not
};

struct KeyRotation {
    std::uint32_t version = 0;
    std::size_t keys = 0;
    std::vector<std::string> wrapped_by{};
    std::vector<std::string> left{};  // for people to do
};

class KeyStore {
public:
    // Makes the folder, a root key where the site names none, and a master key, where there are no
    // data keys yet. With data keys there it makes none: a new one would only hide that the old
    // one is lost. `conflict`: another root key wrapped what is there.
    static Result<std::unique_ptr<KeyStore>> open(std::string folder, const RootKeys& roots,
                                                  RandomSource random,
                                                  std::function<Timestamp()> now);

    KeyRing& ring() { return *ring_; }

    // The key of `subject` is nowhere in the folder when it returns, and no copy of subject.keys
    // that is put back brings it back: `line`, one of JSON that names the subject, joins
    // erased.list first. The ring forgets it too.
    Result<void> erase(PatientId subject, std::string_view line);
    // The lines, oldest first.
    Result<std::vector<std::string>> erased() const;

    // A new master key, wrapped by what `to` names, and all data keys wrapped by it. What is
    // sealed stays as it is, and is read and written meanwhile. One rename decides: until then all
    // is as it was, from then on nothing in the folder opens with what was there before, which is
    // looked at before this returns. Waits for the disk and for devices; from any thread.
    Result<KeyRotation> rotate(const RootKeys& to);

    KeyState state() const;
    // What the start found and did, for whoever reads the log.
    const std::vector<std::string>& notices() const { return notices_; }

private:
    using Roots = std::vector<std::shared_ptr<RootKey>>;

    KeyStore(std::string folder, RandomSource random, std::function<Timestamp()> now);
    std::string file(std::string_view name) const { return folder_ + "/" + std::string(name); }

    Result<WrappedKeys> read();
    Result<Key256> begin(const RootKeys& roots);
    Result<Key256> open_master(const WrappedKeys& stored, const RootKeys& roots);
    Result<Key256> open_bare(const WrappedKeys& stored, const Roots& candidates);
    Result<Key256> open_wrapped(const WrappedMaster& master, const Roots& candidates);
    Result<std::vector<MasterWrap>> wraps_of(const Key256& master, RootKey& by,
                                             const RootKeys& roots);
    Roots candidates_of(const RootKeys& roots) const;
    bool is_there(std::string_view name) const;
    Result<void> finish_rotation();
    std::string why_due(const RootKeys& roots) const;

    Result<void> drop_erased();
    Result<void> list_erased(PatientId subject, std::string_view line);
    Result<void> drop_keys(const std::unordered_set<PatientId>& subjects);

    Result<KeyRotation> rotate_now(const RootKeys& to);
    Result<Key256> switch_to(const WrappedMaster& head, const Key256& master);
    Result<void> put_root_in_place(const WrappedMaster& head, bool is_own);
    struct MasterKeys {
        const Key256 &now, &before;
    };
    Result<void> check_switched(const WrappedMaster& head, const MasterKeys& master, RootKey& by);
    std::vector<std::string> left_to_do(const RootKey& by) const;

    std::string folder_;
    RandomSource random_;
    std::function<Timestamp()> now_;
    std::shared_ptr<RootKey> own_, next_;  // keys/master.key, keys/master.next
    std::shared_ptr<RootKey> opened_by_;
    std::vector<std::string> notices_;
    std::optional<KeyRing> ring_;

    std::mutex rewriting_;          // held through a rotation and an erasure: taken first
    mutable std::mutex files_;      // subject.keys and erased.list; taken last
    mutable std::mutex described_;  // of all below
    std::optional<WrappedMaster> head_;
    std::string due_, failed_;
    bool rotating_ = false;
    std::atomic<std::uint64_t> rewrapped_ = 0;
};

}  // namespace vigil::identity
