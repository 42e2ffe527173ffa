#include "identity/root_key.hpp"

#include <algorithm>

namespace vigil::identity {
namespace {

Result<Key256> read_root_file(const std::string& path, KeyReaders readers) {
    VIGIL_TRY(bytes, read_key_file(path, readers));
    if (!bytes)
        return fail(Error::Kind::not_found, "the master key is missing: put this file back", path);
    Key256 key{};
    if (bytes->size() != key.size())
        return fail(Error::Kind::malformed, "the master key is 32 bytes: restore the file", path);
    std::ranges::copy(*bytes, key.begin());
    return key;
}

}  // namespace

std::unique_ptr<BareRootKey> BareRootKey::of_file(const std::string& path, KeyReaders readers) {
    return std::make_unique<BareRootKey>([path, readers] { return read_root_file(path, readers); },
                                         "the file " + path);
}

Result<MasterWrap> BareRootKey::wrap(const Key256& master, const RandomSource& random) {
    VIGIL_TRY(root, read_());
    return KeyWrap{.root = fingerprint_of(root),
                   .wrapped = wrap_key(root, master_purpose, master, random)};
}

Result<Key256> BareRootKey::unwrap(const MasterWrap& wrap) {
    const auto* wrapped = std::get_if<KeyWrap>(&wrap);
    VIGIL_TRY(root, read_());
    const auto is = fingerprint_of(root);
    if (wrapped == nullptr || wrapped->root != is)
        return fail(Error::Kind::conflict, "this is another key, its fingerprint " + to_text(is),
                    description_);
    const auto master = unwrap_key(root, master_purpose, wrapped->wrapped);
    if (!master)
        return fail(
            Error::Kind::malformed,
            "the wrapped master key is damaged: restore keys/subject.keys from its own copy",
            description_);
    return *master;
}

bool BareRootKey::is_of_kind(const MasterWrap& wrap) const {
    return std::holds_alternative<KeyWrap>(wrap);
}

bool BareRootKey::made(const MasterWrap& wrap) const {
    const auto* wrapped = std::get_if<KeyWrap>(&wrap);
    if (wrapped == nullptr) return false;
    const auto root = read_();
    return root && wrapped->root == fingerprint_of(*root);
}

Result<std::optional<Key256>> BareRootKey::bare() {
    VIGIL_TRY(root, read_());
    return std::optional(root);
}

}  // namespace vigil::identity
