#pragma once
// The measured values of one code, brought to one unit, for Observation/$stats.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "fhir/operation/tally.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {

struct StatsCoding {
    std::string system, code, display;
};

struct Measured {
    StatsCoding coding;
    std::string unit;       // UCUM; of all values in `tally`; empty: none, or no value yet
    bool has_unit = false;  // settled by the first value, or the catalogue
    std::optional<Decimal> molar_mass;  // of the analyte, where the catalogue knows it
    Tally tally;
    Line line;
    std::uint64_t total = 0;       // with those that hold no valid number
    std::uint64_t other_unit = 0;  // of those: in units that `unit` has nothing to do with
    Timestamp first = Timestamp::max(), last = Timestamp::min();
};

// What is gathered from.
struct MeasuredScope {
    std::string subject_type, subject_id;
    store::Span span;       // by the start of the effective time
    bool has_span = false;  // else Observations without a time count too
    Timestamp line_start;   // hour 0 of a regression
    bool wants_line = false;
};

// Values of Observations and of the views of readings, by the codes of what they are of.
class Gathering {
public:
    // At most so many Observations that are records, and readings: about a second each.
    static constexpr std::size_t records_max = 20'000, readings_max = 60'000'000;

    Gathering(const MeasuredScope& scope, ViewReader& reader, const RestContext& context)
        : scope_(scope), reader_(reader), context_(context) {}

    // All that has this code, as Observation.code or that of a component; of a panel its parts.
    Answer<void> gather(const StatsCoding& wanted);
    // In the order of the codes asked for; of a panel one each part.
    const std::vector<Measured>& measured() const { return measured_; }
    // Records that are members of panels, which no search by the code finds.
    const std::vector<store::Record>& members() const { return members_; }

private:
    Measured& of(const StatsCoding& coding);
    Answer<void> readings(const StatsCoding& wanted);
    Answer<void> readings(MetricId metric, Measured& out);
    bool add(std::span<const store::Number> numbers, Measured& out) const;
    Answer<void> records(const StatsCoding& wanted);
    Answer<void> take(JsonValue observation, const StatsCoding& wanted);
    Answer<void> take_members(JsonValue observation);
    Answer<void> add(JsonValue part, const StatsCoding& coding, std::optional<Timestamp> time);
    Answer<void> add(Measured& out, const Decimal& value, std::optional<Timestamp> time) const;

    const MeasuredScope& scope_;
    ViewReader& reader_;
    const RestContext& context_;
    std::vector<Measured> measured_;
    std::vector<store::Record> members_;
    std::size_t records_ = 0, readings_ = 0;
};

// A query for the Observations of the scope that have one of the codes.
store::RecordQuery observations_of(const MeasuredScope& scope,
                                   const std::vector<StatsCoding>& codings);

}  // namespace vigil::fhir
