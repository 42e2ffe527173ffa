#pragma once
// The lines of the audit as AuditEvents: views that are made when they are asked for. They are
// found by reading the lines from the newest on, so each look is bounded, and a page may be short,
// or empty, and not the last.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fhir/audit/event_writer.hpp"
#include "fhir/search/index_rows.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct EventPage {
    std::vector<store::Record> records;
    std::vector<std::uint64_t> numbers;  // of their lines
    std::uint64_t before = 0;            // where the next page begins; 0: there is none
    Timestamp looked_down_to = Timestamp::min();
};

class EventViews {
public:
    // What one page looks through, and how many of it are made into events: a third of a second
    // each.
    static constexpr std::size_t lines_max = 200'000, made_max = 5'000;

    // Newest first, from below `before` (0: from the newest): as store::Audit reads them.
    using Visit = std::function<bool(std::uint64_t number, const store::AuditLine&)>;
    using ReadLines = std::function<Result<void>(std::uint64_t before, const Visit&)>;

    EventViews(ReadLines read, EventContext context)
        : read_(std::move(read)), context_(std::move(context)) {}

    // The event of that id, if it is there for them.
    Result<std::optional<store::Record>> get(std::string_view id, const EventReader& reader) const;
    // What a search finds below `before`; `others` for what its condition says of other resources.
    Result<EventPage> find(const store::RecordQuery& query, std::uint64_t before,
                           const EventReader& reader, const ExtractionContext& extraction,
                           store::RecordReader& others) const;

private:
    std::optional<store::Record> record(std::uint64_t number, const store::AuditLine& line,
                                        const EventReader& reader) const;

    ReadLines read_;
    EventContext context_;
};

}  // namespace vigil::fhir
