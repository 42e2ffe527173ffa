#include "store/sqlite/record_plan.hpp"

#include <algorithm>
#include <limits>

#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* count_stretch =
    "SELECT count(*) FROM (SELECT 1 FROM record_index "
    "WHERE parameter = ? AND key >= ? AND key < ? LIMIT ?)";

constexpr std::int64_t earliest = std::numeric_limits<std::int64_t>::min();

enum Rank : std::uint8_t { of_id, of_reference, of_token, of_uri, of_string, of_number, of_date };

std::string end_of(char kind) {
    return after_prefix(std::string(1, kind));
}

Stretch at(std::uint32_t parameter, std::string prefix) {
    auto high = after_prefix(prefix);
    return {parameter, std::move(prefix), std::move(high)};
}

// Exactly that key.
Stretch point(std::uint32_t parameter, std::string key) {
    auto high = key + '\0';
    return {parameter, std::move(key), std::move(high)};
}

std::int64_t before_by(std::int64_t time, std::int64_t length) {
    return time < earliest + length ? earliest : time - length;
}

std::vector<Stretch> date_stretches(std::uint32_t parameter, const DateTest& test) {
    const auto from_to = [&](std::int64_t from, std::string high) {
        return Stretch{parameter, date_key(from), std::move(high)};
    };
    // What ends after a time: the short ones start not long before it, the long ones stand under
    // their end.
    const auto ends_after = [&](std::int64_t time) {
        return std::vector<Stretch>{from_to(before_by(time, short_date_ns), end_of(key_kind::date)),
                                    {parameter, date_end_key(time), end_of(key_kind::date_end)}};
    };
    switch (test.comparison) {
        case Comparison::equal:
            return {from_to(test.start, date_key(test.end) + '\0')};
        case Comparison::not_equal:
            return {from_to(earliest, end_of(key_kind::date))};
        case Comparison::less:
            return {from_to(earliest, date_key(test.start))};
        case Comparison::less_equal:
        case Comparison::ends_before:
            return {from_to(earliest, date_key(std::max(test.start, test.end)) + '\0')};
        case Comparison::greater:
            return ends_after(test.end);
        case Comparison::greater_equal: {
            auto after = ends_after(test.end);
            after.front().low = std::min(after.front().low, date_key(test.start));
            return after;
        }
        case Comparison::starts_after:
            return {from_to(test.end, end_of(key_kind::date))};
        case Comparison::overlaps: {
            auto after = ends_after(test.start);
            after.front().high = date_key(test.end);
            return after;
        }
    }
    return {};
}

std::vector<Stretch> number_stretches(std::uint32_t parameter, const NumberTest& test) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    const auto key = [&](double value) { return number_key(test.unit, value); };
    const auto from = [&](double value) {
        return Stretch{parameter, key(value), key(infinity) + '\0'};
    };
    const auto up_to = [&](double value) {
        return Stretch{parameter, key(-infinity), key(value) + '\0'};
    };
    // Ranges, by their high end.
    const auto high_from = [&](double value) {
        return Stretch{parameter, number_high_key(test.unit, value),
                       number_high_key(test.unit, infinity) + '\0'};
    };
    switch (test.comparison) {
        case Comparison::equal:
            return {{parameter, key(test.low), key(test.high) + '\0'}};
        case Comparison::not_equal:
            return {from(-infinity)};
        case Comparison::less:
            return {up_to(test.low)};
        case Comparison::less_equal:
        case Comparison::ends_before:
            return {up_to(test.high)};
        case Comparison::starts_after:
            return {from(test.high)};
        case Comparison::greater: {
            auto above = from(test.high);
            if (test.low == test.high) above.low += '\0';  // many may have just that value
            return {std::move(above), high_from(test.high)};
        }
        case Comparison::greater_equal:
            return {from(test.low), high_from(test.low)};
        case Comparison::overlaps:
            return {{parameter, key(test.low), key(test.high) + '\0'}, high_from(test.low)};
    }
    return {};
}

