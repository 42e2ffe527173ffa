// Searches with an order.

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_set>

#include "store/sqlite/record_search.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_id = "SELECT id FROM records WHERE record = ?";
constexpr const char* select_ids_up =
    "SELECT id, record FROM records WHERE type = ?1 AND id > ?2 ORDER BY id";
constexpr const char* select_ids_down =
    "SELECT id, record FROM records WHERE type = ?1 AND (?3 OR id < ?2) ORDER BY id DESC";

// A way that finds fewer is gathered whole and put in order.
constexpr std::uint64_t gather_at_once_max = 1'024;
// So many are looked at along the order before the ways are counted further.
constexpr std::uint64_t looks_first = 4'096;

}  // namespace

// The first `count` after a place, in order.
class RecordSearch::Best {
public:
    Best(std::vector<Order> order, std::optional<SortedPlace> after, std::size_t count)
        : order_(std::move(order)), after_(std::move(after)), count_(count) {}

    const std::vector<Order>& order() const { return order_; }
    const std::optional<SortedPlace>& after() const { return after_; }
    bool full() const { return places_.size() == count_; }
    const SortedPlace& last() const { return places_.front(); }  // of a full one
    void clear() { places_.clear(); }
    bool is_single() const { return order_.size() == 1; }
    // With one sort key they come in the order wanted; with more, those that share the first one's
    // value must all be seen.
    bool complete(const std::optional<std::string>& key) const {
        return full() && (is_single() || last().values.front() != key);
    }

    void offer(SortedPlace place) {
        const auto before = [this](const auto& a, const auto& b) { return this->before(a, b); };
        if (after_ && !before(*after_, place)) return;
        if (full()) {
            if (!before(place, places_.front())) return;
            std::ranges::pop_heap(places_, before);
            places_.pop_back();
        }
        places_.push_back(std::move(place));
        std::ranges::push_heap(places_, before);
    }
    std::vector<SortedPlace> in_order() {
        std::ranges::sort_heap(places_,
                               [this](const auto& a, const auto& b) { return before(a, b); });
        return std::move(places_);
    }

private:
    // Without a value: after all that have one, either way round.
    bool before(const SortedPlace& a, const SortedPlace& b) const {
        for (std::size_t i = 0; i < order_.size(); ++i) {
            const auto& x = a.values[i];
            const auto& y = b.values[i];
            if (x == y) continue;
            if (!x || !y) return x.has_value();
            return order_[i].descending ? *y < *x : *x < *y;
        }
        return order_.back().descending ? b.record < a.record : a.record < b.record;
    }

    std::vector<Order> order_;
    std::optional<SortedPlace> after_;
    std::size_t count_;
    std::vector<SortedPlace> places_;  // a heap with the last on top
};

Result<std::vector<RecordSearch::Order>> RecordSearch::order_of(const Plan& plan,
                                                                const std::vector<SortKey>& sort) {
    std::vector<Order> order;
    for (const auto& key : sort) {
        std::uint32_t parameter = 0;
        if (key.by == SortKey::By::parameter) {
            VIGIL_TRY(found, names_.find(database_, NameKind::parameter, plan.type, key.parameter));
            parameter = found;
        } else if (key.by == SortKey::By::updated) {
            parameter = plan.listing.updated;
        }
        order.push_back({key.by, parameter, key.descending});
    }
    return order;
}

Result<std::vector<std::optional<std::string>>> RecordSearch::values_of(
    const std::vector<Order>& order, const Candidate& candidate) {
    std::vector<std::optional<std::string>> values;
    for (const auto& each : order) {
        std::optional<std::string> value;
        if (each.by == SortKey::By::updated) {
            value = date_key(unix_ns(candidate.head.updated));
        } else if (each.by == SortKey::By::id) {
            VIGIL_TRY(select, database_.lend(select_id));
            VIGIL_TRY(row, select->bind(1, static_cast<std::int64_t>(candidate.record)).step());
            if (row) value = std::string(select->bytes(0));
        } else {
            for (const auto& row : candidate.rows) {
                if (row.parameter != each.parameter) continue;
                auto key = sort_key(row);
                if (!value || (each.descending ? *value < key : key < *value))
                    value = std::move(key);
            }
        }
        values.push_back(std::move(value));
    }
    return values;
}

