// What every RecordStore promises to find (src/store/records.hpp).

#include <future>

#include "store/records_contract.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct RecordSearchContract : RecordContract {};

TEST_P(RecordSearchContract, a_chain_follows_references_both_ways) {
    ASSERT_TRUE(put({patient("s", "smith"), patient("j", "jones")}));
    // The reference may come before what it refers to.
    ASSERT_TRUE(put({observation("o1", "8867-4", "s", 1), observation("o2", "8867-4", "j", 2),
                     observation("o3", "8867-4", "later", 3)}));
    const Condition of_smith{RefersTo{
        "patient", "Patient", shared({StringMatch{.parameter = "family", .text = "smith"}})}};
    EXPECT_THAT(found("Observation", of_smith), ElementsAre("o1"));
    ASSERT_TRUE(put({patient("later", "smithson")}));
    EXPECT_THAT(found("Observation", of_smith), UnorderedElementsAre("o1", "o3"));
    EXPECT_THAT(
        found("Patient", {ReferredBy{"Observation", "patient",
                                     shared({DateMatch{"date",
                                                       Comparison::greater,
                                                       {from_unix_ns(100'000'000'000),
                                                        from_unix_ns(101'000'000'000)}}})}}),
        UnorderedElementsAre("j", "later"));
    ASSERT_TRUE(remove("Patient", "s"));
    EXPECT_THAT(found("Observation", of_smith), ElementsAre("o3"));
}

TEST_P(RecordSearchContract, includes_come_once_each_and_only_as_they_are_now) {
    ASSERT_TRUE(put({patient("s", "smith"), patient("gone", "x"), observation("o1", "1", "s", 1),
                     observation("o2", "2", "s", 2), observation("o3", "3", "gone", 3)}));
    ASSERT_TRUE(remove("Patient", "gone"));
    ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
        VIGIL_TRY(page, reader.search(
                            {.type = "Observation", .where = all_of({}), .sort = {}, .after = {}}));
        VIGIL_TRY(included, reader.referred(page.records, "patient", "Patient", 10));
        EXPECT_THAT(ids(included), ElementsAre("s"));
        VIGIL_TRY(other, reader.referred(page.records, "patient", "Group", 10));
        EXPECT_THAT(other, IsEmpty());
        VIGIL_TRY(back, reader.referring(included, "Observation", "patient", 10));
        EXPECT_THAT(ids(back), ElementsAre("o1", "o2"));
        VIGIL_TRY(bounded, reader.referring(included, "Observation", "patient", 1));
        EXPECT_THAT(ids(bounded), ElementsAre("o1"));
        return {};
    }));
}

TEST_P(RecordSearchContract, a_count_stops_where_it_is_told_to) {
    std::vector<RecordPut> all;
    for (int i = 0; i < 20; ++i) all.push_back(observation("o" + std::to_string(i), "1", "a", i));
    ASSERT_TRUE(put(all));
    ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
        const RecordQuery query{.type = "Observation",
                                .where = {TokenMatch{"code", std::nullopt, "1"}},
                                .sort = {},
                                .after = {}};
        VIGIL_TRY(whole, reader.count(query, 100));
        EXPECT_EQ(whole, 20U);
        VIGIL_TRY(some, reader.count(query, 7));
        EXPECT_EQ(some, 7U);
        return {};
    }));
}

TEST_P(RecordSearchContract, a_page_goes_on_after_the_last_seen_while_others_write) {
    std::vector<RecordPut> all;
    for (int i = 0; i < 30; ++i) all.push_back(observation("o" + std::to_string(i), "1", "a", i));
    ASSERT_TRUE(put(all));
    RecordQuery query{
        .type = "Observation",
        .where = all_of({}),
        .sort = {{.by = SortKey::By::parameter, .parameter = "date", .descending = true}},
        .after = {}};
    query.count_max = 10;
    std::vector<std::string> seen;
    for (int page = 0; page < 3; ++page) {
        const auto answer = search(query);
        for (const auto& record : answer.records) seen.push_back(record.id);
        query.after = answer.next;
        // Before and behind where the page ended.
        ASSERT_TRUE(put({observation("new" + std::to_string(page), "1", "a", 100 + page)}));
        ASSERT_TRUE(remove("Observation", seen.back()));
    }
    ASSERT_EQ(seen.size(), 30U);
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(seen[static_cast<std::size_t>(i)], "o" + std::to_string(29 - i));
    EXPECT_THAT(query.after, IsEmpty());
}

TEST_P(RecordSearchContract, a_cursor_that_is_none_is_refused) {
    ASSERT_TRUE(put({observation("o1", "1", "a", 1), observation("o2", "1", "a", 2)}));
    RecordQuery sorted{.type = "Observation",
                       .where = all_of({}),
                       .sort = {{.by = SortKey::By::parameter, .parameter = "date"}},
                       .after = {}};
    sorted.count_max = 1;
    auto plain = sorted;
    plain.sort.clear();
    std::vector<std::string> hostile{"x",
                                     "1",
                                     "2",
                                     "1zz",
                                     "1fffffffffffffffffffffffffffffffff",
                                     "2ffff",
                                     "100",
                                     std::string(100'000, '1'),
                                     std::string("1\0", 2),
                                     "-1",
                                     "9223372036854775808"};
    const auto good = search(sorted).next, other = search(plain).next;
    ASSERT_FALSE(good.empty());
    ASSERT_FALSE(other.empty());
    for (std::size_t cut = 1; cut < good.size(); ++cut) hostile.push_back(good.substr(0, cut));
    for (const auto& text : hostile) {
        for (auto query : {sorted, plain}) {
            query.after = text;
            EXPECT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
                const auto page = reader.search(query);
                EXPECT_FALSE(page) << text;
                if (!page) EXPECT_EQ(page.error().kind, Error::Kind::malformed) << text;
                return {};
            }));
        }
    }
    // One search's is not another's.
    for (auto [query, cursor] : {std::pair(sorted, other), std::pair(plain, good)}) {
        query.after = cursor;
        EXPECT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
            EXPECT_EQ(reader.search(query).error().kind, Error::Kind::malformed);
            return {};
        }));
    }
}

