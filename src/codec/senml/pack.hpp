#pragma once
// Resolution of a pack's records (RFC 8428 section 4.6): what the base fields so far mean for each.

#include <string>

#include "codec/payload_rules.hpp"
#include "codec/senml/record.hpp"

namespace vigil::codec::senml {

class Pack {
public:
    Pack(const DecodeContext& context, DecodedMessage& out) : context_(context), out_(out) {}

    // Takes the next record; `place` is where it stands. False: a version that is not known, by
    // which all that follows would be misread.
    bool add(const Record& record, std::string place);

private:
    Result<void> read(const Record& record);
    Result<std::optional<Timestamp>> time_of(const Record& record) const;
    Result<Reading> reading_of(const Metric& metric, const Record& record) const;

    const DecodeContext& context_;
    DecodedMessage& out_;
    std::string base_name_, base_unit_;
    std::optional<Decimal> base_time_, base_value_;
    std::optional<std::string> sensor_;  // the names' common beginning
};

}  // namespace vigil::codec::senml
