#pragma once
// A CBOR map of definite length, member by member, as CTAP2 writes them.

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "codec/cbor/cbor.hpp"

namespace vigil::codec::webauthn {

// How many members follow.
Result<std::size_t> read_map(cbor::CborReader& reader, std::size_t members_max);
Result<std::int64_t> read_integer(cbor::CborReader& reader);
Result<std::string_view> read_text(cbor::CborReader& reader);
Result<std::string_view> read_bytes(cbor::CborReader& reader);

}  // namespace vigil::codec::webauthn
