#pragma once
// What the tests of every RecordStore's promises stand on (src/store/records.hpp).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/records_subject.hpp"

namespace vigil::store::test {

inline const auto everyone = identity::AccessDesk::to_everyone();

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

inline auto record_stores() {
    return testing::Values(std::pair<const char*, MakeRecords>(
        "sqlite", [] { return std::make_unique<SqliteRecordsSubject>(); }));
}
inline std::string store_name(const testing::TestParamInfo<RecordContract::ParamType>& info) {
    return info.param.first;
}

}  // namespace vigil::store::test
