#include "app/audit_syslog.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "net/certificates.hpp"
#include "net/listener.hpp"
#include "net/raw_client.hpp"
#include "store/fakes.hpp"
#include "store/memory_documents.hpp"

namespace vigil::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

const net::TestCertificate authority = net::make_certificate("Site CA");
const net::TestCertificate certificate =
    net::make_certificate("collector", &authority, "DNS:collector.example,IP:127.0.0.1");

store::AuditLine line_of(std::string what) {
    store::AuditLine line;
    line.time = from_unix_ns(1'772'366'400'000'000'000);
    line.principal = "nia";
    line.role = "nurse";
    line.what = std::move(what);
    line.from = "192.0.2.7:1";
    return line;
}

// The texts of the frames at the front of a stream.
std::vector<std::string> frames_in(std::string_view bytes) {
    std::vector<std::string> frames;
    while (!bytes.empty()) {
        const auto space = bytes.find(' ');
        if (space == std::string_view::npos) break;
        const auto length =
            static_cast<std::size_t>(std::stoul(std::string(bytes.substr(0, space))));
        if (bytes.size() < space + 1 + length) break;
        frames.emplace_back(bytes.substr(space + 1, length));
        bytes.remove_prefix(space + 1 + length);
    }
    return frames;
}

std::vector<int> numbers_in(std::string_view bytes) {
    constexpr std::string_view mark = "/AuditEvent/a";
    std::vector<int> numbers;
    for (const auto& frame : frames_in(bytes))
        numbers.push_back(std::stoi(frame.substr(frame.find(mark) + mark.size())));
    return numbers;
}

// --- What is sent

const SyslogSource source{
    .host = "ward", .process = "17", .site_name = "Ward", .fhir_base = "https://ward.example/fhir"};

