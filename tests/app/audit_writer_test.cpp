#include "app/audit_writer.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace vigil::app {
namespace {

using testing::ElementsAre;
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
            for (const auto& line : on_way) written.push_back(line.what);
        const auto done = std::exchange(done_, nullptr);
        done(result);
    }

    std::vector<store::AuditLine> on_way;
    std::vector<std::string> written;

private:
    store::Done done_;
};

class AuditWriterTest : public testing::Test {
protected:
    void record(std::string what) { writer.record({.at = {}, .what = std::move(what)}); }
    void wait(std::string name) {
        writer.when_durable([this, name = std::move(name)](const Result<void>& result) {
            answered.push_back(name + (result ? "" : " refused"));
        });
    }

    HeldAudit audit;
    AuditWriter writer{audit, [](const std::function<void()>& call) { call(); }};
    std::vector<std::string> answered;
};

TEST_F(AuditWriterTest, an_answer_leaves_after_its_line) {
    record("read");
    wait("answer");
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
}

TEST_F(AuditWriterTest, a_line_that_could_not_be_written_refuses_its_answer_and_is_written_later) {
    record("one");
    wait("first");
    audit.release(fail(Error::Kind::busy, "disk full"));
    EXPECT_THAT(answered, ElementsAre("first refused"));
    record("two");
    wait("second");
    audit.release();
    EXPECT_THAT(answered, ElementsAre("first refused", "second"));
    EXPECT_THAT(audit.written, ElementsAre("one", "two"));
}

TEST_F(AuditWriterTest, a_line_nobody_waits_for_is_tried_again_at_the_next_flush) {
    record("stream");
    writer.flush();
    audit.release(fail(Error::Kind::busy, "disk full"));
    EXPECT_FALSE(audit.waits());
    writer.flush();
    audit.release();
    EXPECT_THAT(audit.written, ElementsAre("stream"));
}

TEST_F(AuditWriterTest, what_is_kept_for_later_is_bounded) {
    for (std::size_t line = 0; line < AuditWriter::kept_lines_max + 5; ++line)
        record("line " + std::to_string(line));
    writer.flush();
    audit.release(fail(Error::Kind::busy, "disk full"));
    writer.flush();
    audit.release();
    EXPECT_EQ(audit.written.size(), AuditWriter::kept_lines_max);
    EXPECT_EQ(audit.written.front(), "line 0");
}

}  // namespace
}  // namespace vigil::app
