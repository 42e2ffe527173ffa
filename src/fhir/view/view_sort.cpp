// Searches with an order over types whose views the registry makes, and over alarms: records and
// views, all of them gathered and put in order, as they are few.
#include <algorithm>
#include <compare>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/condition_match.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::IndexRow;
using store::Record;
using store::RecordPage;
using store::SortKey;

constexpr std::size_t sorted_max = 20'000;
constexpr std::size_t read_at_once = 1000;
// Of a cursor: the id that was last follows.
constexpr std::string_view cursor_prefix = "k:";

// As the store orders them (store::RecordQuery): dates by their start, tokens by their code.
using SortValue = std::variant<std::monostate, Timestamp, double, std::string>;

struct AsSortValue {
    SortValue operator()(const store::TokenValue& value) const { return value.code; }
    SortValue operator()(const store::DateValue& value) const { return value.start; }
    SortValue operator()(const store::NumberValue& value) const { return value.low; }
    SortValue operator()(const store::StringValue& value) const { return value.folded; }
    SortValue operator()(const store::UriValue& value) const { return value.uri; }
    SortValue operator()(const store::ReferenceValue& value) const {
        return value.url.empty() ? value.type + "/" + value.id : value.url;
    }
};

// The lowest, or of a descending order the highest.
SortValue sort_value(const SortKey& key, const Record& record, const std::vector<IndexRow>& rows) {
    if (key.by == SortKey::By::updated) return record.updated;
    if (key.by == SortKey::By::id) return record.id;
    SortValue best;
    for (const auto& row : rows) {
        if (row.parameter != key.parameter) continue;
        auto value = std::visit(AsSortValue{}, row.value);
        const bool is_first = std::holds_alternative<std::monostate>(best);
        if (is_first || (key.descending ? best < value : value < best)) best = std::move(value);
    }
    return best;
}

struct Sorted {
    std::vector<SortValue> values;
    Record record;
    const RegistryView* view = nullptr;  // that the record is of
};

// What has no value comes last, in either direction.
std::weak_ordering order(const SortKey& key, const SortValue& a, const SortValue& b) {
    const bool has_a = a.index() != 0, has_b = b.index() != 0;
    if (!has_a || !has_b) return has_b <=> has_a;
    if (a == b) return std::weak_ordering::equivalent;
    return (a < b) == key.descending ? std::weak_ordering::greater : std::weak_ordering::less;
}

bool comes_before(const std::vector<SortKey>& keys, const Sorted& a, const Sorted& b) {
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (const auto compared = order(keys[i], a.values[i], b.values[i]); compared != 0)
            return compared < 0;
    return a.record.id < b.record.id;
}

tl::unexpected<Error> too_many() {
    return fail(Error::Kind::too_large, "too many to be put in order: say more of which you mean");
}

tl::unexpected<Error> no_page() {
    return fail(Error::Kind::malformed, "this is no page of the search: start it again");
}

}  // namespace

Result<RecordPage> ViewReader::sorted(const store::RecordQuery& query) {
    std::vector<Sorted> all;
    const auto add = [&](Record record, const std::vector<IndexRow>& rows,
                         const RegistryView* view) {
        auto& one = all.emplace_back(Sorted{{}, std::move(record), view});
        for (const auto& key : query.sort) one.values.push_back(sort_value(key, one.record, rows));
        return all.size() <= sorted_max;
    };
    auto of_records = query;
    VIGIL_TRY(where, this->of_records(query.type, query.where));
    of_records.where = std::move(where);
    of_records.sort.clear();
    of_records.count_max = read_at_once;
    of_records.after.clear();
    do {
        VIGIL_TRY(page, records_.search(of_records));
        for (auto& record : page.records) {
            VIGIL_TRY(resource, Resource::parse(resource_text(record)));
            VIGIL_TRY(extracted, extract(resource.json(), context_));
            if (!add(std::move(record), extracted.rows, nullptr)) return too_many();
        }
        of_records.after = std::move(page.next);
    } while (!of_records.after.empty());
    if (const auto* table = registry(query.type)) {
        for (const auto& view : table->all()) {
            VIGIL_TRY(wanted, is_wanted(query, view));
            if (wanted && !add(view.record, view.rows, &view)) return too_many();
        }
    } else {
        VIGIL_TRY(alarms, all_alarms(query, sorted_max));
        for (auto& alarm : alarms) {
            VIGIL_TRY(extracted, extract_of(alarm, context_));
            if (!add(std::move(alarm), extracted.rows, nullptr)) return too_many();
        }
    }

    std::ranges::sort(
        all, [&](const Sorted& a, const Sorted& b) { return comes_before(query.sort, a, b); });
    auto begin = all.begin();
    if (!query.after.empty()) {
        if (!query.after.starts_with(cursor_prefix)) return no_page();
        const auto last = std::string_view(query.after).substr(cursor_prefix.size());
        begin = std::ranges::find_if(all, [&](const Sorted& one) { return one.record.id == last; });
        if (begin == all.end()) return no_page();
        ++begin;
    }
    RecordPage out;
    for (; begin != all.end() && out.records.size() < query.count_max; ++begin)
        out.records.push_back(begin->view != nullptr ? shown(*begin->view)
                                                     : std::move(begin->record));
    if (begin != all.end() && !out.records.empty())
        out.next = std::string(cursor_prefix) + out.records.back().id;
    return out;
}

}  // namespace vigil::fhir
