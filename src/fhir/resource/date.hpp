#pragma once
// The spans of time that FHIR's partial dates stand for (R4 2.24.0.1 and 3.1.1.4.6): "2024-02" is
// all of February.

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::fhir {

// From `start` up to but not including `end`.
struct DateSpan {
    Timestamp start, end;
};

// date, dateTime or instant, of any precision: "2024", "2024-02", "2024-02-29", with a time to the
// minute (as searches may have it), second or below. Without a zone it is in UTC.
Result<DateSpan> read_date(std::string_view text);

}  // namespace vigil::fhir