Result<FoundPage> RecordSearch::sorted_page(Plan& plan, const RecordQuery& query) {
    std::optional<SortedPlace> after;
    if (!query.after.empty()) {
        VIGIL_TRY(cursor, decode_cursor(query.after));
        if (!cursor.sorted || cursor.sorted->values.size() != query.sort.size())
            return fail(Error::Kind::malformed, "this cursor is another search's");
        after = std::move(cursor.sorted);
    }
    VIGIL_TRY(order, order_of(plan, query.sort));
    Best best(std::move(order), std::move(after), query.count_max + 1);
    VIGIL_TRY(choice, choose(plan, gather_at_once_max));
    if (choice.size) {
        VIGIL_CHECK(gather_sorted(plan, plan.ways[choice.way], best));
    } else {
        const bool other_way = choice.way != 0;
        VIGIL_TRY(done, walk_sorted(plan, best, other_way ? looks_first : UINT64_MAX));
        if (!done) {
            best.clear();
            VIGIL_TRY(better, choose(plan, UINT64_MAX));
            if (better.size)
                VIGIL_CHECK(gather_sorted(plan, plan.ways[better.way], best));
            else
                VIGIL_CHECK(walk_sorted(plan, best, UINT64_MAX));
        }
    }
    FoundPage page;
    auto places = best.in_order();
    if (places.size() > query.count_max) {
        places.pop_back();
        if (!places.empty())
            page.next = encode_cursor({.sorted = places.back(), .way = 0, .found = {}});
    }
    for (const auto& place : places) page.records.push_back(place.record);
    return page;
}

Result<void> RecordSearch::gather_sorted(const Plan& plan, const Way& way, Best& best) {
    std::unordered_set<std::uint64_t> seen;
    const bool decided = index_decides(plan, way);
    const auto visit = [&](const Found& found, const Candidate&) -> Result<bool> {
        if (!seen.insert(found.record).second) return true;
        if (decided) VIGIL_CHECK(matcher_.load(found.record, candidate_));
        VIGIL_TRY(values, values_of(best.order(), candidate_));
        best.offer({.values = std::move(values), .record = found.record});
        return true;
    };
    VIGIL_CHECK(walk(plan, way, std::nullopt, UINT64_MAX, visit));
    return {};
}

// One found along the order under `key`, which may be another than the one it is sorted by.
Result<void> RecordSearch::consider(const Plan& plan, Best& best, std::uint64_t record,
                                    const std::optional<std::string>& key) {
    VIGIL_TRY(seen, matcher_.load(record, candidate_));
    if (!seen || candidate_.head.type != plan.type) return {};
    VIGIL_TRY(values, values_of(best.order(), candidate_));
    if (values.front() != key) return {};
    VIGIL_TRY(matches, matcher_.matches(*plan.test, candidate_));
    if (matches) best.offer({.values = std::move(values), .record = record});
    return {};
}

const Stretch* RecordSearch::key_of_all(const Plan& plan) {
    const Way* found = nullptr;
    for (const auto& way : std::span(plan.ways).subspan(1)) {
        const bool one = way.lookups.empty() && !way.too_wide && way.records.empty() &&
                         way.stretches.size() == 1 &&
                         way.stretches.front().high == way.stretches.front().low + '\0';
        if (one && (found == nullptr || way.rank < found->rank)) found = &way;
    }
    return found == nullptr ? nullptr : &found->stretches.front();
}

std::optional<RecordSearch::Paired> RecordSearch::paired(const Plan& plan,
                                                         std::uint32_t date) const {
    const auto pairs = homes_->pairs.find(plan.type);
    if (pairs == homes_->pairs.end()) return std::nullopt;
    const auto* all = std::get_if<AllTest>(&plan.test->is);
    const std::span tests = all != nullptr ? std::span(all->of) : std::span(plan.test.get(), 1);
    for (const auto& test : tests) {
        const auto* row = std::get_if<RowTest>(&test.is);
        const auto* token = row == nullptr ? nullptr : std::get_if<TokenTest>(&row->is);
        if (token == nullptr || !token->code) continue;
        for (const auto& pair : pairs->second)
            if (pair.token == row->parameter && pair.date == date)
                return Paired{pair.parameter, token_key(*token->code)};
    }
    return std::nullopt;
}

