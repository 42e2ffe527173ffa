#include "share/est/door.hpp"

#include "identity/device_key.hpp"
#include "identity/est_messages.hpp"
#include "identity/est_requests.hpp"
#include "share/api/base64.hpp"
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::HasSubstr;

constexpr std::string_view root = "/.well-known/est";

class EstDoorTest : public ApiTest {
protected:
    struct Asked {
        std::string credential{};   // "device:code"
        std::string certificate{};  // PEM that the TLS layer has verified
        std::string body{};
        std::string type = "application/pkcs10";
        std::string address = "192.0.2.9:4000";
        bool tls = true;
    };
    Answer ask_est(const std::string& method, const std::string& operation, const Asked& asked) {
        session::HttpRequest request;
        request.method = method;
        request.path = std::string(root) + operation;
        request.headers = {{"content-type", asked.type}};
        if (!asked.credential.empty())
            request.headers.emplace_back("authorization", "Basic " + base64(asked.credential));
        request.body = asked.body;
        request.peer = {
            .address = asked.address, .tls = asked.tls, .certificate_pem = asked.certificate};
        std::optional<session::HttpResponse> response;
        door.handle(std::move(request),
                    [&](session::HttpResponse given) { response = std::move(given); });
        settle();
        EXPECT_TRUE(response) << "no answer";
        if (!response) return {};
        return {.status = response->status,
                .body = std::move(response->body),
                .headers = std::move(response->headers)};
    }
    std::string offer(const std::string& device) {
        const auto offered =
            ask("POST", "/api/devices/" + device + "/enrolment", administrator(), "{}");
        EXPECT_EQ(offered.status, 201) << offered.body;
        return std::string(offered.json()["code"].string());
    }
    static std::string request_body() {
        return identity::to_est_body(identity::new_device_key("whoever")->request_der);
    }
    Answer enrol(const std::string& device, const std::string& code) {
        return ask_est("POST", "/simpleenroll",
                       {.credential = device + ":" + code, .body = request_body()});
    }
    Answer renew(const std::string& certificate) {
        return ask_est("POST", "/simplereenroll",
                       {.certificate = certificate, .body = request_body()});
    }
    static std::string certificate_in(const Answer& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto der = identity::from_est_body(answer.body);
        const auto received = identity::received_certificate(der ? *der : std::string());
        EXPECT_TRUE(received) << answer.body;
        return received ? received->pem : std::string();
    }
    bool opens(const std::string& certificate) {
        const auto shown = authority.verify_device(certificate, now);
        return shown && registry.check_certificate(shown->serial, now).has_value();
    }
    void refused(const Answer& answer, int status, const std::string& saying) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_THAT(answer.body, HasSubstr(saying));
        EXPECT_THAT(answer.header("content-type"), HasSubstr("text/plain")) << "RFC 7030 4.2.3";
    }

    EstDoor door{context};
};

TEST_F(EstDoorTest, anybody_may_ask_whom_to_trust_and_what_to_send) {
    const auto authorities = ask_est("GET", "/cacerts", {});
    EXPECT_EQ(authorities.header("content-type"), "application/pkcs7-mime; smime-type=certs-only");
    EXPECT_EQ(certificate_in(authorities), authority.pair().certificate_pem);
    const auto wanted = ask_est("GET", "/csrattrs", {});
    EXPECT_EQ(wanted.header("content-type"), "application/csrattrs");
    EXPECT_EQ(*identity::from_est_body(wanted.body), identity::csr_attributes());
    EXPECT_EQ(ask_est("POST", "/cacerts", {}).status, 405);
    EXPECT_EQ(ask_est("GET", "/simpleenroll", {}).status, 405);
    refused(ask_est("POST", "/serverkeygen", {}), 404, "simpleenroll");
    refused(ask_est("GET", "", {}), 404, "simpleenroll");
    EXPECT_TRUE(EstDoor::owns("/.well-known/est/cacerts"));
    EXPECT_FALSE(EstDoor::owns("/.well-known/established"));
}

TEST_F(EstDoorTest, nothing_is_said_or_taken_without_tls) {
    Asked plain{.credential = "m:" + offer("m"), .body = request_body(), .tls = false};
    refused(ask_est("POST", "/simpleenroll", plain), 403, "TLS");
    refused(ask_est("GET", "/cacerts", plain), 403, "TLS");
    context.https_in_front = true;
    EXPECT_EQ(ask_est("POST", "/simpleenroll", plain).status, 200) << "a proxy speaks it";
}

TEST_F(EstDoorTest, a_code_is_good_for_one_certificate) {
    const auto code = offer("m");
    const auto enrolled = enrol("m", code);
    EXPECT_EQ(enrolled.header("content-type"), "application/pkcs7-mime; smime-type=certs-only");
    const auto certificate = certificate_in(enrolled);
    EXPECT_TRUE(opens(certificate));
    EXPECT_EQ(authority.verify_device(certificate, now)->device, "m");
    EXPECT_EQ(ledger.lines.back().what, "device enrol");
    EXPECT_EQ(ledger.lines.back().who, "m");
    const auto again = enrol("m", code);
    refused(again, 401, "not valid");
    EXPECT_THAT(again.header("www-authenticate"), testing::StartsWith("Basic realm="));
}

TEST_F(EstDoorTest, whatever_is_wrong_with_a_code_gets_the_same_answer) {
    const auto code = offer("m");
    const auto wrong = enrol("m", "0000-0000-0000-0000-0000");
    refused(wrong, 401, "not valid");
    EXPECT_EQ(enrol("gw", code).body, wrong.body) << "another device's";
    EXPECT_EQ(enrol("nobody", code).body, wrong.body);
    EXPECT_FALSE(ledger.lines.back().permitted);
    now += std::chrono::hours(24);
    EXPECT_EQ(enrol("m", code).body, wrong.body) << "expired";
    refused(ask_est("POST", "/simpleenroll", {.body = request_body()}), 401, "one-time code");
    EXPECT_EQ(
        ask_est("POST", "/simpleenroll", {.credential = "mcode", .body = request_body()}).status,
        401);
}

