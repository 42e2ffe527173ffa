#pragma once
// A consumer's state with the position it stands for, so that a start need not replay the whole
// log.

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/done.hpp"

namespace vigil::store {

struct Snapshot {
    Position up_to;
    std::string bytes;
};

class Snapshots {
public:
    virtual ~Snapshots() = default;
    // Replaces the one of that name; also the consumer's applied position.
    virtual void keep(std::string name, Snapshot snapshot, Done done) = 0;
    virtual Result<std::optional<Snapshot>> latest(std::string_view name) = 0;
};

}  // namespace vigil::store
