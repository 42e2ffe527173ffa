#include "collect/act_desk.hpp"

#include <utility>

namespace vigil::collect {

void ActDesk::give(identity::Act act, Done done) {
    const auto ticket =
        log_.append(store::EntryKind::act, identity::subject(act), {}, identity::encode(act));
    pending_.push_back({ticket, std::move(act), std::move(done)});
}

void ActDesk::on_commit(const store::Commit& commit) {
    while (!pending_.empty() && pending_.front().ticket <= commit.last) {
        const auto pending = std::move(pending_.front());
        pending_.pop_front();
        if (!commit.outcome) {
            pending.done(tl::unexpected(commit.outcome.error()));
            continue;
        }
        auto position = commit.first_position;
        position.offset += pending.ticket - commit.first;
        auto applied = registry_.apply(pending.act, position);
        if (applied) took_(pending.act, *applied, position);
        pending.done(std::move(applied));
    }
}

std::vector<store::Refile> ActDesk::replay(const store::Entry& entry) {
    if (entry.kind != store::EntryKind::act || entry.position <= registry_.applied()) return {};
    // An act of another room is not this desk's; one that was void when it was committed is void
    // again.
    const auto act = identity::decode_act(entry.body);
    if (!act) return {};
    auto applied = registry_.apply(*act, entry.position);
    if (!applied) return {};
    took_(*act, *applied, entry.position);
    return std::move(applied->refiles);
}

}  // namespace vigil::collect
