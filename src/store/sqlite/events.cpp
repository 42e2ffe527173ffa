#include "store/events.hpp"

#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {
namespace {

constexpr int forgotten_per_step = 4096;

// An alarm tells of readings: who may not see these is not told of it.
bool sees(const Access& access, PatientId subject) {
    if (!access.covers(subject)) return false;
    const auto withheld = access.withheld_from(subject);
    return !withheld || withheld->sees_readings();
}

class SqliteEvents final : public EventStore {
public:
    explicit SqliteEvents(StoreFile& file) : file_(file) {}

    void keep(std::vector<KeptEvent> events, Applied applied, Done done) override {
        file_.write(
            [this, events = std::move(events),
             applied = std::move(applied)](Database& database) -> Result<void> {
                VIGIL_TRY(insert,
                          database.prepare("INSERT OR IGNORE INTO events VALUES(?, ?, ?, ?, ?)"));
                for (const auto& each : events) {
                    const auto body = file_.sealed(each.subject, each.body);
                    VIGIL_CHECK(insert.bind(1, each.position.partition)
                                    .bind(2, static_cast<std::int64_t>(each.position.offset))
                                    .bind(3, each.subject.value)
                                    .bind(4, unix_ns(each.time))
                                    .bind_blob(5, body)
                                    .run());
                }
                return StoreFile::record(database, applied);
            },
            std::move(done));
    }

    Result<void> read(const Access& access, const EventQuery& query,
                      const std::function<bool(const KeptEvent&)>& visit) override {
        return file_.read<void>([&](Database& database) -> Result<void> {
            std::string sql =
                "SELECT log_partition, log_offset, subject, time, body FROM events "
                "WHERE time >= ?1 AND time < ?2 AND (time, log_partition, log_offset) < (?3, ?4, "
                "?5)";
            if (query.subject) sql += " AND subject = ?6";
            sql += " ORDER BY time DESC, log_partition DESC, log_offset DESC";
            VIGIL_TRY(select, database.prepare(sql));
            const auto [time, position] =
                query.before.value_or(std::pair{Timestamp::max(), Position{UINT32_MAX, INT64_MAX}});
            select.bind(1, unix_ns(query.span.from))
                .bind(2, unix_ns(query.span.to))
                .bind(3, unix_ns(time))
                .bind(4, position.partition)
                .bind(5, static_cast<std::int64_t>(position.offset));
            if (query.subject) select.bind(6, query.subject->value);
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return {};
                const PatientId subject{static_cast<std::uint32_t>(select.integer(2))};
                if (!sees(access, subject)) continue;
                auto body = file_.opened(subject, select.bytes(4));
                // Of somebody who was erased while it was on its way here.
                if (!body && body.error().kind == Error::Kind::not_found) continue;
                if (!body) return tl::unexpected(std::move(body).error());
                if (!visit({.position = {static_cast<std::uint32_t>(select.integer(0)),
                                         static_cast<std::uint64_t>(select.integer(1))},
                            .subject = subject,
                            .time = from_unix_ns(select.integer(3)),
                            .body = std::move(*body)}))
                    return {};
            }
        });
    }

    void forget(Timestamp before, DoneWith<bool> done) override {
        auto more = std::make_shared<bool>(false);
        file_.write(
            [before, more](Database& database) -> Result<void> {
                VIGIL_TRY(remove, database.prepare(
                                      "DELETE FROM events WHERE (log_partition, log_offset) IN "
                                      "(SELECT log_partition, log_offset FROM events "
                                      "WHERE time < ?1 ORDER BY time LIMIT ?2)"));
                VIGIL_CHECK(remove.bind(1, unix_ns(before)).bind(2, forgotten_per_step).run());
                *more = sqlite3_changes64(database.handle()) == forgotten_per_step;
                return {};
            },
            [more, done = std::move(done)](Result<void> outcome) {
                if (outcome) return done(*more);
                done(tl::unexpected(std::move(outcome).error()));
            });
    }

private:
    StoreFile& file_;
};

}  // namespace

std::unique_ptr<EventStore> open_events(StoreFile& file) {
    return std::make_unique<SqliteEvents>(file);
}

}  // namespace vigil::store::sqlite
