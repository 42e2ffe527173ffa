#include "fhir/bulk/job_queue.hpp"

#include <gmock/gmock.h>

#include <future>

#include "fhir/bulk/failing_documents.hpp"
#include "identity/access_desk.hpp"

namespace vigil::fhir {
namespace {

using std::chrono::seconds;

constexpr const char* kind = "fhir-tally";

Timestamp at(int second) {
    return Timestamp() + seconds(second);
}

// Turns of jobs that were not asked for yet. Not the jobs' own: a turn holds its job.
using HeldTurns = std::map<std::string, Job::TakeTurn>;

// Goes as many steps as it has, and says so in `order`.
class Steps final : public Job {
public:
    Steps(std::string id, std::vector<Result<bool>> steps, std::string& order, HeldTurns& held)
        : Job(std::move(id)), steps_(std::move(steps)), order_(order), held_(held) {}

    JobState& state() override { return state_; }
    std::string document() override {
        return state_.phase == JobState::Phase::running    ? "running"
               : state_.phase == JobState::Phase::complete ? "complete"
                                                           : "failed";
    }
    void begin(const TakeTurn& take_turn) override {
        if (is_held)
            held_[id()] = take_turn;
        else
            take_turn(state_.begun);
    }
    Result<bool> step() override {
        order_ += id();
        begun.set_value();
        if (waits) interrupted_.get_future().wait();
        begun = {};
        auto one = steps_.front();
        steps_.erase(steps_.begin());
        return one;
    }
    void interrupt() override { interrupted_.set_value(); }
    std::string tally() override { return "three"; }
    std::string progress() override { return "halfway"; }
    std::string result(std::string_view url) override { return std::string(url); }
    session::HttpResponse file(JobCaller /*caller*/, std::string_view name) override {
        return {.status = 200, .body = std::string(name)};
    }
    std::vector<store::DocumentChange> removals() override {
        return {JobQueue::change("fhir-tally-part", id(), std::nullopt)};
    }
    void remove_files() override { has_files = false; }

    bool is_held = false;  // its turn is not asked for
    bool waits = false;    // each step, until it is interrupted
    std::promise<void> begun;
    std::atomic<bool> has_files = true;

private:
    JobState state_;
    std::vector<Result<bool>> steps_;
    std::string& order_;
    HeldTurns& held_;
    std::promise<void> interrupted_;
};

struct Queue {
    std::shared_ptr<Steps> job(std::string id, std::vector<Result<bool>> steps) {
        return std::make_shared<Steps>(std::move(id), std::move(steps), order, held);
    }
    // Begun at that second, by whom `readmit` lets have it.
    std::shared_ptr<Steps> left(std::string id, std::vector<Result<bool>> steps, int begun,
                                std::string by = "system") {
        auto out = job(id, std::move(steps));
        out->state().owner.principal = std::move(by);
        out->state().begun = at(begun);
        documents.all[{kind, id}] = "running";
        documents.all[{"fhir-tally-part", id}] = "part";
        return out;
    }
    JobCaller caller() {
        return {.access = identity::AccessDesk::for_system("test"),
                .from = {},
                .stands = [this] { return may.load(); },
                .ended =
                    [this](std::string words, const std::vector<PatientId>&) {
                        {
                            const std::lock_guard lock(mutex);
                            ends.push_back(std::move(words));
                        }
                        ended.notify_all();
                    }};
    }
    void start(std::vector<JobQueue::JobPtr> left = {}) {
        queue.start(std::move(left), [this](const JobOwner& owner) {
            return owner.principal == "gone" ? std::nullopt : std::optional(caller());
        });
    }
    session::HttpResponse ask(std::string method, std::vector<std::string> below) {
        Request request;
        request.method = std::move(method);
        request.segments = std::move(below);
        request.segments.insert(request.segments.begin(), "$tally");
        return queue.answer(caller(), request);
    }
    // What the audit was told, once so many have ended.
    std::vector<std::string> told(std::size_t count) {
        std::unique_lock lock(mutex);
        ended.wait(lock, [&] { return ends.size() >= count; });
        return ends;
    }
    bool is_kept(const std::string& id) { return documents.all.contains({kind, id}); }

