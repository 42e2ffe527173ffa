#include "fhir/rest/index_anew.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/resource/resource.hpp"
#include "identity/access_desk.hpp"
#include "store/fakes.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct IndexAnew : testing::Test {
    store::test::TemporaryFolder folder;
    store::test::FlippingSealer sealer;
    store::Access access = identity::AccessDesk::for_system("test");
    Definitions definitions;
    SearchParameters parameters{definitions};
    RestContext context{.definitions = definitions,
                        .parameters = parameters,
                        .base = "http://here/fhir",
                        .limits = {},
                        .now = [] { return from_unix_ns(5); },
                        .new_id = [] { return std::string("id"); },
                        .validate = {}};

    std::unique_ptr<store::sqlite::StoreFile> open(const char* name) {
        auto file = store::sqlite::StoreFile::open({.path = folder.file(name), .sealer = &sealer});
        EXPECT_TRUE(file) << file.error().message;
        return std::move(*file);
    }
    static std::unique_ptr<store::RecordStore> records_of(store::sqlite::StoreFile& file) {
        return store::sqlite::open_records(file, [] { return from_unix_ns(7); });
    }
    std::vector<std::string> found(store::RecordStore& records, store::Condition where) {
        std::vector<std::string> ids;
        EXPECT_TRUE(records.read(access, [&](store::RecordReader& reader) -> Result<void> {
            VIGIL_TRY(page,
                      reader.search(
                          {.type = "Patient", .where = std::move(where), .sort = {}, .after = {}}));
            for (const auto& record : page.records) ids.push_back(record.id);
            return {};
        }));
        return ids;
    }
};

TEST_F(IndexAnew, after_a_restore_resources_are_found_as_before) {
    auto before = open("vigil.db");
    const auto records = records_of(*before);
    const auto resource =
        Resource::parse(R"({"resourceType":"Patient","name":[{"family":"Nightingale"}],)"
                        R"("text":{"status":"generated","div":"<div>a lamp</div>"}})");
    ASSERT_TRUE(resource);
    ASSERT_TRUE(store::await<void>([&](store::Done done) {
        records->write(
            access,
            [&](store::RecordTransaction& transaction) -> Result<void> {
                for (int i = 0; i < 600; ++i) {
                    store::RecordPut put;
                    put.type = "Patient";
                    put.id = "p" + std::to_string(i);
                    put.method = "PUT";
                    put.body = stored_body(resource->json(), put.id);
                    VIGIL_CHECK(transaction.put(put));
                }
                return {};
            },
            std::move(done));
    }));
    ASSERT_TRUE(before->backup(folder.file("restored.db")));
    auto restored = open("restored.db");
    const auto again = records_of(*restored);
    const store::Condition one{
        store::AllOf{{{store::IdMatch{"p599"}},
                      {store::StringMatch{.parameter = "family", .text = "night"}},
                      {store::TextMatch{.narrative_only = true, .words = "lamp"}}}}};
    EXPECT_THAT(found(*again, one), IsEmpty());
    const auto count = index_anew(*again, access, context);
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 600U);
    EXPECT_THAT(found(*again, one), ElementsAre("p599"));
    EXPECT_EQ(*index_anew(*again, access, context), 0U);
}

}  // namespace
}  // namespace vigil::fhir
