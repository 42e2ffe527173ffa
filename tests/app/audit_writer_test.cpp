#include "app/audit_writer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace vigil::app {
namespace {

using identity::OnRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// An audit whose commits the test releases.
class HeldAudit final : public store::Audit {
public:
    void append(std::vector<store::AuditLine> lines, store::Done done) override {
        ASSERT_FALSE(done_) << "one commit at a time";
        on_way = std::move(lines);
        done_ = std::move(done);
    }
    Result<void> read(const store::Access&, std::uint64_t,
                      const std::function<bool(std::uint64_t, const store::AuditLine&)>&) override {
        return {};
    }
    bool waits() const { return static_cast<bool>(done_); }
    void release(const Result<void>& result = {}) {
        if (result)
            for (const auto& line : on_way) written.push_back(told(line));
        const auto done = std::exchange(done_, nullptr);
        done(result);
    }

    std::vector<store::AuditLine> on_way;
    std::vector<std::string> written;

private:
    static std::string told(const store::AuditLine& line) {
        if (!line.written_late) return line.what;
        return fmt::format("{} of {} written at {}", line.what, unix_ns(line.time),
                           unix_ns(*line.written_late));
    }
    store::Done done_;
};

const auto full_disk = fail(Error::Kind::busy, "disk full");

class AuditWriterTest : public testing::Test {
protected:
    explicit AuditWriterTest(const AuditRules& rules = {.hold = true, .lines_max = 4'000})
        : writer(audit, rules,
                 {.on_loop = [](const std::function<void()>& call) { call(); },
                  .now = [this] { return from_unix_ns(now); },
                  .say = [this](const std::string& line) { said.push_back(line); }}) {}

    bool record(std::string what, bool permitted = true) {
        return writer.record(
            {.at = from_unix_ns(++now), .what = std::move(what), .permitted = permitted});
    }
    void wait(std::string name, OnRecord least = OnRecord::durable) {
        writer.when_on_record(least, [this, name = std::move(name)](const Result<void>& result) {
            answered.push_back(name + (result ? "" : " refused"));
        });
    }
    void look(const std::string& name) { wait(name, OnRecord::held); }

    HeldAudit audit;
    std::int64_t now = 0;
    std::vector<std::string> said;
    AuditWriter writer;
    std::vector<std::string> answered;
};

TEST_F(AuditWriterTest, an_answer_leaves_after_its_line) {
    record("read");
    look("answer");
    EXPECT_THAT(answered, IsEmpty());
    audit.release();
    EXPECT_THAT(answered, ElementsAre("answer"));
    EXPECT_THAT(audit.written, ElementsAre("read"));
    wait("nothing recorded since");
    EXPECT_THAT(answered, ElementsAre("answer", "nothing recorded since"));
}

TEST_F(AuditWriterTest, lines_of_the_meantime_share_the_next_commit) {
    record("one");
    wait("first");
    record("two");
    wait("second");
    record("three");
    wait("third");
    audit.release();
    EXPECT_THAT(answered, ElementsAre("first"));
    audit.release();
    EXPECT_THAT(answered, ElementsAre("first", "second", "third"));
    EXPECT_THAT(audit.written, ElementsAre("one", "two", "three"));
    EXPECT_THAT(said, IsEmpty());
}

TEST_F(AuditWriterTest, while_the_disk_takes_nothing_looking_goes_on_and_all_else_is_refused) {
    record("one");
    look("a look");
    wait("a change");
    audit.release(full_disk);
    EXPECT_THAT(answered, ElementsAre("a look", "a change refused"));
    record("two");
    look("another");  // waits for no try
    EXPECT_THAT(answered, ElementsAre("a look", "a change refused", "another"));
    wait("a change too");
    audit.release(full_disk);
    EXPECT_EQ(answered.back(), "a change too refused");
    const auto state = writer.state();
    EXPECT_EQ(state.unwritable_since, from_unix_ns(1));
    EXPECT_EQ(state.why, "disk full");
    EXPECT_EQ(state.lines, 2U);
    EXPECT_GT(state.bytes, 0U);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(said[0], HasSubstr("the audit cannot be written: disk full"));
}

TEST_F(AuditWriterTest, what_was_held_is_written_first_each_line_with_its_time_and_marked_as_late) {
    record("one");
    look("first");
    audit.release(full_disk);
    record("two");
    look("second");
    now = 100;
    writer.flush();
    record("three");  // the try may succeed; if not, this is late too
    audit.release();
    wait("third");
    audit.release();
    EXPECT_THAT(audit.written, ElementsAre("one of 1 written at 100", "two of 2 written at 100",
                                           "three of 101 written at 101"));
    EXPECT_THAT(answered, ElementsAre("first", "second", "third"));
    const auto state = writer.state();
    EXPECT_FALSE(state.unwritable_since);
    EXPECT_EQ(state.lines, 0U);
    EXPECT_EQ(state.bytes, 0U);
    EXPECT_EQ(state.written_late, 3U);
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[1], HasSubstr("written again; 3 lines"));
    record("four");
    wait("fourth");
    audit.release();
    EXPECT_EQ(audit.written.back(), "four");
}

TEST_F(AuditWriterTest, a_line_nobody_waits_for_is_tried_again_at_the_next_flush) {
    record("stream");
    writer.flush();
    audit.release(full_disk);
    EXPECT_FALSE(audit.waits());
    writer.flush();
    audit.release();
    EXPECT_THAT(audit.written, ElementsAre(HasSubstr("stream")));
}

TEST_F(AuditWriterTest, a_try_takes_a_commit_at_a_time_and_all_follows_one_that_went_well) {
    record("line 0");
    writer.flush();
    audit.release(full_disk);
    for (int line = 1; line < 2'500; ++line) record("line " + std::to_string(line));
    writer.flush();
    while (audit.waits()) {
        EXPECT_LE(audit.on_way.size(), AuditWriter::commit_lines_max);
        audit.release();
    }
    EXPECT_EQ(audit.written.size(), 2'500U);
    EXPECT_THAT(audit.written.back(), HasSubstr("line 2499 of"));
    EXPECT_TRUE(writer.settled());
}

TEST_F(AuditWriterTest, a_line_too_many_is_refused_and_there_is_room_once_some_are_written) {
    int kept = 0;
    while (record("line")) ++kept;
    EXPECT_EQ(kept, 4'000);
    EXPECT_FALSE(record("line"));
    EXPECT_TRUE(writer.state().full);
    EXPECT_EQ(writer.state().not_kept, 2U);
    EXPECT_EQ(said.size(), 1U) << "once";
    writer.flush();
    audit.release(full_disk);
    EXPECT_FALSE(record("line"));
    writer.flush();
    audit.release();
    EXPECT_TRUE(record("line"));
    EXPECT_FALSE(writer.state().full);
}

TEST_F(AuditWriterTest, refusals_leave_room_for_those_who_are_let_in) {
    int kept = 0;
    while (record("guess", false)) ++kept;
    EXPECT_EQ(kept, 2'000);
    EXPECT_TRUE(record("ward"));
    EXPECT_FALSE(writer.state().full);
}

struct Small : AuditWriterTest {
    Small() : AuditWriterTest({.hold = true, .lines_max = 1'000, .bytes_max = 4'000}) {}
};
TEST_F(Small, bytes_are_bounded_too) {
    EXPECT_TRUE(record(std::string(3'000, 'x')));
    EXPECT_FALSE(record(std::string(3'000, 'x')));
}

struct Refusing : AuditWriterTest {
    Refusing() : AuditWriterTest({.hold = false, .lines_max = 1'000}) {}
};
TEST_F(Refusing, nothing_leaves_before_its_line_is_on_disk) {
    record("one");
    look("first");
    audit.release(full_disk);
    record("two");
    look("second");
    EXPECT_THAT(answered, ElementsAre("first refused"));
    audit.release();
    EXPECT_THAT(answered, ElementsAre("first refused", "second"));
    EXPECT_EQ(audit.written.size(), 2U);
}

}  // namespace
}  // namespace vigil::app
