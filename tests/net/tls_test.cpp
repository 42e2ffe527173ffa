#include "net/tls.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "net/certificates.hpp"
#include "net/connect.hpp"
#include "net/http_fetch.hpp"
#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

// Answers with what the transport knows of the client.
struct Handler final : session::HttpHandler {
    void handle(session::HttpRequest request, session::HttpRespond respond) override {
        peer = request.peer;
        respond({.headers = {{"x-tls", request.peer.tls ? "yes" : "no"}},
                 .body = request.path == "/large" ? std::string(3'000'000, 'x') : request.body});
    }
    session::Upgrade upgrade(const session::HttpRequest&) override { return {}; }
    session::Peer peer;
};

struct TlsTest : testing::Test {
    void serve(TlsServerMaterial material) {
        auto made = TlsServer::make(material);
        ASSERT_TRUE(made) << made.error().message;
        tls = *made;
        listener = std::move(*listen_http(
            loop, {.endpoint = *Endpoint::parse("127.0.0.1:0"), .tls = tls}, {}, handler));
    }
    TlsServerMaterial material() const {
        return {.certificate_pem = server.certificate_pem,
                .key_pem = server.key_pem,
                .client_ca_pem = authority.certificate_pem,
                .application_protocols = {"http/1.1"}};
    }
    Result<session::HttpResponse> fetch(FetchRequest request) {
        request.url =
            fmt::format("https://127.0.0.1:{}{}", listener->endpoint().port(), request.url);
        if (request.tls.ca_pem.empty()) request.tls.ca_pem = authority.certificate_pem;
        bool done = false;
        auto answer = std::async(std::launch::async, [&] {
            auto result = http_fetch(request);
            loop.post([&] { done = true; });
            return result;
        });
        EXPECT_TRUE(loop.run_until([&] { return done; }, RawClient::patience));
        return answer.get();
    }
    Loop loop;
    Handler handler;
    TestCertificate authority = make_certificate("Test CA");
    TestCertificate server = make_certificate("vigil", &authority, "DNS:localhost,IP:127.0.0.1");
    std::shared_ptr<TlsServer> tls;
    std::unique_ptr<Listener> listener;
};

TEST_F(TlsTest, carries_requests_and_long_answers) {
    serve(material());
    const auto answer =
        fetch({.method = "POST", .url = "/echo", .body = std::string(100'000, 'y')});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, std::string(100'000, 'y'));
    EXPECT_THAT(answer->headers, testing::Contains(std::pair("x-tls", "yes")));
    EXPECT_EQ(handler.peer.certificate_pem, "");
    EXPECT_EQ(handler.peer.application_protocol, "");
    ASSERT_TRUE(fetch({.url = "/", .tls = {.application_protocols = {"h2", "http/1.1"}}}));
    EXPECT_EQ(handler.peer.application_protocol, "http/1.1") << "as it was agreed upon";
    const auto large = fetch({.url = "/large"});
    ASSERT_TRUE(large) << large.error().message;
    EXPECT_EQ(large->body.size(), 3'000'000U);
}

TEST_F(TlsTest, hands_the_verified_client_certificate_on) {
    serve(material());
    const auto device = make_certificate("device-7", &authority);
    const auto answer =
        fetch({.url = "/",
               .tls = {.certificate_pem = device.certificate_pem, .key_pem = device.key_pem}});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(handler.peer.certificate_pem, device.certificate_pem);
}

TEST_F(TlsTest, refuses_a_client_certificate_of_a_stranger) {
    serve(material());
    const auto stranger = make_certificate("Other CA");
    const auto device = make_certificate("device-7", &stranger);
    EXPECT_FALSE(
        fetch({.url = "/",
               .tls = {.certificate_pem = device.certificate_pem, .key_pem = device.key_pem}}));
    EXPECT_EQ(listener->counts().tls_failed, 1U);
}

TEST_F(TlsTest, insists_on_a_client_certificate_where_one_is_required) {
    auto strict = material();
    strict.client_certificate_required = true;
    serve(strict);
    EXPECT_FALSE(fetch({.url = "/"}));
}

TEST_F(TlsTest, a_client_refuses_a_server_it_does_not_know) {
    serve(material());
    const auto answer =
        fetch({.url = "/", .tls = {.ca_pem = make_certificate("Other CA").certificate_pem}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Error::Kind::forbidden) << answer.error().message;
}

TEST_F(TlsTest, a_client_refuses_a_server_of_another_name) {
    server = make_certificate("vigil", &authority, "DNS:elsewhere");
    serve(material());
    const auto answer = fetch({.url = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Error::Kind::forbidden) << answer.error().message;
}

TEST_F(TlsTest, new_connections_use_a_reloaded_certificate) {
    serve(material());
    ASSERT_TRUE(fetch({.url = "/"}));
    authority = make_certificate("Next CA");
    ASSERT_FALSE(fetch({.url = "/"}));
    server = make_certificate("vigil", &authority, "IP:127.0.0.1");
    ASSERT_TRUE(tls->reload(material()));
    EXPECT_TRUE(fetch({.url = "/"}));
    EXPECT_FALSE(tls->reload({.certificate_pem = "none", .key_pem = server.key_pem}));
    EXPECT_TRUE(fetch({.url = "/"})) << "the old material stays in use";
}

TEST_F(TlsTest, refuses_what_cannot_serve) {
    EXPECT_FALSE(TlsServer::make(
        {.certificate_pem = server.certificate_pem, .key_pem = make_certificate("x").key_pem}));
    EXPECT_FALSE(TlsServer::make({.certificate_pem = "", .key_pem = ""}));
}

TEST_F(TlsTest, plain_text_on_a_tls_port_is_cut_off) {
    serve(material());
    RawClient client(loop, listener->endpoint());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(listener->counts().tls_failed, 1U);
}

}  // namespace
}  // namespace vigil::net
