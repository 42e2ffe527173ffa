#include "load/viewer.hpp"

#include <fmt/format.h>

#include "base/time.hpp"

namespace vigil::load {
namespace {

constexpr net::MaskingKey mask{1, 2, 3, 4};
constexpr std::string_view end_of_head = "\r\n\r\n";

}  // namespace

void Viewer::on_open(Timestamp, session::Waker, session::Actions& out) {
    out.send += fmt::format(
        "GET /api/live HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        settings_.live, settings_.token);
}

// True once the server has changed to WebSocket; `bytes` is then what follows its answer.
bool Viewer::take_answer(std::string_view& bytes) {
    const auto before = head_.size();
    head_ += bytes;
    const auto end = head_.find(end_of_head);
    if (end == std::string::npos) return false;
    bytes.remove_prefix(end + end_of_head.size() - before);
    upgraded_ = head_.starts_with("HTTP/1.1 101");
    if (!upgraded_)
        fmt::print(stderr, "mqtt_load: the live stream was refused: {}\n",
                   head_.substr(0, head_.find('\r')));
    return upgraded_;
}

void Viewer::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    if (!upgraded_) {
        if (!take_answer(bytes)) return;
        net::write_frame(
            out.send, net::WebSocketOpcode::text,
            R"({"type":"subscribe","patients":"all","metrics":"all","waveforms":true,"resume":null})",
            mask);
    }
    while (true) {
        const auto event = reader_.next(bytes, message_);
        if (event.kind == net::WebSocketReader::Kind::more) break;
        if (event.kind == net::WebSocketReader::Kind::broken ||
            event.kind == net::WebSocketReader::Kind::close) {
            fmt::print(stderr, "mqtt_load: the live stream ended\n");
            out.close = true;
            break;
        }
        if (event.kind == net::WebSocketReader::Kind::ping)
            net::write_frame(out.send, net::WebSocketOpcode::pong, reader_.control(), mask);
        if (event.kind != net::WebSocketReader::Kind::data || !event.message_complete) continue;
        message(now);
        message_.clear();
    }
}

void Viewer::message(Timestamp now) {
    const std::string_view text = message_;
    if (!watching_ && text.starts_with(R"({"type":"snapshot")") &&
        text.ends_with(R"("last":true})")) {
        watching_ = true;
        ++totals_.ready;
    }
    if (text.starts_with(R"({"type":"gap")"))
        fmt::print(stderr, "mqtt_load: the live stream left something out: {}\n", text);
    if (!text.starts_with(R"({"type":"readings")")) return;
    constexpr std::string_view name = R"("device_time":")";
    for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at)) {
        at += name.size();
        const auto end = text.find('"', at);
        const auto time = parse_rfc3339(text.substr(at, end - at));
        ++totals_.seen;
        if (!time || !totals_.measuring) continue;
        ++totals_.seen_measured;
        totals_.sight.add((now - time->instant).count());
    }
}

}  // namespace vigil::load
