#include "store/quarantine.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr std::uint8_t item_version = 1;
constexpr std::size_t page_max = 10'000;

std::string encode(const QuarantineItem& item) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(item_version);
    writer.signed_varint(unix_ns(item.receive_time));
    writer.varint(item.size);
    writer.u8(static_cast<std::uint8_t>(item.reason.kind));
    writer.signed_varint(item.decided_at ? unix_ns(*item.decided_at) : INT64_MIN);
    for (const auto* text : {&item.protocol, &item.topic, &item.content_type, &item.reason.message,
                             &item.reason.place, &item.decided_by, &item.note})
        writer.sized(*text);
    return out;
}

Result<void> decode(std::string_view bytes, QuarantineItem& item) {
    const auto damaged = [] { return fail(Error::Kind::internal, "a quarantine item is damaged"); };
    ByteReader in(bytes);
    const auto version = in.u8();
    const auto received = in.signed_varint();
    const auto size = in.varint();
    const auto kind = in.u8();
    const auto decided = in.signed_varint();
    if (version != item_version || !received || !size || !kind || !decided ||
        *kind > static_cast<int>(Error::Kind::internal))
        return damaged();
    item.receive_time = from_unix_ns(*received);
    item.size = *size;
    item.reason.kind = static_cast<Error::Kind>(*kind);
    if (*decided != INT64_MIN) item.decided_at = from_unix_ns(*decided);
    for (auto* text : {&item.protocol, &item.topic, &item.content_type, &item.reason.message,
                       &item.reason.place, &item.decided_by, &item.note}) {
        const auto word = in.sized();
        if (!word) return damaged();
        text->assign(*word);
    }
    return {};
}

Result<void> may_read(const Access& access) {
    if (access.covers(PatientId{})) return {};
    return fail(Error::Kind::forbidden, "this access does not cover quarantine");
}

// What could not be read may be any of a patient's readings.
bool sees(const Access& access, PatientId subject) {
    if (!subject) return true;
    const auto withheld = access.withheld_from(subject);
    return !withheld || (!withheld->all() && withheld->sees_readings());
}

constexpr const char* columns =
    "SELECT log_partition, log_offset, sender, device, state, item, subject FROM quarantine ";

class SqliteQuarantine final : public Quarantine {
public:
    explicit SqliteQuarantine(StoreFile& file) : file_(file) {}

    void add(std::vector<Held> unread, Applied applied, Done done) override {
        file_.write(
            [this, unread = std::move(unread),
             applied = std::move(applied)](Database& database) -> Result<void> {
                VIGIL_TRY(insert, database.prepare("INSERT OR IGNORE INTO quarantine "
                                                   "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
                for (const auto& each : unread) {
                    const auto subject = each.item.subject;
                    const auto item = file_.sealed(subject, encode(each.item));
                    const auto raw = file_.sealed(subject, each.raw);
                    bind_position(insert, each.item.position);
                    VIGIL_CHECK(insert.bind_text(3, each.item.sender)
                                    .bind_text(4, each.item.device)
                                    .bind(5, static_cast<int>(each.item.state))
                                    .bind_blob(6, item)
                                    .bind_blob(7, raw)
                                    .bind(8, subject.value)
                                    .run());
                }
                return StoreFile::record(database, applied);
            },
            std::move(done));
    }

    void decide(QuarantineDecision decision, std::optional<Applied> applied, Done done) override {
        file_.write(
            [this, decision = std::move(decision),
             applied = std::move(applied)](Database& database) -> Result<void> {
                VIGIL_CHECK(put(database, decision));
                return applied ? StoreFile::record(database, *applied) : Result<void>();
            },
            std::move(done));
    }

    Result<std::vector<QuarantineItem>> list(const Access& access,
                                             const QuarantineQuery& query) override {
        VIGIL_CHECK(may_read(access));
        using Items = std::vector<QuarantineItem>;
        return file_.read<Items>([&](Database& database) -> Result<Items> {
            std::string sql = columns;
            sql += "WHERE (log_partition, log_offset) < (?1, ?2)";
            if (query.state) sql += " AND state = ?3";
            if (query.device) sql += " AND device = ?4";
            sql += " ORDER BY log_partition DESC, log_offset DESC LIMIT ?5";
            VIGIL_TRY(select, database.prepare(sql));
            const auto before = query.before.value_or(Position{UINT32_MAX, INT64_MAX});
            bind_position(select, before);
            if (query.state) select.bind(3, static_cast<int>(*query.state));
            if (query.device) select.bind_text(4, *query.device);
            select.bind(5, static_cast<std::int64_t>(std::min(query.limit, page_max)));
            Items items;
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return items;
                auto item = item_of(select);
                // Of somebody who was erased while it was on its way here.
                if (!item && item.error().kind == Error::Kind::not_found) continue;
                if (!item) return tl::unexpected(std::move(item).error());
                if (sees(access, item->subject)) items.push_back(std::move(*item));
            }
        });
    }

    Result<std::optional<Held>> get(const Access& access, Position position) override {
        VIGIL_CHECK(may_read(access));
        using Found = std::optional<Held>;
        return file_.read<Found>([&](Database& database) -> Result<Found> {
            VIGIL_TRY(select,
                      database.prepare("SELECT log_partition, log_offset, sender, device, state, "
                                       "item, subject, raw FROM quarantine "
                                       "WHERE log_partition = ? AND log_offset = ?"));
            bind_position(select, position);
            VIGIL_TRY(row, select.step());
            if (!row) return Found();
            VIGIL_TRY(item, item_of(select));
            if (!sees(access, item.subject)) return Found();
            VIGIL_TRY(raw, file_.opened(item.subject, select.bytes(7)));
            return Found(Held{std::move(item), std::move(raw)});
        });
    }

    Result<QuarantineCounts> counts() override {
        return file_.read<QuarantineCounts>([](Database& database) -> Result<QuarantineCounts> {
            VIGIL_TRY(select,
                      database.prepare("SELECT state, count(*) FROM quarantine GROUP BY state"));
            QuarantineCounts counts;
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return counts;
                const auto count = static_cast<std::uint64_t>(select.integer(1));
                const auto state = static_cast<QuarantineState>(select.integer(0));
                (state == QuarantineState::open       ? counts.open
                 : state == QuarantineState::replayed ? counts.replayed
                                                      : counts.dismissed) = count;
            }
        });
    }