TEST_F(EstDoorTest, a_device_whose_id_has_colons_enrols_too) {
    ward.device("pump:1");
    log.forgotten = ward.offset;
    EXPECT_TRUE(opens(certificate_in(enrol("pump:1", offer("pump:1")))));
}

TEST_F(EstDoorTest, a_code_that_is_mistyped_ten_times_is_taken_back_and_said_so) {
    const auto code = offer("m");
    auto mistyped = code;
    mistyped.back() = mistyped.back() == '0' ? '1' : '0';
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(enrol("m", mistyped).status, 401) << i;
        now += std::chrono::minutes(1);  // slower than it is slowed
    }
    EXPECT_EQ(registry.enrolment(registry.find_device("m")->id), nullptr);
    EXPECT_EQ(enrol("m", code).status, 401);
}

TEST_F(EstDoorTest, guesses_from_one_address_have_to_wait_and_others_do_not) {
    const auto code = offer("m");
    Answer last;
    for (int i = 0; i < 20 && last.status != 429; ++i) last = enrol("m", "nonsense");
    refused(last, 429, "Retry-After");
    EXPECT_FALSE(last.header("retry-after").empty());
    const auto elsewhere =
        ask_est("POST", "/simpleenroll",
                {.credential = "m:" + code, .body = request_body(), .address = "198.51.100.7:9"});
    EXPECT_EQ(elsewhere.status, 200) << elsewhere.body;
}

TEST_F(EstDoorTest, a_request_that_is_none_does_not_use_the_code_up) {
    const auto code = offer("m");
    const auto key = identity::curve_key("P-256");
    const auto small = identity::request_of(identity::rsa_test_key(512).get());
    auto broken = identity::new_device_key("m")->request_der;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    struct Case {
        std::string body, type;
        int status;
    };
    for (const auto& [body, type, status] :
         {Case{"", "application/pkcs10", 400}, Case{"nonsense!", "application/pkcs10", 400},
          Case{request_body(), "text/plain", 400},
          Case{identity::to_est_body(small), "application/pkcs10", 400},
          Case{identity::to_est_body(broken), "application/pkcs10", 400},
          Case{std::string(20'000, 'A'), "application/pkcs10", 413}}) {
        const auto answer = ask_est("POST", "/simpleenroll",
                                    {.credential = "m:" + code, .body = body, .type = type});
        EXPECT_EQ(answer.status, status) << answer.body;
    }
    const auto smuggled =
        ask_est("POST", "/simpleenroll",
                {.credential = "m:" + code,
                 .body = identity::to_est_body(identity::smuggling_request(key.get()))});
    EXPECT_EQ(authority.verify_device(certificate_in(smuggled), now)->device, "m");
}

TEST_F(EstDoorTest, a_device_renews_with_the_certificate_it_has) {
    const auto first = certificate_in(enrol("m", offer("m")));
    const auto second = certificate_in(renew(first));
    EXPECT_TRUE(opens(first)) << "until it has shown the new one";
    EXPECT_TRUE(opens(second));
    const auto third = certificate_in(renew(second));
    EXPECT_FALSE(opens(first));
    EXPECT_TRUE(opens(third));
    refused(renew(first), 403, "revoked");
    EXPECT_FALSE(ledger.lines.back().permitted);
    const auto listed = ask("GET", "/api/devices/m/certificates", administrator());
    EXPECT_EQ(listed.json()["certificates"].size(), 3U);
}

TEST_F(EstDoorTest, a_device_that_is_revoked_has_no_certificate_left) {
    const auto first = certificate_in(enrol("m", offer("m")));
    const auto second = certificate_in(renew(first));
    const auto code = offer("m");
    EXPECT_EQ(ask("DELETE", "/api/devices/m/credentials", administrator()).status, 200);
    EXPECT_FALSE(opens(first));
    EXPECT_FALSE(opens(second));
    refused(renew(second), 403, "revoked");
    EXPECT_EQ(enrol("m", code).status, 401);
}

TEST_F(EstDoorTest, what_ended_or_is_another_authoritys_renews_nothing) {
    context.enrolled_lifetime = std::chrono::hours(1);
    const auto certificate = certificate_in(enrol("m", offer("m")));
    refused(renew(""), 403, "MQTT over TLS");
    const auto other = *identity::CertificateAuthority::create("Other", identity::at(1));
    refused(renew(other.issue_device("m", now)->pair.certificate_pem), 403, "not issued by this");
    refused(renew(authority.issue_device("m", now)->pair.certificate_pem), 403, "not known");
    now += std::chrono::hours(1);
    refused(renew(certificate), 403, "not valid at this time");
}

TEST_F(EstDoorTest, a_device_that_runs_wild_is_told_to_come_back) {
    auto certificate = certificate_in(enrol("m", offer("m")));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(renew(certificate).status, 200);
    const auto over = renew(certificate);
    refused(over, 429, "lately");
    EXPECT_FALSE(over.header("retry-after").empty());
    now += std::chrono::hours(1);
    EXPECT_EQ(renew(certificate).status, 200);
}

TEST_F(EstDoorTest, while_the_log_takes_nothing_nothing_is_issued) {
    const auto code = offer("m");
    log_works = false;
    EXPECT_EQ(enrol("m", code).status, 503);
    log_works = true;
    EXPECT_TRUE(opens(certificate_in(enrol("m", code)))) << "the code is not used up";
}

}  // namespace
}  // namespace vigil::share
