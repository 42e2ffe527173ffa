#include "identity/associations.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vigil::identity {
namespace {

// What the act claims of its span, piece by piece from the left.
class Claim {
public:
    Claim(const DeviceAssociated& act, Timestamp recorded, const std::string& by)
        : act_(act), recorded_(recorded), by_(by) {}

    // The act wins [from, to), where the device was on `before` until now.
    void win(Timestamp from, Timestamp to, PatientId before) {
        if (from >= to) return;
        if (act_.patient) {
            if (!won.empty() && won.back().to == from)
                won.back().to = to;
            else
                won.push_back({act_.patient, from, to, act_.rank, recorded_, by_});
        }
        if (before == act_.patient) return;
        const bool goes_on =
            !changed.empty() && changed.back().span.to == from && changed.back().from == before;
        if (goes_on)
            changed.back().span.to = to;
        else
            changed.push_back({act_.device, {from, to}, before, act_.patient});
    }

    std::vector<Association> won;
    std::vector<store::Refile> changed;

private:
    const DeviceAssociated& act_;
    Timestamp recorded_;
    const std::string& by_;
};

}  // namespace

std::vector<store::Refile> DeviceAssociations::apply(const DeviceAssociated& act,
                                                     Timestamp recorded, const std::string& by) {
    Claim claim(act, recorded, by);
    std::vector<Association> kept;
    kept.reserve(standing_.size() + 2);
    const auto keep = [&](const Association& piece, Timestamp from, Timestamp to) {
        if (from >= to) return;
        kept.push_back(piece);
        kept.back().from = from;
        kept.back().to = to;
    };
    Timestamp open = act.from;  // what of the act's span has not been decided yet
    for (const auto& piece : standing_) {
        if (piece.to <= act.from || act.to <= piece.from) {
            kept.push_back(piece);
            continue;
        }
        const auto from = std::max(piece.from, act.from);
        const auto to = std::min(piece.to, act.to);
        claim.win(open, from, {});
        keep(piece, piece.from, from);
        if (piece.rank > act.rank && !act.correction)
            keep(piece, from, to);
        else
            claim.win(from, to, piece.patient);
        keep(piece, to, piece.to);
        open = to;
    }
    claim.win(open, act.to, {});

    standing_.clear();
    std::ranges::merge(kept, claim.won, std::back_inserter(standing_), {}, &Association::from,
                       &Association::from);
    return std::move(claim.changed);
}

PatientId DeviceAssociations::patient_before_last(Timestamp time) const {
    const auto next = std::ranges::upper_bound(standing_, time, {}, &Association::from);
    if (next == standing_.begin()) return {};
    const auto& piece = *std::prev(next);
    return time < piece.to ? piece.patient : PatientId{};
}

}  // namespace vigil::identity
