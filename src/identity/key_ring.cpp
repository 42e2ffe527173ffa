#include "identity/key_ring.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.hpp"

namespace vigil::identity {
namespace {

// A key wrapped for one subject does not open as another's.
std::string purpose(PatientId subject) {
    std::string text = "vigil key ";
    ByteWriter(text).big_endian(subject.value);
    return text;
}

void wipe(Key256& key) {
    OPENSSL_cleanse(key.data(), key.size());
}

}  // namespace

bool opens(const Key256& master, const WrappedKey& wrapped) {
    return unwrap_key(master, purpose(wrapped.subject), wrapped.wrapped).has_value();
}

KeyRing::KeyRing(const Key256& master, RandomSource random, Persist persist,
                 std::uint32_t made_at_once)
    : master_(master),
      random_(std::move(random)),
      persist_(std::move(persist)),
      made_at_once_(made_at_once),
      mutex_(std::make_unique<std::mutex>()),
      erased_(std::make_unique<ErasedSubjects>()) {}

WrappedKey KeyRing::wrap(const Key256& master, PatientId subject, const Key256& key) const {
    return {.subject = subject, .wrapped = wrap_key(master, purpose(subject), key, random_)};
}

Result<KeyRing> KeyRing::open(const Key256& master, const std::vector<WrappedKey>& stored,
                              RandomSource random, Persist persist, std::uint32_t made_at_once) {
    KeyRing ring(master, std::move(random), std::move(persist), made_at_once);
    for (const auto& [subject, wrapped] : stored) {
        const auto key = unwrap_key(master, purpose(subject), wrapped);
        if (!key)
            return fail(Error::Kind::malformed,
                        "a data key was wrapped by another master key: put the master key "
                        "back that belongs to this data folder",
                        "subject " + std::to_string(subject.value));
        ring.keys_[subject] = *key;
    }
    VIGIL_CHECK(ring.key(PatientId{}));
    return ring;
}

Result<Key256> KeyRing::key(PatientId subject) {
    const std::scoped_lock lock(*mutex_);
    const auto known = keys_.find(subject);
    if (known != keys_.end()) return known->second;
    if (is_erased(subject))
        return fail(Error::Kind::not_found, "the key of this patient was destroyed");
    std::vector<WrappedKey> wrapped;
    std::vector<Key256> made;
    const auto count = subject ? made_at_once_ : 1;  // nobody's number follows the site's
    for (std::uint32_t i = 0; i < count && subject.value + i >= subject.value; ++i) {
        const PatientId next{subject.value + i};
        if (keys_.contains(next) || is_erased(next)) continue;
        random_(made.emplace_back());
        wrapped.push_back(wrap(master_, next, made.back()));
    }
    VIGIL_CHECK(persist_(wrapped));
    for (std::size_t i = 0; i < made.size(); ++i) {
        keys_.emplace(wrapped[i].subject, made[i]);
        made_since_.push_back(wrapped[i].subject);
    }
    return made.front();
}

std::optional<Key256> KeyRing::find(PatientId subject) const {
    const std::scoped_lock lock(*mutex_);
    const auto known = keys_.find(subject);
    return known == keys_.end() ? std::nullopt : std::optional(known->second);
}

std::size_t KeyRing::size() const {
    const std::scoped_lock lock(*mutex_);
    return keys_.size();
}

void KeyRing::erase(PatientId subject) {
    const std::scoped_lock lock(*mutex_);
    {
        const std::scoped_lock erased(erased_->mutex);
        erased_->subjects.insert(subject);
        erased_->any = true;
    }
    if (const auto known = keys_.find(subject); known != keys_.end()) {
        wipe(known->second);
        keys_.erase(known);
    }
}

bool KeyRing::is_erased(PatientId subject) const {
    if (!erased_->any) return false;
    const std::scoped_lock lock(erased_->mutex);
    return erased_->subjects.contains(subject);
}

std::vector<WrappedKey> KeyRing::rewrap(const Key256& master, std::atomic<std::uint64_t>& done) {
    std::vector<std::pair<PatientId, Key256>> keys;
    {
        const std::scoped_lock lock(*mutex_);
        keys.assign(keys_.begin(), keys_.end());
        made_since_.clear();
    }
    std::ranges::sort(keys, {}, [](const auto& each) { return each.first.value; });
    std::vector<WrappedKey> wrapped;
    wrapped.reserve(keys.size());
    for (auto& [subject, key] : keys) {
        wrapped.push_back(wrap(master, subject, key));
        wipe(key);
        ++done;
    }
    return wrapped;
}

Result<Key256> KeyRing::change_master(const Key256& master, const Persist& commit) {
    const std::scoped_lock lock(*mutex_);
    std::vector<WrappedKey> since;
    for (const auto subject : made_since_)
        if (const auto known = keys_.find(subject); known != keys_.end())
            since.push_back(wrap(master, subject, known->second));
    VIGIL_CHECK(commit(since));
    made_since_.clear();
    return std::exchange(master_, master);
}

Result<void> KeyRing::check(const Key256& master, const Key256& before,
                            const std::vector<WrappedKey>& stored) const {
    const auto wrong = [](const char* what, PatientId subject) {
        return fail(Error::Kind::internal, what, "subject " + std::to_string(subject.value));
    };
    for (const auto& [subject, wrapped] : stored) {
        const auto known = find(subject);
        const auto read = unwrap_key(master, purpose(subject), wrapped);
        if (!read || !known || *read != *known)
            return wrong("a key that was wrapped anew does not open as what it was", subject);
        if (opens(before, {.subject = subject, .wrapped = wrapped}))
            return wrong("a key still opens with the master key of before", subject);
    }
    return {};
}

}  // namespace vigil::identity
