// What a start makes of what the log and vigil.db hold.
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "app/data_folder.hpp"
#include "app/server.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "collect/unread.hpp"
#include "metric/batch.hpp"
#include "net/loop.hpp"
#include "store/fakes.hpp"

namespace vigil::app {
namespace {

using std::chrono::seconds;
using store::test::TemporaryFolder;
using testing::ElementsAre;
using testing::IsEmpty;

class StartupTest : public testing::Test {
protected:
    StartupTest() {
        config.data = folder.file("data");
        config.flush_interval = std::chrono::hours(1);
    }

    // One request by the operator; the answer's body.
    std::string ask(Server& server, const std::string& method, const std::string& path,
                    std::vector<std::pair<std::string, std::string>> query,
                    const std::string& body = {}) {
        session::HttpRequest request;
        request.method = method;
        request.path = path;
        request.query = std::move(query);
        request.body = body;
        const auto response = server.ask(std::move(request));
        EXPECT_LT(response.status, 300) << response.body;
        return response.body;
    }
    std::unique_ptr<Server> start() {
        auto server = Server::open(config, "correct horse battery staple", false);
        EXPECT_TRUE(server) << (server ? "" : server.error().message);
        return server ? std::move(*server) : nullptr;
    }

    // Patients 1 and 2; device 1 is `m`, on nobody. Ends without writing memory to disk, as a kill
    // does.
    void prepare() {
        const auto server = start();
        for (const auto* name : {"One", "Two"})
            ask(*server, "POST", "/api/patients", {},
                std::string(R"({"display_name":")") + name + "\"}");
        ask(*server, "POST", "/api/devices", {}, R"({"id":"m"})");
    }
    void attach(Server& server, int patient, Timestamp from, Timestamp to) {
        std::string body;
        JsonWriter(body)
            .begin_object()
            .member("patient", std::to_string(patient))
            .member("from", from)
            .member("to", to)
            .member("correction", true)
            .end_object();
        ask(server, "POST", "/api/devices/m/attach", {}, body);
    }

    // Appends to the log of the idle folder, and waits for the commit.
    void append(store::EntryKind kind, const std::string& body) {
        std::mutex mutex;
        std::condition_variable committed;
        store::Ticket last = 0;
        const Catalogue unused;
        auto data = DataFolder::open({.path = config.data,
                                      .site_name = config.site_name,
                                      .catalogue = unused,
                                      .clock = net::system_clocks().wall,
                                      .committed = [&](const std::vector<store::Commit>& commits) {
                                          const std::lock_guard guard(mutex);
                                          last = commits.back().last;
                                          committed.notify_all();
                                      }});
        ASSERT_TRUE(data) << data.error().message;
        const auto ticket = (*data)->log().append(kind, {}, {}, body);
        {
            std::unique_lock guard(mutex);
            committed.wait(guard, [&] { return last >= ticket; });
        }
        (*data)->finish();
    }
    void append_heart_rates(std::initializer_list<int> values) {
        std::vector<FiledReading> readings;
        for (const int value : values)
            readings.push_back(
                {.reading = {.metric = catalogue.find("heart_rate")->id,
                             .value = NumericValue{.value = Decimal{value, 0},
                                                   .unit = catalogue.find("heart_rate")->unit}},
                 .filed_time = noon + seconds(value)});
        std::string body;
        encode(Batch{.device = {1},
                     .receive_time = noon,
                     .source = "vigil/m/telemetry",
                     .raw_content_type = "",
                     .raw = "",
                     .offset_minutes = {},
                     .readings = std::move(readings)},
               body);
        append(store::EntryKind::batch, body);
    }
    std::vector<std::string> heart_rates(Server& server, int patient) {
        const auto body = ask(server, "GET", "/api/series/raw",
                              {{"patient", std::to_string(patient)}, {"metric", "heart_rate"}});
        JsonDocument document;
        const auto root = document.parse(body);
        std::vector<std::string> values;
        for (const auto reading : (*root)["readings"])
            values.emplace_back(reading["value"].string());
        return values;
    }

