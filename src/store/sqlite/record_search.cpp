#include "store/sqlite/record_search.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_set>

#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

namespace {

// How far the ways are counted to tell which finds the fewest: in steps, so that a good one ends
// the counting early.
constexpr std::array<std::uint64_t, 3> count_steps{64, 1'024, 16'384};
// The other end of a chain is looked up first only if it is no more than this; else every resource
// follows its own references.
constexpr std::size_t chain_ends_max = 1'024;

// So many are read along the likeliest way before all ways are counted: what is common fills its
// page by then.
constexpr std::uint64_t looks_before_counting = 512;

// Of a text so many are taken from its index; more is found as well by looking at all.
constexpr std::size_t texts_max = 50'000;

}  // namespace

Result<std::optional<RecordSearch::Plan>> RecordSearch::plan(std::string_view type,
                                                             const Condition& condition) {
    VIGIL_TRY(number, names_.find(database_, NameKind::type, 0, type));
    if (number == 0) return std::optional<Plan>();
    VIGIL_TRY(test, compile(database_, names_, number, condition));
    VIGIL_TRY(made, plan(number, std::move(test)));
    return std::optional<Plan>(std::move(made));
}

Result<RecordSearch::Plan> RecordSearch::plan(std::uint32_t type, Test test) {
    VIGIL_TRY(listing, find_listing(database_, names_, type));
    Plan made{.type = type,
              .test = std::make_unique<const Test>(std::move(test)),
              .listing = listing,
              .ways = {}};
    made.ways.push_back({.stretches = {{listing.all, all_key(), all_key() + '\0'}},
                         .records = {},
                         .lookups = {},
                         .rank = 0});
    for (auto& way : ways_to(*made.test, listing, *homes_)) made.ways.push_back(std::move(way));
    return made;
}

// --- The choice of the way

Result<void> RecordSearch::measure(const Plan& plan, std::size_t way, std::uint64_t at_most,
                                   Choice& best) {
    VIGIL_TRY(size, size_of(database_, plan.ways[way], at_most));
    if (size < at_most && (!best.size || size < *best.size)) best = {.way = way, .size = size};
    return {};
}

// Those that lead somewhere are open from then on.
Result<void> RecordSearch::make_look_ups(Plan& plan, std::vector<std::size_t>& lookups,
                                         std::vector<std::size_t>& open, Choice& best) {
    for (const auto way : std::exchange(lookups, {})) {
        VIGIL_TRY(found, look_up(plan.ways[way], chain_ends_max));
        if (!found) continue;
        open.push_back(way);
        VIGIL_CHECK(measure(plan, way, count_steps.front(), best));
    }
    if (best.way == 0 && !open.empty()) best.way = open.front();
    return {};
}

Result<RecordSearch::Choice> RecordSearch::choose(Plan& plan, std::uint64_t size_max) {
    const auto& ways = plan.ways;
    if (ways.size() == 1) return Choice{};
    if (ways.size() == 2 && ways[1].lookups.empty() && size_max == 0)
        return Choice{.way = 1, .size = std::nullopt};
    std::vector<std::size_t> open, lookups;
    for (std::size_t i = 1; i < ways.size(); ++i)
        if (!ways[i].too_wide) (ways[i].lookups.empty() ? open : lookups).push_back(i);
    Choice best{.way = 0, .size = std::nullopt};
    if (!open.empty())
        best.way = *std::ranges::min_element(open, {}, [&](std::size_t i) { return ways[i].rank; });
    for (const auto step : count_steps) {
        for (const auto i : open) VIGIL_CHECK(measure(plan, i, step, best));
        if (best.size) return best;
        // A short way is as good as a look-up.
        VIGIL_CHECK(make_look_ups(plan, lookups, open, best));
        if (best.size || open.empty() || (step >= size_max && size_max != 0)) return best;
    }
    return best;
}

Result<bool> RecordSearch::look_up(Way& way, std::size_t ends_max) {
    for (const auto* test : std::exchange(way.lookups, {})) {
        VIGIL_TRY(found, add_ends(*test, way, ends_max));
        if (!found) {
            way.too_wide = true;
            return false;
        }
    }
    put_in_order(way);
    return true;
}

