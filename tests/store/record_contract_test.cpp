// What every RecordStore promises to keep (src/store/records.hpp).

#include <set>

#include "store/records_contract.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_P(RecordContract, what_was_put_reads_back_after_a_restart_with_its_version_and_time) {
    ASSERT_TRUE(put({patient("a", "smith", PatientId{7})}));
    subject->restart();
    const auto record = get("Patient", "a");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->version, 1U);
    EXPECT_EQ(record->body, R"({"id":"a","family":"smith"})");
    EXPECT_EQ(record->method, "PUT");
    EXPECT_EQ(record->subject, PatientId{7});
    EXPECT_FALSE(record->deleted);
    EXPECT_FALSE(get("Patient", "b"));
    EXPECT_FALSE(get("Practitioner", "a"));
}

TEST_P(RecordContract, ids_are_listed_by_how_they_begin_deleted_ones_too) {
    ASSERT_TRUE(put({patient("r.1.2.b", "one", PatientId{7}), patient("r.1.2.a", "two"),
                     patient("r.1.20.a", "three"), patient("r.1.2", "four")}));
    ASSERT_TRUE(remove("Patient", "r.1.2.a"));
    const auto ids = [&](const Access& access, std::size_t count_max) {
        std::vector<std::string> found;
        EXPECT_TRUE(store().read(access, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(some, reader.ids("Patient", "r.1.2.", count_max));
            found = std::move(some);
            return {};
        }));
        return found;
    };
    EXPECT_THAT(ids(everyone, 10), ElementsAre("r.1.2.a", "r.1.2.b"));
    EXPECT_THAT(ids(everyone, 1), ElementsAre("r.1.2.a"));
    EXPECT_THAT(ids(identity::AccessDesk::to({PatientId{8}}), 10), ElementsAre("r.1.2.a"));
}

TEST_P(RecordContract, each_version_is_kept_and_later_than_the_one_before) {
    for (const auto* family : {"one", "two", "three"}) ASSERT_TRUE(put({patient("a", family)}));
    ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
        Timestamp last = Timestamp::min();
        for (std::uint64_t version = 1; version <= 3; ++version) {
            VIGIL_TRY(record, reader.version("Patient", "a", version));
            EXPECT_TRUE(record);
            EXPECT_GT(record->updated, last);
            last = record->updated;
        }
        VIGIL_TRY(none, reader.version("Patient", "a", 4));
        EXPECT_FALSE(none);
        return {};
    }));
    EXPECT_THAT(
        versions(history({.type = "Patient", .id = "a", .since = {}, .at = {}, .after = {}})),
        ElementsAre("a/3", "a/2", "a/1"));
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "one"}}), IsEmpty());
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "three"}}),
                ElementsAre("a"));
}

TEST_P(RecordContract, a_deleted_resource_leaves_the_search_keeps_its_history_and_may_come_back) {
    ASSERT_TRUE(put({patient("a", "smith")}));
    ASSERT_TRUE(remove("Patient", "a"));
    EXPECT_THAT(found("Patient", all_of({})), IsEmpty());
    const auto gone = get("Patient", "a");
    ASSERT_TRUE(gone);
    EXPECT_TRUE(gone->deleted);
    EXPECT_EQ(gone->version, 2U);
    EXPECT_EQ(gone->method, "DELETE");
    EXPECT_THAT(gone->body, IsEmpty());
    ASSERT_TRUE(remove("Patient", "a"));  // stands as it is
    ASSERT_TRUE(put({patient("a", "smith")}));
    EXPECT_THAT(found("Patient", all_of({})), ElementsAre("a"));
    EXPECT_THAT(
        versions(history({.type = "Patient", .id = {}, .since = {}, .at = {}, .after = {}})),
        ElementsAre("a/3", "a/2 deleted", "a/1"));
    EXPECT_EQ(remove("Patient", "never").error().kind, Error::Kind::not_found);
}

