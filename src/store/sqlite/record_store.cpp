#include "store/sqlite/record_writing.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_changes =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, v.number, v.record "
    "FROM record_versions v CROSS JOIN records r ON r.record = v.record "
    "WHERE v.number > ? ORDER BY v.number LIMIT ?";
constexpr const char* select_all_current =
    "SELECT v.type, r.id, v.version, v.updated, v.method, v.subject, v.body, r.record, r.record "
    "FROM records r CROSS JOIN record_versions v ON v.number = r.latest "
    "WHERE r.record > ? AND v.body IS NOT NULL ORDER BY r.record LIMIT ?";
// No reader's snapshot stands while a visitor takes its time.
constexpr std::int64_t page_size = 256;

struct Change {
    std::uint64_t number = 0;
    Record record;
    bool seen = false;
};

// What a transaction of several requests begins and ends with.
class IndexesTogether final : public WrittenLast {
public:
    IndexesTogether(RecordNames& names, std::shared_ptr<TextChanges> texts)
        : names_(names), texts_(std::move(texts)) {}
    void begin() override {
        names_.begin();
        texts_->begin();
    }
    Result<void> write(Database& database) override { return texts_->write(database); }

private:
    RecordNames& names_;
    std::shared_ptr<TextChanges> texts_;
};

class SqliteRecords final : public RecordStore {
public:
    SqliteRecords(StoreFile& file, std::function<Timestamp()> clock)
        : shared_{.file = file,
                  .names = {},
                  .clock = std::move(clock),
                  .texts = std::make_shared<TextChanges>()} {
        file.write_last(std::make_shared<IndexesTogether>(shared_.names, shared_.texts));
        // Where it fails names are looked up one by one.
        (void)file.read<void>([this](Database& database) { return shared_.names.load(database); });
    }

    void share_keys(const std::vector<SharedKeys>& shared) override {
        shared_.names.share_keys(shared);
    }
    void pair_keys(const std::vector<PairedKeys>& paired) override {
        shared_.names.pair_keys(paired);
    }

    std::string compress(std::string_view body) override { return compressed_body(body); }

    void write(Access access, Work work, Done done) override {
        auto made = std::make_shared<RecordNames::Made>();
        shared_.file.write(
            [this, made, access = std::move(access),
             work = std::move(work)](Database& database) -> Result<void> {
                made->clear();  // of a run that was undone
                RecordWriting writing(shared_, database, access);
                auto outcome = writing.begin();
                if (outcome) outcome = work(writing);
                if (outcome)
                    *made = writing.made();
                else
                    writing.undo();
                return outcome;
            },
            [this, made, done = std::move(done)](Result<void> outcome) {
                if (outcome)
                    shared_.names.committed(*made);
                else
                    shared_.names.undone(*made);
                done(std::move(outcome));
            });
    }

    Result<void> read(const Access& access,
                      const std::function<Result<void>(RecordReader&)>& work) override {
        return shared_.file.read<void>(
            [&](Database& database) -> Result<void> {
                RecordReading<RecordReader> reading(shared_, database, access);
                return work(reading);
            },
            StoreFile::Sees::all_but_audit);
    }

    Result<bool> index_is_whole() override {
        return shared_.file.read<bool>([](Database& database) -> Result<bool> {
            VIGIL_TRY(whole, database.number("SELECT whole FROM record_index_state"));
            return whole != 0;
        });
    }

    Result<void> each_current(
        const Access& access, std::uint64_t after,
        const std::function<bool(std::uint64_t, const Record&)>& visit) override {
        return each(select_all_current, access, after, visit);
    }

    Result<void> changes(const Access& access, std::uint64_t after,
                         const std::function<bool(std::uint64_t, const Record&)>& visit) override {
        return each(select_changes, access, after, visit);
    }

    Result<std::uint64_t> last_change() override {
        return shared_.file.read<std::uint64_t>([](Database& database) -> Result<std::uint64_t> {
            VIGIL_TRY(last, database.number("SELECT IFNULL(MAX(number), 0) FROM "
                                            "record_versions"));
            return static_cast<std::uint64_t>(last);
        });
    }

private:
    Result<void> each(const char* sql, const Access& access, std::uint64_t after,
                      const std::function<bool(std::uint64_t, const Record&)>& visit) {
        for (;;) {
            VIGIL_TRY(page, page_after(sql, access, after));
            for (const auto& each : page)
                if (each.seen && !visit(each.number, each.record)) return {};
            if (page.empty()) return {};
            after = page.back().number;
        }
    }

    Result<std::vector<Change>> page_after(const char* sql, const Access& access,
                                           std::uint64_t after) {
        using Changes = std::vector<Change>;
        return shared_.file.read<Changes>([&](Database& database) -> Result<Changes> {
            Changes page;
            if (after > INT64_MAX) return page;
            RecordMatcher matcher(database, shared_.names, access);
            VIGIL_TRY(rows, database.lend(sql));
            rows->bind(1, static_cast<std::int64_t>(after)).bind(2, page_size);
            for (;;) {
                VIGIL_TRY(row, rows->step());
                if (!row) return page;
                Change change;
                change.number = static_cast<std::uint64_t>(rows->integer(version_column_count));
                VIGIL_TRY(seen, matcher.sees(version_of(*rows)));
                change.seen = seen;
                if (change.seen) {
                    auto record = read_version(shared_, database, *rows);
                    // Of what stands before a damaged one the visitor hears first.
                    if (!record && !page.empty()) return page;
                    if (!record) return tl::unexpected(std::move(record).error());
                    change.record = std::move(*record);
                }
                page.push_back(std::move(change));
            }
        });
    }

    RecordFile shared_;
};

}  // namespace

std::unique_ptr<RecordStore> open_records(StoreFile& file, std::function<Timestamp()> clock) {
    return std::make_unique<SqliteRecords>(file, std::move(clock));
}

}  // namespace vigil::store::sqlite
