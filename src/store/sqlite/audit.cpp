#include "base/bytes.hpp"
#include "store/sqlite/audit_passage.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr std::uint8_t line_version = 1;
constexpr int everyone_flag = 1, permitted_flag = 2, late_flag = 4;

std::string encode(const AuditLine& line) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(line_version);
    writer.u8(static_cast<std::uint8_t>(line.act));
    writer.u8(static_cast<std::uint8_t>((line.everyone ? everyone_flag : 0) |
                                        (line.permitted ? permitted_flag : 0) |
                                        (line.written_late ? late_flag : 0)));
    for (const auto* text : {&line.principal, &line.role, &line.token, &line.what, &line.purpose,
                             &line.from, &line.reason})
        writer.sized(*text);
    writer.varint(line.patients.size());
    for (const auto patient : line.patients) writer.varint(patient.value);
    if (line.written_late) writer.little_endian(unix_ns(*line.written_late));
    return out;
}

Result<AuditLine> decode(std::string_view bytes, Timestamp time) {
    const auto damaged = [] { return fail(Error::Kind::internal, "an audit line is damaged"); };
    ByteReader in(bytes);
    AuditLine line;
    line.time = time;
    const auto version = in.u8(), act = in.u8(), flags = in.u8();
    if (version != line_version || !act || *act > static_cast<int>(Act::administer) || !flags)
        return damaged();
    line.act = static_cast<Act>(*act);
    line.everyone = (*flags & everyone_flag) != 0;
    line.permitted = (*flags & permitted_flag) != 0;
    for (auto* text : {&line.principal, &line.role, &line.token, &line.what, &line.purpose,
                       &line.from, &line.reason}) {
        const auto word = in.sized();
        if (!word) return damaged();
        text->assign(*word);
    }
    const auto count = in.varint();
    if (!count || *count > in.remaining()) return damaged();
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto patient = in.varint();
        if (!patient || *patient > UINT32_MAX) return damaged();
        line.patients.push_back(PatientId{static_cast<std::uint32_t>(*patient)});
    }
    if ((*flags & late_flag) != 0) {
        const auto written = in.little_endian<std::int64_t>();
        if (!written) return damaged();
        line.written_late = from_unix_ns(*written);
    }
    return line;
}

class SqliteAudit final : public Audit {
public:
    explicit SqliteAudit(StoreFile& file) : file_(file) {}

    void append(std::vector<AuditLine> lines, Done done) override {
        file_.write_audit(
            [this, lines = std::move(lines)](Database& database) -> Result<void> {
                for (const auto& line : lines) VIGIL_CHECK(append_line(file_, database, line));
                return {};
            },
            std::move(done));
    }

    Result<void> read(const Access& access, std::uint64_t before,
                      const std::function<bool(std::uint64_t, const AuditLine&)>& visit) override {
        if (access.act() != Act::administer)
            return fail(Error::Kind::forbidden, "the audit is read by administrators");
        return file_.read<void>([&](Database& database) -> Result<void> {
            VIGIL_TRY(select, database.prepare("SELECT number, time, body FROM audit WHERE ?1 = 0 "
                                               "OR number < ?1 ORDER BY number DESC"));
            select.bind(1, static_cast<std::int64_t>(before));
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return {};
                VIGIL_TRY(clear, file_.opened({}, select.bytes(2)));
                VIGIL_TRY(line, decode(clear, from_unix_ns(select.integer(1))));
                if (!visit(static_cast<std::uint64_t>(select.integer(0)), line)) return {};
            }
        });
    }

private:
    StoreFile& file_;
};

class SqliteAuditPassage final : public AuditPassage {
public:
    explicit SqliteAuditPassage(StoreFile& file) : file_(file) {}

    Result<void> follow(
        const Access& access, std::uint64_t after,
        const std::function<bool(std::uint64_t, const AuditLine&)>& visit) override {
        if (access.act() != Act::administer)
            return fail(Error::Kind::forbidden, "the audit is read by administrators");
        return file_.read<void>([&](Database& database) -> Result<void> {
            VIGIL_TRY(select, database.prepare("SELECT number, time, body FROM audit WHERE number "
                                               "> ? ORDER BY number"));
            select.bind(1, static_cast<std::int64_t>(after));
            for (;;) {
                VIGIL_TRY(row, select.step());
                if (!row) return {};
                if (!visit(static_cast<std::uint64_t>(select.integer(0)),
                           line_of(select.bytes(2), from_unix_ns(select.integer(1)))))
                    return {};
            }
        });
    }

private:
    AuditLine line_of(std::string_view body, Timestamp time) {
        auto clear = file_.opened({}, body);
        auto line = clear ? decode(*clear, time) : tl::unexpected(std::move(clear).error());
        if (line) return std::move(*line);
        // Somebody has damaged it: that it was there is told too.
        AuditLine damaged;
        damaged.time = time;
        damaged.what = "unreadable line of the audit";
        damaged.permitted = false;
        damaged.reason = line.error().message;
        return damaged;
    }

    StoreFile& file_;
};

}  // namespace

Result<void> append_line(StoreFile& file, Database& database, const AuditLine& line) {
    return file.audit_lines().add(database, line.time, file.sealed({}, encode(line)));
}

std::unique_ptr<Audit> open_audit(StoreFile& file) {
    return std::make_unique<SqliteAudit>(file);
}

std::unique_ptr<AuditPassage> open_audit_passage(StoreFile& file) {
    return std::make_unique<SqliteAuditPassage>(file);
}

}  // namespace vigil::store::sqlite