    Result<std::uint64_t> open_of(std::string_view sender) override {
        return file_.read<std::uint64_t>([&](Database& database) -> Result<std::uint64_t> {
            VIGIL_TRY(select, database.prepare("SELECT count(*) FROM quarantine "
                                               "WHERE sender = ? AND state = ?"));
            select.bind_text(1, sender).bind(2, static_cast<int>(QuarantineState::open));
            VIGIL_TRY(row, select.step());
            return row ? static_cast<std::uint64_t>(select.integer(0)) : 0;
        });
    }

private:
    static void bind_position(Statement& statement, Position position) {
        statement.bind(1, position.partition).bind(2, static_cast<std::int64_t>(position.offset));
    }

    Result<QuarantineItem> item_of(const Statement& row) {
        QuarantineItem item;
        item.position = {static_cast<std::uint32_t>(row.integer(0)),
                         static_cast<std::uint64_t>(row.integer(1))};
        item.sender = row.bytes(2);
        item.device = row.bytes(3);
        item.state = static_cast<QuarantineState>(row.integer(4));
        item.subject = PatientId{static_cast<std::uint32_t>(row.integer(6))};
        VIGIL_TRY(clear, file_.opened(item.subject, row.bytes(5)));
        VIGIL_CHECK(decode(clear, item));
        return item;
    }

    Result<void> put(Database& database, const QuarantineDecision& decision) {
        VIGIL_TRY(select, database.prepare(std::string(columns) +
                                           "WHERE log_partition = ? AND log_offset = ?"));
        bind_position(select, decision.position);
        VIGIL_TRY(row, select.step());
        if (!row) return fail(Error::Kind::not_found, "no such item in quarantine");
        VIGIL_TRY(item, item_of(select));
        if (item.state != QuarantineState::open)
            return fail(Error::Kind::conflict, "the item was decided already");
        select.reset();
        if (decision.reason) item.reason = *decision.reason;
        if (decision.state != QuarantineState::open) {
            item.decided_by = decision.decided_by;
            item.decided_at = decision.decided_at;
        }
        item.note = decision.note;
        const auto body = file_.sealed(item.subject, encode(item));
        VIGIL_TRY(update, database.prepare("UPDATE quarantine SET state = ?3, item = ?4 "
                                           "WHERE log_partition = ?1 AND log_offset = ?2"));
        bind_position(update, decision.position);
        return update.bind(3, static_cast<int>(decision.state)).bind_blob(4, body).run();
    }

    StoreFile& file_;
};

}  // namespace

std::unique_ptr<Quarantine> open_quarantine(StoreFile& file) {
    return std::make_unique<SqliteQuarantine>(file);
}

}  // namespace vigil::store::sqlite