Result<bool> RecordSearch::add_ends(const Test& test, Way& way, std::size_t ends_max) {
    if (const auto* text = std::get_if<TextTest>(&test.is)) {
        VIGIL_TRY(records, find_text(database_, TextIndex::words, text->query, texts_max));
        if (records) std::ranges::copy(*records, std::back_inserter(way.records));
        *text->found = std::move(records);
        return text->found->has_value();
    }
    if (const auto* row = std::get_if<RowTest>(&test.is)) {
        const auto query = strings_query(std::get<StringTest>(row->is).text);
        VIGIL_TRY(records, find_text(database_, TextIndex::strings, query, texts_max));
        if (records) std::ranges::copy(*records, std::back_inserter(way.records));
        return records.has_value();
    }
    if (const auto* refers = std::get_if<RefersTest>(&test.is)) {
        VIGIL_TRY(targets, gather(refers->type, *refers->inner, ends_max));
        if (!targets) return false;
        const auto home = home_of(*homes_, refers->parameter);
        for (const auto target : *targets) {
            auto key = reference_key(target);
            auto high = key + '\0';
            way.stretches.push_back({home, std::move(key), std::move(high)});
        }
        return true;
    }
    const auto& referred = std::get<ReferredTest>(test.is);
    VIGIL_TRY(referring, gather(referred.type, *referred.inner, ends_max));
    if (!referring) return false;
    Candidate other;
    for (const auto record : *referring) {
        VIGIL_TRY(seen, matcher_.load(record, other));
        if (!seen) continue;
        for (const auto& row : other.rows)
            if (row.parameter == referred.parameter && row.kind == RowKind::reference)
                way.records.push_back(row.target);
    }
    return true;
}

// All that match, in order; nothing where they are more than `count_max`.
Result<std::optional<std::vector<std::uint64_t>>> RecordSearch::gather(std::uint32_t type,
                                                                       const Test& test,
                                                                       std::size_t count_max) {
    using Gathered = std::optional<std::vector<std::uint64_t>>;
    // The plan wants a test of its own; copies of chains share what they know.
    VIGIL_TRY(made, plan(type, Test(test)));
    VIGIL_TRY(choice, choose(made, 0));
    const auto& way = made.ways[choice.way];
    std::unordered_set<std::uint64_t> found;
    bool too_many = false;
    VIGIL_CHECK(walk(made, way, std::nullopt, UINT64_MAX,
                     [&](const Found& at, const Candidate&) -> Result<bool> {
                         found.insert(at.record);
                         too_many = found.size() > count_max;
                         return !too_many;
                     }));
    if (too_many) return Gathered();
    std::vector<std::uint64_t> records(found.begin(), found.end());
    std::ranges::sort(records);
    return Gathered(std::move(records));
}

// --- The walk

// The keys alone say which match: of a type that the access sees all of, nothing need be read of
// the resources.
bool RecordSearch::index_decides(const Plan& plan, const Way& way) const {
    if (!way.records.empty()) return false;
    if (const auto* all = std::get_if<AllTest>(&plan.test->is))
        return all->of.empty() && &way == &plan.ways.front();
    // Under another's number stand its keys too.
    const auto has_its_own = [&](std::uint32_t parameter) {
        return !homes_->of.contains(parameter);
    };
    if (const auto* refers = std::get_if<RefersTest>(&plan.test->is))
        return has_its_own(refers->parameter) && &way != &plan.ways.front();
    const auto* row = std::get_if<RowTest>(&plan.test->is);
    if (row == nullptr || &way == &plan.ways.front() || !has_its_own(row->parameter)) return false;
    if (const auto* token = std::get_if<TokenTest>(&row->is))
        return token->code && token->code->size() <= key_text_max &&
               (token->system || way.stretches.size() == 1);
    if (const auto* string = std::get_if<StringTest>(&row->is))
        return string->how == StringMatch::How::starts_with && string->text.size() < key_text_max;
    const auto* reference = std::get_if<ReferenceTest>(&row->is);
    return reference != nullptr && reference->url.empty();
}

// Calls with what matches, in the order of the way; what stands under several keys of it comes once
// for each.
Result<bool> RecordSearch::walk(const Plan& plan, const Way& way, const std::optional<Found>& after,
                                std::uint64_t look_max, const Visit& visit) {
    WayStream stream(database_, way, after);
    VIGIL_TRY(sees_all, matcher_.sight().sees_all(plan.type));
    const bool decided = sees_all && index_decides(plan, way);
    const auto looked = matcher_.loaded();
    for (Found found;;) {
        VIGIL_TRY(more, stream.next(found));
        if (!more) return true;
        if (!decided) {
            if (matcher_.loaded() - looked >= look_max) return false;
            VIGIL_TRY(seen, matcher_.load(found.record, candidate_));
            if (!seen || candidate_.head.type != plan.type) continue;
            VIGIL_TRY(matches, matcher_.matches(*plan.test, candidate_));
            if (!matches) continue;
        }
        VIGIL_TRY(go_on, visit(found, candidate_));
        if (!go_on) return true;
    }
}

