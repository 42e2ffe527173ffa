#include "app/subscription_sockets.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace vigil::app {
namespace {

constexpr std::uint16_t close_policy = 1008, close_try_later = 1013;  // RFC 6455 7.4.1, IANA

std::string told_wrong(std::string_view message) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "OperationOutcome").key("issue").begin_array();
    json.begin_object()
        .member("severity", "error")
        .member("code", "processing")
        .member("diagnostics", message)
        .end_object();
    json.end_array().end_object();
    return text;
}

struct Bind {
    std::string id, token;  // one of the two
};

std::optional<Bind> read_bind(std::string_view text) {
    constexpr std::string_view with_token = "bind-with-token ", plain = "bind ";
    if (text.starts_with(with_token)) return Bind{{}, std::string(text.substr(with_token.size()))};
    if (text.starts_with(plain)) return Bind{std::string(text.substr(plain.size())), {}};
    JsonDocument document;
    const auto root = document.parse(text, {.bytes_max = 4096, .values_max = 100, .depth_max = 4});
    if (!root || (*root)["type"].string() != "bind-with-token") return std::nullopt;
    return Bind{{}, std::string((*root)["payload"]["token"].string())};
}

}  // namespace

class SubscriptionSockets::Session final : public session::MessageSession {
public:
    Session(SubscriptionSockets& sockets, MayBind may_bind)
        : sockets_(&sockets), may_bind_(std::move(may_bind)) {
        sockets_->sessions_.insert(this);
    }
    ~Session() override { leave(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void on_open(Timestamp, session::Waker wake, session::MessageActions&) override {
        wake_ = std::move(wake);
    }
    void on_message(Timestamp, session::Frame message, session::MessageActions& out) override {
        if (message.payload.size() > message_bytes_max) {
            out.close = close_policy;
            return;
        }
        const auto bind = message.text ? read_bind(message.payload) : std::nullopt;
        if (!bind || sockets_ == nullptr) {
            out.send.push_back({true, told_wrong("say \"bind [id]\" or \"bind-with-token "
                                                 "[token]\"")});
            return;
        }
        if (auto done = take(*bind); !done)
            out.send.push_back({true, told_wrong(done.error().message)});
    }
    void on_timer(Timestamp, session::MessageActions&) override {}
    void on_wake(Timestamp, session::MessageActions& out) override {
        if (untaken_ > untaken_bytes_max) {  // it asks for what it missed with $events
            out.close = close_try_later;
            return;
        }
        for (auto& text : std::exchange(outbox_, {})) out.send.push_back({true, std::move(text)});
    }
    void on_drained(Timestamp, session::MessageActions&) override { untaken_ = 0; }
    void on_closed(Timestamp) override { leave(); }

    void tell(const std::string& text) {
        untaken_ += text.size();
        if (untaken_ <= untaken_bytes_max) outbox_.push_back(text);
        if (wake_) wake_();
    }
    void orphan() { sockets_ = nullptr; }

private:
    Result<void> take(const Bind& bind) {
        std::vector<std::string> ids{bind.id};
        if (bind.token.empty()) {
            if (!may_bind_)
                return fail(Error::Kind::forbidden,
                            "bind with a token of $get-ws-binding-token, or open the websocket "
                            "with a bearer token");
            VIGIL_CHECK(may_bind_(bind.id));
        } else {
            VIGIL_TRY(redeemed, sockets_->parts_.redeem(bind.token));
            ids = std::move(redeemed);
        }
        if (ids_.size() + ids.size() > bindings_max)
            return fail(Error::Kind::too_large, "too many subscriptions on one websocket");
        for (const auto& id : ids)
            sockets_->parts_.greeting(id, [sockets = sockets_, self = this, number = number_,
                                           id](const Result<std::string>& greeting) {
                // It may have gone meanwhile.
                if (!sockets->sessions_.contains(self) || self->number_ != number) return;
                if (!greeting) return self->tell(told_wrong(greeting.error().message));
                sockets->bound_[id].insert(self);
                self->ids_.insert(id);
                self->tell(*greeting);
            });
        return {};
    }
    void leave() {
        if (sockets_ == nullptr) return;
        for (const auto& id : ids_) {
            const auto bound = sockets_->bound_.find(id);
            if (bound == sockets_->bound_.end()) continue;
            bound->second.erase(this);
            if (bound->second.empty()) sockets_->bound_.erase(bound);
        }
        sockets_->sessions_.erase(this);
        sockets_ = nullptr;
    }

    static inline std::uint64_t next_number_ = 0;  // NOLINT: of the loop's thread alone

    SubscriptionSockets* sockets_;
    MayBind may_bind_;
    std::uint64_t number_ = ++next_number_;
    session::Waker wake_;
    std::set<std::string> ids_;
    std::vector<std::string> outbox_;
    std::size_t untaken_ = 0;
};

SubscriptionSockets::~SubscriptionSockets() {
    for (auto* session : sessions_) session->orphan();
}

std::unique_ptr<session::MessageSession> SubscriptionSockets::open(MayBind may_bind) {
    return std::make_unique<Session>(*this, std::move(may_bind));
}

void SubscriptionSockets::tell(std::string_view id, const std::string& text) {
    const auto bound = bound_.find(id);
    if (bound == bound_.end()) return;
    for (auto* session : bound->second) session->tell(text);
}

}  // namespace vigil::app
