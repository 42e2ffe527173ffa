#pragma once
// Who did what, to whose data, and why (promise 5 of docs/architecture.md). Lines are only ever
// added; many are committed together.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/done.hpp"

namespace vigil::store {

struct AuditLine {
    Timestamp time;
    std::string principal, role, token;  // token: the one used; empty: none
    Act act = Act::read;
    std::string what;                 // "series.window"
    bool everyone = false;            // whose data: everyone's, or these patients'
    std::vector<PatientId> patients;  // 0: what is filed under nobody
    std::string purpose, from;        // from: the address it came from
    bool permitted = true;
    std::string reason;  // of a denial
    // When it was written, if its answer did not wait for that: `time` is when it happened.
    std::optional<Timestamp> written_late;
};

// The line of an access of which shows only as it goes on whose data it touches, or that writes.
// Where what it is about commits, the line commits with it (RecordTransaction::put_on_record);
// where nothing does, it is put on record before the answer leaves.
struct OwedLine {
    AuditLine line;
    // Who are not in the care of whoever asks, but open to them in an emergency: then for what.
    std::unordered_set<PatientId> by_emergency;
    std::string emergency_purpose;
    std::atomic<bool> on_record = false;

    void touches(PatientId patient) {
        if (!patient || std::ranges::find(line.patients, patient) != line.patients.end()) return;
        line.patients.push_back(patient);
        if (by_emergency.contains(patient)) line.purpose = emergency_purpose;
    }
};

class Audit {
public:
    virtual ~Audit() = default;
    // The answers that the lines are about leave after `done`.
    virtual void append(std::vector<AuditLine> lines, Done done) = 0;
    // Newest first, `number` counting up with each line ever added; from below `before` (0: from
    // the newest). Only for an access that may administer.
    virtual Result<void> read(
        const Access& access, std::uint64_t before,
        const std::function<bool(std::uint64_t number, const AuditLine&)>& visit) = 0;
};

}  // namespace vigil::store
