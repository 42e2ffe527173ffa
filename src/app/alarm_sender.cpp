#include "app/alarm_sender.hpp"

#include <fmt/format.h>

#include "app/setting_values.hpp"
#include "fhir/subscription/subscription.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t mailers = 4;
constexpr Nanoseconds answer_time_max = std::chrono::seconds(10);
constexpr std::size_t answer_bytes_max = 16 * 1024;  // nothing of it is looked at

// 4xx says that it will never be taken, but for those that ask to come again.
bool refused_for_good(int status) {
    return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
}

}  // namespace

Result<AlarmSenderSettings> alarm_sender_settings(const Config& config) {
    AlarmSenderSettings out;
    out.site = {.name = config.site_name,
                .mail_from = config.alarms_mail_from,
                .names_patients = config.alarms_mail_says == "patient"};
    out.webhook_endpoints = words_of(config.alarms_webhook_endpoints);
    VIGIL_TRY(webhook_ca, pem_setting(config.alarms_webhook_ca));
    VIGIL_TRY(reach, net::Reach::parse(config.outbound_networks));
    out.webhook_ca_pem = std::move(webhook_ca);
    out.reach = std::move(reach);
    if (config.alarms_mail_server.empty()) return out;
    VIGIL_TRY(password, secret_setting(config.alarms_mail_password,
                                       config.alarms_mail_password_file, "alarms.mail_password"));
    VIGIL_TRY(mail_ca, pem_setting(config.alarms_mail_ca));
    out.mail = {.url = config.alarms_mail_server,
                .user = config.alarms_mail_user,
                .password = std::move(password),
                .ca_pem = std::move(mail_ca)};
    if (auto fits = net::check(out.mail); !fits)
        return fail(Error::Kind::malformed, fits.error().message, "alarms.mail_server");
    if (auto fits = codec::mail::check_address(config.alarms_mail_from); !fits)
        return fail(Error::Kind::malformed, fits.error().message, "alarms.mail_from");
    return out;
}

AlarmSender::AlarmSender(AlarmSenderSettings settings, share::AlarmWords words, net::Loop& loop,
                         std::function<void(std::function<void()>)> on_worker)
    : settings_(std::move(settings)),
      words_(words),
      loop_(loop),
      client_(std::make_unique<net::HttpClient>(
          loop, net::HttpClientOptions{.ca_pem = settings_.webhook_ca_pem,
                                       .reach = settings_.reach,
                                       .on_worker = std::move(on_worker)})),
      mailers_(settings_.mail.url.empty() ? 0 : mailers) {}

void AlarmSender::stop() {
    stopping_ = true;
    mailers_.finish();
    client_.reset();
}

void AlarmSender::send(const share::AlarmMessage& message, share::AlarmSent done) {
    if (message.to.contact.channel == share::AlarmChannel::email)
        send_mail(message, std::move(done));
    else
        send_webhook(message, std::move(done));
}

void AlarmSender::send_mail(const share::AlarmMessage& message, share::AlarmSent done) {
    const auto refuse = [this, &done](Error error) {
        loop_.post([done, error = std::move(error)] { done(tl::unexpected(error)); });
    };
    if (settings_.mail.url.empty())
        return refuse(
            {Error::Kind::forbidden, "this server has no mail server (alarms.mail_server)", ""});
    const auto mail = share::mail_of(message, words_, settings_.site);
    auto text = codec::mail::encode(mail);
    if (!text) return refuse({Error::Kind::forbidden, text.error().message, text.error().place});
    mailers_.post(
        [this, done = std::move(done), from = mail.from, to = mail.to, text = std::move(*text)] {
            auto outcome = net::send_mail(settings_.mail, from, to, text, stopping_);
            loop_.post([done, outcome = std::move(outcome)] { done(outcome); });
        });
}

void AlarmSender::send_webhook(const share::AlarmMessage& message, share::AlarmSent done) {
    const auto& contact = message.to.contact;
    if (!client_ || !fhir::is_allowed(contact.address, settings_.webhook_endpoints)) {
        loop_.post([done = std::move(done)] {
            done(fail(Error::Kind::forbidden,
                      "the address is none of those in alarms.webhook_endpoints"));
        });
        return;
    }
    auto body = share::webhook_body(message, words_, settings_.site);
    auto signature = share::webhook_signature(message, body);
    client_->send(
        {.method = "POST",
         .url = contact.address,
         .headers = {{"content-type", "application/json"},
                     {"vigil-signature", std::move(signature)}},
         .body = std::move(body),
         .time_max = answer_time_max,
         .body_bytes_max = answer_bytes_max},
        [done = std::move(done)](const Result<session::HttpResponse>& answer) {
            if (!answer) return done(fail(Error::Kind::busy, answer.error().message));
            const auto said = fmt::format("HTTP {}", answer->status);
            if (answer->status >= 200 && answer->status < 300) return done(said);
            done(fail(refused_for_good(answer->status) ? Error::Kind::forbidden : Error::Kind::busy,
                      said));
        });
}

}  // namespace vigil::app