TEST_P(RecordSearchContract, a_search_deeper_or_wider_than_its_bounds_is_refused) {
    ASSERT_TRUE(put({observation("o1", "1", "a", 1)}));
    Condition deep = all_of({});
    for (int i = 0; i < 100; ++i) deep = {NoneOf{{deep}}};
    const Condition wide{
        AnyOf{std::vector<Condition>(50'000, {TokenMatch{"code", std::nullopt, "1"}})}};
    for (const auto& where : {deep, wide})
        ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
            const auto page =
                reader.search({.type = "Observation", .where = where, .sort = {}, .after = {}});
            EXPECT_EQ(page.error().kind, Error::Kind::too_large);
            return {};
        }));
}

TEST_P(RecordSearchContract, full_text_finds_all_words_whatever_their_case_and_accents) {
    auto a = patient("a", "smith"), b = patient("b", "jones");
    a.narrative = "Severe café-au-lait spots";
    a.content = "Severe café-au-lait spots, seen by Dr. O'Hara";
    b.content = "spots \"quoted\" AND severe";
    ASSERT_TRUE(put({a, b}));
    const auto text = [&](const char* words, bool narrative) {
        return found("Patient", {TextMatch{.narrative_only = narrative, .words = words}});
    };
    EXPECT_THAT(text("SPOTS severe", false), UnorderedElementsAre("a", "b"));
    EXPECT_THAT(text("spots", true), ElementsAre("a"));
    EXPECT_THAT(text("cafe o'hara", false), ElementsAre("a"));
    EXPECT_THAT(text("\"quoted\" NOT", false), IsEmpty());
    EXPECT_THAT(text("\" OR *", false), IsEmpty());
    EXPECT_THAT(text("**", false), IsEmpty());
    EXPECT_THAT(found("Patient", all_of({{TextMatch{.words = "spots"}},
                                         {StringMatch{.parameter = "family", .text = "j"}}})),
                ElementsAre("b"));
    a.narrative = a.content = "clear skin";
    ASSERT_TRUE(put({a}));
    ASSERT_TRUE(remove("Patient", "b"));
    EXPECT_THAT(text("spots", false), IsEmpty());
    EXPECT_THAT(text("skin", true), ElementsAre("a"));
}

// Three requests of one commit, the second of which finds the first's words and its own, and fails.
TEST_P(RecordSearchContract, text_is_found_as_soon_as_it_is_written_and_no_more_if_it_is_undone) {
    const auto with_text = [](const char* id, const char* words) {
        auto made = patient(id, words);
        made.narrative = made.content = words;
        return made;
    };
    const Condition spots{TextMatch{.words = "spots"}};
    const Condition pots{StringMatch{"family", StringMatch::How::contains, "pots"}};
    std::promise<void> begin;
    auto blocked = std::async([&, begun = begin.get_future().share()] {
        return write([&](RecordTransaction&) -> Result<void> {
            begun.wait();
            return {};
        });
    });
    std::vector<std::string> seen;
    std::promise<void> done;
    const auto put_one = [&](const char* id, bool fails) {
        return [=, &seen](RecordTransaction& transaction) -> Result<void> {
            VIGIL_CHECK(transaction.put(with_text(id, "spots")));
            if (!fails) return {};
            seen.clear();  // it may be run again
            for (const auto& where : {spots, pots}) {
                VIGIL_TRY(page, transaction.search(
                                    {.type = "Patient", .where = where, .sort = {}, .after = {}}));
                for (const auto& record : page.records) seen.push_back(record.id);
            }
            return tl::unexpected(Error{Error::Kind::conflict, "no", ""});
        };
    };
    store().write(everyone, put_one("a", false), [](const Result<void>& a) { EXPECT_TRUE(a); });
    store().write(everyone, put_one("b", true), [](const Result<void>& b) { EXPECT_FALSE(b); });
    store().write(everyone, put_one("c", false), [&](const Result<void>& c) {
        EXPECT_TRUE(c);
        done.set_value();
    });
    begin.set_value();
    done.get_future().wait();
    EXPECT_TRUE(blocked.get());
    EXPECT_THAT(seen, UnorderedElementsAre("a", "b", "a", "b"));
    EXPECT_THAT(found("Patient", spots), UnorderedElementsAre("a", "c"));
    EXPECT_THAT(found("Patient", pots), UnorderedElementsAre("a", "c"));
}