    static constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);
    TemporaryFolder folder;
    Catalogue catalogue;
    Config config;
};

TEST_F(StartupTest, what_the_log_holds_and_no_chunk_yet_is_answered) {
    prepare();
    attach(*start(), 1, noon, noon + seconds(1000));
    append_heart_rates({60, 61});
    append_heart_rates({62});
    for (int again = 0; again < 2; ++again)
        EXPECT_THAT(heart_rates(*start(), 1), ElementsAre("60", "61", "62")) << "start " << again;
}

TEST_F(StartupTest, what_went_to_chunks_is_not_put_twice) {
    prepare();
    attach(*start(), 1, noon, noon + seconds(1000));
    append_heart_rates({60, 61});
    start()->finish();
    append_heart_rates({62});
    EXPECT_THAT(heart_rates(*start(), 1), ElementsAre("60", "61", "62"));
}

TEST_F(StartupTest, an_association_that_was_committed_last_moves_what_came_before_it) {
    prepare();
    append_heart_rates({60, 61, 62});
    start()->finish();  // on nobody, in chunks
    append_heart_rates({63});
    {
        const auto server = start();
        attach(*server, 1, noon + seconds(61), noon + seconds(64));
        EXPECT_THAT(heart_rates(*server, 1), ElementsAre("61", "62", "63"));
    }
    // The act is in the log; that it moved readings is thrown away, as if the process had been
    // killed between the two.
    const Catalogue unused;
    auto data = DataFolder::open({.path = config.data,
                                  .site_name = config.site_name,
                                  .catalogue = unused,
                                  .clock = net::system_clocks().wall,
                                  .committed = [](const auto&) {}});
    ASSERT_TRUE(data);
    ASSERT_TRUE((*data)->forget_derived());
    (*data)->finish();
    data->reset();
    const auto server = start();
    EXPECT_THAT(heart_rates(*server, 1), ElementsAre("61", "62", "63"));
    EXPECT_THAT(heart_rates(*server, 2), IsEmpty());
}

TEST_F(StartupTest, what_could_not_be_read_is_in_quarantine_once) {
    prepare();
    std::string body;
    collect::encode(collect::Unread{.receive_time = noon,
                                    .sender = {1},
                                    .sender_name = "m",
                                    .protocol = "mqtt",
                                    .source = "vigil/m/telemetry",
                                    .content_type = "",
                                    .raw = "{broken",
                                    .reasons = {{Error::Kind::malformed, "no JSON", "byte 1"}}},
                    body);
    append(store::EntryKind::unread, body);
    for (int again = 0; again < 2; ++again) {
        const auto server = start();
        JsonDocument document;
        const auto answer = ask(*server, "GET", "/api/quarantine", {});
        const auto root = document.parse(answer);
        ASSERT_EQ((*root)["items"].size(), 1U) << answer;
        EXPECT_EQ((*root)["items"][std::size_t{0}]["reason"]["message"].string(), "no JSON");
    }
}

TEST_F(StartupTest, a_device_that_is_not_back_was_last_seen_when_it_last_sent) {
    prepare();
    const auto device = [&](Server& server) { return ask(server, "GET", "/api/devices", {}); };
    EXPECT_THAT(device(*start()), testing::HasSubstr(R"("connection":"never")"));
    append_heart_rates({60, 61});
    for (int again = 0; again < 2; ++again) {  // from the log; from chunks
        const auto server = start();
        const auto shown = device(*server);
        EXPECT_THAT(shown, testing::HasSubstr(R"("connection":"disconnected")"));
        EXPECT_THAT(shown, testing::HasSubstr(R"("last_seen":"2026-01-01T12:01:01Z")"));
        server->finish();
    }
}

TEST_F(StartupTest, an_entry_that_cannot_be_read_is_passed_over) {
    prepare();
    attach(*start(), 1, noon, noon + seconds(1000));
    append_heart_rates({60});
    append(store::EntryKind::batch, "no batch");
    append(store::EntryKind::act, R"({"act":"of another room"})");
    append_heart_rates({61});
    EXPECT_THAT(heart_rates(*start(), 1), ElementsAre("60", "61"));
}

TEST_F(StartupTest, one_process_a_folder) {
    const auto first = start();
    const auto second = Server::open(config, "", false);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Error::Kind::conflict);
}

}  // namespace
}  // namespace vigil::app