// Of the keys under which this way finds it, `found` is the first: there it is told.
bool RecordSearch::is_first(const Plan& plan, const Way& way, const Candidate& candidate,
                            const Found& found) const {
    if (found.parameter == 0) return true;
    if (way.lists(found.record)) return false;
    std::vector<IndexKey> keys;
    append_listing_keys(plan.listing, candidate.head, keys);
    append_keys(plan.type, candidate.rows, *homes_, keys);
    const auto here = std::pair(found.parameter, std::string_view(found.key));
    return std::ranges::none_of(keys, [&](const IndexKey& key) {
        return std::pair(key.parameter, std::string_view(key.key)) < here &&
               way.holds(key.parameter, key.key);
    });
}

// --- Answers

Result<FoundPage> RecordSearch::page(const RecordQuery& query) {
    VIGIL_TRY(planned, plan(query.type, query.where));
    if (!planned) {
        if (!query.after.empty()) VIGIL_CHECK(decode_cursor(query.after));
        return FoundPage();
    }
    return query.sort.empty() ? unsorted_page(*planned, query) : sorted_page(*planned, query);
}

Result<FoundPage> RecordSearch::unsorted_page(Plan& plan, const RecordQuery& query) {
    const auto whole = [&](std::size_t chosen,
                           const std::optional<Found>& after) -> Result<FoundPage> {
        VIGIL_TRY(page, page_along(plan, chosen, after, query.count_max, UINT64_MAX));
        return std::move(*page);
    };
    if (query.after.empty()) {
        VIGIL_TRY(likely, choose(plan, count_steps.front()));
        const bool may_be_long = !likely.size && plan.ways.size() > 2;
        if (!may_be_long) return whole(likely.way, std::nullopt);
        VIGIL_TRY(page, page_along(plan, likely.way, std::nullopt, query.count_max,
                                   looks_before_counting));
        if (page) return std::move(*page);
        VIGIL_TRY(choice, choose(plan, 0));
        return whole(choice.way, std::nullopt);
    }
    VIGIL_TRY(cursor, decode_cursor(query.after));
    if (cursor.sorted || cursor.way >= plan.ways.size())
        return fail(Error::Kind::malformed, "this cursor is another search's");
    VIGIL_TRY(found, look_up(plan.ways[cursor.way], 16 * chain_ends_max));
    if (!found)
        return fail(Error::Kind::conflict, "much has changed since the first page: search again");
    return whole(cursor.way, cursor.found);
}

Result<std::optional<FoundPage>> RecordSearch::page_along(const Plan& plan, std::size_t chosen,
                                                          const std::optional<Found>& after,
                                                          std::size_t count_max,
                                                          std::uint64_t look_max) {
    using Page = std::optional<FoundPage>;
    const auto& way = plan.ways[chosen];
    const bool one_key = way.records.empty() && way.stretches.size() == 1 &&
                         way.stretches.front().high == way.stretches.front().low + '\0';
    VIGIL_TRY(sees_all, matcher_.sight().sees_all(plan.type));
    const bool decided = sees_all && index_decides(plan, way);
    FoundPage page;
    Found last;
    const auto visit = [&](const Found& found, const Candidate&) -> Result<bool> {
        if (!one_key) {
            if (decided) VIGIL_CHECK(matcher_.load(found.record, candidate_));
            if (!is_first(plan, way, candidate_, found)) return true;
        }
        if (page.records.size() == count_max) {
            page.next = encode_cursor({.sorted = std::nullopt, .way = chosen, .found = last});
            return false;
        }
        page.records.push_back(found.record);
        last = found;
        return true;
    };
    VIGIL_TRY(ended, walk(plan, way, after, look_max, visit));
    return ended ? Page(std::move(page)) : Page();
}

Result<std::uint64_t> RecordSearch::count(const RecordQuery& query, std::uint64_t at_most) {
    VIGIL_TRY(planned, plan(query.type, query.where));
    if (!planned) return std::uint64_t{0};
    VIGIL_TRY(choice, choose(*planned, 0));
    std::unordered_set<std::uint64_t> found;
    if (at_most == 0) return std::uint64_t{0};
    VIGIL_CHECK(walk(*planned, planned->ways[choice.way], std::nullopt, UINT64_MAX,
                     [&](const Found& at, const Candidate&) -> Result<bool> {
                         found.insert(at.record);
                         return found.size() < at_most;
                     }));
    return std::uint64_t{found.size()};
}

}  // namespace vigil::store::sqlite
