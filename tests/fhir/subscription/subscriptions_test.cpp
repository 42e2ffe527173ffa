// Subscriptions at work: what is sent when, with a clock and an endpoint under the test's hand.
#include "fhir/subscription/subscriptions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "fhir/rest/server.hpp"
#include "identity/access_desk.hpp"
#include "store/fakes.hpp"
#include "store/memory_series.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::fhir {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr auto* topic = R"({"resourceType":"Subscription","id":"s","status":"requested",
    "reason":"r","criteria":"urn:vigil:topic:Patient","channel":{"type":"rest-hook",
    "endpoint":"http://there/x"}})";

// Calls to the owner's thread, which is the test's.
class Calls {
public:
    void post(std::function<void()> call) {
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
        ready_.notify_one();
    }
    void drop() {
        const std::lock_guard lock(mutex_);
        calls_.clear();
    }
    // Runs what comes until `holds`; false: it took too long.
    bool run_until(const std::function<bool()>& holds) {
        while (!holds()) {
            std::unique_lock lock(mutex_);
            if (!ready_.wait_for(lock, seconds(20), [&] { return !calls_.empty(); })) return false;
            const auto call = std::move(calls_.front());
            calls_.pop_front();
            lock.unlock();
            call();
        }
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> calls_;
};

struct PlainHeaders final : HeaderKeeper {
    std::string hide(std::string_view value, std::string_view) override {
        return std::string(value);
    }
    std::optional<std::string> reveal(std::string_view, std::string_view) override {
        return std::nullopt;
    }
};

struct AtWork : testing::Test {
    struct Sent {
        HookMessage message;
        std::function<void(Result<int>)> answer;
    };

    AtWork() {
        file = std::move(
            *store::sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer}));
        documents = store::sqlite::open_documents(*file);
        records = store::sqlite::open_records(*file, [this] { return now; });
        server = std::make_unique<Server>(ServerParts{
            .rest = {.definitions = definitions,
                     .parameters = parameters,
                     .base = "http://here/fhir",
                     .limits = {},
                     .now = [this] { return now; },
                     .new_id = [this] { return "id" + std::to_string(++ids); },
                     .validate = {}},
            .records = *records,
            .documents = *documents,
            .series = series,
            .catalogue = catalogue,
            .on_worker = [](const std::function<void()>& work) { work(); },
            .number_patients =
                [this](std::vector<Demographics> patients, const std::string&, auto done) {
                    std::vector<PatientId> numbers(patients.size());
                    for (auto& number : numbers) number = PatientId{++patient_numbers};
                    done(std::move(numbers));
                },
            .patient_written = {},
            .records_written =
                [this] {
                    if (looking) calls.post([this] { subscriptions->records_written(); });
                },
            .observation_begins = {},
            .subscription_written =
                [this](std::string id, std::uint64_t version, const store::Access&, auto then) {
                    calls.post([this, id = std::move(id), version, then] {
                        subscriptions->written(id, {1, 0, version}, then);
                    });
                },
            .software_version = "test",
            .started = now});
        start();
    }
    ~AtWork() override { file->finish(); }

    void start() {
        subscriptions = std::make_unique<Subscriptions>(SubscriptionsParts{
            .rest = [this] { return server->rest(); },
            .rules = {{"http://there/"}},
            .keeper = headers,
            .records = *records,
            .documents = *documents,
            .readings = server->readings(),
            .groups = server->groups(),
            .patients = server->patients(),
            .everything = system,
            .read = [this](const store::Access& access,
                           const auto& work) { return server->read_all(access, work); },
            .now = [this] { return now; },
            .post = [this](std::function<void()> call) { calls.post(std::move(call)); },
            .send = [this](
                        HookMessage message,
                        auto answer) { sent.push_back({std::move(message), std::move(answer)}); },
            .to_sockets = [](std::string_view, const std::string&) {},
            .authorize =
                [this](SubscriptionOwner, const std::string&, std::optional<PatientId>, auto done) {
                    calls.post([this, done] {
                        done(allowed ? Result<store::Access>(system)
                                     : fail(Error::Kind::forbidden, "no"));
                    });
                },
            .renew = [](const std::vector<SubscriptionAccess>&, const auto&) {},
            .ended = [](SubscriptionOwner, const std::string&, const std::string&) {},
            .set_status =
                [this](std::string id, std::uint64_t version, std::string status,
                       std::string error) {
                    server->set_subscription_status(system, std::move(id), version,
                                                    std::move(status), std::move(error));
                }});
        ASSERT_TRUE(subscriptions->start());
    }
    void ask(const std::string& method, const std::string& path, std::string body) {
        bool answered = false;
        session::HttpRequest request;
        request.method = method;
        request.headers = {{"content-type", "application/fhir+json"}};
        request.body = std::move(body);
        server->handle(system, std::move(request), path,
                       [&](const session::HttpResponse& response) {
                           calls.post([&, status = response.status, text = response.body] {
                               EXPECT_LT(status, 300) << text;
                               answered = true;
                           });
                       });
        ASSERT_TRUE(calls.run_until([&] { return answered; }));
    }
    void end() {
        ASSERT_TRUE(subscriptions->stop());
        calls.drop();
        sent.clear();
    }
    Sent next() {
        if (!calls.run_until([&] { return !sent.empty(); })) {
            ADD_FAILURE() << "nothing was sent";
            return {};
        }
        auto one = std::move(sent.front());
        sent.pop_front();
        return one;
    }
    std::string status() { return *subscriptions->status("s"); }
    void begin() {
        ask("PUT", "Subscription/s", topic);
        next().answer(200);  // the handshake
        ASSERT_TRUE(calls.run_until(
            [&] { return status().find(R"("valueCode":"active")") != std::string::npos; }));
    }
    void pass(Nanoseconds time) {
        now += time;
        subscriptions->tick();
    }

    store::test::TemporaryFolder folder;
    store::test::FlippingSealer sealer;
    store::Access system = identity::AccessDesk::for_system("test");
    Timestamp now = from_unix_ns(1'700'000'000'000'000'000);
    Definitions definitions;
    SearchParameters parameters{definitions};
    Catalogue catalogue;
    store::test::MemorySeries series{catalogue};
    PlainHeaders headers;
    Calls calls;
    std::unique_ptr<store::sqlite::StoreFile> file;
    std::unique_ptr<store::Documents> documents;
    std::unique_ptr<store::RecordStore> records;
    std::unique_ptr<Server> server;
    std::unique_ptr<Subscriptions> subscriptions;
    std::deque<Sent> sent;
    int ids = 0;
    std::uint32_t patient_numbers = 0;
    bool allowed = true, looking = true;
};

