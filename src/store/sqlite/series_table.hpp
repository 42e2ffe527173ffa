#pragma once
// What the chunks hold, a row a series; and the days whose roll-ups do not stand.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "store/head.hpp"
#include "store/series.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

using KeptSeries = std::vector<Head::Kept>;

// All rows, or those of one patient.
Result<KeptSeries> kept_series(Database& database, std::optional<PatientId> patient = {});
// Adds to a row, or makes it; returns what it says now.
Result<Head::Kept> add_to_series(Database& database, const Head::Kept& added);
Result<void> take_from_series(Database& database, const FiledSeries& series, std::uint64_t count);
// Puts these in place of all rows of a patient's device.
Result<void> replace_series(Database& database, PatientId patient, DeviceId device,
                            const KeptSeries& kept);

// Does nothing for a day whose numbers retention has taken: its roll-ups are all there is of it.
Result<void> open_day(Database& database, PatientId patient, DeviceId device, Timestamp day);
Result<void> close_day(Database& database, PatientId patient, DeviceId device, Timestamp day);

struct OpenDay {
    PatientId patient;
    DeviceId device;
    Timestamp day;
};
// Oldest first, of days before `before`.
Result<std::vector<OpenDay>> open_days(Database& database, Timestamp before, int limit);
Result<std::vector<Timestamp>> open_days_of(Database& database, PatientId patient, DeviceId device,
                                            Span span);

// Before this time retention has taken what was filed; Timestamp::min() where it took nothing.
Result<Timestamp> horizon(Database& database, SampleClass which);
Result<void> move_horizon(Database& database, SampleClass which, Timestamp to);

// The count of flushes: what tells a reader which generations of the head are in its snapshot.
Result<std::uint64_t> flush_count(Database& database);
Result<void> set_flush_count(Database& database, std::uint64_t count);

}  // namespace vigil::store::sqlite
