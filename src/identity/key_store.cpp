#include "identity/key_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "identity/key_file.hpp"
#include "identity/key_store_files.hpp"

namespace vigil::identity {
namespace {

// A sync makes as many patients ready.
constexpr std::uint32_t keys_made_at_once = 64;

// Of a line of erased.list; 0: it names none.
PatientId subject_of(std::string_view line) {
    JsonDocument document;
    const auto object = document.parse(line);
    const auto number = object ? (*object)["patient"].integer() : std::nullopt;
    if (!number || !std::in_range<std::uint32_t>(*number)) return {};
    return PatientId{static_cast<std::uint32_t>(*number)};
}

}  // namespace

KeyStore::KeyStore(std::string folder, RandomSource random, std::function<Timestamp()> now)
    : folder_(std::move(folder)),
      random_(std::move(random)),
      now_(std::move(now)),
      own_(BareRootKey::of_file(file(master_name), KeyReaders::owner)),
      next_(BareRootKey::of_file(file(next_name), KeyReaders::owner)) {}

Result<std::unique_ptr<KeyStore>> KeyStore::open(std::string folder, const RootKeys& roots,
                                                 RandomSource random,
                                                 std::function<Timestamp()> now) {
    VIGIL_CHECK(make_private_folder(folder));
    std::unique_ptr<KeyStore> store(
        new KeyStore(std::move(folder), std::move(random), std::move(now)));
    VIGIL_CHECK(store->drop_erased());  // of an older copy of subject.keys
    VIGIL_TRY(stored, store->read());
    VIGIL_TRY(master, store->open_master(stored, roots));
    VIGIL_CHECK(store->finish_rotation());
    store->due_ = store->why_due(roots);
    VIGIL_TRY(ring, KeyRing::open(
                        master, stored.keys, store->random_,
                        [store = store.get()](std::span<const WrappedKey> keys) {
                            std::string bytes;
                            for (const auto& key : keys) bytes += encode(key);
                            const std::scoped_lock lock(store->files_);
                            return append_key_file(store->file(subjects_name), bytes);
                        },
                        keys_made_at_once));
    store->ring_.emplace(std::move(ring));
    VIGIL_TRY(lines, store->erased());
    for (const auto& line : lines)
        if (const auto subject = subject_of(line)) store->ring_->erase(subject);
    return store;
}

bool KeyStore::is_there(std::string_view name) const {
    struct stat status{};
    return ::stat(file(name).c_str(), &status) == 0;
}

Result<WrappedKeys> KeyStore::read() {
    const auto path = file(subjects_name);
    VIGIL_TRY(bytes, read_key_file(path));
    auto stored = decode_wrapped_keys(bytes.value_or(""));
    if (!stored) {
        stored.error().place = path + ", " + stored.error().place;
        return stored;
    }
    if (bytes && stored->whole_bytes != bytes->size())
        VIGIL_CHECK(shorten_key_file(path, stored->whole_bytes));
    return stored;
}

// --- Opening

Result<std::vector<MasterWrap>> KeyStore::wraps_of(const Key256& master, RootKey& by,
                                                   const RootKeys& roots) {
    VIGIL_TRY(first, by.wrap(master, random_));
    std::vector wraps{std::move(first)};
    if (roots.recovery) {
        auto second = roots.recovery->wrap(master, random_);
        if (!second) {
            second.error().message +=
                " (keys.recovery_file must be there while the master key is made)";
            return tl::unexpected(std::move(second).error());
        }
        wraps.push_back(std::move(*second));
    }
    return wraps;
}

Result<Key256> KeyStore::begin(const RootKeys& roots) {
    if (!roots.wanted && !is_there(master_name)) {
        Key256 root{};
        random_(root);
        VIGIL_CHECK(write_key_file(file(master_name), std::string(root.begin(), root.end())));
    }
    opened_by_ = roots.wanted ? roots.wanted : own_;
    Key256 master{};
    random_(master);
    VIGIL_TRY(wraps, wraps_of(master, *opened_by_, roots));
    head_ = WrappedMaster{.version = 1, .since = now_(), .wraps = std::move(wraps)};
    VIGIL_CHECK(write_key_file(file(subjects_name), encode(*head_)));
    return master;
}

// Whoever may have wrapped what is there: what the site wants first, as a device that it no longer
// wants is better left alone.
KeyStore::Roots KeyStore::candidates_of(const RootKeys& roots) const {
    Roots candidates{roots.wanted ? roots.wanted : own_};
    if (is_there(next_name)) candidates.push_back(next_);
    if (roots.wanted && is_there(master_name)) candidates.push_back(own_);
    candidates.insert(candidates.end(), roots.others.begin(), roots.others.end());
    if (roots.recovery) candidates.push_back(roots.recovery);
    return candidates;
}

Result<Key256> KeyStore::open_master(const WrappedKeys& stored, const RootKeys& roots) {
    if (!stored.master && stored.keys.empty()) return begin(roots);
    const auto candidates = candidates_of(roots);
    if (!stored.master) return open_bare(stored, candidates);
    head_ = stored.master;
    return open_wrapped(*stored.master, candidates);
}

Result<Key256> KeyStore::open_bare(const WrappedKeys& stored, const Roots& candidates) {
    std::optional<Error> missing;
    for (const auto& root : candidates) {
        const auto key = root->bare();
        if (!key && key.error().kind != Error::Kind::not_found) return tl::unexpected(key.error());
        if (!key && !missing) missing = key.error();
        if (!key || !*key || !opens(**key, stored.keys.front())) continue;
        opened_by_ = root;
        return **key;
    }
    if (missing) return tl::unexpected(std::move(*missing));
    return fail(Error::Kind::conflict,
                "the data keys were wrapped by another master key: put the one back that belongs "
                "to this data folder",
                file(subjects_name));
}

Result<Key256> KeyStore::open_wrapped(const WrappedMaster& master, const Roots& candidates) {
    std::optional<Error> why;
    for (const auto& wrap : master.wraps)
        for (const auto& root : candidates) {
            if (!root->is_of_kind(wrap)) continue;
            auto key = root->unwrap(wrap);
            if (key) {
                opened_by_ = root;
                return key;
            }
            auto& error = key.error();
            if (error.kind == Error::Kind::forbidden) return key;
            // That a key is another one says more than that one is not there.
            if (!why || why->kind == Error::Kind::not_found) why = std::move(error);
        }
    const auto who = describe(master.wraps.front());
    if (!why)
        return fail(Error::Kind::conflict,
                    fmt::format("the keys of this data folder were wrapped by {}, and [keys] names "
                                "nothing of that kind: put back what stood there",
                                who),
                    file(subjects_name));
    why->message =
        fmt::format("the keys of this data folder were wrapped by {}: {}", who, why->message);
    return tl::unexpected(std::move(*why));
}

// What a crash left between the rename that decided and the end of a rotation, or before it.
Result<void> KeyStore::finish_rotation() {
    if (is_there(next_name) && opened_by_ == next_) {
        VIGIL_TRY(before, put_in_place(file(next_name), file(master_name)));
        VIGIL_CHECK(sync_folder_of(file(master_name)));
        VIGIL_CHECK(before.overwrite());
        opened_by_ = own_;
        notices_.emplace_back("a rotation of the keys that was cut short is finished");
    }
    for (const auto name : {next_name, subjects_name, master_name})
        VIGIL_CHECK(destroy_key_file(file(name) + ".new"));
    VIGIL_CHECK(destroy_key_file(file(next_name)));
    const bool is_of_use =
        !head_ || opened_by_ == own_ ||
        std::ranges::any_of(head_->wraps, [&](const auto& wrap) { return own_->made(wrap); });
    // One that cannot be read is nobody's to destroy.
    if (is_of_use || !own_->bare()) return {};
    VIGIL_CHECK(destroy_key_file(file(master_name)));
    notices_.emplace_back("keys/master.key opened nothing any more, and was destroyed");
    return {};
}

std::string KeyStore::why_due(const RootKeys& roots) const {
    const auto& wanted = roots.wanted ? roots.wanted : own_;
    constexpr auto differs = "the keys are wrapped by {}, and [keys] names {}";
    if (!head_) {
        if (opened_by_ == wanted) return {};
        return fmt::format(differs, opened_by_->describe(), wanted->describe());
    }
    if (!wanted->made(head_->wraps.front()))
        return fmt::format(differs, describe(head_->wraps.front()), wanted->describe());
    // Whether it is the same one can be told only while the recovery key is plugged in.
    const bool recoverable = head_->wraps.size() > 1;
    if (recoverable != (roots.recovery != nullptr))
        return recoverable ? "a recovery key opens them that [keys] no longer names"
                           : "the recovery key that [keys] names does not open them yet";
    return {};
}

// --- Erasing

Result<void> KeyStore::erase(PatientId subject, std::string_view line) {
    const std::scoped_lock alone(rewriting_);
    VIGIL_CHECK(list_erased(subject, line));
    // From here on none is made for it, and none is added to the file while that is written.
    ring_->erase(subject);
    return drop_keys({subject});
}

Result<void> KeyStore::drop_erased() {
    VIGIL_TRY(lines, erased());
    std::unordered_set<PatientId> gone;
    for (const auto& line : lines)
        if (const auto subject = subject_of(line)) gone.insert(subject);
    return gone.empty() ? Result<void>() : drop_keys(gone);
}

Result<void> KeyStore::list_erased(PatientId subject, std::string_view line) {
    const std::scoped_lock lock(files_);
    VIGIL_TRY(lines, erased());
    for (const auto& each : lines)
        if (subject_of(each) == subject) return {};
    lines.emplace_back(line);
    std::string bytes;
    for (const auto& each : lines) bytes += each + "\n";
    return write_key_file(file(erased_name), bytes);
}

Result<std::vector<std::string>> KeyStore::erased() const {
    VIGIL_TRY(bytes, read_key_file(file(erased_name)));
    std::vector<std::string> lines;
    for (std::string_view rest = bytes ? std::string_view(*bytes) : std::string_view();;) {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) return lines;
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
}

Result<void> KeyStore::drop_keys(const std::unordered_set<PatientId>& subjects) {
    const std::scoped_lock lock(files_);
    VIGIL_TRY(stored, read());
    std::string rest = stored.master ? encode(*stored.master) : std::string();
    bool any = false;
    for (const auto& key : stored.keys) {
        if (subjects.contains(key.subject))
            any = true;
        else
            rest += encode(key);
    }
    return any ? replace_key_file(file(subjects_name), rest) : Result<void>();
}

}  // namespace vigil::identity
