#pragma once
// Looks at everything both files hold and says what does not fit. Changes nothing; works beside a
// running server.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "store/log.hpp"

namespace vigil::store::sqlite {

struct VerifyReport {
    static constexpr std::size_t problems_max = 1'000;

    std::uint64_t commits = 0, entries = 0, chunks = 0, samples = 0, rolled_up_days = 0,
                  resources = 0, versions = 0;
    std::vector<std::string> problems;  // sentences; the first `problems_max`
    bool sound() const { return problems.empty(); }
    void problem(std::string sentence) {
        if (problems.size() < problems_max) problems.push_back(std::move(sentence));
    }
};

struct DataFiles {
    std::string log_path, store_path;  // ".../log.db", ".../vigil.db"
    std::string vfs = {};
};

// SQLite's own check of both files; every commit's checksum, contents and place in the log; every
// chunk's checksum, samples and times; every roll-up that stands against its samples; every
// consumer's position; every resource's versions and what it is found by. An error only where a
// file cannot be opened at all.
Result<VerifyReport> verify(const DataFiles& files, Sealer& sealer, const Catalogue& catalogue);

}  // namespace vigil::store::sqlite
