// What every Log keeps: one suite, run against each implementation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "store/fakes.hpp"
#include "store/memory_log.hpp"
#include "store/sqlite/log.hpp"

namespace vigil::store {
namespace {

using testing::ElementsAre;

class Subject {
public:
    virtual ~Subject() = default;
    virtual Log& log() = 0;
    virtual void reopen() = 0;  // as after a restart, where the implementation outlives one
    test::Commits commits;
    std::atomic<std::int64_t> now = 1'000;
};

class MemorySubject final : public Subject {
public:
    Log& log() override {
        log_.now = from_unix_ns(now);
        return log_;
    }
    void reopen() override {}

private:
    test::MemoryLog log_{commits.sink()};
};

class SqliteSubject final : public Subject {
public:
    SqliteSubject() { open(); }
    Log& log() override { return *log_; }
    void reopen() override {
        log_.reset();
        open();
    }

private:
    void open() {
        auto opened = sqlite::open_log({.path = folder_.file("log.db"),
                                        .sealer = &sealer_,
                                        .clock = [this] { return from_unix_ns(now); },
                                        .committed = commits.sink(),
                                        .commit_bytes_max = 4096});
        ASSERT_TRUE(opened) << opened.error().message;
        log_ = std::move(*opened);
    }
    test::TemporaryFolder folder_;
    test::FlippingSealer sealer_;
    std::unique_ptr<sqlite::LogFile> log_;
};

struct LogContract : testing::TestWithParam<const char*> {
    std::unique_ptr<Subject> subject = GetParam() == std::string("memory")
                                           ? std::unique_ptr<Subject>(new MemorySubject)
                                           : std::make_unique<SqliteSubject>();
    Log& log() { return subject->log(); }
    Ticket append(std::string_view body, PatientId patient = {}) {
        return log().append(EntryKind::batch, patient, {}, body);
    }
    std::vector<std::string> bodies(Position from = {}) {
        std::vector<std::string> found;
        const auto end = log().read(from, [&](const Entry& entry) {
            found.emplace_back(entry.body);
            return true;
        });
        EXPECT_TRUE(end) << end.error().message;
        return found;
    }
};

TEST_P(LogContract, is_empty_at_first) {
    EXPECT_EQ(log().first(), (Position{0, 1}));
    EXPECT_EQ(log().end(), (Position{0, 1}));
    EXPECT_TRUE(bodies().empty());
    EXPECT_EQ(log().pending_bytes(), 0U);
}

TEST_P(LogContract, a_reported_entry_can_be_read_as_it_was_written) {
    const Fingerprint identity{7, 9};
    const std::string body("\0binary\xff", 8);
    const auto ticket = log().append(EntryKind::act, PatientId{17}, identity, body);
    const auto commit = subject->commits.wait_for(ticket);
    ASSERT_TRUE(commit.outcome) << commit.outcome.error().message;
    int visited = 0;
    const auto end = log().read({}, [&](const Entry& entry) {
        EXPECT_EQ(entry.position, (Position{0, 1}));
        EXPECT_EQ(entry.kind, EntryKind::act);
        EXPECT_EQ(entry.subject, PatientId{17});
        EXPECT_EQ(entry.identity, identity);
        EXPECT_EQ(entry.body, body);
        EXPECT_EQ(entry.commit_time, from_unix_ns(1'000));
        ++visited;
        return true;
    });
    EXPECT_EQ(visited, 1);
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, (Position{0, 2}));
    EXPECT_EQ(log().pending_bytes(), 0U);
}

TEST_P(LogContract, tickets_are_reported_once_each_in_order_with_their_positions) {
    Ticket last = 0;
    for (int i = 0; i < 500; ++i) last = append(std::string(static_cast<std::size_t>(i), 'x'));
    subject->commits.wait_for(last);
    Ticket next = 1;
    for (const auto& commit : subject->commits.all()) {
        EXPECT_EQ(commit.first, next);
        EXPECT_EQ(commit.first_position, (Position{0, commit.first}));
        EXPECT_TRUE(commit.outcome);
        next = commit.last + 1;
    }
    EXPECT_EQ(next, last + 1);
}

TEST_P(LogContract, order_holds_across_patients_and_commits) {
    std::mt19937 random(4);
    std::vector<std::string> expected;
    Ticket last = 0;
    for (int i = 0; i < 2'000; ++i) {
        expected.push_back(std::to_string(i) + std::string(random() % 50, '.'));
        last = append(expected.back(), PatientId{static_cast<std::uint32_t>(random() % 200)});
    }
    subject->commits.wait_for(last);
    EXPECT_EQ(bodies(), expected);
    expected.erase(expected.begin(), expected.begin() + 1'233);
    EXPECT_EQ(bodies({0, 1'234}), expected);
}

TEST_P(LogContract, a_visitor_may_stop_and_go_on_later) {
    for (const auto* body : {"a", "b", "c"}) subject->commits.wait_for(append(body));
    std::string seen;
    auto at = log().read({}, [&](const Entry& entry) {
        seen += entry.body;
        return seen.size() < 2;
    });
    ASSERT_TRUE(at);
    EXPECT_EQ(seen, "ab");
    EXPECT_EQ(*at, (Position{0, 3}));
    EXPECT_THAT(bodies(*at), ElementsAre("c"));
}

TEST_P(LogContract, reading_past_the_end_finds_nothing) {
    subject->commits.wait_for(append("a"));
    EXPECT_TRUE(bodies({0, 2}).empty());
    EXPECT_TRUE(bodies({0, 99}).empty());
}

TEST_P(LogContract, an_entry_larger_than_a_commit_is_kept_whole) {
    const std::string large(100'000, 'L');
    append("before");
    append(large);
    subject->commits.wait_for(append("after"));
    EXPECT_THAT(bodies(), ElementsAre("before", large, "after"));
}

TEST_P(LogContract, an_empty_body_is_an_entry) {
    append("");
    subject->commits.wait_for(append("", PatientId{3}));
    EXPECT_THAT(bodies(), ElementsAre("", ""));
}

TEST_P(LogContract, trimming_forgets_the_oldest_and_offsets_go_on) {
    for (int i = 1; i <= 100; ++i) subject->commits.wait_for(append(std::to_string(i)));
    ASSERT_TRUE(log().trim({0, 51}));
    EXPECT_EQ(log().first(), (Position{0, 51}));
    EXPECT_EQ(bodies().front(), "51");
    EXPECT_EQ(bodies().size(), 50U);
    ASSERT_TRUE(log().trim({0, 1'000}));
    EXPECT_TRUE(bodies().empty());
    subject->reopen();
    EXPECT_EQ(log().end(), (Position{0, 101}));
    EXPECT_EQ(log().first(), (Position{0, 101}));
}

TEST_P(LogContract, what_was_reported_is_there_after_a_restart_and_time_does_not_run_backwards) {
    subject->commits.wait_for(append("kept"));
    subject->reopen();
    subject->now = 500;
    EXPECT_THAT(bodies(), ElementsAre("kept"));
    EXPECT_EQ(log().end(), (Position{0, 2}));
}

INSTANTIATE_TEST_SUITE_P(Implementations, LogContract, testing::Values("memory", "sqlite"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace vigil::store