TEST_F(AtWork, begins_once_the_endpoint_has_answered_the_handshake) {
    ask("PUT", "Subscription/s", topic);
    auto handshake = next();
    EXPECT_THAT(handshake.message.body, HasSubstr("handshake"));
    EXPECT_THAT(status(), HasSubstr(R"("valueCode":"requested")"));
    handshake.answer(500);
    pass(seconds(1));
    next().answer(200);
    ASSERT_TRUE(calls.run_until(
        [&] { return status().find(R"("valueCode":"active")") != std::string::npos; }));
    ask("PUT", "Patient/p", R"({"resourceType":"Patient","id":"p"})");
    EXPECT_THAT(next().message.body, HasSubstr(R"("event-number","valueString":"1")"));
}

TEST_F(AtWork, gives_up_a_handshake_that_nobody_takes) {
    ask("PUT", "Subscription/s", topic);
    for (unsigned i = 0; i < Subscriptions::handshake_failures_max; ++i) {
        next().answer(fail(Error::Kind::busy, "refused"));
        pass(seconds(60));
    }
    EXPECT_THAT(status(), HasSubstr(R"("valueCode":"error")"));
    EXPECT_THAT(status(), HasSubstr("refused"));
}

TEST_F(AtWork, waits_longer_after_each_failure_and_ends_in_error) {
    begin();
    ask("PUT", "Patient/p", R"({"resourceType":"Patient","id":"p"})");
    auto attempt = next();
    Nanoseconds waited{};
    for (unsigned failure = 1; failure < Subscriptions::failures_max; ++failure) {
        attempt.answer(503);
        const auto wait =
            std::min<Nanoseconds>(seconds(1) * (1 << (failure - 1)), Subscriptions::wait_max);
        pass(wait - std::chrono::milliseconds(1));
        EXPECT_TRUE(sent.empty()) << failure;
        pass(std::chrono::milliseconds(1));
        attempt = next();
        waited += wait;
        EXPECT_THAT(attempt.message.body, HasSubstr(R"("event-number","valueString":"1")"));
    }
    attempt.answer(503);
    EXPECT_THAT(status(), HasSubstr(R"("valueCode":"error")"));
    EXPECT_GT(waited, std::chrono::minutes(15));
}

TEST_F(AtWork, a_late_answer_to_what_was_sent_before_a_change_means_nothing) {
    begin();
    ask("PUT", "Patient/p", R"({"resourceType":"Patient","id":"p"})");
    const auto before = next();
    ask("PUT", "Subscription/s", topic);
    const auto handshake = next();
    before.answer(200);
    EXPECT_THAT(status(), HasSubstr(R"("valueCode":"requested")"));
    EXPECT_THAT(status(), HasSubstr(R"("events-since-subscription-start","valueString":"0")"));
    handshake.answer(200);
    EXPECT_THAT(status(), HasSubstr(R"("valueCode":"active")"));
}

TEST_F(AtWork, whoever_may_not_read_is_told_nothing) {
    allowed = false;
    ask("PUT", "Subscription/s", topic);
    ASSERT_TRUE(calls.run_until(
        [&] { return status().find(R"("valueCode":"error")") != std::string::npos; }));
    ask("PUT", "Patient/p", R"({"resourceType":"Patient","id":"p"})");
    EXPECT_TRUE(sent.empty());
}

TEST_F(AtWork, what_was_owed_at_the_end_is_told_after_a_start) {
    begin();
    ask("PUT", "Patient/p", R"({"resourceType":"Patient","id":"p"})");
    (void)next();  // never answered
    end();
    start();
    EXPECT_THAT(next().message.body, HasSubstr(R"("event-number","valueString":"1")"));
    // Written while nobody looked.
    end();
    looking = false;
    ask("PUT", "Patient/q", R"({"resourceType":"Patient","id":"q"})");
    start();
    subscriptions->records_written();
    auto told = next();
    EXPECT_THAT(told.message.body, HasSubstr(R"("event-number","valueString":"1")"));
    told.answer(200);
    EXPECT_THAT(next().message.body, HasSubstr(R"("event-number","valueString":"2")"));
}

}  // namespace
}  // namespace vigil::fhir
