#include "store/sqlite/series_table.hpp"

#include "store/rollup.hpp"

namespace vigil::store::sqlite {

namespace {

void bind_series(Statement& statement, const FiledSeries& series) {
    statement.bind(1, series.patient.value)
        .bind(2, series.key.device.value)
        .bind(3, series.key.metric.value)
        .bind(4, series.key.channel);
}

constexpr auto day_length = length_of(Resolution::day);

}  // namespace

Result<KeptSeries> kept_series(Database& database, std::optional<PatientId> patient) {
    VIGIL_TRY(select,
              database.prepare("SELECT patient, device, metric, channel, first_time, "
                               "last_time, count FROM series WHERE ?1 < 0 OR patient = ?1"));
    select.bind(1, patient ? std::int64_t{patient->value} : -1);
    KeptSeries kept;
    for (;;) {
        VIGIL_TRY(row, select.step());
        if (!row) return kept;
        kept.push_back(
            {.series = {.patient = PatientId{static_cast<std::uint32_t>(select.integer(0))},
                        .key = {.device = DeviceId{static_cast<std::uint32_t>(select.integer(1))},
                                .metric = MetricId{static_cast<std::uint16_t>(select.integer(2))},
                                .channel = static_cast<std::uint16_t>(select.integer(3))}},
             .first = from_unix_ns(select.integer(4)),
             .last = from_unix_ns(select.integer(5)),
             .count = static_cast<std::uint64_t>(select.integer(6))});
    }
}

Result<Head::Kept> add_to_series(Database& database, const Head::Kept& added) {
    VIGIL_TRY(upsert,
              database.prepare("INSERT INTO series VALUES(?, ?, ?, ?, ?5, ?6, ?7) ON CONFLICT DO "
                               "UPDATE SET first_time = min(first_time, ?5), last_time = "
                               "max(last_time, ?6), count = count + ?7 "
                               "RETURNING first_time, last_time, count"));
    bind_series(upsert, added.series);
    upsert.bind(5, unix_ns(added.first))
        .bind(6, unix_ns(added.last))
        .bind(7, static_cast<std::int64_t>(added.count));
    VIGIL_TRY(row, upsert.step());
    if (!row) return fail(Error::Kind::internal, "the series' row was not written");
    Head::Kept kept{.series = added.series,
                    .first = from_unix_ns(upsert.integer(0)),
                    .last = from_unix_ns(upsert.integer(1)),
                    .count = static_cast<std::uint64_t>(upsert.integer(2))};
    VIGIL_CHECK(upsert.run());
    return kept;
}

Result<void> take_from_series(Database& database, const FiledSeries& series, std::uint64_t count) {
    VIGIL_TRY(update, database.prepare("UPDATE series SET count = count - ?5 WHERE patient = ?1 "
                                       "AND device = ?2 AND metric = ?3 AND channel = ?4"));
    bind_series(update, series);
    return update.bind(5, static_cast<std::int64_t>(count)).run();
}

Result<void> replace_series(Database& database, PatientId patient, DeviceId device,
                            const KeptSeries& kept) {
    VIGIL_TRY(clear, database.prepare("DELETE FROM series WHERE patient = ? AND device = ?"));
    VIGIL_CHECK(clear.bind(1, patient.value).bind(2, device.value).run());
    for (const auto& each : kept) VIGIL_CHECK(add_to_series(database, each));
    return {};
}

Result<void> open_day(Database& database, PatientId patient, DeviceId device, Timestamp day) {
    VIGIL_TRY(insert, database.prepare("INSERT OR IGNORE INTO open_days SELECT ?, ?, ?3 WHERE NOT "
                                       "EXISTS (SELECT 1 FROM horizons WHERE class = ?4 AND ?3 < "
                                       "time)"));
    insert.bind(4, static_cast<int>(SampleClass::vitals));
    return insert.bind(1, patient.value)
        .bind(2, device.value)
        .bind(3, unix_ns(floor_to(day, day_length)))
        .run();
}

Result<void> close_day(Database& database, PatientId patient, DeviceId device, Timestamp day) {
    VIGIL_TRY(remove, database.prepare("DELETE FROM open_days WHERE patient = ? AND device = ? "
                                       "AND day = ?"));
    return remove.bind(1, patient.value).bind(2, device.value).bind(3, unix_ns(day)).run();
}

Result<std::vector<OpenDay>> open_days(Database& database, Timestamp before, int limit) {
    VIGIL_TRY(select, database.prepare("SELECT patient, device, day FROM open_days "
                                       "WHERE day < ? ORDER BY day LIMIT ?"));
    select.bind(1, unix_ns(before)).bind(2, limit);
    std::vector<OpenDay> days;
    for (;;) {
        VIGIL_TRY(row, select.step());
        if (!row) return days;
        days.push_back({PatientId{static_cast<std::uint32_t>(select.integer(0))},
                        DeviceId{static_cast<std::uint32_t>(select.integer(1))},
                        from_unix_ns(select.integer(2))});
    }
}

Result<std::vector<Timestamp>> open_days_of(Database& database, PatientId patient, DeviceId device,
                                            Span span) {
    VIGIL_TRY(select, database.prepare("SELECT day FROM open_days WHERE patient = ? AND device = ? "
                                       "AND day >= ? AND day < ? ORDER BY day"));
    select.bind(1, patient.value)
        .bind(2, device.value)
        .bind(3, unix_ns(floor_to(span.from, day_length)))
        .bind(4, unix_ns(span.to));
    std::vector<Timestamp> days;
    for (;;) {
        VIGIL_TRY(row, select.step());
        if (!row) return days;
        days.push_back(from_unix_ns(select.integer(0)));
    }
}

Result<Timestamp> horizon(Database& database, SampleClass which) {
    VIGIL_TRY(select, database.prepare("SELECT time FROM horizons WHERE class = ?"));
    VIGIL_TRY(row, select.bind(1, static_cast<int>(which)).step());
    return row ? from_unix_ns(select.integer(0)) : Timestamp::min();
}

Result<void> move_horizon(Database& database, SampleClass which, Timestamp to) {
    VIGIL_TRY(put, database.prepare("INSERT INTO horizons VALUES(?1, ?2) ON CONFLICT DO UPDATE SET "
                                    "time = max(time, ?2)"));
    return put.bind(1, static_cast<int>(which)).bind(2, unix_ns(to)).run();
}

Result<std::uint64_t> flush_count(Database& database) {
    VIGIL_TRY(count, database.number("SELECT count FROM flushes"));
    return static_cast<std::uint64_t>(count);
}

Result<void> set_flush_count(Database& database, std::uint64_t count) {
    VIGIL_TRY(update, database.prepare("UPDATE flushes SET count = ?"));
    return update.bind(1, static_cast<std::int64_t>(count)).run();
}

}  // namespace vigil::store::sqlite
