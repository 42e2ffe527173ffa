#include "collect/device_state.hpp"

namespace vigil::collect {

void ResendSuspects::sent(const Fingerprint& bytes, Timestamp now) {
    recent_[next_] = {bytes, now};
    next_ = (next_ + 1) % recent_.size();
}

void ResendSuspects::reconnected(Timestamp now) {
    reconnected_at_ = now;
    suspected_ = recent_;
    for (auto& sent : suspected_)
        if (now - sent.at > window) sent = {};
}

bool ResendSuspects::suspects(const Fingerprint& bytes, Timestamp now) {
    if (now - reconnected_at_ > window) return false;
    for (auto& sent : suspected_)
        if (sent.bytes == bytes) {
            sent = {};  // one resend each
            return true;
        }
    return false;
}

}  // namespace vigil::collect
