// The bytes of all that is watched: docs/reference/alarm-formats.md.
#include <algorithm>

#include "monitor/alarms/fields.hpp"
#include "monitor/site_watch.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t snapshot_version = 3;
constexpr std::size_t monitor_bytes_max = std::size_t{4} << 20, list_max = std::size_t{1} << 20;
constexpr std::size_t recent_max = 64;

struct StoredPatient {
    PatientId id{};
    std::string unit{}, birth_date{};  // sealed
    bool in_bed = false;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("unit", self.unit);
        visit("birth_date", self.birth_date);
        visit("in_bed", self.in_bed);
    }
};

// What of an association may still matter: times before the epoch, which an act may name, are cut.
struct StoredAssociation {
    PatientId patient{};
    Timestamp from{}, to = Timestamp::max();
    std::uint8_t rank = 0;
    Timestamp recorded{};
    std::string by{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("patient", self.patient);
        visit("from", self.from);
        visit("to", self.to);
        visit("rank", self.rank);
        visit("recorded", self.recorded);
        visit("by", self.by);
    }
};

struct StoredDevice {
    DeviceId id{};
    PatientId on{};
    std::vector<StoredAssociation> associations{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("on", self.on);
        visit("associations", self.associations);
    }
};

struct StoredMonitor {
    Subject subject{};
    std::uint8_t age_class = 0;
    std::string bytes{}, scores{}, signals{};  // sealed
    bool leaving = false;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("age_class", self.age_class);
        visit("bytes", self.bytes);
        visit("scores", self.scores);
        visit("signals", self.signals);
        visit("leaving", self.leaving);
    }
};

struct StoredPlace {
    DeviceId device{};
    Timestamp heard{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("device", self.device);
        visit("heard", self.heard);
    }
};

struct StoredPosition {
    Timestamp time{};
    Position position{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("time", self.time);
        visit("partition", self.position.partition);
        visit("offset", self.position.offset);
    }
};

}  // namespace

// All of it but the profiles.
struct SiteWatch::Stored {
    std::vector<StoredPatient> patients{};
    std::vector<StoredDevice> devices{};
    std::vector<StoredMonitor> monitors{};
    std::vector<StoredPlace> places{};
    std::vector<StoredPosition> recent{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("patients", self.patients);
        visit("devices", self.devices);
        visit("monitors", self.monitors);
        visit("places", self.places);
        visit("recent", self.recent);
    }
};

namespace {

StoredAssociation stored(const identity::Association& piece) {
    return {.patient = piece.patient,
            .from = std::max(piece.from, Timestamp{}),
            .to = piece.to,
            .rank = static_cast<std::uint8_t>(piece.rank),
            .recorded = std::max(piece.recorded, Timestamp{}),
            .by = piece.by};
}

std::string sealed(store::Sealer* sealer, PatientId subject, std::string clear) {
    if (sealer == nullptr) return clear;
    std::string out;
    sealer->seal(subject, clear, out);
    return out;
}

// Nothing: of somebody who was erased since.
Result<std::optional<std::string>> opened(store::Sealer* sealer, PatientId subject,
                                          std::string bytes) {
    if (sealer == nullptr) return bytes;
    std::string clear;
    auto done = sealer->open(subject, bytes, clear);
    if (!done && done.error().kind == Error::Kind::not_found) return std::nullopt;
    if (!done) return tl::unexpected(std::move(done).error());
    return clear;
}

}  // namespace

std::string SiteWatch::snapshot(store::Sealer* sealer) const {
    Stored all;
    all.patients.reserve(patients_.size());
    for (const auto& [id, each] : patients_)
        all.patients.push_back({id, each.unit, sealed(sealer, id, each.birth_date), each.in_bed});
    for (const auto& [id, each] : devices_) {
        auto& device = all.devices.emplace_back(StoredDevice{id, each.on, {}});
        for (const auto& piece : each.associations.standing())
            if (piece.to > ticked_) device.associations.push_back(stored(piece));
    }
    all.monitors.reserve(monitors_.size());
    for (const auto& [subject, each] : monitors_) {
        const auto scores = scores_.find(subject.patient);
        all.monitors.push_back({subject, static_cast<std::uint8_t>(each.view().age_class),
                                sealed(sealer, subject.patient, each.snapshot()),
                                scores == scores_.end()
                                    ? std::string()
                                    : sealed(sealer, subject.patient, scores->second.snapshot()),
                                sealed(sealer, subject.patient, signals_.at(subject).snapshot()),
                                leaving_.contains(subject)});
    }
    all.places.reserve(places_.size());
    for (const auto& [device, heard] : places_) all.places.push_back({device, heard});
    for (const auto& [time, position] : recent_) all.recent.push_back({time, position});
    std::string out;
    FieldWriter writer(out);
    writer("version", snapshot_version);
    writer("ticked", ticked_);
    writer("unread", unread_);
    writer("profiles", profiles_);
    Stored::members(writer, all);
    return out;
}

