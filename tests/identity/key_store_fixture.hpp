#pragma once
// A key folder of its own, and root keys that no device is needed for.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "identity/gcm_sealer.hpp"
#include "identity/key_file.hpp"
#include "identity/key_store.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {

// A token, as far as the store can tell: it may be pulled out, or taken for another.
class FakeToken final : public RootKey {
public:
    FakeToken(std::string label, std::uint8_t secret) : label_(std::move(label)), secret_{secret} {}

    Result<MasterWrap> wrap(const Key256& master, const RandomSource& random) override {
        if (pulled_out) return gone();
        const auto bytes = wrap_key(secret_, master_purpose, master, random);
        return TokenWrap{.token = label_,
                         .key = "vigil",
                         .mechanism = TokenMechanism::aes_gcm,
                         .nonce = {},
                         .wrapped = {bytes.begin(), bytes.end()}};
    }
    Result<Key256> unwrap(const MasterWrap& wrap) override {
        ++asked;
        if (pulled_out) return gone();
        if (wrong_pin) return fail(Error::Kind::forbidden, "wrong PIN", label_);
        KeyWrapBytes bytes{};
        std::ranges::copy(std::get<TokenWrap>(wrap).wrapped, bytes.begin());
        const auto key = unwrap_key(secret_, master_purpose, bytes);
        if (!key) return fail(Error::Kind::conflict, "this is another token", label_);
        return *key;
    }
    bool is_of_kind(const MasterWrap& wrap) const override {
        return std::holds_alternative<TokenWrap>(wrap);
    }
    bool made(const MasterWrap& wrap) const override {
        const auto* wrapped = std::get_if<TokenWrap>(&wrap);
        return wrapped != nullptr && wrapped->token == label_;
    }
    std::string describe() const override { return "the token '" + label_ + "'"; }

    bool pulled_out = false, wrong_pin = false;
    int asked = 0;

private:
    tl::unexpected<Error> gone() const {
        return fail(Error::Kind::not_found, "the token is not plugged in", label_);
    }

    std::string label_;
    Key256 secret_;
};

class KeyStoreTest : public testing::Test {
protected:
    KeyStoreTest() {
        std::string pattern = testing::TempDir() + "vigil-keys-XXXXXX";
        folder = ::mkdtemp(pattern.data());
        keys = folder / "keys";
    }
    ~KeyStoreTest() override { std::filesystem::remove_all(folder); }

    Result<std::unique_ptr<KeyStore>> open(const RootKeys& roots = {}) const {
        return KeyStore::open(keys.string(), roots, system_random(), [] { return at(8); });
    }
    // As data folders were before master keys had versions: the root key wraps the data keys.
    void make_old_folder(const std::vector<PatientId>& subjects) const {
        ASSERT_TRUE(make_private_folder(keys.string()));
        Key256 root{};
        system_random()(root);
        ASSERT_TRUE(write_key_file(file("master.key"), std::string(root.begin(), root.end())));
        std::string bytes;
        auto ring = KeyRing::open(root, {}, system_random(), [&](std::span<const WrappedKey> made) {
            for (const auto& each : made) bytes += encode(each);
            return Result<void>();
        });
        for (const auto subject : subjects) ASSERT_TRUE(ring->key(subject));
        ASSERT_TRUE(write_key_file(file("subject.keys"), bytes));
    }
    std::string elsewhere(const std::string& name, char of) const {
        auto path = (folder / name).string();
        EXPECT_TRUE(write_key_file(path, std::string(32, of)));
        return path;
    }
    static RootKeys of_file(const std::string& path) {
        return {.wanted = BareRootKey::of_file(path)};
    }

    static std::string sealed(KeyStore& store, PatientId subject, std::string_view clear) {
        std::string out;
        GcmSealer(store.ring(), system_random()).seal(subject, clear, out);
        return out;
    }
    static Result<std::string> opened(KeyStore& store, PatientId subject, std::string_view bytes) {
        std::string out;
        VIGIL_CHECK(GcmSealer(store.ring(), system_random()).open(subject, bytes, out));
        return out;
    }

    std::string file(const std::string& name) const { return (keys / name).string(); }
    std::string bytes_of(const std::string& name) const {
        std::ifstream in(keys / name, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    bool is_there(const std::string& name) const { return std::filesystem::exists(keys / name); }
    WrappedKeys stored() const { return *decode_wrapped_keys(bytes_of("subject.keys")); }

    std::filesystem::path folder, keys;
    PatientId ada{1}, bo{2};
};

}  // namespace vigil::identity
