// Whom a write or a reading is for.
#include <algorithm>
#include <array>

#include "fhir/rest/reading.hpp"
#include "fhir/subscription/subscriptions.hpp"
#include "fhir/view/condition_match.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t changes_at_once = 256, views_at_once = 1000;
constexpr auto minute_length = std::chrono::minutes(1);
// A minute of a waveform is told of once it is over and its last block had time to arrive.
constexpr auto waveform_wait = std::chrono::seconds(5);

struct Indexed {
    Resource resource;
    Extracted by;
    std::vector<InterestKey> keys;
};

std::optional<Indexed> indexed(const store::Record& record, const RestContext& rest) {
    auto resource = Resource::parse(resource_text(record));
    if (!resource) return std::nullopt;
    auto extracted = extract(resource->json(), rest.extraction());
    if (!extracted) return std::nullopt;
    Indexed out{std::move(*resource), std::move(*extracted), {key_of_id(record.id)}};
    for (const auto& row : out.by.rows) append_keys(row, out.keys);
    return out;
}

}  // namespace

// --- the outbox ---

void Subscriptions::records_written() {
    bool more = false;
    {
        const std::lock_guard lock(mutex_);
        more = wanted_ && resuming_.empty() && take_changes();
        keep();
    }
    if (more) parts_.post([this] { records_written(); });
}

// True: there may be more.
bool Subscriptions::take_changes() {
    std::vector<store::Record> changes;
    auto last = cursor_;
    const auto listed = parts_.records.changes(
        parts_.everything, cursor_, [&](std::uint64_t number, const store::Record& record) {
            last = number;
            if (record.type == "Subscription" || interests_.any(record.type))
                changes.push_back(record);
            return changes.size() < changes_at_once && last < cursor_ + 16 * changes_at_once;
        });
    if (!listed || last == cursor_) return false;
    const auto read = parts_.read(parts_.everything, [&](ViewReader& reader) -> Result<void> {
        for (const auto& change : changes) take_change(change, reader);
        return {};
    });
    if (!read) return false;
    cursor_ = last;
    cursor_moved_ = true;
    return true;
}

void Subscriptions::take_change(const store::Record& record, ViewReader& reader) {
    if (record.type == "Subscription") configure(record, false);
    if (!interests_.any(record.type)) return;
    // The first version of what is written over a reading is the view as it was: that was told of
    // when it was measured.
    const bool is_view = record.type == "Observation" && record.version == 1 &&
                         record.method == "POST" && read_view_id(record.id);
    if (is_view) return;
    const SubscriptionEvent event{.time = record.updated,
                                  .interaction = record.deleted        ? Interaction::deleted
                                                 : record.version == 1 ? Interaction::created
                                                                       : Interaction::updated,
                                  .type = record.type,
                                  .id = record.id,
                                  .version = record.version};
    if (!record.deleted) {
        match(record, record.updated, event, reader);
        return;
    }
    // What is gone is told of as it last was.
    const auto before = reader.version(record.type, record.id, record.version - 1);
    if (before && *before && !(*before)->deleted) match(**before, record.updated, event, reader);
}

namespace {

// What cannot be told is taken for withheld.
bool is_withheld(const store::Access& access, std::optional<PatientId> subject,
                 const IndexedResource& resource, ViewReader& reader) {
    const auto withheld = access.withheld_from(subject.value_or(PatientId{}));
    const auto condition = withheld ? withheld->of_type(resource.type) : nullptr;
    return condition && holds(*condition, resource, reader).value_or(true);
}

// At other resources: a chain, _has.
bool looks_further(const store::Condition& condition) {
    const auto any = [](const auto& group) {
        return std::ranges::any_of(group.conditions, looks_further);
    };
    if (const auto* all = std::get_if<store::AllOf>(&condition.is)) return any(*all);
    if (const auto* some = std::get_if<store::AnyOf>(&condition.is)) return any(*some);
    if (const auto* none = std::get_if<store::NoneOf>(&condition.is)) return any(*none);
    return std::holds_alternative<store::RefersTo>(condition.is) ||
           std::holds_alternative<store::ReferredBy>(condition.is);
}

}  // namespace

// What of other resources decides is looked at as whoever it is for may see it.
Result<bool> Subscriptions::meets(const State& state, const IndexedResource& resource,
                                  ViewReader& reader) const {
    const auto& where = state.subscription.where;
    if (!looks_further(where)) return holds(where, resource, reader);
    bool met = false;
    VIGIL_CHECK(parts_.read(*state.access, [&](ViewReader& theirs) -> Result<void> {
        VIGIL_TRY(held, holds(where, resource, theirs));
        met = held;
        return {};
    }));
    return met;
}

