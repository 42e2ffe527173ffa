#include "identity/gcm_sealer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vigil::identity {
namespace {

constexpr PatientId ada{1}, bo{2};
constexpr Key256 master{1, 2, 3};

class GcmSealerTest : public testing::Test {
protected:
    KeyRing ring_of(const std::vector<WrappedKey>& keys, const Key256& key = master) {
        return std::move(
            *KeyRing::open(key, keys, system_random(), [this](std::span<const WrappedKey> made) {
                if (disk_full) return Result<void>(fail(Error::Kind::internal, "disk full"));
                stored.insert(stored.end(), made.begin(), made.end());
                return Result<void>();
            }));
    }
    static std::string sealed(store::Sealer& sealer, PatientId subject, std::string_view clear) {
        std::string out;
        sealer.seal(subject, clear, out);
        return out;
    }
    static Result<std::string> opened(store::Sealer& sealer, PatientId subject,
                                      std::string_view bytes) {
        std::string out;
        VIGIL_CHECK(sealer.open(subject, bytes, out));
        return out;
    }

    bool disk_full = false;
    std::vector<WrappedKey> stored;
    KeyRing ring = ring_of({});
    GcmSealer sealer{ring, system_random()};
};

TEST(GcmCipher, agrees_with_the_published_vector) {
    const auto bytes = [](std::string_view hex) {
        std::string out;
        for (std::size_t i = 0; i < hex.size(); i += 2)
            out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
        return out;
    };
    // McGrew & Viega, The Galois/Counter Mode of Operation, test case 16.
    const auto key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const auto iv = bytes("cafebabefacedbaddecaf888");
    const auto clear = bytes(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
        "a6b525b16aedf5aa0de657ba637b39");
    const auto associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const auto expected = bytes(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
        "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
    Key256 key_bytes{};
    GcmNonce nonce{};
    std::copy(key.begin(), key.end(), key_bytes.begin());
    std::copy(iv.begin(), iv.end(), nonce.begin());
    std::string out, back;
    GcmCipher(key_bytes, GcmCipher::Direction::seal).seal(nonce, associated, clear, out);
    EXPECT_EQ(out, expected);
    EXPECT_TRUE(
        GcmCipher(key_bytes, GcmCipher::Direction::open).open(nonce, associated, out, back));
    EXPECT_EQ(back, clear);
}

TEST_F(GcmSealerTest, what_was_sealed_opens_and_shows_nothing) {
    for (const auto& clear :
         {std::string(), std::string("heart rate 72"), std::string(70'000, 'x')}) {
        const auto bytes = sealed(sealer, ada, clear);
        EXPECT_EQ(bytes.size(), clear.size() + GcmSealer::overhead_bytes);
        EXPECT_EQ(opened(sealer, ada, bytes).value(), clear);
        if (!clear.empty()) EXPECT_THAT(bytes, testing::Not(testing::HasSubstr(clear)));
    }
    EXPECT_NE(sealed(sealer, ada, "same"), sealed(sealer, ada, "same"));
}

TEST_F(GcmSealerTest, adds_to_what_stands_in_the_buffer) {
    std::string out = "before";
    sealer.seal(ada, "heart rate 72", out);
    std::string clear = "kept ";
    ASSERT_TRUE(sealer.open(ada, std::string_view(out).substr(6), clear));
    EXPECT_EQ(clear, "kept heart rate 72");
}

TEST_F(GcmSealerTest, a_changed_cut_or_moved_segment_does_not_open) {
    const auto bytes = sealed(sealer, ada, "heart rate 72");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(opened(sealer, ada, changed)) << "byte " << i;
        EXPECT_FALSE(opened(sealer, ada, bytes.substr(0, i))) << "cut at " << i;
    }
    EXPECT_FALSE(opened(sealer, bo, bytes)) << "another patient";
    sealed(sealer, bo, "so that there is a key");
    EXPECT_FALSE(opened(sealer, bo, bytes)) << "another patient";
    std::string clear = "kept";
    EXPECT_FALSE(sealer.open(bo, bytes, clear));
    EXPECT_EQ(clear, "kept") << "nothing of what failed is handed out";
}

TEST_F(GcmSealerTest, opens_after_a_restart_with_the_stored_keys_only) {
    const auto bytes = sealed(sealer, ada, "heart rate 72");
    EXPECT_EQ(stored.size(), 2U) << "the site's key and Ada's";
    auto ring_again = ring_of(stored);
    GcmSealer again(ring_again, system_random());
    EXPECT_EQ(opened(again, ada, bytes).value(), "heart rate 72");

    // A key that is lost is a fault that somebody can mend.
    auto without_ada = ring_of({stored[0]});
    GcmSealer lost(without_ada, system_random());
    EXPECT_EQ(opened(lost, ada, bytes).error().kind, Error::Kind::malformed);
}

TEST_F(GcmSealerTest, nothing_of_a_patient_who_was_erased_opens_and_nobody_elses_is_touched) {
    const auto hers = sealed(sealer, ada, "heart rate 72"), his = sealed(sealer, bo, "80");
    ASSERT_TRUE(opened(sealer, ada, hers)) << "so that a cipher is kept ready";
    ring.erase(ada);
    sealer.forget(ada);
    EXPECT_EQ(opened(sealer, ada, hers).error().kind, Error::Kind::not_found);
    EXPECT_EQ(opened(sealer, bo, his).value(), "80");
    EXPECT_EQ(ring.key(ada).error().kind, Error::Kind::not_found);
}

TEST_F(GcmSealerTest, what_is_sealed_too_late_for_a_patient_who_was_erased_opens_never) {
    sealed(sealer, ada, "72");
    ring.erase(ada);
    sealer.forget(ada);
    const auto late = sealed(sealer, ada, "73");
    EXPECT_EQ(sealer.under_site_key(), 0U);
    EXPECT_FALSE(opened(sealer, ada, late));
    auto ring_again = ring_of(stored);  // with her key still
    GcmSealer again(ring_again, system_random());
    EXPECT_FALSE(opened(again, ada, late));
}

TEST_F(GcmSealerTest, what_stands_under_the_sites_key_is_erased_too) {
    disk_full = true;
    const auto bytes = sealed(sealer, ada, "72");
    EXPECT_EQ(opened(sealer, ada, bytes).value(), "72");
    ring.erase(ada);
    sealer.forget(ada);
    EXPECT_EQ(opened(sealer, ada, bytes).error().kind, Error::Kind::not_found);
}

TEST_F(GcmSealerTest, one_sync_makes_the_keys_of_the_patients_who_come_next) {
    int syncs = 0;
    std::vector<WrappedKey> kept;
    const auto persist = [&](std::span<const WrappedKey> made) {
        ++syncs;
        kept.insert(kept.end(), made.begin(), made.end());
        return Result<void>();
    };
    auto many = KeyRing::open(master, {}, system_random(), persist, 8);
    ASSERT_TRUE(many);
    std::vector<Key256> keys;
    for (std::uint32_t number = 5; number < 5 + 16; ++number)
        keys.push_back(*many->key(PatientId{number}));
    EXPECT_EQ(syncs, 1 + 2);  // the site's, then eight at a time
    EXPECT_EQ(kept.size(), 1U + 16U);
    EXPECT_TRUE(many->key(PatientId{1}));  // up to those that are there
    EXPECT_EQ(kept.size(), 1U + 16U + 4U);
    std::ranges::sort(keys);
    EXPECT_EQ(std::ranges::unique(keys).begin(), keys.end());
    EXPECT_TRUE(many->key(PatientId{0xFFFF'FFFE}));
    EXPECT_EQ(kept.size(), 1U + 16U + 4U + 2U);
    const auto again = KeyRing::open(master, kept, system_random(), persist, 8);
    EXPECT_EQ(*again->find(PatientId{12}), *many->find(PatientId{12}));
}

TEST_F(GcmSealerTest, another_master_key_opens_no_key) {
    const auto wrong = KeyRing::open({9, 9, 9}, stored, system_random(),
                                     [](std::span<const WrappedKey>) { return Result<void>(); });
    EXPECT_EQ(wrong.error().kind, Error::Kind::malformed);
    auto swapped = stored;
    swapped[0].subject = ada;
    EXPECT_FALSE(KeyRing::open(master, swapped, system_random(),
                               [](std::span<const WrappedKey>) { return Result<void>(); }));
}

TEST_F(GcmSealerTest, a_key_that_cannot_be_kept_is_not_used) {
    disk_full = true;
    const auto bytes = sealed(sealer, ada, "heart rate 72");
    EXPECT_EQ(sealer.under_site_key(), 1U);
    EXPECT_EQ(opened(sealer, ada, bytes).value(), "heart rate 72");
    EXPECT_FALSE(opened(sealer, bo, bytes)) << "bound to its patient all the same";
    auto ring_again = ring_of(stored);
    GcmSealer again(ring_again, system_random());
    EXPECT_EQ(opened(again, ada, bytes).value(), "heart rate 72");
    disk_full = false;
    sealed(sealer, ada, "next");
    EXPECT_EQ(sealer.under_site_key(), 1U) << "tried again as soon as there is room";
}

TEST_F(GcmSealerTest, never_uses_a_nonce_twice) {
    std::set<std::string> nonces;
    for (int i = 0; i < 5'000; ++i)
        nonces.insert(sealed(sealer, i % 2 == 0 ? ada : bo, "x").substr(1, gcm_nonce_bytes));
    EXPECT_EQ(nonces.size(), 5'000U);
}

TEST_F(GcmSealerTest, serves_more_patients_than_it_keeps_ciphers_for) {
    for (std::uint32_t i = 1; i <= GcmSealer::ciphers_max + 100; ++i)
        ASSERT_EQ(opened(sealer, PatientId{i}, sealed(sealer, PatientId{i}, "x")).value(), "x");
}

TEST_F(GcmSealerTest, can_be_used_from_many_threads) {
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (std::uint32_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::uint32_t i = 0; i < 500; ++i) {
                const PatientId subject{1 + (i + t) % 7};
                const auto clear = std::to_string(i);
                EXPECT_EQ(opened(sealer, subject, sealed(sealer, subject, clear)).value(), clear);
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace vigil::identity