TEST_P(RecordContract, the_work_of_one_request_is_kept_whole_or_not_at_all) {
    const auto outcome = write([](RecordTransaction& transaction) -> Result<void> {
        VIGIL_CHECK(transaction.put(patient("a", "smith")));
        VIGIL_TRY(seen, transaction.get("Patient", "a"));
        EXPECT_TRUE(seen);
        VIGIL_TRY(page,
                  transaction.search({.type = "Patient",
                                      .where = {StringMatch{.parameter = "family", .text = "smi"}},
                                      .sort = {},
                                      .after = {}}));
        EXPECT_THAT(ids(page.records), ElementsAre("a"));
        return fail(Error::Kind::conflict, "no");
    });
    EXPECT_EQ(outcome.error().kind, Error::Kind::conflict);
    EXPECT_FALSE(get("Patient", "a"));
    // What the failed work named for the first time means nothing else afterwards.
    ASSERT_TRUE(put({observation("o", "8867-4", "a", 1)}));
    EXPECT_THAT(found("Observation", {TokenMatch{"code", "http://loinc.org", "8867-4"}}),
                ElementsAre("o"));
    EXPECT_THAT(found("Patient", all_of({})), IsEmpty());
}

// However large what is found is, a page is no more than was allowed and one resource.
TEST_P(RecordContract, pages_end_at_as_many_bytes_as_were_allowed) {
    std::vector<RecordPut> large;
    for (int i = 0; i < 12; ++i) {
        large.push_back(patient("p" + std::to_string(i), "smith"));
        large.back().body = std::string(i < 4 ? 10 : 1'000, 'x');
    }
    ASSERT_TRUE(put(large));
    for (const bool sorted : {false, true}) {
        RecordQuery query{.type = "Patient", .where = {AllOf{}}, .sort = {}, .after = {}};
        if (sorted) query.sort.push_back({.parameter = "family"});
        query.bytes_max = 2'500;
        std::set<std::string> seen;
        std::size_t pages = 0;
        do {
            RecordPage page;
            ASSERT_TRUE(store().read(everyone, [&](RecordReader& reader) -> Result<void> {
                VIGIL_TRY(found, reader.search(query));
                page = std::move(found);
                return {};
            }));
            std::size_t bytes = 0;
            for (const auto& record : page.records) {
                bytes += record.body.size();
                EXPECT_TRUE(seen.insert(record.id).second) << record.id;
            }
            EXPECT_LT(bytes, 3'500U);
            query.after = std::move(page.next);
            ++pages;
        } while (!query.after.empty());
        EXPECT_EQ(seen.size(), 12U);
        EXPECT_GE(pages, 3U);
    }
    HistoryQuery query{.type = "Patient", .id = {}, .since = {}, .at = {}, .after = {}};
    query.bytes_max = 2'500;
    std::size_t versions = 0;
    do {
        const auto page = history(query);
        EXPECT_THAT(page.records.size(), testing::AnyOf(3U, 6U));  // 4 of them are small
        versions += page.records.size();
        query.after = page.next;
    } while (!query.after.empty() && versions < 100);
    EXPECT_EQ(versions, 12U);
}

TEST_P(RecordContract, history_goes_by_instance_type_and_all_by_page_and_by_time) {
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(put({patient("a", "x")}));
        ASSERT_TRUE(put({observation("o", "1", "a", i)}));
    }
    const auto all = history({.type = {}, .id = {}, .since = {}, .at = {}, .after = {}});
    EXPECT_THAT(versions(all), ElementsAre("o/3", "a/3", "o/2", "a/2", "o/1", "a/1"));
    HistoryQuery query{.type = "Patient", .id = {}, .since = {}, .at = {}, .after = {}};
    query.count_max = 2;
    const auto first = history(query);
    EXPECT_THAT(versions(first), ElementsAre("a/3", "a/2"));
    query.after = first.next;
    const auto second = history(query);
    EXPECT_THAT(versions(second), ElementsAre("a/1"));
    EXPECT_THAT(second.next, IsEmpty());
    const auto middle = all.records[2].updated;  // of o/2
    EXPECT_THAT(versions(history({.type = {}, .id = {}, .since = middle, .at = {}, .after = {}})),
                ElementsAre("o/3", "a/3", "o/2"));
    EXPECT_THAT(versions(history({.type = {}, .id = {}, .since = {}, .at = middle, .after = {}})),
                ElementsAre("o/2", "a/2"));
}

TEST_P(RecordContract, an_access_finds_only_what_it_covers_and_writes_for_nobody_else) {
    ASSERT_TRUE(put({patient("one", "smith", PatientId{1}), patient("two", "smith", PatientId{2}),
                     patient("nobody", "smith")}));
    ASSERT_TRUE(put({observation("o1", "1", "one", 1, PatientId{1}),
                     observation("o2", "1", "two", 2, PatientId{2})}));
    const auto access = identity::AccessDesk::to({PatientId{1}});
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "smith"}}, access),
                UnorderedElementsAre("one", "nobody"));
    EXPECT_FALSE(get("Patient", "two", access));
    EXPECT_TRUE(get("Patient", "nobody", access));
    // Nor by what refers to it, or what it refers to.
    EXPECT_THAT(found("Patient",
                      {ReferredBy{"Observation", "patient",
                                  shared({TokenMatch{"code", std::nullopt, "1"}})}},
                      access),
                ElementsAre("one"));
    EXPECT_THAT(versions(history(
                    {.type = "Observation", .id = {}, .since = {}, .at = {}, .after = {}}, access)),
                ElementsAre("o1/1"));
    EXPECT_EQ(put({patient("two", "mine", PatientId{1})}, access).error().kind,
              Error::Kind::forbidden);
    EXPECT_EQ(put({patient("three", "x", PatientId{3})}, access).error().kind,
              Error::Kind::forbidden);
    std::vector<std::uint64_t> numbers;
    ASSERT_TRUE(store().changes(access, 0, [&](std::uint64_t number, const Record&) {
        numbers.push_back(number);
        return true;
    }));
    EXPECT_THAT(numbers, ElementsAre(1, 3, 4));
}

