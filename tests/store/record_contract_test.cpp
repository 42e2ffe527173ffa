// What every RecordStore promises (src/store/records.hpp).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/records_subject.hpp"

namespace vigil::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const auto everyone = identity::AccessDesk::to_everyone();

struct RecordContract : testing::TestWithParam<std::pair<const char*, MakeRecords>> {
    std::unique_ptr<RecordsSubject> subject = GetParam().second();
    RecordStore& store() { return subject->store(); }

    static RecordPut patient(const std::string& id, const std::string& family,
                             std::optional<PatientId> whose = {}) {
        return {.type = "Patient",
                .id = id,
                .subject = whose,
                .method = "PUT",
                .body = "{\"id\":\"" + id + "\",\"family\":\"" + family + "\"}",
                .rows = {{.parameter = "family", .value = StringValue{family, family}}},
                .narrative = {},
                .content = {}};
    }
    static RecordPut observation(const std::string& id, const std::string& code,
                                 const std::string& of, int minute,
                                 std::optional<PatientId> whose = {}) {
        const auto time = from_unix_ns(minute * 60'000'000'000LL);
        return {.type = "Observation",
                .id = id,
                .subject = whose,
                .method = "POST",
                .body = "{}",
                .rows = {{.parameter = "code", .value = TokenValue{"http://loinc.org", code}},
                         {.parameter = "date",
                          .value = DateValue{time, time + std::chrono::seconds(1)}},
                         {.parameter = "patient", .value = ReferenceValue{"Patient", of, {}}}},
                .narrative = {},
                .content = {}};
    }

    Result<void> write(RecordStore::Work work, const Access& access = everyone) {
        return test::write(store(), access, std::move(work));
    }
    Result<void> put(std::vector<RecordPut> all, const Access& access = everyone) {
        return write(
            [all = std::move(all)](RecordTransaction& transaction) -> Result<void> {
                for (const auto& each : all) VIGIL_CHECK(transaction.put(each));
                return {};
            },
            access);
    }
    Result<void> remove(const std::string& type, const std::string& id) {
        return write([=](RecordTransaction& transaction) -> Result<void> {
            VIGIL_CHECK(transaction.remove(type, id, "DELETE"));
            return {};
        });
    }
    std::optional<Record> get(const std::string& type, const std::string& id,
                              const Access& access = everyone) {
        std::optional<Record> found;
        EXPECT_TRUE(store().read(access, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(record, reader.get(type, id));
            found = record;
            return {};
        }));
        return found;
    }
    RecordPage search(const RecordQuery& query, const Access& access = everyone) {
        RecordPage page;
        const auto read = store().read(access, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(found, reader.search(query));
            page = found;
            return {};
        });
        EXPECT_TRUE(read) << read.error().message;
        return page;
    }
    static std::vector<std::string> ids(const std::vector<Record>& records) {
        std::vector<std::string> ids;
        for (const auto& record : records) ids.push_back(record.id);
        return ids;
    }
    std::vector<std::string> found(const std::string& type, Condition where,
                                   const Access& access = everyone) {
        return ids(
            search({.type = type, .where = std::move(where), .sort = {}, .after = {}}, access)
                .records);
    }
    RecordPage history(const HistoryQuery& query, const Access& access = everyone) {
        RecordPage page;
        EXPECT_TRUE(store().read(access, [&](RecordReader& reader) -> Result<void> {
            VIGIL_TRY(versions, reader.history(query));
            page = versions;
            return {};
        }));
        return page;
    }
    static std::vector<std::string> versions(const RecordPage& page) {
        std::vector<std::string> all;
        for (const auto& record : page.records)
            all.push_back(record.id + "/" + std::to_string(record.version) +
                          (record.deleted ? " deleted" : ""));
        return all;
    }
};

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

TEST_P(RecordContract, a_chain_follows_references_both_ways) {
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

TEST_P(RecordContract, includes_come_once_each_and_only_as_they_are_now) {
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

TEST_P(RecordContract, a_count_stops_where_it_is_told_to) {
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

TEST_P(RecordContract, a_page_goes_on_after_the_last_seen_while_others_write) {
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

TEST_P(RecordContract, a_cursor_that_is_none_is_refused) {
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

TEST_P(RecordContract, a_search_deeper_or_wider_than_its_bounds_is_refused) {
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

INSTANTIATE_TEST_SUITE_P(Stores, RecordContract,
                         testing::Values(std::pair<const char*, MakeRecords>(
                             "sqlite", [] { return std::make_unique<SqliteRecordsSubject>(); })),
                         [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace vigil::store::test
