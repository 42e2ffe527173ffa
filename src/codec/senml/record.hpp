#pragma once
// One record of a SenML pack (RFC 8428), before resolution.

#include <optional>
#include <string_view>

#include "base/decimal.hpp"
#include "base/result.hpp"

namespace vigil::codec::senml {

// Labels as RFC 8428 section 4 names them; texts are views into the payload or its document.
struct Record {
    std::optional<std::string_view> bn, bu, n, u, vs, vd;
    std::optional<Decimal> bt, bv, t, v, s;
    std::optional<bool> vb;
    std::optional<Decimal> bver;
    // A part of the record that could not be read; the rest is as it was sent.
    std::optional<Error> problem;
};

// Labels a reader may not ignore end so (RFC 8428 section 4.4).
inline bool must_be_understood(std::string_view label) {
    return label.ends_with('_');
}

}  // namespace vigil::codec::senml