TEST_P(RecordSearchContract, a_part_of_a_string_is_found_wherever_it_stands) {
    ASSERT_TRUE(put({patient("a", "müller-lüdenscheidt"), patient("b", "smith")}));
    const auto containing = [&](const char* part) {
        return found("Patient", {StringMatch{"family", StringMatch::How::contains, part}});
    };
    EXPECT_THAT(containing("lüden"), ElementsAre("a"));
    EXPECT_THAT(containing("mi"), ElementsAre("b"));
    EXPECT_THAT(containing("mith"), ElementsAre("b"));
    EXPECT_THAT(containing("\"%*"), IsEmpty());
    ASSERT_TRUE(put({patient("b", "jones")}));
    EXPECT_THAT(containing("mith"), IsEmpty());
    EXPECT_THAT(containing("one"), ElementsAre("b"));
}

TEST_P(RecordSearchContract, keys_that_two_parameters_share_find_each_its_own) {
    const auto with_device = [](const char* id, const char* of) {
        auto made = observation(id, "1", "a", 1);
        made.rows = {{"subject", ReferenceValue{of[0] == 'd' ? "Device" : "Patient", of, {}}}};
        if (of[0] != 'd') made.rows.push_back({"patient", ReferenceValue{"Patient", of, {}}});
        return made;
    };
    const auto of = [&](const char* parameter, const char* type, const char* id) {
        return found("Observation", {ReferenceMatch{parameter, {type, id, {}}}});
    };
    const auto check = [&] {
        EXPECT_THAT(of("subject", "Patient", "a"), UnorderedElementsAre("of-a"));
        EXPECT_THAT(of("patient", "Patient", "a"), UnorderedElementsAre("of-a"));
        EXPECT_THAT(of("subject", "Device", "d"), UnorderedElementsAre("of-d"));
        EXPECT_THAT(of("patient", "Device", "d"), IsEmpty());
        EXPECT_THAT(found("Patient", {ReferredBy{"Observation", "patient", shared(all_of({}))}}),
                    UnorderedElementsAre("a"));
        ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(device, reader.get("Device", "d"));
            VIGIL_TRY(by_subject, reader.referring({*device}, "Observation", "subject", 9));
            VIGIL_TRY(by_patient, reader.referring({*device}, "Observation", "patient", 9));
            EXPECT_THAT(ids(by_subject), ElementsAre("of-d"));
            EXPECT_THAT(by_patient, IsEmpty());
            return {};
        }));
    };
    auto device = patient("d", "x");
    device.type = "Device";
    const std::vector<SharedKeys> shared{{"Observation", "patient", "subject"}};
    store().share_keys(shared);
    ASSERT_TRUE(
        put({patient("a", "x"), device, with_device("of-a", "a"), with_device("of-d", "d")}));
    check();
    subject->restart();
    check();
    ASSERT_TRUE(remove("Observation", "of-a"));
    EXPECT_THAT(of("patient", "Patient", "a"), IsEmpty());
}

TEST_P(RecordSearchContract, two_bounds_may_be_met_by_two_dates_of_one_resource) {
    auto one = observation("one", "1", "a", 10), several = observation("several", "1", "a", 100);
    const auto early = from_unix_ns(0);
    several.rows.push_back({"date", DateValue{early, early + std::chrono::seconds(1)}});
    ASSERT_TRUE(put({one, several, observation("late", "1", "a", 90)}));
    const auto minute = [](int n) {
        const auto start = from_unix_ns(n * 60'000'000'000LL);
        return DateValue{start, start + std::chrono::minutes(1)};
    };
    EXPECT_THAT(
        found("Observation", all_of({{DateMatch{"date", Comparison::greater_equal, minute(5)}},
                                     {DateMatch{"date", Comparison::less, minute(20)}}})),
        UnorderedElementsAre("one", "several"));
}

INSTANTIATE_TEST_SUITE_P(Stores, RecordSearchContract, record_stores(), store_name);

}  // namespace
}  // namespace vigil::store::test
