// What a viewer is shown of the past: it is asked of a worker, a part at a time, and sent as the
// viewer takes it.
#include <algorithm>
#include <utility>

#include "collect/intake.hpp"
#include "share/live_frames.hpp"
#include "share/live_session.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t patients_a_part = 16;
constexpr std::size_t log_bytes_a_part = 256 * 1024;
// No screen shows more of a waveform: what is older is asked of the series API.
constexpr Nanoseconds waveforms_replayed = std::chrono::seconds(90);

}  // namespace

template <class Work>
void LiveSession::ask(Work work) {
    asked_ = true;
    const auto& sources = hub_.sources();
    sources.on_worker([on_loop = sources.on_loop, inbox = std::weak_ptr(inbox_),
                       turn = inbox_->turn, work = std::move(work)] {
        on_loop([inbox, turn, answer = work()]() mutable {
            const auto box = inbox.lock();
            if (!box || box->turn != turn) return;
            box->answer = std::move(answer);
            if (box->wake) box->wake();
        });
    });
}

void LiveSession::take_answer(Timestamp now, session::MessageActions& out) {
    auto answer = std::exchange(inbox_->answer, {});
    if (std::holds_alternative<std::monostate>(answer)) return;
    asked_ = false;
    if (auto* patients = std::get_if<Patients>(&answer))
        take_patients(now, std::move(*patients), out);
    else
        take_past(now, std::get<Result<LogPart>>(std::move(answer)), out);
}

// The next part, once the socket is not full of those before.
void LiveSession::ask_more(Timestamp now) {
    if (asked_ || blocked(now)) return;
    const auto& sources = hub_.sources();
    if (phase_ == Phase::past) {
        ask([&log = sources.log, after = past_.reached] {
            return read_log(log, after, log_bytes_a_part);
        });
    } else if (phase_ == Phase::snapshot) {
        const auto from = snapshot_.patients.begin() + static_cast<std::ptrdiff_t>(snapshot_.done);
        const auto count = std::min(snapshot_.patients.size() - snapshot_.done, patients_a_part);
        ask([&series = sources.series, access = *access_, since = snapshot_.waveforms_since,
             patients = std::vector(from, from + static_cast<std::ptrdiff_t>(count))] {
            return read_patients(series, access, patients, since);
        });
    }
}

// --- Resuming from before the ring
// ------------------------------------------------------------------------

void LiveSession::start_past(Position from) {
    phase_ = Phase::past;
    past_ = {.reached = from};
}

void LiveSession::take_past(Timestamp now, Result<LogPart> part, session::MessageActions& out) {
    if (!part) return give_up_past(now, std::nullopt, out);
    const auto& limits = hub_.limits();
    if (part->oldest && *part->oldest < now - limits.resume_for)
        return give_up_past(now, part->oldest, out);
    past_.bytes += part->bytes;
    if (past_.bytes > limits.resume_bytes_max) return give_up_past(now, part->oldest, out);
    past_.reached = part->reached;
    send_past(now, *part, out);
    const auto& ring = hub_.ring();
    const auto from = ring.after(past_.reached);
    if (!from) return;  // the next part follows: finish() asks for it
    if (past_.left_waveforms_out)
        send_text(
            gap_frame({.what = "waveforms", .reason = "resume", .to = now - waveforms_replayed}),
            out);
    phase_ = Phase::live;
    next_ = ring.end();
    send_range(*from, next_, true, out);
}

// As the registry has it now: an association corrected since counts.
void LiveSession::send_past(Timestamp now, const LogPart& part, session::MessageActions& out) {
    std::string readings;
    const auto add = [&](const collect::FiledMessage& filed) {
        if (!shows(filed.patient)) return;
        if (auto written = readings_of(hub_.sources(), *subscription_, *access_, filed);
            !written.empty()) {
            separate(readings);
            readings += written;
        }
        if (!subscription_->waveforms) return;
        if (filed.receive_time >= now - waveforms_replayed)
            add_waveforms(filed, true, out);
        else
            past_.left_waveforms_out = true;
    };
    for (const auto& message : part.messages)
        collect::filed_by_patient(hub_.sources().registry, message.filed(), add);
    if (!readings.empty()) send_text(readings_frame(part.reached, true, readings), out);
}

// Too much or too long ago, or the log does not have it: said, and begun anew.
void LiveSession::give_up_past(Timestamp now, std::optional<Timestamp> since,
                               session::MessageActions& out) {
    for (const auto* what : {"readings", "waveforms"})
        send_text(gap_frame({.what = what, .reason = "resume", .from = since, .to = now}), out);
    start_snapshot(now, subscription_->history);
}

// --- The snapshot
// -----------------------------------------------------------------------------------------

void LiveSession::start_snapshot(Timestamp now, Nanoseconds history) {
    phase_ = Phase::snapshot;
    next_ = hub_.ring().end();
    snapshot_ = {.cursor = hub_.ring().reached(next_)};
    if (subscription_->waveforms && history > Nanoseconds{})
        snapshot_.waveforms_since = now - history;
    for (const auto& [id, patient] : hub_.sources().registry.patients())
        if (shows(id)) snapshot_.patients.push_back(id);
}

void LiveSession::take_patients(Timestamp now, Patients patients, session::MessageActions& out) {
    if (!patients) {
        send_text(error_frame(patients.error()), out);
        out.close = close_try_later;
        return;
    }
    std::string part;
    for (const auto& past : *patients) {
        snapshot_patient(part, hub_.sources(), *subscription_, past, now);
        ++snapshot_.done;
    }
    const bool last = snapshot_.done == snapshot_.patients.size();
    const auto refused = last ? std::exchange(refused_, {}) : std::vector<std::string>();
    send_text(snapshot_frame(now, last ? std::optional(snapshot_.cursor) : std::nullopt, part,
                             refused, last),
              out);
    for (const auto& past : *patients) send_history(past, out);
    if (last) phase_ = Phase::live;
}

void LiveSession::send_history(const PatientPast& past, session::MessageActions& out) {
    WaveformFrame frame;
    for (const auto& [key, filed_time, block] : past.waveforms) {
        if (!subscription_->wants(key.metric)) continue;
        const auto index = series_index(past.patient, key, block.unit);
        frame.add(index, block, filed_time, after_gap_[index], true);
        after_gap_[index] = false;
    }
    send_waveforms(frame, out);
}

}  // namespace vigil::share
