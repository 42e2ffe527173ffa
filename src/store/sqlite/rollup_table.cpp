#include "store/sqlite/rollup_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/hash.hpp"

namespace vigil::store::sqlite {

namespace {

void bind_place(Statement& statement, const FiledSeries& series, Resolution level, Timestamp slot) {
    statement.bind(1, series.patient.value)
        .bind(2, series.key.device.value)
        .bind(3, series.key.metric.value)
        .bind(4, series.key.channel)
        .bind(5, static_cast<int>(level))
        .bind(6, unix_ns(slot));
}

bool starts_in(const Rollup& rollup, Span span) {
    return span.from <= rollup.start && rollup.start < span.to;
}

}  // namespace

Span slot_of(Resolution level, Timestamp time) {
    using std::chrono::days, std::chrono::months, std::chrono::years;
    using std::chrono::floor, std::chrono::January, std::chrono::sys_days;
    const auto day = floor<days>(time);
    if (level == Resolution::minute) return {day, day + days(1)};
    const std::chrono::year_month_day date(day);
    if (level == Resolution::hour) {
        const auto month = date.year() / date.month();
        return {sys_days(month / 1), sys_days((month + months(1)) / 1)};
    }
    return {sys_days(date.year() / January / 1), sys_days((date.year() + years(1)) / January / 1)};
}

Result<std::vector<Rollup>> RollupTable::read(const FiledSeries& series, Resolution level,
                                              Span span) {
    VIGIL_TRY(select,
              database_.prepare("SELECT checksum, body, slot FROM rollups WHERE patient = ? "
                                "AND device = ? AND metric = ? AND channel = ? AND "
                                "level = ? AND slot >= ? AND slot < ? ORDER BY slot"));
    bind_place(select, series, level, slot_of(level, span.from).from);
    select.bind(7, unix_ns(span.to));
    std::vector<Rollup> found;
    for (;;) {
        VIGIL_TRY(row, select.step());
        if (!row) return found;
        if (select.integer(0) != crc32c(select.bytes(1)))
            return fail(Error::Kind::internal, "a roll-up of the store is damaged on disk",
                        fmt::format("slot {}", select.integer(2)));
        VIGIL_TRY(clear, bodies_.opened(series.patient, select.bytes(1)));
        VIGIL_TRY(rollups, decode_rollups(clear, decoder_));
        std::ranges::copy_if(rollups, std::back_inserter(found),
                             [&](const Rollup& rollup) { return starts_in(rollup, span); });
    }
}

Result<void> RollupTable::replace(const FiledSeries& series, Resolution level, Span span,
                                  std::span<const Rollup> rollups) {
    const auto slot = slot_of(level, span.from);
    VIGIL_TRY(all, read(series, level, slot));
    if (all.empty() && rollups.empty()) return {};
    std::erase_if(all, [&](const Rollup& rollup) { return starts_in(rollup, span); });
    all.insert(all.end(), rollups.begin(), rollups.end());
    std::ranges::sort(all, {}, &Rollup::start);
    VIGIL_TRY(remove, database_.prepare("DELETE FROM rollups WHERE patient = ? AND device = ? AND "
                                        "metric = ? AND channel = ? AND level = ? AND slot = ?"));
    bind_place(remove, series, level, slot.from);
    VIGIL_CHECK(remove.run());
    if (all.empty()) return {};
    const auto body = bodies_.sealed(series.patient, encode(all, encoder_));
    VIGIL_TRY(insert, database_.prepare("INSERT INTO rollups(patient, device, metric, channel, "
                                        "level, slot, checksum, body) "
                                        "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    bind_place(insert, series, level, slot.from);
    return insert.bind(7, crc32c(body)).bind_blob(8, body).run();
}

}  // namespace vigil::store::sqlite
