#include "monitor/alarms/unit_profiles.hpp"

#include <algorithm>

#include "monitor/alarms/fields.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t snapshot_version = 1;

Result<void> check(const Person& who) {
    if (who.by.empty() || who.reason.empty())
        return fail(Error::Kind::malformed, "who does it and why is not told", "reason");
    return {};
}

AlarmEvent& record(EventType type, const ProfileProposal& proposal, const Person& who,
                   std::string detail, EventRecorder& events) {
    auto& event = events.record(type);
    event.actor = who.by;
    event.reason = who.reason;
    event.condition.condition = proposal.edit.condition;
    event.limit = proposal.edit.limit;
    event.detail = proposal.unit + ", " + std::string(to_string(proposal.age_class)) + ": " +
                   std::move(detail);
    return event;
}

}  // namespace

std::vector<LimitSetting> UnitProfiles::settings(std::string_view unit, AgeClass age_class) const {
    auto settings = limits_->defaults(age_class);
    for (const auto& change : confirmed_) {
        if (change.unit != unit || change.age_class != age_class) continue;
        // Each was checked when it was confirmed; one that a later version of the table no longer
        // allows leaves the default, which is the safer of the two.
        const auto after = edited(change.edit, settings, *limits_, *conditions_, *catalogue_);
        if (after) settings[*limits_->row_of(change.edit.condition)] = *after;
    }
    return settings;
}

Result<void> UnitProfiles::propose(std::string_view unit, AgeClass age_class, const LimitEdit& edit,
                                   const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    if (proposals_.size() >= proposals_max)
        return fail(Error::Kind::too_large, "too many changes wait for a second person");
    const auto before = settings(unit, age_class);
    VIGIL_TRY(after, edited(edit, before, *limits_, *conditions_, *catalogue_));
    const auto what = difference(before[*limits_->row_of(edit.condition)], after);
    if (what.empty()) return fail(Error::Kind::conflict, "this is how it is", "condition");
    ProfileProposal proposal{.unit = std::string(unit),
                             .age_class = age_class,
                             .edit = edit,
                             .by = std::string(who.by),
                             .reason = std::string(who.reason),
                             .at = events.now()};
    proposal.id = record(EventType::profile_proposed, proposal, who, what, events).id;
    proposals_.push_back(std::move(proposal));
    return {};
}

Result<void> UnitProfiles::confirm(const EventId& id, const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    const auto found = find(id);
    if (found == proposals_.end())
        return fail(Error::Kind::conflict, "this proposal waits no more", "proposal");
    if (found->by == who.by)
        return fail(Error::Kind::forbidden, "a second person confirms it", "by");
    const auto before = settings(found->unit, found->age_class);
    VIGIL_TRY(after, edited(found->edit, before, *limits_, *conditions_, *catalogue_));
    // One change a unit, class and limit is kept: the last one, with what it left of the others.
    const auto same = std::ranges::find_if(confirmed_, [&](const ProfileProposal& p) {
        return p.unit == found->unit && p.age_class == found->age_class &&
               p.edit.condition == found->edit.condition;
    });
    if (same == confirmed_.end() && confirmed_.size() >= confirmed_max)
        return fail(Error::Kind::too_large, "too many changed defaults");
    const auto what = difference(before[*limits_->row_of(found->edit.condition)], after);
    record(EventType::profile_confirmed, *found, who, what + "; proposed by " + found->by, events);
    if (same != confirmed_.end()) {
        found->edit = merged(same->edit, found->edit);
        confirmed_.erase(same);
    }
    confirmed_.push_back(std::move(*found));
    proposals_.erase(found);
    return {};
}

Result<void> UnitProfiles::reject(const EventId& id, const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    const auto found = find(id);
    if (found == proposals_.end())
        return fail(Error::Kind::conflict, "this proposal waits no more", "proposal");
    record(EventType::profile_rejected, *found, who, "proposed by " + found->by, events);
    proposals_.erase(found);
    return {};
}

Result<void> UnitProfiles::on_act(const AlarmAct& act, EventRecorder& events) {
    const Person who{act.by, act.reason};
    Result<void> done = fail(Error::Kind::unsupported, "not an act about a unit's limits", "act");
    if (const auto* proposed = std::get_if<ProfileChangeProposed>(&act.body))
        done = propose(proposed->unit, proposed->age_class, proposed->edit, who, events);
    else if (const auto* decided = std::get_if<ProfileChangeDecided>(&act.body))
        done = decided->confirmed ? confirm(decided->proposal, who, events)
                                  : reject(decided->proposal, who, events);
    else
        return done;
    if (done) return done;
    auto& event = events.record(EventType::refused);
    event.actor = act.by.empty() ? std::string(by_system) : act.by.substr(0, actor_bytes_max);
    event.reason = done.error().message;
    event.detail = std::visit([](const auto& body) { return body.act_name; }, act.body);
    return done;
}

std::string UnitProfiles::snapshot() const {
    std::string out;
    FieldWriter writer(out);
    writer("version", snapshot_version);
    members(writer, *this);
    return out;
}

Result<void> UnitProfiles::restore(std::string_view bytes) {
    FieldReader reader(bytes);
    std::uint8_t version = 0;
    reader("version", version);
    if (reader.failed() == nullptr && version != snapshot_version)
        return fail(Error::Kind::unsupported, "a snapshot of a later version", "byte 0");
    UnitProfiles read(*catalogue_, *conditions_, *limits_);
    members(reader, read);
    if (reader.failed() != nullptr || !reader.at_end())
        return fail(Error::Kind::malformed, "a snapshot that cannot be read",
                    reader.failed() != nullptr ? reader.failed() : "end");
    if (read.proposals_.size() > proposals_max || read.confirmed_.size() > confirmed_max)
        return fail(Error::Kind::too_large, "more changes than can be", "confirmed");
    *this = std::move(read);
    return {};
}

std::vector<ProfileProposal>::iterator UnitProfiles::find(const EventId& proposal) {
    return std::ranges::find(proposals_, proposal, &ProfileProposal::id);
}

}  // namespace vigil::monitor
