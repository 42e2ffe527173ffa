#pragma once
// Who did what, to whose data, and why (promise 5 of docs/architecture.md). Lines are only ever
// added; many are committed together.

#include <cstdint>
#include <functional>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/done.hpp"

namespace vigil::store {

struct AuditLine {
    Timestamp time;
    std::string principal, purpose;
    Act act = Act::read;
    PatientId subject;  // 0: nobody's, or many
    std::string what;   // "GET /api/series/raw", "device attach monitor-07"
    bool allowed = true;
};

class Audit {
public:
    virtual ~Audit() = default;
    // The answer that the line is about leaves after `done`.
    virtual void append(AuditLine line, Done done) = 0;
    // Newest first, `number` counting up with each line ever added; from below `before` (0: from
    // the newest). Only for an access that may administer.
    virtual Result<void> read(
        const Access& access, std::uint64_t before,
        const std::function<bool(std::uint64_t number, const AuditLine&)>& visit) = 0;
};

}  // namespace vigil::store
