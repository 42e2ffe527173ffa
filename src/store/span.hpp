#pragma once
// A stretch of filed time.

#include "base/time.hpp"

namespace vigil::store {

struct Span {
    Timestamp from, to;  // from inclusive, to exclusive
    bool operator==(const Span&) const = default;
};

}  // namespace vigil::store
