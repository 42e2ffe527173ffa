#include "identity/sessions.hpp"

#include <algorithm>
#include <utility>

namespace vigil::identity {

NewSession Sessions::open(AccountId account, Timestamp now, const RandomSource& random,
                          std::string address, std::string user_agent, bool setting_up) {
    make_room(account);
    user_agent.resize(std::min(user_agent.size(), user_agent_bytes_max));
    NewSession opened{.cookie = new_secret(random),
                      .csrf = {},
                      .id = SessionId{next_id_++},
                      .expires = now + rules_.absolute};
    opened.csrf = csrf(opened.cookie);
    sessions_.emplace(sha256(opened.cookie), SignIn{.id = opened.id,
                                                    .account = account,
                                                    .began = now,
                                                    .last_seen = now,
                                                    .expires = opened.expires,
                                                    .address = std::move(address),
                                                    .user_agent = std::move(user_agent),
                                                    .authenticated = now,
                                                    .setting_up = setting_up});
    return opened;
}

const SignIn* Sessions::find(std::string_view cookie, Timestamp now) {
    const auto found = sessions_.find(sha256(cookie));
    if (found == sessions_.end()) return nullptr;
    if (ended(found->second, now)) {
        sessions_.erase(found);
        return nullptr;
    }
    found->second.last_seen = std::max(found->second.last_seen, now);
    return &found->second;
}

std::string Sessions::csrf(std::string_view cookie) {
    return derived_secret(cookie, "vigil csrf");
}

bool Sessions::csrf_matches(std::string_view cookie, std::string_view shown) {
    return same_secret(csrf(cookie), shown);
}

bool Sessions::close(std::string_view cookie) {
    return sessions_.erase(sha256(cookie)) > 0;
}

void Sessions::authenticated(std::string_view cookie, Timestamp now) {
    const auto found = sessions_.find(sha256(cookie));
    if (found != sessions_.end()) found->second.authenticated = now;
}

bool Sessions::fresh(const SignIn& session, Timestamp now) const {
    return now <= session.authenticated + rules_.fresh;
}

void Sessions::set_up(std::string_view cookie) {
    const auto found = sessions_.find(sha256(cookie));
    if (found != sessions_.end()) found->second.setting_up = false;
}

bool Sessions::close(AccountId account, SessionId id) {
    return std::erase_if(sessions_, [&](const auto& entry) {
               return entry.second.account == account && entry.second.id == id;
           }) > 0;
}

std::size_t Sessions::close_others(AccountId account, SessionId but) {
    return std::erase_if(sessions_, [&](const auto& entry) {
        return entry.second.account == account && entry.second.id != but;
    });
}

std::size_t Sessions::close_all(AccountId account) {
    return std::erase_if(sessions_,
                         [&](const auto& entry) { return entry.second.account == account; });
}

std::vector<SignIn> Sessions::list(AccountId account, Timestamp now) const {
    std::vector<SignIn> found;
    for (const auto& [digest, session] : sessions_)
        if (session.account == account && !ended(session, now)) found.push_back(session);
    std::ranges::sort(found,
                      [](const SignIn& a, const SignIn& b) { return a.last_seen > b.last_seen; });
    return found;
}

void Sessions::sweep(Timestamp now) {
    std::erase_if(sessions_, [&](const auto& entry) { return ended(entry.second, now); });
}

bool Sessions::ended(const SignIn& session, Timestamp now) const {
    return session.expires <= now || session.last_seen + rules_.idle <= now;
}

void Sessions::make_room(AccountId account) {
    std::size_t count = 0;
    auto idlest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
        if (it->second.account != account) continue;
        ++count;
        if (idlest == sessions_.end() || it->second.last_seen < idlest->second.last_seen)
            idlest = it;
    }
    if (count >= sessions_an_account_max) sessions_.erase(idlest);
}

}  // namespace vigil::identity
