#pragma once
// Readings, waveforms and devices as they may leave: the same rules as for resources, on the types
// that they are kept in.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "codec/wfdb/header.hpp"
#include "fhir/deidentify/method.hpp"
#include "fhir/deidentify/person.hpp"
#include "fhir/deidentify/rule_table.hpp"
#include "metric/reading.hpp"

namespace vigil::fhir::deidentify {

// Times of a person's readings. All move together: intervals stay as they are, to the nanosecond.
class ReadingTimes {
public:
    ReadingTimes(Method method, const Person& person) : method_(method), person_(person) {}

    // Safe Harbor: time since the first date. Nothing: there is none, or it would show an age over
    // 89 (event_time.hpp).
    std::optional<Nanoseconds> since_first(Timestamp time) const;
    // Date shift and limited data set: when it is told to have been. Nothing: Safe Harbor tells no
    // such time.
    std::optional<Timestamp> told(Timestamp time) const;

private:
    Method method_;
    const Person& person_;
};

// The value of a reading and its doubts. What is free text goes (text and event readings wholly),
// and the device's own clock with it: its time is told by ReadingTimes. Nothing: nothing is left.
std::optional<Reading> deidentified(const Reading& reading, const RuleTable& table,
                                    const Definitions& definitions);

// What is said of a device: the model stays, what tells one from another of its kind goes (M).
struct DeviceLabel {
    std::string manufacturer, model, serial, mac, udi, display, location;
};
DeviceLabel deidentified(const DeviceLabel& device);

// A record's header: its name, files and segments renamed, the info lines gone (they tell age, sex,
// diagnoses and drugs), the base time as the method has it, descriptions of signals kept where the
// table lists them. The samples are not touched: an ECG can be as much its person's as a
// fingerprint, for an expert to judge.
// `renamed`: a code for a name, the same for the same; of a file without its ending.
using Renamed = std::function<std::string(std::string_view name)>;
wfdb::Header deidentified(const wfdb::Header& header, Method method, const Person& person,
                          const RuleTable& table, const Renamed& renamed);

}  // namespace vigil::fhir::deidentify