struct RowWay {
    std::uint32_t parameter;
    std::vector<Way> operator()(const TokenTest& test) const {
        if (!test.code) return {};
        const bool whole = test.system && test.code->size() <= key_text_max;
        return {way(of_token, {whole ? point(parameter, token_key(*test.code, *test.system))
                                     : at(parameter, token_key(*test.code))})};
    }
    std::vector<Way> operator()(const DateTest& test) const {
        return {way(of_date, date_stretches(parameter, test))};
    }
    std::vector<Way> operator()(const NumberTest& test) const {
        return {way(of_number, number_stretches(parameter, test))};
    }
    std::vector<Way> operator()(const StringTest& test) const {
        const auto key = text_key(key_kind::string, test.text);
        if (test.how == StringMatch::How::contains)
            return {way(of_date, {at(parameter, std::string(1, key_kind::string))})};
        if (test.how == StringMatch::How::starts_with)
            return {way(of_string, {at(parameter, key)})};
        const auto lower = ascii_lower(test.text);
        return {way(of_string, {point(parameter, text_key(key_kind::string, lower)),
                                point(parameter, text_key(key_kind::string_exact, lower))})};
    }
    std::vector<Way> operator()(const UriTest& test) const {
        if (test.how != UriMatch::How::above)
            return {way(of_uri, {at(parameter, text_key(key_kind::uri, test.uri))})};
        std::vector<Stretch> steps;
        for (std::size_t end = 0; end <= test.uri.size(); ++end) {
            if (end < test.uri.size() && test.uri[end] != '/') continue;
            steps.push_back(point(parameter, text_key(key_kind::uri, test.uri.substr(0, end))));
            if (end < test.uri.size())
                steps.push_back(
                    point(parameter, text_key(key_kind::uri, test.uri.substr(0, end + 1))));
        }
        return {way(of_uri, std::move(steps))};
    }
    std::vector<Way> operator()(const ReferenceTest& test) const {
        std::vector<Stretch> stretches;
        stretches.reserve(test.targets.size() + 1);
        for (const auto target : test.targets)
            stretches.push_back(point(parameter, reference_key(target)));
        if (!test.url.empty())
            stretches.push_back(at(parameter, text_key(key_kind::url, test.url)));
        return {way(of_reference, std::move(stretches))};
    }
    static Way way(Rank rank, std::vector<Stretch> stretches) {
        Way made{.stretches = std::move(stretches), .records = {}, .lookups = {}, .rank = rank};
        put_in_order(made);
        return made;
    }
};

const DateTest* date_of(const Test& test) {
    if (const auto* updated = std::get_if<UpdatedTest>(&test.is)) return &updated->date;
    const auto* row = std::get_if<RowTest>(&test.is);
    return row == nullptr ? nullptr : std::get_if<DateTest>(&row->is);
}

std::uint32_t parameter_of(const Test& test, const Listing& listing) {
    const auto* row = std::get_if<RowTest>(&test.is);
    return row == nullptr ? listing.updated : row->parameter;
}

// What of both lies under keys of one kind: a date that meets two tests stands within both.
std::vector<Stretch> within_both(const std::vector<Stretch>& a, const std::vector<Stretch>& b) {
    auto both = a;
    for (const auto& other : b) {
        const auto same = std::ranges::find_if(
            both, [&](const Stretch& each) { return each.low.front() == other.low.front(); });
        if (same == both.end()) {
            both.push_back(other);
            continue;
        }
        same->low = std::max(same->low, other.low);
        same->high = std::min(same->high, other.high);
    }
    return both;
}

// For each date with more than one bound: what lies between them. Where a resource has several such
// dates each bound may be met by another of them.
std::vector<Way> between_dates(const std::vector<Test>& tests, const Listing& listing,
                               const Homes& homes) {
    std::vector<Way> ways;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const auto parameter = date_of(tests[i]) ? parameter_of(tests[i], listing) : 0;
        const auto bounds_it = [&](const Test& test) {
            return date_of(test) != nullptr && parameter_of(test, listing) == parameter;
        };
        const auto begin = tests.begin(), here = begin + static_cast<std::ptrdiff_t>(i);
        if (parameter == 0 || std::any_of(begin, here, bounds_it)) continue;
        const auto home = home_of(homes, parameter);
        auto stretches = date_stretches(home, *date_of(tests[i]));
        bool more = false;
        for (auto j = i + 1; j < tests.size(); ++j) {
            if (!bounds_it(tests[j])) continue;
            stretches = within_both(stretches, date_stretches(home, *date_of(tests[j])));
            more = true;
        }
        if (!more) continue;
        stretches.push_back(point(home, std::string(1, key_kind::several_dates)));
        ways.push_back(RowWay::way(of_date, std::move(stretches)));
    }
    return ways;
}

struct TestWays {
    const Test& test;
    const Listing& listing;
    const Homes& homes;

