#pragma once
// Whose a job is that outlives the process: who asked, found again by the numbers that identity/
// gave them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "store/access.hpp"

namespace vigil::fhir {

struct JobOwner {
    std::uint32_t account = 0, token = 0;
    std::string principal, from;  // from: the address it was asked from
    bool operator==(const JobOwner&) const = default;
};

// Who asks, and what becomes of it.
struct JobCaller {
    store::Access access;
    std::string from;
    std::function<bool()> stands;            // may still do what they might; on the loop's thread
    std::function<void(std::string)> ended;  // "complete, 12 resources": for the audit; any thread

    JobOwner owner() const { return {access.account(), access.token(), access.principal(), from}; }
};
// Who asked before a restart; nothing: they may no more. On the loop's thread, at start.
using JobReadmission = std::function<std::optional<JobCaller>(const JobOwner&)>;

void write_owner(JsonWriter& json, const JobOwner& owner);
JobOwner read_owner(JsonValue value);

}  // namespace vigil::fhir
