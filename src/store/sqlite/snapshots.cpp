#include "store/snapshots.hpp"

#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

namespace {

class SqliteSnapshots final : public Snapshots {
public:
    explicit SqliteSnapshots(StoreFile& file) : file_(file) {}

    void keep(std::string name, Snapshot snapshot, Done done) override {
        file_.write(
            [this, name = std::move(name),
             snapshot = std::move(snapshot)](Database& database) -> Result<void> {
                const auto body = file_.sealed({}, snapshot.bytes);
                VIGIL_TRY(put, database.prepare(
                                   "INSERT INTO snapshots VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO "
                                   "UPDATE SET log_partition = ?2, log_offset = ?3, body = ?4"));
                VIGIL_CHECK(put.bind_text(1, name)
                                .bind(2, snapshot.up_to.partition)
                                .bind(3, static_cast<std::int64_t>(snapshot.up_to.offset))
                                .bind_blob(4, body)
                                .run());
                return StoreFile::record(database, {name, snapshot.up_to});
            },
            std::move(done));
    }

    Result<std::optional<Snapshot>> latest(std::string_view name) override {
        using Found = std::optional<Snapshot>;
        return file_.read<Found>([&](Database& database) -> Result<Found> {
            VIGIL_TRY(select, database.prepare("SELECT log_partition, log_offset, body "
                                               "FROM snapshots WHERE name = ?"));
            VIGIL_TRY(row, select.bind_text(1, name).step());
            if (!row) return Found();
            VIGIL_TRY(bytes, file_.opened({}, select.bytes(2)));
            return Found({.up_to = {static_cast<std::uint32_t>(select.integer(0)),
                                    static_cast<std::uint64_t>(select.integer(1))},
                          .bytes = std::move(bytes)});
        });
    }

private:
    StoreFile& file_;
};

}  // namespace

std::unique_ptr<Snapshots> open_snapshots(StoreFile& file) {
    return std::make_unique<SqliteSnapshots>(file);
}

}  // namespace vigil::store::sqlite
