#pragma once
// keys/subject.keys as bytes. Numbers are big-endian.
//
//     8   "VGLKEYS1"
//     4   n: how long what follows is, without the checksum
//     n   version of the master key (4), since when (8, ns since 1970, UTC), how many root keys
//         wrapped it (1), then of each its wrap behind its length (LEB128):
//         identity/master_wrap.hpp
//     4   CRC-32C of all of the above
//     68  for each data key: subject (4), the key wrapped by the master key (60), CRC-32C of both
//     (4)
//
// Of data folders from before master keys had versions the records stand alone: what wrapped them
// is the root key itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/key_ring.hpp"
#include "identity/master_wrap.hpp"

namespace vigil::identity {

constexpr std::size_t key_record_bytes = 68;
constexpr std::size_t master_wraps_max = 8;

// A version of the master key, as the root keys wrapped it: the site's own first.
struct WrappedMaster {
    std::uint32_t version = 1;
    Timestamp since{};
    std::vector<MasterWrap> wraps;
    bool operator==(const WrappedMaster&) const = default;
};

std::string encode(const WrappedMaster& master);
std::string encode(const WrappedKey& key);

struct WrappedKeys {
    std::optional<WrappedMaster> master;  // nothing: from before there were versions
    std::vector<WrappedKey> keys;
    std::size_t whole_bytes = 0;  // what follows is a record that a crash cut short
};

// A last record that is not whole was never used: whoever reads cuts it off. Damage before that is
// an error with its byte.
Result<WrappedKeys> decode_wrapped_keys(std::string_view bytes);

}  // namespace vigil::identity
