#pragma once
// The text frames of docs/reference/live-stream.md: values in, JSON out.

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "share/live_hub.hpp"
#include "share/live_past.hpp"
#include "share/subscription.hpp"

namespace vigil::share {

// A cursor as the frames carry it: a log position in quotation marks, or null.
std::string cursor_text(std::optional<Position> cursor);

// Appends to a comma-separated list.
void separate(std::string& list);

std::string hello_frame(Timestamp now, Nanoseconds heartbeat, std::string_view version);
std::string heartbeat_frame(Timestamp now, std::optional<Position> cursor,
                            const std::vector<std::string>& refused);
std::string error_frame(const Error& error);

struct Gap {
    std::string_view what;            // "readings", "waveforms"
    std::string_view reason;          // "resume", "slow"
    std::optional<Timestamp> from{};  // none: from the viewer's cursor on
    Timestamp to;
};
std::string gap_frame(const Gap& gap);

// `patients`: what snapshot_patient() wrote, comma separated. Only the last part has a cursor.
std::string snapshot_frame(Timestamp now, std::optional<Position> cursor, std::string_view patients,
                           const std::vector<std::string>& refused, bool last);
void snapshot_patient(std::string& out, const LiveSources& sources,
                      const Subscription& subscription, const PatientPast& past, Timestamp now);

std::string readings_frame(Position cursor, bool replay, std::string_view readings);
// The readings of a message that are no waveforms, comma separated; empty if none is wanted or
// seen.
std::string readings_of(const LiveSources& sources, const Subscription& subscription,
                        const store::Access& access, const collect::FiledMessage& message);

std::string devices_frame(const LiveSources& sources, Position cursor,
                          const std::vector<DeviceId>& devices, Timestamp now);

// One entry of a `series` frame.
void announce_series(std::string& out, const LiveSources& sources, std::uint32_t index,
                     PatientId patient, const store::SeriesKey& key, UnitId unit);

}  // namespace vigil::share
