// Random resources and random searches: a store finds what the slow way finds (memory_records.hpp).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "store/memory_records.hpp"
#include "store/records_subject.hpp"
#include "store/withheld_parts.hpp"

namespace vigil::store::test {
namespace {

// Few values of each kind, so that they meet.
class Maker {
public:
    explicit Maker(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return random_() % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }

    std::string type() { return one_in(3) ? "Patient" : "Observation"; }
    std::string id() { return "r" + std::to_string(below(25)); }
    Timestamp time() { return from_unix_ns((static_cast<std::int64_t>(below(60)) - 20) * day / 4); }
    DateValue date() {
        if (one_in(12)) return {Timestamp::min(), time()};
        if (one_in(12)) return {time(), Timestamp::max()};
        const auto start = time();
        const std::array<std::int64_t, 4> lengths{1'000'000'000, day / 2, day, 5 * day};
        return {start, start + Nanoseconds(lengths[below(4)])};
    }
    NumberValue number() {
        const double low = static_cast<double>(below(20)) - 5;
        return {one_in(3)   ? ""
                : one_in(2) ? "kg"
                            : "m",
                low, one_in(4) ? low + static_cast<double>(below(6)) : low};
    }
    NumberValue searched() {
        const double low = static_cast<double>(below(20)) - 5.5;
        return {one_in(3)   ? ""
                : one_in(2) ? "kg"
                            : "m",
                low, low + 1 + static_cast<double>(below(4))};
    }
    TokenValue token() {
        return {one_in(4) ? "" : one_in(2) ? "s1" : "s2", std::string(1, "abc"[below(3)])};
    }
    std::string word() {
        std::string word;
        for (auto n = 1 + below(4); n > 0; --n) word.push_back("abAé"[below(3)]);
        return word;
    }
    static std::string folded(std::string text) {
        for (auto& c : text)
            if (c == 'A') c = 'a';
        return text;
    }
    StringValue string() {
        auto text = word();
        if (one_in(40)) text += std::string(200, 'a') + word();
        return {one_in(6) ? folded(text) + "x" : folded(text), text};
    }
    std::string uri() {
        std::string uri = "http://x";
        for (auto n = below(4); n > 0; --n) uri += one_in(2) ? "/a" : "/ab";
        return uri;
    }
    ReferenceValue reference() {
        if (one_in(6)) return {{}, {}, uri()};
        return {type(), id(), {}};
    }

    // Each value of a narrow parameter is one of the wide one of its kind too.
    std::string parameter(char kind) { return {one_in(3) ? narrow : wide, kind}; }
    static std::vector<SharedKeys> shared_keys() {
        std::vector<SharedKeys> shared;
        for (const auto* type : {"Patient", "Observation"})
            for (const char kind : kinds)
                shared.push_back({type, std::string{narrow, kind}, std::string{wide, kind}});
        return shared;
    }

    IndexRow row() {
        const auto group = static_cast<std::uint16_t>(one_in(4) ? 1 + below(2) : 0);
        const auto parameter = this->parameter(kinds[which_ = below(kinds.size())]);
        switch (which_) {
            case 0:
                return {parameter, token(), group};
            case 1:
                return {parameter, date(), group};
            case 2:
                return {parameter, number(), group};
            case 3:
                return {parameter, string(), group};
            case 4:
                return {parameter, UriValue{uri()}, group};
            default:
                return {parameter, reference(), group};
        }
    }
    RecordPut put() {
        RecordPut put{.type = type(),
                      .id = id(),
                      .subject = {},
                      .method = "PUT",
                      .body = "{}",
                      .rows = {},
                      .narrative = {},
                      .content = {}};
        if (!one_in(4)) put.subject = PatientId{static_cast<std::uint32_t>(below(4))};
        for (auto n = below(12); n > 0; --n) {
            put.rows.push_back(row());
            if (put.rows.back().parameter.front() == wide) continue;
            put.rows.push_back(put.rows.back());
            put.rows.back().parameter.front() = wide;
        }
        return put;
    }

    Comparison comparison() { return static_cast<Comparison>(below(9)); }
    Condition leaf() {
        switch (below(6)) {
            case 0: {
                const auto value = token();
                TokenMatch match{parameter('t'), value.system, value.code};
                if (one_in(3)) match.system.reset();
                if (one_in(5)) match.code.reset();
                return {match};
            }
            case 1:
                return {DateMatch{parameter('d'), comparison(), date()}};
            case 2:
                return {NumberMatch{parameter('n'), comparison(), searched()}};
            case 3: {
                const auto how = static_cast<StringMatch::How>(below(3));
                const auto text = word();
                return {StringMatch{parameter('s'), how,
                                    how == StringMatch::How::exact ? text : folded(text)}};
            }
            case 4:
                return {UriMatch{parameter('u'), static_cast<UriMatch::How>(below(3)), uri()}};
            default: {
                auto to = reference();
                if (one_in(3) && !to.id.empty()) to.type.clear();
                return {ReferenceMatch{parameter('r'), to}};
            }
        }
    }
    Condition condition(int depth) {
        if (depth == 0 || one_in(3)) return leaf();
        const auto some = [&] {
            std::vector<Condition> all;
            for (auto n = below(4); n > 0; --n) all.push_back(condition(depth - 1));
            return all;
        };
        switch (below(9)) {
            case 0:
            case 1:
                return {AllOf{some()}};
            case 2:
                return {AnyOf{some()}};
            case 3:
                return {NoneOf{some()}};
            case 4:
                return {Together{{leaf(), leaf()}}};
            case 5:
                return {Missing{parameter(kinds[below(kinds.size())])}};
            case 6:
                return one_in(2) ? Condition{IdMatch{id()}}
                                 : Condition{UpdatedMatch{comparison(), updated_range()}};
            case 7:
                return {RefersTo{parameter('r'), type(), shared(condition(depth - 1))}};
            default:
                return {ReferredBy{type(), parameter('r'), shared(condition(depth - 1))}};
        }
    }
    std::vector<SortKey> sort() {
        std::vector<SortKey> keys;
        for (auto n = below(3); n > 0; --n) {
            const auto by = one_in(4)   ? SortKey::By::id
                            : one_in(4) ? SortKey::By::updated
                                        : SortKey::By::parameter;
            keys.push_back({by, parameter("tdsu"[below(4)]), one_in(2)});
        }
        return keys;
    }
    void saw(Timestamp updated) { updates_.push_back(updated); }
    Timestamp updated() { return updates_.empty() ? time() : updates_[below(updates_.size())]; }
    DateValue updated_range() {
        const auto [start, end] = std::minmax({updated(), updated()});
        return {start, end + Nanoseconds(1)};
    }
    Access access() {
        auto access = one_in(2) ? identity::AccessDesk::to_everyone()
                                : identity::AccessDesk::to({PatientId{1}, PatientId{2}});
        if (one_in(2)) return access;
        auto withheld = std::make_shared<WithheldFrom>();
        if (one_in(2)) withheld->others = withheld_parts();
        for (auto n = below(3); n > 0; --n)
            withheld->patients[PatientId{static_cast<std::uint32_t>(1 + below(3))}] =
                withheld_parts();
        return identity::AccessDesk::withheld(std::move(access), std::move(withheld));
    }
    // A leaf: what a condition that follows references meets on its way is withheld by it too.
    std::shared_ptr<const WithheldParts> withheld_parts() {
        auto parts = std::make_shared<WithheldParts>();
        parts->everything = one_in(8);
        for (const auto* type : {"Patient", "Observation"})
            if (one_in(2))
                parts->of_types[type] =
                    shared(one_in(2) ? leaf() : Condition{NoneOf{{leaf(), leaf()}}});
        return parts;
    }

private:
    static constexpr char wide = 'p', narrow = 'q';
    static constexpr std::string_view kinds = "tdnsur";
    static constexpr std::int64_t day = 86'400'000'000'000;
    std::mt19937 random_;
    std::size_t which_ = 0;
    std::vector<Timestamp> updates_;
};

// The kinds of a condition's parts, for a failure's message.
std::string shape(const Condition& condition) {
    static constexpr std::array names{"all",     "any",   "none",   "together",  "token",   "date",
                                      "number",  "text",  "uri",    "reference", "missing", "id",
                                      "updated", "words", "refers", "referred"};
    std::string text = names[condition.is.index()];
    const auto parts = [&](const auto& group) {
        text += '(';
        for (const auto& each : group.conditions) text += shape(each) + ' ';
        text += ')';
    };
    if (const auto* all = std::get_if<AllOf>(&condition.is)) parts(*all);
    if (const auto* any = std::get_if<AnyOf>(&condition.is)) parts(*any);
    if (const auto* none = std::get_if<NoneOf>(&condition.is)) parts(*none);
    if (const auto* group = std::get_if<Together>(&condition.is)) parts(*group);
    if (const auto* to = std::get_if<RefersTo>(&condition.is))
        text += '(' + to->type + ' ' + shape(*to->condition) + ')';
    if (const auto* by = std::get_if<ReferredBy>(&condition.is))
        text += '(' + by->type + ' ' + shape(*by->condition) + ')';
    return text;
}

// All pages of a search, by id.
Result<std::vector<std::string>> all_pages(RecordStore& store, const Access& access,
                                           RecordQuery query) {
    std::vector<std::string> ids;
    do {
        VIGIL_CHECK(store.read(access, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(page, reader.search(query));
            for (const auto& record : page.records) ids.push_back(record.id);
            query.after = page.next;
            return {};
        }));
    } while (!query.after.empty() && ids.size() < 1'000);
    return ids;
}

void change(RecordStore& store, MemoryRecords& model, Maker& maker) {
    const auto everyone = identity::AccessDesk::to_everyone();
    const auto done = write(store, everyone, [&](RecordTransaction& transaction) -> Result<void> {
        if (maker.one_in(6)) {
            const auto type = maker.type(), id = maker.id();
            VIGIL_TRY(there, transaction.get(type, id));
            if (!there) return {};
            VIGIL_CHECK(transaction.remove(type, id, "DELETE"));
            model.remove(type, id);
            return {};
        }
        for (auto n = 1 + maker.below(3); n > 0; --n) {
            const auto put = maker.put();
            VIGIL_TRY(record, transaction.put(put));
            model.put(put, record.updated);
            maker.saw(record.updated);
        }
        return {};
    });
    ASSERT_TRUE(done) << done.error().message;
}

constexpr std::size_t sorted_bytes = 96;  // of a string: what is alike so far is in no order

void check_order(const MemoryRecords& model, const RecordQuery& query,
                 const std::vector<std::string>& ids) {
    for (std::size_t i = 1; i < ids.size(); ++i) {
        for (const auto& key : query.sort) {
            const auto a = model.sort_value(query.type, ids[i - 1], key);
            const auto b = model.sort_value(query.type, ids[i], key);
            if (a == b && key.parameter.ends_with('t'))
                break;  // of which system comes first, none says
            if (a == b) continue;
            if (a && b && a->substr(0, sorted_bytes) == b->substr(0, sorted_bytes)) break;
            ASSERT_TRUE(a.has_value()) << "what has no value comes last";
            if (b) ASSERT_TRUE(key.descending ? *b < *a : *a < *b) << *a << " then " << *b;
            break;
        }
    }
}

TEST(RecordProperties, a_search_finds_what_looking_at_every_resource_finds) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        Maker maker(seed);
        SqliteRecordsSubject subject;
        if (seed % 2 == 0) subject.store().share_keys(Maker::shared_keys());
        if (seed % 3 == 0)
            subject.store().pair_keys({{"Patient", "pt", "pd"}, {"Observation", "qt", "pd"}});
        MemoryRecords model;
        for (int i = 0; i < 60; ++i) change(subject.store(), model, maker);
        for (int i = 0; i < 300; ++i) {
            SCOPED_TRACE(i);
            if (maker.one_in(5)) change(subject.store(), model, maker);
            RecordQuery query{.type = maker.type(),
                              .where = maker.condition(3),
                              .sort = maker.sort(),
                              .after = {}};
            query.count_max = 1 + maker.below(8);
            const auto access = maker.access();
            SCOPED_TRACE(query.type + ": " + shape(query.where));
            std::string order = "page of " + std::to_string(query.count_max) + ", by";
            for (const auto& key : query.sort)
                order += (key.descending ? " -" : " ") + (key.by == SortKey::By::parameter
                                                              ? key.parameter
                                                          : key.by == SortKey::By::id ? "id"
                                                                                      : "updated");
            SCOPED_TRACE(order);
            const auto ids = all_pages(subject.store(), access, query);
            ASSERT_TRUE(ids) << ids.error().message;
            const std::set<std::string> found(ids->begin(), ids->end());
            ASSERT_EQ(found.size(), ids->size()) << "each comes once";
            const auto expected = model.search(query.type, query.where, access);
            ASSERT_EQ(found, expected);
            check_order(model, query, *ids);
            ASSERT_TRUE(subject.store().read(access, [&](RecordReader& reader) -> Result<void> {
                VIGIL_TRY(count, reader.count(query, 1'000));
                EXPECT_EQ(count, expected.size());
                return {};
            }));
        }
    }
}

}  // namespace
}  // namespace vigil::store::test
