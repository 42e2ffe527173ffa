#include "identity/gcm_sealer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace vigil::identity {
namespace {

constexpr char own_key = 1;
constexpr char site_key = 2;

struct Associated {
    Associated(char format, PatientId subject)
        : bytes{format, static_cast<char>(subject.value >> 24),
                static_cast<char>(subject.value >> 16 & 0xFF),
                static_cast<char>(subject.value >> 8 & 0xFF),
                static_cast<char>(subject.value & 0xFF)} {}
    std::string_view view() const { return {bytes.data(), bytes.size()}; }
    std::array<char, 5> bytes;
};

}  // namespace

GcmSealer::GcmSealer(KeyRing& ring, RandomSource random) : ring_(ring), random_(std::move(random)) {
    random_(nonce_prefix_);
}

void GcmSealer::seal(PatientId subject, std::string_view clear, std::string& sealed_out) {
    GcmNonce nonce{};
    std::optional<GcmCipher> cipher;
    {
        const std::scoped_lock lock(mutex_);
        nonce = next_nonce();
        cipher = take(sealing_, sealing_count_, subject);
    }
    PatientId owner = subject;
    if (!cipher) {
        if (const auto key = ring_.key(subject)) {
            cipher.emplace(*key, GcmCipher::Direction::seal);
        } else if (key.error().kind == Error::Kind::not_found) {
            Key256 nobodys{};
            random_(nobodys);
            cipher.emplace(nobodys, GcmCipher::Direction::seal);
        } else {
            ++under_site_key_;
            owner = {};
            const auto site = ring_.find(owner);  // made when the ring was opened
            assert(site);
            cipher.emplace(*site, GcmCipher::Direction::seal);
        }
    }
    const char format = owner == subject ? own_key : site_key;
    sealed_out.push_back(format);
    sealed_out.append(nonce.begin(), nonce.end());
    cipher->seal(nonce, Associated(format, subject).view(), clear, sealed_out);

    const std::scoped_lock lock(mutex_);
    put_back(sealing_, sealing_count_, owner, std::move(*cipher));
}

Result<void> GcmSealer::open(PatientId subject, std::string_view sealed, std::string& clear_out) {
    if (sealed.size() < overhead_bytes || (sealed[0] != own_key && sealed[0] != site_key))
        return fail(Error::Kind::malformed, "not a sealed segment");
    const char format = sealed[0];
    const PatientId owner = format == site_key ? PatientId{} : subject;
    // Also of what stands under the site's key, for want of their own.
    if (ring_.is_erased(subject))
        return fail(Error::Kind::not_found, "the key of this patient was destroyed");
    GcmNonce nonce{};
    std::copy_n(sealed.begin() + 1, nonce.size(), nonce.begin());
    std::optional<GcmCipher> cipher;
    {
        const std::scoped_lock lock(mutex_);
        cipher = take(opening_, opening_count_, owner);
    }
    if (!cipher) {
        const auto key = ring_.find(owner);
        if (!key)
            return fail(Error::Kind::malformed,
                        "the key of this data is not there: put keys/subject.keys back");
        cipher.emplace(*key, GcmCipher::Direction::open);
    }
    const bool unchanged = cipher->open(nonce, Associated(format, subject).view(),
                                        sealed.substr(1 + nonce.size()), clear_out);
    const std::scoped_lock lock(mutex_);
    put_back(opening_, opening_count_, owner, std::move(*cipher));
    if (!unchanged)
        return fail(Error::Kind::malformed,
                    "the sealed segment was changed, or is another patient's");
    return {};
}

// SP 800-38D 8.2.1: a fixed field, drawn at random for this process, and a counter. Two processes
// draw the same with a probability of 2^-64 a pair.
GcmNonce GcmSealer::next_nonce() {
    if (++nonce_counter_ == 0) random_(nonce_prefix_);
    GcmNonce nonce{};
    const auto after = std::ranges::copy(nonce_prefix_, nonce.begin()).out;
    for (int i = 0; i < 4; ++i)
        *std::next(after, i) = static_cast<std::uint8_t>(nonce_counter_ >> (24 - 8 * i) & 0xFF);
    return nonce;
}

std::optional<GcmCipher> GcmSealer::take(Pool& pool, std::size_t& count, PatientId owner) {
    const auto found = pool.find(owner);
    if (found == pool.end() || found->second.empty()) return std::nullopt;
    std::optional<GcmCipher> cipher(std::move(found->second.back()));
    found->second.pop_back();
    --count;
    return cipher;
}

void GcmSealer::forget(PatientId subject) {
    const std::scoped_lock lock(mutex_);
    for (auto [pool, count] :
         {std::pair{&sealing_, &sealing_count_}, std::pair{&opening_, &opening_count_}})
        if (const auto known = pool->find(subject); known != pool->end()) {
            *count -= known->second.size();
            pool->erase(known);
        }
}

void GcmSealer::put_back(Pool& pool, std::size_t& count, PatientId owner, GcmCipher cipher) {
    if (owner && ring_.is_erased(owner)) return;
    if (count >= ciphers_max) {
        pool.clear();
        count = 0;
    }
    pool[owner].push_back(std::move(cipher));
    ++count;
}

}  // namespace vigil::identity