TEST_P(RecordContract, changes_are_numbered_without_gaps_in_the_order_of_the_commits) {
    ASSERT_TRUE(put({patient("a", "x")}));
    ASSERT_FALSE(write([](RecordTransaction& transaction) -> Result<void> {
        VIGIL_CHECK(transaction.put(patient("lost", "x")));
        return fail(Error::Kind::conflict, "no");
    }));
    ASSERT_TRUE(put({patient("b", "x")}));
    ASSERT_TRUE(remove("Patient", "a"));
    subject->restart();
    ASSERT_TRUE(put({patient("c", "x")}));
    std::vector<std::string> seen;
    const auto from = [&](std::uint64_t after, std::size_t count) {
        seen.clear();
        EXPECT_TRUE(store().changes(everyone, after, [&](std::uint64_t number, const Record& r) {
            seen.push_back(std::to_string(number) + r.id + (r.deleted ? "-" : ""));
            return seen.size() < count;
        }));
        return seen;
    };
    EXPECT_THAT(from(0, 99), ElementsAre("1a", "2b", "3a-", "4c"));
    EXPECT_THAT(from(2, 1), ElementsAre("3a-"));
    EXPECT_THAT(from(4, 9), IsEmpty());
}

TEST_P(RecordContract, current_resources_are_gone_through_and_indexed_anew) {
    ASSERT_TRUE(put({patient("a", "smith"), patient("b", "jones"), patient("c", "x")}));
    ASSERT_TRUE(put({patient("a", "smithson")}));
    ASSERT_TRUE(remove("Patient", "b"));
    std::vector<std::string> seen;
    ASSERT_TRUE(store().each_current(everyone, 0, [&](std::uint64_t, const Record& record) {
        seen.push_back(record.id + std::to_string(record.version));
        return true;
    }));
    EXPECT_THAT(seen, ElementsAre("a2", "c1"));
    EXPECT_TRUE(*store().index_is_whole());
    ASSERT_TRUE(write([](RecordTransaction& transaction) -> Result<void> {
        VIGIL_CHECK(transaction.reindex_text("Patient", "c", "", "some words"));
        return transaction.declare_index_whole();
    }));
    EXPECT_THAT(found("Patient", {TextMatch{.words = "words"}}), ElementsAre("c"));
}

TEST_P(RecordContract, new_rows_for_a_current_version_change_what_it_is_found_by_and_nothing_else) {
    ASSERT_TRUE(put({patient("a", "smith")}));
    const auto before = get("Patient", "a");
    ASSERT_TRUE(write([](RecordTransaction& transaction) {
        return transaction.reindex("Patient", "a",
                                   {{.parameter = "eye-colour", .value = TokenValue{"", "brown"}}});
    }));
    EXPECT_THAT(found("Patient", {TokenMatch{"eye-colour", "", "brown"}}), ElementsAre("a"));
    EXPECT_THAT(found("Patient", {StringMatch{.parameter = "family", .text = "smith"}}), IsEmpty());
    const auto after = get("Patient", "a");
    EXPECT_EQ(after->version, before->version);
    EXPECT_EQ(after->updated, before->updated);
    EXPECT_EQ(after->body, before->body);
}

INSTANTIATE_TEST_SUITE_P(Stores, RecordContract, record_stores(), store_name);

}  // namespace
}  // namespace vigil::store::test
