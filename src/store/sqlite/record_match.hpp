#pragma once
// Whether one resource meets a condition: read from its rows, following references where the
// condition does. Every resource looked at on the way must be one that the access covers.

#include <functional>
#include <string>
#include <vector>

#include "store/access.hpp"
#include "store/sqlite/record_condition.hpp"
#include "store/sqlite/record_rows.hpp"
#include "store/sqlite/record_sight.hpp"

namespace vigil::store::sqlite {

// A current resource with its rows, which point into `bytes`.
struct Candidate {
    std::uint64_t record = 0;
    std::string bytes;
    StoredHead head;
    std::vector<StoredRow> rows;
    Candidate() = default;
    Candidate(const Candidate&) = delete;
    Candidate& operator=(const Candidate&) = delete;
};

class RecordMatcher {
public:
    RecordMatcher(Database& database, RecordNames& names, const Access& access)
        : database_(database), sight_(database, names, access), homes_(names.homes()) {}

    // False: there is no such current resource, or this access does not see it.
    Result<bool> load(std::uint64_t record, Candidate& candidate);
    // The same for a version: its resource's rows are read where they decide. Rows are those of the
    // current version alone: where something of the type is withheld, an earlier version is too,
    // whatever it said. That a resource was deleted is told with its id and time.
    struct Version {
        std::uint32_t type = 0;
        std::optional<PatientId> subject;
        std::uint64_t record = 0, number = 0;
        bool deleted = false;
    };
    Result<bool> sees(const Version& version);
    // The current version of one.
    Result<bool> sees(std::uint32_t type, std::optional<PatientId> subject, std::uint64_t record);
    Result<bool> matches(const Test& test, const Candidate& candidate);
    RecordSight& sight() { return sight_; }
    // What refers to this record by that parameter, in order of their numbers, until `visit`
    // returns false.
    Result<void> each_referring(std::uint32_t parameter, std::uint64_t record,
                                const std::function<Result<bool>(std::uint64_t)>& visit);
    std::uint64_t loaded() const { return loaded_; }  // how many were looked at

private:
    Result<bool> is_current(const Version& version);
    Result<bool> every(const std::vector<Test>& tests, const Candidate& candidate, bool wanted);
    Result<bool> refers(const RefersTest& test, const Candidate& candidate);
    Result<bool> is_such(std::uint64_t record, std::uint32_t type, const Test& test);
    Result<bool> is_referred_to(const ReferredTest& test, const Candidate& candidate);

    Database& database_;
    RecordSight sight_;
    std::shared_ptr<const Homes> homes_;
    std::uint64_t loaded_ = 0;
};

}  // namespace vigil::store::sqlite