// Keys in the order wanted, whose first `skipped` bytes come before the value.
struct RecordSearch::Along {
    Stretch stretch;
    std::optional<Found> place;
    std::size_t skipped = 0;
    bool valueless = false;
};

Result<bool> RecordSearch::walk_along(const Plan& plan, Best& best, const Along& along,
                                      std::uint64_t look_end) {
    const bool descending = best.order().front().descending;
    VIGIL_TRY(keys, KeyStream::open(database_, along.stretch, descending, along.place));
    for (Found found;;) {
        VIGIL_TRY(more, keys.next(found));
        if (!more) return true;
        std::optional<std::string> key;
        if (!along.valueless) key = found.key.substr(along.skipped);
        if (best.complete(key)) return true;
        if (matcher_.loaded() > look_end) return false;
        VIGIL_CHECK(consider(plan, best, found.record, key));
    }
}

Result<bool> RecordSearch::walk_ids(const Plan& plan, Best& best, std::uint64_t look_end) {
    const bool descending = best.order().front().descending;
    const auto& after = best.after();
    VIGIL_TRY(ids, database_.lend(descending ? select_ids_down : select_ids_up));
    const auto from = after ? after->values.front().value_or("") : std::string();
    ids->bind(1, plan.type).bind_text(2, from);
    if (descending) ids->bind(3, after ? 0 : 1);
    for (;;) {
        VIGIL_TRY(row, ids->step());
        if (!row) return true;
        const std::optional<std::string> id(ids->bytes(0));
        if (best.complete(id)) return true;
        if (matcher_.loaded() > look_end) return false;
        VIGIL_CHECK(consider(plan, best, static_cast<std::uint64_t>(ids->integer(1)), id));
    }
}

Result<bool> RecordSearch::walk_values(const Plan& plan, Best& best, std::uint64_t look_end) {
    const auto& first = best.order().front();
    const auto pair = paired(plan, first.parameter);
    const auto prefix = pair ? pair->prefix : std::string();
    Along along{.stretch = pair ? Stretch{pair->parameter, prefix, after_prefix(prefix)}
                                : Stretch{home_of(*homes_, first.parameter), "", "\x7F"},
                .place = std::nullopt,
                .skipped = prefix.size()};
    if (const auto& after = best.after())
        along.place = Found{.parameter = first.parameter,
                            .key = prefix + after->values.front().value_or(""),
                            .record = best.is_single()   ? after->record
                                      : first.descending ? std::uint64_t{INT64_MAX}
                                                         : 0};
    return walk_along(plan, best, along, look_end);
}

// What has no value stands in the order of records, under a key of all matches or of the type.
Result<bool> RecordSearch::walk_valueless(const Plan& plan, Best& best, std::uint64_t look_end) {
    const auto* key = key_of_all(plan);
    Along along{
        .stretch = key != nullptr ? *key : Stretch{plan.listing.all, all_key(), all_key() + '\0'},
        .place = std::nullopt,
        .valueless = true};
    const auto& after = best.after();
    if (after && !after->values.front() && best.is_single())
        along.place = Found{.parameter = along.stretch.parameter,
                            .key = along.stretch.low,
                            .record = after->record};
    return walk_along(plan, best, along, look_end);
}

Result<bool> RecordSearch::walk_sorted(const Plan& plan, Best& best, std::uint64_t look_max) {
    const auto& first = best.order().front();
    const auto loaded = matcher_.loaded();
    const auto look_end = look_max > UINT64_MAX - loaded ? UINT64_MAX : loaded + look_max;
    if (first.by == SortKey::By::id) return walk_ids(plan, best, look_end);
    const bool in_valueless = best.after() && !best.after()->values.front();
    if (!in_valueless && first.parameter != 0) {
        VIGIL_TRY(done, walk_values(plan, best, look_end));
        if (!done || best.full()) return done;
    }
    if (first.by == SortKey::By::updated) return true;  // all have one
    return walk_valueless(plan, best, look_end);
}

}  // namespace vigil::store::sqlite
