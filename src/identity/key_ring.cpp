#include "identity/key_ring.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "identity/gcm.hpp"

namespace vigil::identity {
namespace {

// A key wrapped for one subject does not open as another's.
std::string associated(PatientId subject) {
    std::string text = "vigil key ";
    ByteWriter(text).big_endian(subject.value);
    return text;
}

WrappedKey wrap(const Key256& master, PatientId subject, const Key256& key,
                const RandomSource& random) {
    GcmNonce nonce{};
    random(nonce);
    std::string sealed;
    GcmCipher(master, GcmCipher::Direction::seal)
        .seal(nonce, associated(subject), std::string(key.begin(), key.end()), sealed);
    WrappedKey wrapped{.subject = subject};
    const auto after = std::ranges::copy(nonce, wrapped.wrapped.begin()).out;
    std::ranges::copy(sealed, after);
    return wrapped;
}

std::optional<Key256> unwrap(const Key256& master, const WrappedKey& wrapped) {
    GcmNonce nonce{};
    const auto rest = std::next(wrapped.wrapped.begin(), gcm_nonce_bytes);
    std::copy(wrapped.wrapped.begin(), rest, nonce.begin());
    std::string clear;
    Key256 key{};
    if (!GcmCipher(master, GcmCipher::Direction::open)
             .open(nonce, associated(wrapped.subject), std::string(rest, wrapped.wrapped.end()),
                   clear))
        return std::nullopt;
    std::ranges::copy(clear, key.begin());
    return key;
}

}  // namespace

KeyRing::KeyRing(const Key256& master, RandomSource random, Persist persist,
                 std::uint32_t made_at_once)
    : master_(master),
      random_(std::move(random)),
      persist_(std::move(persist)),
      made_at_once_(made_at_once),
      mutex_(std::make_unique<std::mutex>()),
      erased_(std::make_unique<ErasedSubjects>()) {}

Result<KeyRing> KeyRing::open(const Key256& master, const std::vector<WrappedKey>& stored,
                              RandomSource random, Persist persist, std::uint32_t made_at_once) {
    KeyRing ring(master, std::move(random), std::move(persist), made_at_once);
    for (const auto& wrapped : stored) {
        const auto key = unwrap(master, wrapped);
        if (!key)
            return fail(Error::Kind::malformed,
                        "a data key was wrapped by another master key: put the master key file "
                        "back that belongs to this data folder",
                        "subject " + std::to_string(wrapped.subject.value));
        ring.keys_[wrapped.subject] = *key;
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
        wrapped.push_back(wrap(master_, next, made.back(), random_));
    }
    VIGIL_CHECK(persist_(wrapped));
    for (std::size_t i = 0; i < made.size(); ++i) keys_.emplace(wrapped[i].subject, made[i]);
    return made.front();
}

std::optional<Key256> KeyRing::find(PatientId subject) const {
    const std::scoped_lock lock(*mutex_);
    const auto known = keys_.find(subject);
    return known == keys_.end() ? std::nullopt : std::optional(known->second);
}

void KeyRing::erase(PatientId subject) {
    const std::scoped_lock lock(*mutex_);
    {
        const std::scoped_lock erased(erased_->mutex);
        erased_->subjects.insert(subject);
        erased_->any = true;
    }
    if (const auto known = keys_.find(subject); known != keys_.end()) {
        OPENSSL_cleanse(known->second.data(), known->second.size());
        keys_.erase(known);
    }
}

bool KeyRing::is_erased(PatientId subject) const {
    if (!erased_->any) return false;
    const std::scoped_lock lock(erased_->mutex);
    return erased_->subjects.contains(subject);
}

}  // namespace vigil::identity
