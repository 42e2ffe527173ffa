#pragma once
// What is kept of every job that outlives the process: whose it is, found again by the numbers that
// identity/ gave them, and what has become of it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/audit.hpp"

namespace vigil::fhir {

struct JobOwner {
    std::uint32_t account = 0, token = 0;
    std::string principal, from;  // from: the address it was asked from
    std::uint32_t app = 0;
    std::string purpose{};  // what for, as the access says it
    bool operator==(const JobOwner&) const = default;
};

// Who asks, and what becomes of it.
struct JobCaller {
    store::Access access;
    std::string from;
    std::function<bool()> stands;  // may still do what they might; on the loop's thread
    // "complete, 12 resources", and whose they were: for the audit; any thread.
    std::function<void(std::string how, std::vector<PatientId> whose)> ended;
    // Of the audit: who it is that writes, and why; goes with each commit, with whose data it was.
    store::AuditLine writes = {};

    JobOwner owner() const {
        return {access.account(), access.token(),  access.principal(), from,
                access.app(),     access.purpose()};
    }
};
// Who asked before a restart; nothing: they may no more. On the loop's thread, at start.
using JobReadmission = std::function<std::optional<JobCaller>(const JobOwner&)>;

struct JobState {
    enum class Phase : std::uint8_t { running, complete, failed };  // running: or waiting for it
    Phase phase = Phase::running;
    JobOwner owner;
    std::string asked;  // the kick-off's url
    Timestamp begun, ended;
    std::string failure;  // why it failed
};

// As members of the object that is being written.
void write_members(JsonWriter& json, const JobState& state);
// False: they were not written by us.
bool read_members(JsonValue object, JobState& state);
// A count that was kept.
std::uint64_t count_of(JsonValue value);

}  // namespace vigil::fhir
