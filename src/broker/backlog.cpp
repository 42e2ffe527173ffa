#include "broker/backlog.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace vigil::broker {
namespace {

// Positions nearer than this are read in one go: a commit is opened once, not once a message.
constexpr std::uint64_t skipped_max = 4096;

// The entries just passed that may carry a message: their bodies outlive the visit.
class Carriers {
public:
    void pass(const store::Entry& entry) {
        if (entry.kind != store::EntryKind::batch && entry.kind != store::EntryKind::unread) return;
        auto& place = passed_[entry.position.offset % passed_.size()];
        place.entry = entry;
        place.body.assign(entry.body);
    }
    std::optional<store::Entry> at(std::uint64_t offset) const {
        const auto& place = passed_[offset % passed_.size()];
        if (place.entry.position.offset != offset) return std::nullopt;
        auto entry = place.entry;
        entry.body = place.body;
        return entry;
    }

private:
    struct Passed {
        store::Entry entry;
        std::string body;
    };
    std::array<Passed, carrier_distance_max + 1> passed_;
};

MessagePointer message_in(const store::Entry& entry, const Carriers& carriers,
                          const Inbound& inbound) {
    auto decoded = decode_message_entry(entry.body);
    if (!decoded) return nullptr;
    decoded->message->position = entry.position;
    const auto& carried = decoded->entry.carrier;
    if (!carried) return decoded->message;
    const auto carrier = carriers.at(entry.position.offset - carried->distance);
    if (!carrier) return nullptr;
    const auto kept = inbound.kept(*carrier);
    return kept ? completed(*decoded, kept->topic, kept->payload) : nullptr;
}

}  // namespace

std::vector<BacklogEntry> read_messages(store::Log& log, const Inbound& inbound,
                                        std::vector<Position> wanted) {
    std::vector<BacklogEntry> out;
    Carriers carriers;
    std::ranges::sort(wanted);
    for (auto next = wanted.begin(); next != wanted.end();) {
        auto from = *next;
        from.offset -= std::min<std::uint64_t>(from.offset, carrier_distance_max);
        const auto begun = next;
        // An entry that is damaged or gone is simply missing from the answer.
        (void)log.read(from, [&](const store::Entry& entry) {
            carriers.pass(entry);
            while (next != wanted.end() && *next < entry.position) ++next;  // gone
            if (next != wanted.end() && *next == entry.position) {
                if (entry.kind == store::EntryKind::message)
                    if (auto message = message_in(entry, carriers, inbound))
                        out.push_back({entry.position, std::move(message)});
                ++next;
            }
            return next != wanted.end() && next->offset - entry.position.offset < skipped_max;
        });
        if (next == begun) ++next;  // could not be read
    }
    return out;
}

}  // namespace vigil::broker