    explicit Queue(std::string failing = "nothing") : documents(std::move(failing)) {}

    std::mutex mutex;
    std::condition_variable ended;
    std::vector<std::string> ends;
    std::string order;
    HeldTurns held;
    std::atomic<bool> may = true;
    std::atomic<int> now = 0;
    Definitions definitions;
    SearchParameters parameters{definitions};
    std::shared_ptr<const RestContext> rest =
        std::make_shared<RestContext>(RestContext{.definitions = definitions,
                                                  .parameters = parameters,
                                                  .base = "https://vigil.example/fhir",
                                                  .limits = {},
                                                  .now = [this] { return at(now); },
                                                  .new_id = [] { return std::string("id"); },
                                                  .validate = {}});
    FailingDocuments documents;
    JobQueue queue{{.operation = "$tally",
                    .noun = "tally",
                    .document_kind = kind,
                    .running_max = 2,
                    .kept_max = 3,
                    .kept_for = seconds(100),
                    .niceness = 0,
                    .rest = [this] { return rest; },
                    .documents = documents}};
};

TEST(JobQueue, promises_a_job_once_it_is_kept_and_tells_what_it_came_to) {
    Queue queue;
    auto job = queue.job("a", {false});
    job->is_held = true;
    const auto taken = queue.queue.admit(job, queue.caller());
    ASSERT_EQ(taken.status, 202);
    EXPECT_EQ(taken.headers.front().second, "https://vigil.example/fhir/$tally/a");
    EXPECT_EQ((queue.documents.all[{kind, "a"}]), "running");
    EXPECT_EQ(queue.ask("GET", {"a"}).status, 202);
    queue.start();
    queue.held.at("a")(at(0));
    EXPECT_THAT(queue.told(1), testing::ElementsAre("complete, three"));
    const auto answer = queue.ask("GET", {"a"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "https://vigil.example/fhir/$tally/a");
    EXPECT_EQ(queue.ask("GET", {"a", "file"}).body, "file");
    EXPECT_EQ(queue.ask("POST", {"a"}).status, 405);
    EXPECT_EQ((queue.documents.all[{kind, "a"}]), "complete");
}

TEST(JobQueue, does_not_promise_what_cannot_be_kept) {
    Queue queue(kind);
    auto job = queue.job("a", {});
    EXPECT_EQ(queue.queue.admit(job, queue.caller()).status, 500);
    EXPECT_FALSE(job->has_files);
    EXPECT_EQ(queue.ask("GET", {"a"}).status, 404);
}

TEST(JobQueue, gives_each_a_step_in_turn_the_oldest_first) {
    Queue queue;
    const auto one = queue.left("a", {true, true, false}, 2);
    const auto other = queue.left("b", {true, false}, 1);
    queue.start({one, other});
    queue.told(2);
    EXPECT_EQ(queue.order, "babaa");
}

TEST(JobQueue, shows_a_job_to_nobody_but_whoever_asked) {
    Queue queue;
    const auto job = queue.left("a", {false}, 1, "anna");
    queue.start({job});
    queue.told(1);
    for (const auto* method : {"GET", "DELETE"})
        EXPECT_EQ(queue.ask(method, {"a"}).status, 404) << method;
    EXPECT_TRUE(queue.is_kept("a"));
}

TEST(JobQueue, takes_no_more_than_may_run_and_be_kept) {
    Queue queue;
    std::vector<std::shared_ptr<Steps>> jobs;
    for (const auto* id : {"a", "b", "c", "d"}) {
        jobs.push_back(queue.job(id, {false}));
        jobs.back()->is_held = true;
    }
    const auto admit = [&](std::size_t which) {
        return queue.queue.admit(jobs[which], queue.caller());
    };
    EXPECT_EQ(admit(0).status, 202);
    EXPECT_EQ(admit(1).status, 202);
    const auto refused = admit(2);
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.headers, testing::Contains(testing::Pair("retry-after", testing::_)));
    EXPECT_FALSE(jobs[2]->has_files);
    queue.start();
    queue.held.at("a")(at(0));
    queue.told(1);
    EXPECT_EQ(admit(2).status, 202);
    queue.held.at("b")(at(0));
    queue.held.at("c")(at(0));
    queue.told(3);
    EXPECT_EQ(admit(3).status, 429) << "three are kept";
    queue.ask("DELETE", {"a"});
    queue.told(4);
    EXPECT_EQ(admit(3).status, 202);
}

TEST(JobQueue, keeps_why_a_job_failed) {
    Queue queue;
    queue.start({queue.left("a", {fail(Error::Kind::too_large, "too much")}, 1)});
    EXPECT_THAT(queue.told(1), testing::ElementsAre("failed, three"));
    const auto answer = queue.ask("GET", {"a"});
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, testing::HasSubstr("too much"));
    EXPECT_EQ((queue.documents.all[{kind, "a"}]), "failed");
}

TEST(JobQueue, ends_a_step_that_is_under_way_and_leaves_nothing_of_it) {
    Queue queue;
    auto job = queue.left("a", {true}, 1);
    job->waits = true;
    auto begun = job->begun.get_future();
    queue.start({job});
    begun.wait();
    EXPECT_EQ(queue.ask("DELETE", {"a"}).status, 202);
    EXPECT_EQ(queue.ask("GET", {"a"}).status, 404);
    EXPECT_THAT(queue.told(1), testing::ElementsAre("cancelled, three"));
    EXPECT_TRUE(queue.documents.all.empty());
    EXPECT_FALSE(job->has_files);
}

TEST(JobQueue, removes_what_was_kept_long_enough) {
    Queue queue;
    queue.start({queue.left("a", {false}, 1)});
    queue.told(1);
    queue.now = 99;
    queue.queue.look_after();
    EXPECT_EQ(queue.ask("GET", {"a"}).status, 200);
    queue.now = 100;
    queue.queue.look_after();
    EXPECT_THAT(queue.told(2), testing::ElementsAre("complete, three", "removed, three"));
    EXPECT_TRUE(queue.documents.all.empty());
}

TEST(JobQueue, ends_with_the_right_of_whoever_asked) {
    Queue queue;
    auto running = queue.left("a", {true}, 2);
    running->waits = true;
    auto begun = running->begun.get_future();
    queue.start({queue.left("b", {false}, 1), running});
    begun.wait();
    queue.may = false;
    queue.queue.look_after();
    EXPECT_THAT(queue.told(3), testing::UnorderedElementsAre("complete, three", "cancelled, three",
                                                             "removed, three"));
    EXPECT_TRUE(queue.documents.all.empty());
}

TEST(JobQueue, leaves_what_is_under_way_to_the_next_start) {
    Queue queue;
    auto job = queue.left("a", {fail(Error::Kind::conflict, "interrupted")}, 1);
    job->waits = true;
    auto begun = job->begun.get_future();
    queue.start({job});
    begun.wait();
    queue.queue.stop();
    EXPECT_THAT(queue.ends, testing::IsEmpty());
    EXPECT_EQ((queue.documents.all[{kind, "a"}]), "running");
    EXPECT_EQ(queue.queue.admit(queue.job("b", {}), queue.caller()).status, 429);

    Queue next;
    next.start({next.left("a", {false}, 1), next.left("b", {false}, 2, "gone")});
    EXPECT_THAT(next.told(1), testing::ElementsAre("complete, three"));
    EXPECT_FALSE(next.is_kept("b")) << "its owner may have it no more";
}

}  // namespace
}  // namespace vigil::fhir
