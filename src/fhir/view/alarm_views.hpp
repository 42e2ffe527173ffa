#pragma once
// Alarms as Communications: one for each time that an alarm was raised of a patient, from its onset
// until it ended (docs/decisions/0049-alarms-over-fhir.md). Nothing of them is kept: each is made
// of the events of the log when it is asked for. They are found by reading these from the newest
// on, so each look is bounded, and a page may be short, or empty, and not the last.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/patients.hpp"
#include "fhir/search/index_rows.hpp"
#include "fhir/view/view_id.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// One occurrence of an alarm, in FHIR's words where it has them.
struct AlarmOccurrence {
    AlarmPlace onset{};
    PatientId patient{};
    std::string id{};              // of the alarm, as it is called elsewhere: "12-0-4711-2"
    std::uint32_t episode = 1;     // of a latched one that came back
    std::string condition{};       // a row of data/alarm-conditions.tsv, or a rule of the patient
    std::string words{};           // what people read
    std::uint32_t event_code = 0;  // of MDC, partition 3; 0: none is known
    std::string_view event_refid{};
    std::string_view priority{};  // request-priority: stat, urgent or routine
    DeviceId device{};            // 0: of none
    MetricId metric{};            // 0: of no single one
    std::string measured{};       // "84 %, limit 88 %"; empty: it is of no value
    std::optional<Timestamp> acknowledged{}, ended{};
    std::uint64_t version = 1;  // one more with each change of what is told here
    Timestamp changed{};        // the last of them
};

struct AlarmQuery {
    std::optional<std::vector<PatientId>> patients{};      // none: all that the access covers
    store::Span span{Timestamp::min(), Timestamp::max()};  // of the onset
    std::optional<AlarmPlace> before{};                    // where the last look ended
};
// Newest first; `next`: where the look goes on, none at the end.
struct AlarmPart {
    std::vector<AlarmOccurrence> alarms{};
    std::optional<AlarmPlace> next{};
};

struct AlarmPage {
    std::vector<store::Record> records;
    std::vector<AlarmPlace> places;  // of each
    std::optional<AlarmPlace> next;
};

// What a search asks of the events themselves, which spares most alarms being made: a part of its
// condition, which is looked at whole afterwards.
AlarmQuery query_of_alarms(const store::Condition& where, const PatientNumbers& patients);

class AlarmViews {
public:
    // Those whose readings the access sees: an alarm tells of them. A bounded look.
    using Read = std::function<Result<AlarmPart>(const store::Access&, const AlarmQuery&)>;
    // What one page makes into resources: a third of a second.
    static constexpr std::size_t made_max = 5'000, looks_max = 200;

    AlarmViews(Read read, const PatientNumbers& patients)
        : read_(std::move(read)), patients_(patients) {}

    // The alarm of that id, if it is there for them.
    Result<std::optional<store::Record>> get(const store::Access& access, std::string_view id,
                                             const ExtractionContext& extraction,
                                             store::RecordReader& others) const;
    // What a search finds before a place; `others` for what its condition says of other resources.
    Result<AlarmPage> find(const store::Access& access, const store::RecordQuery& query,
                           std::optional<AlarmPlace> before, const ExtractionContext& extraction,
                           store::RecordReader& others) const;

private:
    std::optional<store::Record> record(const AlarmOccurrence& alarm) const;

    Read read_;
    const PatientNumbers& patients_;
};

}  // namespace vigil::fhir