    std::vector<Way> operator()(const NeverTest&) const {
        return {Way{.stretches = {}, .records = {}, .lookups = {}, .rank = of_id}};
    }
    std::vector<Way> operator()(const AllTest& all) const {
        auto ways = between_dates(all.of, listing, homes);
        const auto between = ways.size();
        for (const auto& each : all.of) {
            // A bound that is one of two is never the shorter way.
            const bool bounded =
                date_of(each) != nullptr &&
                std::any_of(ways.begin(), ways.begin() + static_cast<std::ptrdiff_t>(between),
                            [&](const Way& way) {
                                return way.stretches.front().parameter ==
                                       home_of(homes, parameter_of(each, listing));
                            });
            if (bounded) continue;
            for (auto& way : ways_to(each, listing, homes)) ways.push_back(std::move(way));
        }
        return ways;
    }
    // All that any of them finds.
    std::vector<Way> operator()(const AnyTest& any) const {
        Way together;
        for (const auto& each : any.of) {
            auto ways = ways_to(each, listing, homes);
            if (ways.empty()) return {};
            auto& best = *std::ranges::min_element(ways, {}, &Way::rank);
            together.rank = std::max(together.rank, best.rank);
            std::ranges::move(best.stretches, std::back_inserter(together.stretches));
            std::ranges::move(best.records, std::back_inserter(together.records));
            std::ranges::move(best.lookups, std::back_inserter(together.lookups));
        }
        put_in_order(together);
        std::vector<Way> ways;
        ways.push_back(std::move(together));
        return ways;
    }
    std::vector<Way> operator()(const RowTest& row) const {
        const auto* string = std::get_if<StringTest>(&row.is);
        if (string != nullptr && string->how == StringMatch::How::contains &&
            !strings_query(string->text).empty())
            return looked_up();
        return std::visit(RowWay{home_of(homes, row.parameter)}, row.is);
    }
    std::vector<Way> operator()(const TogetherTest& together) const {
        std::vector<Way> ways;
        for (const auto& each : together.of)
            for (auto& way : std::visit(RowWay{home_of(homes, each.parameter)}, each.is))
                ways.push_back(std::move(way));
        return ways;
    }
    std::vector<Way> operator()(const IdTest& id) const {
        return {Way{.stretches = {}, .records = {id.record}, .lookups = {}, .rank = of_id}};
    }
    std::vector<Way> operator()(const UpdatedTest& updated) const {
        return {RowWay::way(of_date, date_stretches(listing.updated, updated.date))};
    }
    std::vector<Way> operator()(const RefersTest&) const { return looked_up(); }
    std::vector<Way> operator()(const ReferredTest&) const { return looked_up(); }
    std::vector<Way> operator()(const NoneTest&) const { return {}; }
    std::vector<Way> operator()(const MissingTest&) const { return {}; }
    std::vector<Way> operator()(const TextTest&) const { return looked_up(); }

    std::vector<Way> looked_up() const {
        return {Way{.stretches = {}, .records = {}, .lookups = {&test}, .rank = of_date}};
    }
};

}  // namespace

bool Way::holds(std::uint32_t parameter, std::string_view key) const {
    // The last stretch that begins at or before the key.
    const auto after = std::ranges::upper_bound(
        stretches, std::pair(parameter, key), {},
        [](const Stretch& each) { return std::pair(each.parameter, std::string_view(each.low)); });
    if (after == stretches.begin()) return false;
    const auto& found = *std::prev(after);
    return found.parameter == parameter && key < found.high;
}

bool Way::lists(std::uint64_t record) const {
    return std::ranges::binary_search(records, record);
}

Result<Listing> find_listing(Database& database, RecordNames& names, std::uint32_t type) {
    VIGIL_TRY(all, names.find(database, NameKind::listing, type, "all"));
    VIGIL_TRY(updated, names.find(database, NameKind::listing, type, "updated"));
    return Listing{all, updated};
}

std::string all_key() {
    return {key_kind::all};
}

void append_listing_keys(const Listing& listing, const StoredHead& head,
                         std::vector<IndexKey>& keys) {
    keys.push_back({listing.all, all_key()});
    keys.push_back({listing.updated, date_key(unix_ns(head.updated))});
}

std::vector<Way> ways_to(const Test& test, const Listing& listing, const Homes& homes) {
    return std::visit(TestWays{test, listing, homes}, test.is);
}

void put_in_order(Way& way) {
    std::ranges::sort(way.records);
    way.records.erase(std::ranges::unique(way.records).begin(), way.records.end());
    std::erase_if(way.stretches, [](const Stretch& each) { return each.low >= each.high; });
    std::ranges::sort(way.stretches, [](const Stretch& a, const Stretch& b) {
        return std::tie(a.parameter, a.low) < std::tie(b.parameter, b.low);
    });
    std::vector<Stretch> merged;
    for (auto& each : way.stretches) {
        if (!merged.empty() && merged.back().parameter == each.parameter &&
            each.low <= merged.back().high)
            merged.back().high = std::max(merged.back().high, each.high);
        else
            merged.push_back(std::move(each));
    }
    way.stretches = std::move(merged);
}

Result<std::uint64_t> size_of(Database& database, const Way& way, std::uint64_t at_most) {
    std::uint64_t size = way.records.size();
    for (const auto& each : way.stretches) {
        if (size >= at_most) return at_most;
        VIGIL_TRY(count, database.lend(count_stretch));
        count->bind(1, each.parameter)
            .bind_blob(2, each.low)
            .bind_blob(3, each.high)
            .bind(4, static_cast<std::int64_t>(at_most - size));
        VIGIL_TRY(row, count->step());
        if (row) size += static_cast<std::uint64_t>(count->integer(0));
    }
    return std::min(size, at_most);
}

}  // namespace vigil::store::sqlite
