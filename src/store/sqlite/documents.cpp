#include "store/documents.hpp"

#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

namespace {

class SqliteDocuments final : public Documents {
public:
    explicit SqliteDocuments(StoreFile& file) : file_(file) {}

    void change(std::vector<DocumentChange> changes, std::optional<Applied> applied,
                Done done) override {
        file_.write(
            [this, changes = std::move(changes),
             applied = std::move(applied)](Database& database) -> Result<void> {
                for (const auto& change : changes) VIGIL_CHECK(make(database, change));
                return applied ? StoreFile::record(database, *applied) : Result<void>();
            },
            std::move(done));
    }

    Result<std::optional<std::string>> get(std::string_view kind, std::string_view id) override {
        using Found = std::optional<std::string>;
        return file_.read<Found>([&](Database& database) -> Result<Found> {
            VIGIL_TRY(select, database.prepare("SELECT subject, body FROM documents "
                                               "WHERE kind = ? AND id = ?"));
            VIGIL_TRY(row, select.bind_text(1, kind).bind_text(2, id).step());
            if (!row) return Found();
            VIGIL_TRY(body, file_.opened(subject(select, 0), select.bytes(1)));
            return Found(std::move(body));
        });
    }

    Result<void> each(
        std::string_view kind,
        const std::function<bool(std::string_view id, std::string_view body)>& visit) override {
        return file_.read<void>([&](Database& database) -> Result<void> {
            VIGIL_TRY(select, database.prepare("SELECT subject, body, id FROM documents "
                                               "WHERE kind = ? ORDER BY id"));
            select.bind_text(1, kind);
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return {};
                VIGIL_TRY(body, file_.opened(subject(select, 0), select.bytes(1)));
                if (!visit(select.bytes(2), body)) return {};
            }
        });
    }

private:
    static PatientId subject(const Statement& row, int column) {
        return PatientId{static_cast<std::uint32_t>(row.integer(column))};
    }

    Result<void> make(Database& database, const DocumentChange& change) {
        if (!change.body) {
            VIGIL_TRY(remove, database.prepare("DELETE FROM documents WHERE kind = ? AND id = ?"));
            return remove.bind_text(1, change.kind).bind_text(2, change.id).run();
        }
        const auto body = file_.sealed(change.subject, *change.body);
        VIGIL_TRY(put, database.prepare("INSERT INTO documents VALUES(?1, ?2, ?3, ?4) "
                                        "ON CONFLICT DO UPDATE SET subject = ?3, body = ?4"));
        return put.bind_text(1, change.kind)
            .bind_text(2, change.id)
            .bind(3, change.subject.value)
            .bind_blob(4, body)
            .run();
    }

    StoreFile& file_;
};

}  // namespace

std::unique_ptr<Documents> open_documents(StoreFile& file) {
    return std::make_unique<SqliteDocuments>(file);
}

}  // namespace vigil::store::sqlite