TEST(SyslogFrames, a_line_is_one_message_that_names_it) {
    const auto frames = syslog_frames(30'500, line_of("fhir.read Condition/12"), source);
    EXPECT_EQ(frames.messages, 1U);
    const auto texts = frames_in(frames.bytes);
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_THAT(texts[0],
                testing::StartsWith(
                    "<85>1 2026-03-01T12:00:00Z ward vigil 17 IHE+RFC-3881 - \xEF\xBB\xBF<?xml"));
    EXPECT_THAT(texts[0], HasSubstr("https://ward.example/fhir/AuditEvent/a30500"));
}

TEST(SyslogFrames, a_denial_is_a_warning_with_its_reason) {
    auto line = line_of("fhir.read Condition/12");
    line.permitted = false;
    line.reason = "not in your care";
    const auto text = frames_in(syslog_frames(1, line, source).bytes).front();
    EXPECT_THAT(text, testing::StartsWith("<84>1 "));
    EXPECT_THAT(text, HasSubstr("EventOutcomeIndicator=\"8\""));
    EXPECT_THAT(text,
                HasSubstr("<EventOutcomeDescription>not in your care</EventOutcomeDescription>"));
}

TEST(SyslogFrames, a_line_about_many_is_several_messages_that_any_collector_takes) {
    auto line = line_of("fhir.search Observation?" + std::string(600, 'x'));
    for (std::uint32_t i = 1; i <= 1'000; ++i) line.patients.push_back(PatientId{1'000'000 + i});
    const auto frames = syslog_frames(7, line, source);
    EXPECT_EQ(frames.messages, 16U);
    std::size_t named = 0;
    for (const auto& text : frames_in(frames.bytes)) {
        EXPECT_LE(text.size(), 32'768U);  // PS3.15 A.6
        for (auto at = text.find(">patient "); at != std::string::npos;
             at = text.find(">patient ", at + 1))
            ++named;
    }
    EXPECT_EQ(named, 1'000U);
}

// --- Whom to send to

std::string written(const store::test::TemporaryFolder& folder, const std::string& name,
                    const std::string& text) {
    std::ofstream(folder.file(name)) << text;
    return folder.file(name);
}

std::string refused(const Config& config) {
    const auto collector = syslog_collector(config);
    return collector ? std::string("taken") : collector.error().place;
}

TEST(SyslogCollector, none_is_named_by_default) {
    const auto none = syslog_collector(Config{});
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
}

TEST(SyslogCollector, is_a_host_and_a_port) {
    for (const auto& [text, shown] :
         std::map<std::string, std::string>{{"collector.example", "collector.example:6514"},
                                            {"collector.example:601", "collector.example:601"},
                                            {"192.0.2.9", "192.0.2.9:6514"},
                                            {"[2001:db8::9]:7", "[2001:db8::9]:7"}}) {
        Config config;
        config.audit_syslog = text;
        const auto collector = syslog_collector(config);
        ASSERT_TRUE(collector && *collector) << text;
        EXPECT_EQ((*collector)->shown(), shown);
        EXPECT_EQ((*collector)->name, (*collector)->host);
    }
}

TEST(SyslogCollector, what_cannot_be_is_refused_at_the_start) {
    const store::test::TemporaryFolder folder;
    for (const auto* text : {"udp://collector:514", "tls://collector:6514", "collector:0",
                             "collector:x", "collector:70000", ":6514", "[::1", "a b", "a/b:1"}) {
        Config config;
        config.audit_syslog = text;
        EXPECT_EQ(refused(config), "audit.syslog") << text;
    }
    Config config;
    config.audit_syslog_ca = "ca.pem";
    EXPECT_EQ(refused(config), "audit.syslog_ca") << "for nothing";
    config.audit_syslog = "collector";
    EXPECT_EQ(refused(config), "audit.syslog_ca") << "a file that is not there";
    config.audit_syslog_ca = written(folder, "ca.pem", "no certificate");
    EXPECT_EQ(refused(config), "audit.syslog_ca");
    config.audit_syslog_ca = written(folder, "ca.pem", authority.certificate_pem);
    EXPECT_EQ(refused(config), "taken");
    config.audit_syslog_certificate = written(folder, "own.pem", certificate.certificate_pem);
    EXPECT_EQ(refused(config), "audit.syslog_key");
    config.audit_syslog_key = written(folder, "own.key", authority.key_pem);
    EXPECT_EQ(refused(config), "audit.syslog_certificate") << "the key of another";
    config.audit_syslog_key = written(folder, "own.key", certificate.key_pem);
    EXPECT_EQ(refused(config), "taken");
}

// --- The way there

// What each connection brought; the first `cuts` are ended by the collector once it has seen bytes.
struct Collected {
    std::vector<std::string> streams;
    int cuts = 0;
};

class Collector final : public session::ByteSession {
public:
    explicit Collector(Collected& all) : all_(all), mine_(all.streams.size()) {
        all_.streams.emplace_back();
        cuts_ = all_.cuts-- > 0;
    }
    void on_open(Timestamp, session::Waker, session::Actions&) override {}
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        all_.streams[mine_] += bytes;
        out.close = cuts_;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}

private:
    Collected& all_;
    std::size_t mine_;
    bool cuts_ = false;
};

class AuditSyslogTest : public testing::Test {
protected:
    AuditSyslogTest() {
        for (int i = 1; i <= 5; ++i) lines.push_back(line_of(fmt::format("line {}", i)));
        auto tls = net::TlsServer::make(
            {.certificate_pem = certificate.certificate_pem, .key_pem = certificate.key_pem});
        EXPECT_TRUE(tls);
        listener = std::move(*net::listen(
            loop, {.endpoint = *net::Endpoint::parse("127.0.0.1:0"), .tls = *tls},
            [this](const session::Peer&) { return std::make_unique<Collector>(collected); }));
    }
    std::unique_ptr<AuditSyslog> follower(const std::string& name = "collector.example",
                                          const std::string& ca = authority.certificate_pem) {
        auto tls = net::TlsClient::make({.ca_pem = ca});
        EXPECT_TRUE(tls);
        auto made = std::make_unique<AuditSyslog>(
            SyslogCollector{.host = "127.0.0.1",
                            .port = listener->endpoint().port(),
                            .name = name,
                            .tls = *tls},
            AuditSyslog::Sources{.loop = loop,
                                 .on_worker = [](const std::function<void()>& work) { work(); },
                                 .follow =
                                     [this](std::uint64_t after, const auto& visit) {
                                         for (auto i = after; i < lines.size(); ++i)
                                             if (!visit(i + 1, lines[i])) break;
                                         return Result<void>();
                                     },
                                 .newest = [this] { return lines.size(); },
                                 .documents = documents,
                                 .source = source,
                                 .say = [this](const std::string& text) { said.push_back(text); }});
        EXPECT_TRUE(made->start());
        return made;
    }
    bool until(AuditSyslog& syslog, const std::function<bool()>& holds) {
        net::Timer second(loop, [] {});
        return loop.run_until(
            [&] {
                syslog.every_second();
                second.after(std::chrono::milliseconds(5));
                return holds();
            },
            net::RawClient::patience);
    }

    net::Loop loop;
    std::vector<store::AuditLine> lines;
    store::test::MemoryDocuments documents;
    Collected collected;
    std::vector<std::string> said;
    std::unique_ptr<net::Listener> listener;
};

TEST_F(AuditSyslogTest, every_line_arrives_in_order_and_counts_once_the_connection_ended_in_order) {
    const auto syslog = follower();
    ASSERT_TRUE(until(*syslog, [&] {
        return collected.streams.size() == 1 && numbers_in(collected.streams[0]).size() == 5;
    }));
    EXPECT_THAT(numbers_in(collected.streams[0]), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(syslog->state().received, 0U) << "sent is not received";
    EXPECT_EQ(syslog->state().waiting, 5U);
    syslog->stop();
    ASSERT_TRUE(until(*syslog, [&] { return syslog->state().received == 5; }));
    EXPECT_EQ(syslog->state().waiting, 0U);
    EXPECT_EQ(syslog->state().messages, 5U);
    EXPECT_THAT(said, IsEmpty());

    lines.push_back(line_of("line 6"));
    const auto next = follower();  // after a restart
    ASSERT_TRUE(until(
        *next, [&] { return collected.streams.size() == 2 && !collected.streams[1].empty(); }));
    EXPECT_THAT(numbers_in(collected.streams[1]), ElementsAre(6));
}

TEST_F(AuditSyslogTest, what_a_broken_connection_may_have_lost_is_sent_again) {
    collected.cuts = 1;
    const auto syslog = follower();
    ASSERT_TRUE(until(*syslog, [&] { return syslog->state().failures == 1; }));
    EXPECT_EQ(syslog->state().received, 0U);
    EXPECT_THAT(syslog->state().problem, HasSubstr("orderly end"));
    ASSERT_TRUE(until(*syslog, [&] {
        return collected.streams.size() == 2 && numbers_in(collected.streams[1]).size() == 5;
    }));
    EXPECT_THAT(numbers_in(collected.streams[1]), ElementsAre(1, 2, 3, 4, 5));
    syslog->stop();
    ASSERT_TRUE(until(*syslog, [&] { return syslog->state().received == 5; }));
    EXPECT_EQ(syslog->state().problem, "");
    EXPECT_EQ(said.size(), 2U) << "that it does not get there, and that it does again";
}

TEST_F(AuditSyslogTest, long_audits_go_out_a_batch_at_a_time) {
    lines.assign(3'000, line_of("series.window"));
    const auto syslog = follower();
    ASSERT_TRUE(until(*syslog, [&] {
        return !collected.streams.empty() && numbers_in(collected.streams[0]).size() == 3'000;
    }));
    const auto numbers = numbers_in(collected.streams[0]);
    for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], static_cast<int>(i) + 1);
}

TEST_F(AuditSyslogTest, nothing_is_said_to_whom_the_authority_does_not_know) {
    for (const auto& [name, ca] :
         {std::pair{std::string("collector.example"),
                    net::make_certificate("Other").certificate_pem},
          std::pair{std::string("other.example"), authority.certificate_pem}}) {
        const auto syslog = follower(name, ca);
        ASSERT_TRUE(until(*syslog, [&] { return syslog->state().failures > 0; }));
        EXPECT_THAT(syslog->state().problem, HasSubstr("not trusted"));
    }
    for (const auto& stream : collected.streams) EXPECT_EQ(stream, "");
}

}  // namespace
}  // namespace vigil::app
