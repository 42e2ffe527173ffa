#pragma once
// Where to look for what a condition can match: stretches of record_index that together hold every
// match, and more; the rows of each resource decide.

#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite/record_match.hpp"

namespace vigil::store::sqlite {

// Keys from `low` up to but not including `high`. Parameter 0 stands for no index: a list of
// records.
struct Stretch {
    std::uint32_t parameter = 0;
    std::string low, high;
};

// One way to find the matches.
struct Way {
    std::vector<Stretch> stretches;      // in order, without overlap
    std::vector<std::uint64_t> records;  // in order, without twins; before all stretches
    std::vector<const Test*> lookups;    // still to be made: the other end of a chain, a text
    bool too_wide = false;               // a look-up found too many: the way is of no use
    int rank = 0;                        // how many it may find, by kind alone: lower is fewer
    bool holds(std::uint32_t parameter, std::string_view key) const;
    bool lists(std::uint64_t record) const;
};

// Every resource of a type stands under these, as if by parameters that it owns.
struct Listing {
    std::uint32_t all = 0, updated = 0;
};
Result<Listing> find_listing(Database& database, RecordNames& names, std::uint32_t type);
std::string all_key();
void append_listing_keys(const Listing& listing, const StoredHead& head,
                         std::vector<IndexKey>& keys);

// In an order that depends on the condition alone, so that a cursor can name one. None: all of the
// type must be looked at.
std::vector<Way> ways_to(const Test& test, const Listing& listing, const Homes& homes);
void put_in_order(Way& way);
// How many keys its stretches hold, counted up to `at_most`.
Result<std::uint64_t> size_of(Database& database, const Way& way, std::uint64_t at_most);

}  // namespace vigil::store::sqlite
