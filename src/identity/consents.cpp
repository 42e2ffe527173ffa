#include "identity/consents.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace vigil::identity {
namespace {

void append_turns(const Provision& provision, std::set<Timestamp>& turns) {
    if (provision.period) {
        turns.insert(provision.period->from);
        turns.insert(provision.period->to);
    }
    for (const auto& each : provision.exceptions) append_turns(each, turns);
}

}  // namespace

void Consents::changed() {
    count_.store(lists_.size(), std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_acq_rel);
}

Consents::Before Consents::take_out(std::string_view id, std::uint64_t version) {
    auto& known = known_[std::string(id)];
    if (known.version > version) return Before::newer;
    known.version = version;
    const auto whose = std::exchange(known.patient, PatientId{});
    const auto found = lists_.find(whose);
    if (found == lists_.end()) return Before::not_in_force;
    auto left = std::make_shared<List>(*found->second);
    std::erase_if(*left, [&](const auto& each) { return each->id == id; });
    if (left->empty())
        lists_.erase(found);
    else
        found->second = std::move(left);
    return Before::in_force;
}

void Consents::put(Consent consent, std::uint64_t version) {
    const std::unique_lock lock(mutex_);
    if (take_out(consent.id, version) == Before::newer) return;
    known_[consent.id].patient = consent.patient;
    append_turns(consent.root, turns_);
    auto& list = lists_[consent.patient];
    auto longer = list ? std::make_shared<List>(*list) : std::make_shared<List>();
    if (longer->size() >= of_one_max) {  // it denies everything
        consent.root = {};
        consent.is_silent = false;
    }
    longer->push_back(std::make_shared<const Consent>(std::move(consent)));
    list = std::move(longer);
    changed();
}

void Consents::remove(std::string_view id, std::uint64_t version) {
    const std::unique_lock lock(mutex_);
    if (take_out(id, version) == Before::in_force) changed();
}

void Consents::erase(PatientId patient) {
    const std::unique_lock lock(mutex_);
    lists_.erase(patient);
    std::erase_if(known_, [&](const auto& each) { return each.second.patient == patient; });
    changed();
}

std::shared_ptr<const Consents::List> Consents::of(PatientId patient) const {
    if (empty()) return nullptr;
    const std::shared_lock lock(mutex_);
    const auto found = lists_.find(patient);
    return found == lists_.end() ? nullptr : found->second;
}

Timestamp Consents::next_turn(Timestamp since) const {
    if (empty()) return Timestamp::max();
    const std::shared_lock lock(mutex_);
    const auto next = turns_.upper_bound(since);
    return next == turns_.end() ? Timestamp::max() : *next;
}

}  // namespace vigil::identity
