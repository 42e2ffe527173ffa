#pragma once
// One search: chooses the way that finds the fewest, walks it and tests what it finds. Without a
// sort the records come in the order of that way; with one, either along the index of the first
// sort key, or all matches are gathered and put in order, whichever looks at fewer.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/record_cursor.hpp"

namespace vigil::store::sqlite {

struct FoundPage {
    std::vector<std::uint64_t> records;
    std::string next;
};

class RecordSearch {
public:
    RecordSearch(Database& database, RecordNames& names, const Access& access)
        : database_(database),
          names_(names),
          homes_(names.homes()),
          matcher_(database, names, access) {}

    Result<FoundPage> page(const RecordQuery& query);
    Result<std::uint64_t> count(const RecordQuery& query, std::uint64_t at_most);

private:
    // What is searched; `ways` point into `test`.
    struct Plan {
        std::uint32_t type = 0;
        std::unique_ptr<const Test> test;
        Listing listing;
        std::vector<Way> ways;  // the first is along all of the type
    };
    // Where a search goes, and how many it will find if that is known.
    struct Choice {
        std::size_t way = 0;
        std::optional<std::uint64_t> size;
    };
    struct Order {
        SortKey::By by;
        std::uint32_t parameter;
        bool descending;
    };
    class Best;  // the first of an order
    using Visit = std::function<Result<bool>(const Found&, const Candidate&)>;

    Result<std::optional<Plan>> plan(std::string_view type, const Condition& condition);
    Result<Plan> plan(std::uint32_t type, Test test);
    Result<Choice> choose(Plan& plan, std::uint64_t size_max);
    Result<void> measure(const Plan& plan, std::size_t way, std::uint64_t at_most, Choice& best);
    Result<void> make_look_ups(Plan& plan, std::vector<std::size_t>& lookups,
                               std::vector<std::size_t>& open, Choice& best);
    // False: it leads to more than `ends_max`.
    Result<bool> look_up(Way& way, std::size_t ends_max);
    Result<std::optional<std::vector<std::uint64_t>>> gather(std::uint32_t type, const Test& test,
                                                             std::size_t count_max);
    Result<bool> add_ends(const Test& test, Way& way, std::size_t ends_max);
    bool is_first(const Plan& plan, const Way& way, const Candidate& candidate,
                  const Found& found) const;
    bool index_decides(const Plan& plan, const Way& way) const;
    // False: `look_max` resources were read before the end.
    Result<bool> walk(const Plan& plan, const Way& way, const std::optional<Found>& after,
                      std::uint64_t look_max, const Visit& visit);

    Result<FoundPage> unsorted_page(Plan& plan, const RecordQuery& query);
    // Nothing: `look_max` resources were read before the page was full.
    Result<std::optional<FoundPage>> page_along(const Plan& plan, std::size_t chosen,
                                                const std::optional<Found>& after,
                                                std::size_t count_max, std::uint64_t look_max);
    Result<FoundPage> sorted_page(Plan& plan, const RecordQuery& query);
    Result<std::vector<Order>> order_of(const Plan& plan, const std::vector<SortKey>& sort);
    Result<std::vector<std::optional<std::string>>> values_of(const std::vector<Order>& order,
                                                              const Candidate& candidate);
    Result<void> gather_sorted(const Plan& plan, const Way& way, Best& best);
    // These tell false where `look_end` was reached before the page was full.
    Result<bool> walk_sorted(const Plan& plan, Best& best, std::uint64_t look_max);
    Result<bool> walk_ids(const Plan& plan, Best& best, std::uint64_t look_end);
    Result<bool> walk_values(const Plan& plan, Best& best, std::uint64_t look_end);
    Result<bool> walk_valueless(const Plan& plan, Best& best, std::uint64_t look_end);
    struct Along;
    Result<bool> walk_along(const Plan& plan, Best& best, const Along& along,
                            std::uint64_t look_end);
    // The one key under which all matches stand, if there is one.
    static const Stretch* key_of_all(const Plan& plan);
    // A pair that stands in the order of this date, and the key that its keys begin with.
    struct Paired {
        std::uint32_t parameter = 0;
        std::string prefix;
    };
    std::optional<Paired> paired(const Plan& plan, std::uint32_t date) const;
    Result<void> consider(const Plan& plan, Best& best, std::uint64_t record,
                          const std::optional<std::string>& key);

    Database& database_;
    RecordNames& names_;
    std::shared_ptr<const Homes> homes_;
    RecordMatcher matcher_;
    Candidate candidate_;
};

}  // namespace vigil::store::sqlite