Result<SiteWatch> SiteWatch::restore(const MonitorTables& tables, std::string_view bytes,
                                     store::Sealer* sealer) {
    FieldReader reader(bytes, {.text_bytes_max = monitor_bytes_max, .list_count_max = list_max});
    std::uint8_t version = 0;
    reader("version", version);
    if (reader.failed() == nullptr && version != snapshot_version)
        return fail(Error::Kind::unsupported, "a snapshot of another version", "byte 0");
    SiteWatch watch(tables);
    Stored all;
    reader("ticked", watch.ticked_);
    reader("unread", watch.unread_);
    reader("profiles", watch.profiles_);
    Stored::members(reader, all);
    if (reader.failed() != nullptr || !reader.at_end())
        return fail(Error::Kind::malformed, "a snapshot that cannot be read",
                    reader.failed() != nullptr ? reader.failed() : "end");
    if (all.recent.size() > recent_max)
        return fail(Error::Kind::too_large, "more positions than are kept", "recent");
    VIGIL_CHECK(watch.take_people(all, sealer));
    for (const auto& each : all.recent) watch.recent_.emplace_back(each.time, each.position);
    for (const auto& each : all.places) watch.places_[each.device] = each.heard;
    VIGIL_CHECK(watch.take_monitors(all, sealer));
    return watch;
}

Result<void> SiteWatch::take_people(Stored& all, store::Sealer* sealer) {
    for (auto& each : all.patients) {
        VIGIL_TRY(birth_date, opened(sealer, each.id, std::move(each.birth_date)));
        if (birth_date)
            patients_[each.id] = {.unit = std::move(each.unit),
                                  .birth_date = std::move(*birth_date),
                                  .in_bed = each.in_bed};
    }
    for (const auto& each : all.devices) {
        auto& device = devices_[each.id];
        device.on = each.on;
        if (const auto patient = patients_.find(each.on); patient != patients_.end())
            ++patient->second.devices;
        for (const auto& piece : each.associations)
            device.associations.apply({.device = each.id,
                                       .patient = piece.patient,
                                       .from = piece.from,
                                       .to = piece.to,
                                       .rank = static_cast<identity::AssociationRank>(piece.rank)},
                                      piece.recorded, piece.by);
        schedule(each.id, device, ticked_);
    }
    return {};
}

Result<void> SiteWatch::take_monitors(Stored& all, store::Sealer* sealer) {
    for (auto& each : all.monitors) {
        const auto patient = each.subject.patient;
        if (!valid(static_cast<AgeClass>(each.age_class)))
            return fail(Error::Kind::malformed, "no such class of age", "monitors");
        VIGIL_TRY(state, opened(sealer, patient, std::move(each.bytes)));
        if (!state) continue;
        const auto known = patients_.find(patient);
        VIGIL_TRY(monitor,
                  PatientMonitor::restore(
                      *tables_, *state,
                      profiles_.settings(known == patients_.end() ? "" : known->second.unit,
                                         static_cast<AgeClass>(each.age_class))));
        if (monitor.subject() != each.subject)
            return fail(Error::Kind::malformed, "a monitor under another's name", "monitors");
        monitors_.insert_or_assign(each.subject, std::move(monitor));
        VIGIL_TRY(waves, opened(sealer, patient, std::move(each.signals)));
        if (!waves) return fail(Error::Kind::malformed, "signals of nobody", "monitors");
        VIGIL_TRY(signals, PatientSignals::restore(*tables_, *waves));
        signals_.insert_or_assign(each.subject, std::move(signals));
        if (each.leaving) leaving_.insert(each.subject);
        if (!patient) continue;
        VIGIL_TRY(clear, opened(sealer, patient, std::move(each.scores)));
        if (!clear) return fail(Error::Kind::malformed, "scores of nobody", "monitors");
        VIGIL_TRY(scores, PatientScores::restore(*tables_, *clear));
        scores_.insert_or_assign(patient, std::move(scores));
    }
    return {};
}

}  // namespace vigil::monitor
