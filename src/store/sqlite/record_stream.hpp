#pragma once
// Walks along record_index: the keys of one stretch, or the records of one way, from a place on.

#include <cstdint>
#include <optional>
#include <string>

#include "store/sqlite/record_plan.hpp"

namespace vigil::store::sqlite {

// A key of a record. Also a place: what comes after it in the order of (parameter, key, record).
struct Found {
    std::uint32_t parameter = 0;
    std::string key;
    std::uint64_t record = 0;
};

class KeyStream {
public:
    // In order of (key, record), or against it; after `place`, if one is given.
    static Result<KeyStream> open(Database& database, Stretch stretch, bool descending,
                                  const std::optional<Found>& place);
    Result<bool> next(Found& found);  // false: no more

private:
    struct Bounds {
        std::string from, to;
    };
    KeyStream(LentStatement statement, std::unique_ptr<Bounds> bounds, std::uint32_t parameter)
        : bounds_(std::move(bounds)), statement_(std::move(statement)), parameter_(parameter) {}
    std::unique_ptr<Bounds> bounds_;  // what the statement is bound to
    LentStatement statement_;
    std::uint32_t parameter_;
};

class WayStream {
public:
    // `way` outlives the stream.
    WayStream(Database& database, const Way& way, std::optional<Found> after);
    Result<bool> next(Found& found);

private:
    Database& database_;
    const Way& way_;
    std::optional<Found> after_;
    std::size_t listed_ = 0, stretch_ = 0;  // the next of each
    std::optional<KeyStream> keys_;
};

}  // namespace vigil::store::sqlite
