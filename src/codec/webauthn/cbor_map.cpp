#include "codec/webauthn/cbor_map.hpp"

#include "base/decimal.hpp"

namespace vigil::codec::webauthn {
namespace {

using Kind = cbor::CborItem::Kind;

Result<cbor::CborItem> item_of(cbor::CborReader& reader, Kind kind, const char* what) {
    VIGIL_TRY(item, reader.next());
    if (item.kind != kind)
        return fail(Error::Kind::malformed, what, "byte " + std::to_string(reader.position()));
    return item;
}

}  // namespace

Result<std::size_t> read_map(cbor::CborReader& reader, std::size_t members_max) {
    VIGIL_TRY(map, item_of(reader, Kind::map, "a map should stand here"));
    if (!map.count || *map.count > members_max)
        return fail(Error::Kind::malformed, "a map of so many members is not read",
                    "byte " + std::to_string(reader.position()));
    return static_cast<std::size_t>(*map.count);
}

Result<std::int64_t> read_integer(cbor::CborReader& reader) {
    VIGIL_TRY(item, item_of(reader, Kind::integer, "a whole number should stand here"));
    return item.number.mantissa;
}

Result<std::string_view> read_text(cbor::CborReader& reader) {
    VIGIL_TRY(item, item_of(reader, Kind::text, "a text should stand here"));
    return item.text;
}

Result<std::string_view> read_bytes(cbor::CborReader& reader) {
    VIGIL_TRY(item, item_of(reader, Kind::bytes, "a byte string should stand here"));
    return item.text;
}

}  // namespace vigil::codec::webauthn
