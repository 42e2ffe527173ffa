// What readers of vigil.db see of what is written beside them, and what that costs them.

#include "store/sqlite/store_file.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <future>

#include "store/fakes.hpp"

namespace vigil::store {
namespace {

using namespace test;
using sqlite::Database;
using sqlite::StoreFile;

struct StoreFileTest : testing::Test {
    TemporaryFolder folder;
    FlippingSealer sealer;
    std::unique_ptr<StoreFile> file =
        *StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});

    ~StoreFileTest() override { file->finish(); }

    using Write = void (StoreFile::*)(StoreFile::Work, Done);
    void write(std::string sql, Write how = &StoreFile::write) {
        std::promise<Result<void>> done;
        (file.get()->*how)(
            [sql = std::move(sql)](Database& database) { return database.execute(sql.c_str()); },
            [&](Result<void> outcome) { done.set_value(std::move(outcome)); });
        const auto outcome = done.get_future().get();
        ASSERT_TRUE(outcome) << outcome.error().message;
    }
    void write_data(int body) {
        write("INSERT INTO snapshots VALUES('x" + std::to_string(body) + "', 0, 0, x'62')");
    }
    void write_line() {
        write("INSERT INTO audit(time, body, hash) VALUES(0, x'6c', x'68')",
              &StoreFile::write_audit);
    }

    struct Read {
        std::int64_t count = 0;
        int misses = 0;  // pages that the connection did not have
        bool operator==(const Read&) const = default;
    };
    Read count_of(const char* table, StoreFile::Sees sees = StoreFile::Sees::all_but_audit) {
        auto read = file->read<Read>(
            [&](Database& database) -> Result<Read> {
                int misses = 0, unused = 0;
                sqlite3_db_status(database.handle(), SQLITE_DBSTATUS_CACHE_MISS, &misses, &unused,
                                  1);
                VIGIL_TRY(count,
                          database.number(("SELECT count(*) FROM " + std::string(table)).c_str()));
                sqlite3_db_status(database.handle(), SQLITE_DBSTATUS_CACHE_MISS, &misses, &unused,
                                  1);
                return Read{count, misses};
            },
            sees);
        EXPECT_TRUE(read) << read.error().message;
        return read.value_or(Read{-1});
    }
};

TEST_F(StoreFileTest, a_read_sees_whatever_was_committed_before_it) {
    for (int i = 1; i <= 50; ++i) {
        write_data(i);
        EXPECT_EQ(count_of("snapshots").count, i);
        if (i % 3 == 0) write_line();
    }
}

TEST_F(StoreFileTest, the_audit_is_read_as_it_is) {
    for (int i = 1; i <= 5; ++i) {
        write_line();
        EXPECT_EQ(count_of("snapshots").count, 0);
        EXPECT_EQ(count_of("audit", StoreFile::Sees::all).count, i);
    }
}

TEST_F(StoreFileTest, lines_of_the_audit_take_no_pages_from_readers) {
    write_data(1);
    EXPECT_GT(count_of("snapshots").misses, 0);
    write_line();
    EXPECT_EQ(count_of("snapshots"), (Read{1, 0}));
    write_data(2);
    EXPECT_GT(count_of("snapshots").misses, 0);
}

// A snapshot that an idle reader kept would let the write-ahead log grow for ever.
TEST_F(StoreFileTest, the_log_is_reused_while_readers_are_idle) {
    const auto log_bytes = [&] { return std::filesystem::file_size(file->path() + "-wal"); };
    constexpr auto megabyte = std::uintmax_t{1} << 20;
    // However far behind a busy machine lets the checkpoints be: it does not grow for ever.
    std::uintmax_t written = 0;
    while (written < 1024 * megabyte && written < log_bytes() + 32 * megabyte) {
        count_of("snapshots");
        write("INSERT OR REPLACE INTO snapshots VALUES('big', 0, 0, zeroblob(1048576))");
        written += megabyte;
    }
    EXPECT_GE(written, log_bytes() + 32 * megabyte);
}

}  // namespace
}  // namespace vigil::store
