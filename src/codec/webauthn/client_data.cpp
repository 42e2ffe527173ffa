#include "codec/webauthn/client_data.hpp"

#include <utility>

#include "base/json.hpp"

namespace vigil::codec::webauthn {

Result<ClientData> decode_client_data(std::string_view json) {
    JsonDocument document;
    VIGIL_TRY(object,
              document.parse(
                  json, {.bytes_max = client_data_bytes_max, .values_max = 100, .depth_max = 4}));
    if (!object.is(JsonKind::object)) return fail(Error::Kind::malformed, "not a JSON object");
    ClientData data;
    for (const auto& [name, into] :
         {std::pair{"type", &data.type}, std::pair{"challenge", &data.challenge},
          std::pair{"origin", &data.origin}}) {
        const auto member = object[name];
        if (!member.is(JsonKind::string)) return fail(Error::Kind::malformed, "not a text", name);
        *into = member.string();
    }
    const auto cross = object["crossOrigin"];
    if (cross && !cross.is(JsonKind::boolean))
        return fail(Error::Kind::malformed, "neither true nor false", "crossOrigin");
    data.cross_origin = cross.is_true();
    return data;
}

}  // namespace vigil::codec::webauthn
