#pragma once
// What a browser is to the server: one WebSocket on /api/live that wants every patient and metric
// (docs/reference/live-stream.md), and looks when each reading was due.

#include <string>

#include "load/settings.hpp"
#include "load/totals.hpp"
#include "net/websocket_frames.hpp"
#include "session/session.hpp"

namespace vigil::load {

class Viewer final : public session::ByteSession {
public:
    Viewer(const Settings& settings, Totals& totals) : settings_(settings), totals_(totals) {}

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override { ++totals_.lost; }

private:
    bool take_answer(std::string_view& bytes);
    void message(Timestamp now);

    const Settings& settings_;
    Totals& totals_;
    std::string head_, message_;
    bool upgraded_ = false, watching_ = false;
    net::WebSocketReader reader_{net::WebSocketReader::Role::client};
};

}  // namespace vigil::load
