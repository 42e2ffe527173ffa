#include <cstdlib>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace {

using vigil::JsonKind;
using vigil::JsonValue;
using vigil::JsonWriter;

void write(JsonWriter& json, JsonValue value) {
    switch (value.kind()) {
        case JsonKind::object:
            json.begin_object();
            for (auto member = value.begin(); member != value.end(); ++member) {
                json.key(member.key());
                write(json, *member);
            }
            json.end_object();
            break;
        case JsonKind::array:
            json.begin_array();
            for (const auto element : value) write(json, element);
            json.end_array();
            break;
        case JsonKind::string:
            json.text(value.text());
            break;
        default:
            json.verbatim(value.text());
    }
}

}  // namespace

// What is read and written again is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vigil::JsonDocument json;
    const auto root = json.parse({reinterpret_cast<const char*>(data), size});
    if (!root) return 0;
    std::string once;
    JsonWriter once_writer(once);
    write(once_writer, *root);
    vigil::JsonDocument again;
    const auto reread = again.parse(once);
    if (!reread) std::abort();
    std::string twice;
    JsonWriter twice_writer(twice);
    write(twice_writer, *reread);
    if (once != twice) std::abort();
    return 0;
}
