// However a stream is cut, the reader makes the same messages of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/websocket_frames.hpp"

namespace {

using vigil::net::WebSocketReader;

std::string read(std::string_view stream, std::size_t step) {
    WebSocketReader reader(WebSocketReader::Role::server);
    std::string told, data;
    while (!stream.empty()) {
        auto part = stream.substr(0, step);
        stream.remove_prefix(part.size());
        for (;;) {
            const auto event = reader.next(part, data);
            if (data.size() > 1 << 20) std::abort();
            if (event.kind == WebSocketReader::Kind::more) break;
            if (event.kind == WebSocketReader::Kind::broken)
                return told + "broken " + std::to_string(reader.broken_code());
            if (event.kind != WebSocketReader::Kind::data) {
                told += "control " + std::string(reader.control());
            } else if (event.message_complete) {
                told += event.text ? "text " : "binary ";
                told += data;
                data.clear();
            }
        }
    }
    return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream(reinterpret_cast<const char*>(data), size);
    if (read(stream, stream.size() + 1) != read(stream, 1)) std::abort();
    return 0;
}
