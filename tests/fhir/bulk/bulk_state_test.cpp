// What is kept of jobs over a restart reads back as it was.
#include <gmock/gmock.h>

#include "fhir/bulk/export_state.hpp"
#include "fhir/bulk/import_state.hpp"

namespace vigil::fhir {
namespace {

TEST(ImportState, reads_back_what_was_written) {
    ImportState state;
    state.phase = ImportState::Phase::failed;
    state.owner = {7, 3, "scripts", "192.0.2.1:9"};
    state.asked = "https://vigil.example/fhir/$import";
    state.begun = from_unix_ns(1'700'000'000'123'456'789);
    state.ended = from_unix_ns(1'700'000'001'000'000'000);
    state.failure = "the disk is \"full\"";
    state.request = {"https://source.example", {{"Patient", "file:p.ndjson"}, {"", "file:x"}}};
    const auto back = read_import_state(write_import_state(state));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->phase, state.phase);
    EXPECT_EQ(back->owner, state.owner);
    EXPECT_EQ(back->begun, state.begun);
    EXPECT_EQ(back->ended, state.ended);
    EXPECT_EQ(back->failure, state.failure);
    EXPECT_EQ(back->request.inputs.at(1).url, "file:x");
    EXPECT_EQ(back->inputs.size(), 2U);

    const ImportProgress progress{.place = {.offset = 12, .line = 3, .is_packed = true},
                                  .counts = {1, 2, 3, 4},
                                  .told = 4,
                                  .parts = 2,
                                  .is_done = true,
                                  .failure = "gone"};
    const auto input = read_import_progress(write_import_progress(progress));
    ASSERT_TRUE(input);
    EXPECT_EQ(input->place.offset, 12U);
    EXPECT_TRUE(input->place.is_packed);
    EXPECT_EQ(input->counts, progress.counts);
    EXPECT_EQ(input->parts, 2U);
    EXPECT_EQ(input->failure, "gone");
}

TEST(ExportState, reads_back_what_was_written) {
    ExportState state;
    state.phase = ExportState::Phase::complete;
    state.owner = {7, 0, "anna", ""};
    state.request.method = "POST";
    state.request.segments = {"Group", "1", "$export"};
    state.request.query = {{"_type", "Patient,Group"}, {"_since", "2026-01-01T00:00:00Z"}};
    state.request.body = "{\"resourceType\":\"Parameters\"}";
    state.lenient = true;
    state.asked = "https://vigil.example/fhir/Group/1/$export";
    state.output = {{"Patient", "Patient.ndjson", 12}};
    state.deleted = {{"Bundle", "deleted-Bundle.ndjson", 1}};
    const auto back = read_export_state(write_export_state(state));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->phase, state.phase);
    EXPECT_EQ(back->owner, state.owner);
    EXPECT_EQ(back->request.segments, state.request.segments);
    EXPECT_EQ(back->request.query, state.request.query);
    EXPECT_EQ(back->request.body, state.request.body);
    EXPECT_TRUE(back->request.asynchronous);
    EXPECT_TRUE(back->lenient);
    EXPECT_EQ(back->output.at(0).count, 12U);
    EXPECT_EQ(back->deleted.at(0).name, "deleted-Bundle.ndjson");
}

TEST(BulkState, what_was_not_written_by_us_is_nothing) {
    for (const auto* text : {"", "{", "[]", "{}", "{\"phase\":\"gone\"}"}) {
        EXPECT_FALSE(read_import_state(text)) << text;
        EXPECT_FALSE(read_export_state(text)) << text;
    }
    EXPECT_FALSE(read_import_progress("[]"));
}

}  // namespace
}  // namespace vigil::fhir
