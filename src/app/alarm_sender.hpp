#pragma once
// The ways out of messages about alarms: webhooks from the loop, e-mail from threads of its own.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/workers.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "net/mail.hpp"
#include "share/alarms/message_text.hpp"

namespace vigil::app {

struct AlarmSenderSettings {
    net::MailServer mail{};  // an empty URL: there is none
    share::MessageSite site{};
    std::string webhook_ca_pem{};
    std::vector<std::string> webhook_endpoints{};
    net::Reach reach{};
};
// Reads the files that settings name, and refuses what cannot work.
Result<AlarmSenderSettings> alarm_sender_settings(const Config& config);

class AlarmSender {
public:
    AlarmSender(AlarmSenderSettings settings, share::AlarmWords words, net::Loop& loop,
                std::function<void(std::function<void()>)> on_worker);
    ~AlarmSender() { stop(); }

    // On the loop, and answered there.
    void send(const share::AlarmMessage& message, share::AlarmSent done);
    // Where messages' links lead, once the server knows its address.
    void reached_at(std::string public_url) { settings_.site.public_url = std::move(public_url); }
    void stop();

    const AlarmSenderSettings& settings() const { return settings_; }

private:
    void send_mail(const share::AlarmMessage& message, share::AlarmSent done);
    void send_webhook(const share::AlarmMessage& message, share::AlarmSent done);

    AlarmSenderSettings settings_;
    share::AlarmWords words_;
    net::Loop& loop_;
    std::unique_ptr<net::HttpClient> client_;
    std::atomic<bool> stopping_ = false;
    Workers mailers_;  // each has one conversation with the mail server at a time
};

}  // namespace vigil::app