void Subscriptions::match(const store::Record& current, std::optional<Timestamp> since,
                          const SubscriptionEvent& event, ViewReader& reader) {
    const auto by = indexed(current, *parts_.rest());
    if (!by) return;
    const IndexedResource resource{.type = current.type,
                                   .id = current.id,
                                   .updated = current.updated,
                                   .rows = by->by.rows,
                                   .narrative = by->by.narrative,
                                   .content = by->by.content};
    for (const auto number : interests_.candidates(current.type, by->keys)) {
        const auto& state = numbers_.at(number);
        const bool is_told =
            (event.interaction != Interaction::deleted || state->subscription.is_topic_based()) &&
            (!since || *since > state->since);
        // Which of a type depends on the resource is not looked at here: it is not told.
        const bool may = state->access && state->access->sees(current.type, current.subject) &&
                         state->access->only_if(store::looking, current.type) == nullptr;
        if (!is_told || !may || is_withheld(*state->access, current.subject, resource, reader))
            continue;
        const auto wanted = meets(*state, resource, reader);
        if (!wanted) {
            end(state, "whether it meets the criteria cannot be told: " + wanted.error().message);
            continue;
        }
        if (!*wanted) continue;
        state->add(event);
        changed(state);
    }
}

// --- readings ---

// Whether anyone may want views of a series: by what all of them have in common.
const std::vector<SubscriptionNumber>& Subscriptions::wanting(const SeriesId& series) {
    const auto [place, is_new] = wanting_.try_emplace(series);
    if (!is_new) return place->second;
    std::vector<InterestKey> keys;
    const auto group = std::ranges::find(parts_.groups, series.group,
                                         [](const GroupRows& one) { return one.group->id; });
    for (const auto& row : group->rows) append_keys(row, keys);
    const store::ReferenceValue device{"Device", device_resource_id(series.device), {}};
    append_keys({"device", device}, keys);
    if (const auto patient = parts_.patients.id(series.patient))
        for (const auto* name : {"patient", "subject"})
            append_keys({name, store::ReferenceValue{"Patient", *patient, {}}}, keys);
    constexpr std::array<std::string_view, 7> known = {
        "code", "combo-code", "component-code", "category", "device", "patient", "subject"};
    place->second = interests_.candidates("Observation", keys, known);
    return place->second;
}

void Subscriptions::readings_arrived(const std::vector<ReadingArrived>& readings, Position up_to) {
    const std::lock_guard lock(mutex_);
    if (resuming_.empty()) return take_readings(readings, up_to);
    held_.insert(held_.end(), readings.begin(), readings.end());
    held_up_to_ = up_to;
}

void Subscriptions::take_readings(const std::vector<ReadingArrived>& readings, Position up_to) {
    readings_up_to_ = up_to;
    cursor_moved_ = true;
    for (const auto& reading : readings) take_reading(reading);
    take_views();
    keep();
}

void Subscriptions::take_reading(const ReadingArrived& reading) {
    const auto group = group_of_.find(reading.metric);
    if (group == group_of_.end()) return;
    const auto& views = *group->second->group;
    if (wanting({reading.patient, reading.device, views.id}).empty()) return;
    ViewId id{.device = reading.device,
              .metric = views.id,
              .channel = reading.channel,
              .time = reading.time};
    auto due = Timestamp::min();
    if (views.is_waveform) {
        id.time = std::chrono::floor<std::chrono::minutes>(reading.time);
        due = std::max(parts_.now(), id.time + minute_length) + waveform_wait;
    }
    views_.try_emplace({id, reading.patient}, due);
}

void Subscriptions::take_views() {
    const auto now = parts_.now();
    std::vector<std::pair<ViewId, PatientId>> ready;
    for (const auto& [id, due] : views_)
        if (due <= now && ready.size() < views_at_once) ready.push_back(id);
    if (ready.empty()) return;
    const auto read = parts_.read(parts_.everything, [&](ViewReader& reader) -> Result<void> {
        for (const auto& [id, patient] : ready) VIGIL_CHECK(match_view(id, patient, reader));
        return {};
    });
    for (const auto& one : ready) views_.erase(one);
    if (!read) lose_readings("readings could not be read: " + read.error().message);
    if (ready.size() == views_at_once)
        parts_.post([this] {
            const std::lock_guard lock(mutex_);
            take_views();
            keep();
        });
}

Result<void> Subscriptions::match_view(const ViewId& id, PatientId patient, ViewReader& reader) {
    const auto group = std::ranges::find(parts_.groups, id.metric,
                                         [](const GroupRows& one) { return one.group->id; });
    const auto length = group->group->is_waveform ? Nanoseconds(minute_length) : Nanoseconds(1);
    Result<void> looked;
    VIGIL_CHECK(
        parts_.readings.scan(parts_.everything,
                             {.patients = std::vector{patient},
                              .groups = {group->group},
                              .devices = std::set{id.device},
                              .span = {id.time, id.time + length},
                              .values = {}},
                             [&](View&& view) {
                                 if (view.id.channel != id.channel || view.id.time != id.time)
                                     return true;
                                 const auto& record = view.record;
                                 // What a record corrects has been told as that.
                                 const auto over = reader.records().get(record.type, record.id);
                                 if (!over) looked = tl::unexpected(over.error());
                                 if (!over) return false;
                                 if (*over) return true;
                                 match(record, std::nullopt,
                                       {.time = record.updated,
                                        .interaction = Interaction::created,
                                        .type = record.type,
                                        .id = record.id,
                                        .version = record.version},
                                       reader);
                                 return true;
                             }));
    return looked;
}

}  // namespace vigil::fhir
