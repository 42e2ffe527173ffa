#include "broker/backlog.hpp"

namespace vigil::broker {

std::vector<BacklogEntry> read_messages(store::Log& log, const std::vector<Position>& wanted) {
    std::vector<BacklogEntry> out;
    for (const auto position : wanted) {
        // An entry that is damaged or gone is simply missing from the answer.
        (void)log.read(position, [&](const store::Entry& entry) {
            if (entry.position == position && entry.kind == store::EntryKind::message)
                out.push_back({position, std::string(entry.body)});
            return false;
        });
    }
    return out;
}

}  // namespace vigil::broker
