#pragma once
// What wraps the master key: the end of the chain, and the one thing that lies outside of the key
// folder. docs/guides/keys.md says which for whom.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "identity/key256.hpp"
#include "identity/key_file.hpp"
#include "identity/master_wrap.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

class RootKey {
public:
    virtual ~RootKey() = default;

    // Wrapped, and seen to open again. May ask a device, and wait for it.
    virtual Result<MasterWrap> wrap(const Key256& master, const RandomSource& random) = 0;
    // `conflict`: it was another root key that wrapped it. `forbidden`: not to be tried again as it
    // is (a wrong PIN, a file that others can read).
    virtual Result<Key256> unwrap(const MasterWrap& wrap) = 0;

    // Whether it is of the kind that made `wrap`: worth a try.
    virtual bool is_of_kind(const MasterWrap& wrap) const = 0;
    // Whether it is the one that made it, as far as that can be told without asking a device.
    virtual bool made(const MasterWrap& wrap) const = 0;
    // The key itself where it is 32 bytes: what wraps the data keys of folders from before there
    // were versions of the master key.
    virtual Result<std::optional<Key256>> bare() { return std::optional<Key256>(); }
    // For people: "the file /run/credentials/vigil.service/master.key".
    virtual std::string describe() const = 0;
};

// A key of 32 bytes: of a file, which may come and go, or of the environment.
class BareRootKey final : public RootKey {
public:
    using Read = std::function<Result<Key256>()>;
    BareRootKey(Read read, std::string description)
        : read_(std::move(read)), description_(std::move(description)) {}
    // It is never made or written here, and read each time.
    static std::unique_ptr<BareRootKey> of_file(const std::string& path,
                                                KeyReaders readers = KeyReaders::owner_and_group);

    Result<MasterWrap> wrap(const Key256& master, const RandomSource& random) override;
    Result<Key256> unwrap(const MasterWrap& wrap) override;
    bool is_of_kind(const MasterWrap& wrap) const override;
    bool made(const MasterWrap& wrap) const override;
    Result<std::optional<Key256>> bare() override;
    std::string describe() const override { return description_; }

private:
    Read read_;
    std::string description_;
};

// The root keys that a configuration names.
struct RootKeys {
    // What is to wrap the master key; none: keys/master.key, which the store makes.
    std::shared_ptr<RootKey> wanted{};
    // What may have wrapped it until now.
    std::vector<std::shared_ptr<RootKey>> others{};
    // Wraps it beside `wanted`, and is kept elsewhere: for the day that the other is lost.
    std::shared_ptr<RootKey> recovery{};
};

}  // namespace vigil::identity
