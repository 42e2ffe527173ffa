// A new master key under the data keys, while they are used.
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "identity/key_file.hpp"
#include "identity/key_store.hpp"
#include "identity/key_store_files.hpp"

namespace vigil::identity {
namespace {

struct Wiped {
    Key256 key{};
    Wiped() = default;
    explicit Wiped(const Key256& of) : key(of) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    Wiped(Wiped&&) = delete;
    Wiped& operator=(Wiped&&) = delete;
    ~Wiped() { OPENSSL_cleanse(key.data(), key.size()); }
};

std::vector<std::string> describe_all(const WrappedMaster& head) {
    std::vector<std::string> out;
    for (const auto& wrap : head.wraps) out.push_back(describe(wrap));
    return out;
}

}  // namespace

KeyState KeyStore::state() const {
    KeyState out{.keys = ring_->size(), .rewrapped = rewrapped_};
    const std::scoped_lock lock(described_);
    if (head_) {
        out.version = head_->version;
        out.since = head_->since;
        out.wrapped_by = describe_all(*head_);
        out.source = kind_word(head_->wraps.front());
    } else {
        out.wrapped_by = {opened_by_->describe()};
        out.source = "key";
    }
    out.due = due_;
    out.rotating = rotating_;
    out.failed = failed_;
    return out;
}

Result<KeyRotation> KeyStore::rotate(const RootKeys& to) {
    {
        const std::scoped_lock lock(described_);
        if (std::exchange(rotating_, true))
            return fail(Error::Kind::busy, "a rotation of the keys is under way: try again");
        rewrapped_ = 0;
    }
    const std::scoped_lock alone(rewriting_);  // an erasure is waited for
    auto rotated = rotate_now(to);
    const std::scoped_lock lock(described_);
    rotating_ = false;
    failed_ = rotated ? std::string() : rotated.error().message;
    if (rotated) due_ = why_due(to);
    return rotated;
}

Result<KeyRotation> KeyStore::rotate_now(const RootKeys& to) {
    const bool is_own = !to.wanted;
    if (is_own) {
        Wiped root;
        random_(root.key);
        VIGIL_CHECK(write_key_file(file(next_name), std::string(root.key.begin(), root.key.end())));
    }
    const auto by = is_own ? next_ : to.wanted;
    Wiped master;
    random_(master.key);
    WrappedMaster head{.version = head_ ? head_->version + 1 : 1, .since = now_(), .wraps = {}};
    const auto switched = [&]() -> Result<Key256> {
        VIGIL_TRY(wraps, wraps_of(master.key, *by, to));
        head.wraps = std::move(wraps);
        return switch_to(head, master.key);
    }();
    if (!switched) {
        // As it was: what was prepared goes.
        static_cast<void>(destroy_key_file(file(subjects_name) + ".new"));
        static_cast<void>(destroy_key_file(file(next_name)));
        return tl::unexpected(switched.error());
    }
    const Wiped before(*switched);
    KeyRotation out{.version = head.version,
                    .keys = ring_->size(),
                    .wrapped_by = describe_all(head),
                    .left = left_to_do(*by)};
    {
        const std::scoped_lock lock(described_);
        head_ = head;
        opened_by_ = is_own ? own_ : by;
    }
    auto checked = put_root_in_place(head, is_own);
    if (checked)
        checked = check_switched(head, {.now = master.key, .before = before.key}, *opened_by_);
    if (checked) return out;
    checked.error().message =
        "the new master key is in use, but what was before is not seen to be gone: " +
        checked.error().message;
    return tl::unexpected(std::move(checked).error());
}

// Up to the rename nothing has changed, and an error says so. Returns the master key of before.
Result<Key256> KeyStore::switch_to(const WrappedMaster& head, const Key256& master) {
    const auto path = file(subjects_name);
    auto bytes = encode(head);
    for (const auto& key : ring_->rewrap(master, rewrapped_)) bytes += encode(key);
    VIGIL_CHECK(write_key_file_beside(path, bytes));
    std::optional<ReplacedKeyFile> replaced;
    auto before =
        ring_->change_master(master, [&](std::span<const WrappedKey> made_since) -> Result<void> {
            std::string rest;
            for (const auto& key : made_since) rest += encode(key);
            const std::scoped_lock lock(files_);
            if (!rest.empty()) VIGIL_CHECK(append_key_file(path + ".new", rest));
            VIGIL_TRY(was, put_in_place(path + ".new", path));
            replaced.emplace(std::move(was));
            return {};
        });
    VIGIL_CHECK(before);
    // Not durable yet, and the old root key is still there: a crash leaves the one or the other.
    if (sync_folder_of(path)) static_cast<void>(replaced->overwrite());
    return before;
}

// The root key of before opens nothing any more, once it is known that the disk has the new file.
Result<void> KeyStore::put_root_in_place(const WrappedMaster& head, bool is_own) {
    VIGIL_CHECK(sync_folder_of(file(subjects_name)));
    if (is_own) {
        VIGIL_TRY(before, put_in_place(file(next_name), file(master_name)));
        VIGIL_CHECK(sync_folder_of(file(master_name)));
        return before.overwrite();
    }
    const bool is_of_use =
        std::ranges::any_of(head.wraps, [&](const auto& wrap) { return own_->made(wrap); });
    return is_of_use ? Result<void>() : destroy_key_file(file(master_name));
}

// What the disk has, as the next start will find it.
Result<void> KeyStore::check_switched(const WrappedMaster& head, const MasterKeys& master,
                                      RootKey& by) {
    const auto known = ring_->size();
    WrappedKeys stored;
    {
        const std::scoped_lock lock(files_);
        VIGIL_TRY(read_back, read());
        stored = std::move(read_back);
    }
    if (stored.master != head || stored.keys.size() < known)
        return fail(Error::Kind::internal, "the file does not hold what was written",
                    file(subjects_name));
    VIGIL_TRY(unwrapped, by.unwrap(head.wraps.front()));
    if (unwrapped != master.now)
        return fail(Error::Kind::internal, "the root key opens another master key", by.describe());
    return ring_->check(master.now, master.before, stored.keys);
}

std::vector<std::string> KeyStore::left_to_do(const RootKey& by) const {
    if (opened_by_ == own_)
        return {
            "keys/master.key of before is gone: keep copies of it only as long as copies of "
            "keys/ from before, 30 days at most"};
    const auto who = head_ ? describe(head_->wraps.front()) : opened_by_->describe();
    if (head_ ? by.made(head_->wraps.front()) : by.describe() == who)
        return {
            fmt::format("copies of keys/ from before still open with {}: keep none for longer "
                        "than 30 days",
                        who)};
    return {
        fmt::format("{} opens nothing here any more: keep it only as long as copies of keys/ "
                    "from before, 30 days at most, then destroy it",
                    who)};
}

}  // namespace vigil::identity
