// What is written through the gathering VFS is what others read, however much it is at once.

#include "store/sqlite/gathering_vfs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/fakes.hpp"
#include "store/faulty_vfs.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::test {
namespace {

using sqlite::Database;
using sqlite::OpenMode;

constexpr const char* prepare =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    // So few pages in memory that a large transaction reads back what it has written.
    "PRAGMA cache_size=10; CREATE TABLE t(a INTEGER PRIMARY KEY, b)";

// On a disk that spares neighbours, where it gathers, and on one that does not.
class GatheringVfs : public testing::TestWithParam<unsigned> {
protected:
    GatheringVfs() : disk_(GetParam()) {}
    Result<Database> open(OpenMode mode) {
        return Database::open(folder_.file("a.db"), mode, disk_.name());
    }
    TemporaryFolder folder_;
    FaultyVfs disk_;
};

TEST_P(GatheringVfs, a_transaction_larger_than_memory_reads_back_and_is_whole_for_others) {
    auto writer = open(OpenMode::read_write);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE(writer->execute(prepare));
    ASSERT_TRUE(writer->execute("BEGIN"));
    for (int i = 1; i <= 300; ++i) {
        ASSERT_TRUE(writer->execute("INSERT INTO t(b) VALUES(randomblob(5000))"));
        if (i % 50 != 0) continue;
        const auto bytes = writer->number("SELECT sum(length(b)) FROM t");
        ASSERT_TRUE(bytes) << bytes.error().message;
        EXPECT_EQ(*bytes, i * 5000);
    }
    ASSERT_TRUE(writer->execute("COMMIT"));
    auto reader = open(OpenMode::read_only);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->number("SELECT sum(length(b)) FROM t").value_or(-1), 1'500'000);
    EXPECT_EQ(reader
                  ->number("SELECT count(*) FROM pragma_integrity_check WHERE "
                           "integrity_check = 'ok'")
                  .value_or(-1),
              1);
}

TEST_P(GatheringVfs, each_commit_is_seen_by_others_at_once) {
    auto writer = open(OpenMode::read_write);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->execute(prepare));
    auto reader = open(OpenMode::read_only);
    ASSERT_TRUE(reader);
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(writer->execute("INSERT INTO t(b) VALUES(randomblob(900))"));
        const auto count = reader->number("SELECT count(*) FROM t WHERE length(b) = 900");
        ASSERT_TRUE(count) << count.error().message;
        EXPECT_EQ(*count, i);
    }
}

TEST_P(GatheringVfs, what_a_full_disk_refused_is_not_there_and_the_next_is) {
    auto writer = open(OpenMode::read_write);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->execute(prepare));
    ASSERT_TRUE(writer->execute("INSERT INTO t(b) VALUES('before')"));
    disk_.fail_writes(SQLITE_FULL);
    const auto refused = writer->execute("INSERT INTO t(b) VALUES(randomblob(50000))");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::busy);
    auto reader = open(OpenMode::read_only);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->number("SELECT count(*) FROM t").value_or(-1), 1);
    disk_.fail_writes(0);
    ASSERT_TRUE(writer->execute("INSERT INTO t(b) VALUES('after')"));
    EXPECT_EQ(reader->number("SELECT count(*) FROM t").value_or(-1), 2);
}

INSTANTIATE_TEST_SUITE_P(Disks, GatheringVfs, testing::Values(1U, 2U));

TEST(GatheringVfsName, over_a_vfs_that_is_not_there_is_none) {
    EXPECT_EQ(sqlite::gathering_vfs("nowhere"), "");
}

}  // namespace
}  // namespace vigil::store::test
