#include "fhir/bulk/imports.hpp"

#include <gmock/gmock.h>

#include <future>

#include "fhir/bulk/failing_documents.hpp"
#include "identity/access_desk.hpp"

namespace vigil::fhir {
namespace {

class OneLine final : public ImportSource {
public:
    Result<bool> next(std::string& out) override {
        out += "{broken\n";
        return false;
    }
    std::uint64_t begins_at() const override { return 0; }
};

// An import of a file with one line, which is refused.
struct RefusedLine {
    explicit RefusedLine(std::string failing) : documents(std::move(failing)) {
        ImportState state;
        state.request.inputs.push_back({"Patient", "file:Patient.ndjson"});
        state.inputs.resize(1);
        state.owner.principal = access.principal();
        documents.all[{"fhir-import", "job"}] = write_import_state(state);
    }
    // What the audit is told.
    std::string run() {
        const auto opened = imports.open([this](const JobOwner&) {
            return JobCaller{
                .access = access,
                .from = {},
                .stands = [] { return true; },
                .ended = [this](std::string words,
                                const std::vector<PatientId>&) { ended.set_value(words); }};
        });
        return opened ? ended.get_future().get() : opened.error().message;
    }
    session::HttpResponse status() {
        session::HttpResponse out;
        session::HttpRequest request;
        request.method = "GET";
        imports.handle({.access = access, .from = {}, .stands = {}, .ended = {}},
                       std::move(request), "$import/job",
                       [&](session::HttpResponse answer) { out = answer; });
        return out;
    }

    store::Access access = identity::AccessDesk::for_system("test");
    std::promise<std::string> ended;
    Definitions definitions;
    SearchParameters parameters{definitions};
    std::shared_ptr<const RestContext> rest =
        std::make_shared<RestContext>(RestContext{.definitions = definitions,
                                                  .parameters = parameters,
                                                  .base = "https://vigil.example/fhir",
                                                  .limits = {},
                                                  .now = [] { return Timestamp(); },
                                                  .new_id = [] { return std::string("id"); },
                                                  .validate = {}});
    FailingDocuments documents;
    Imports imports{
        {.rest = [this] { return rest; },
         .documents = documents,
         .work = {.open =
                      [](const std::string&, std::uint64_t) {
                          return Result<std::unique_ptr<ImportSource>>(std::make_unique<OneLine>());
                      },
                  .in_background = [](const std::function<void()>& work) { work(); },
                  .prepare =
                      [this](const ImportedBy& by, const std::vector<ImportLine>&) {
                          return Result<std::shared_ptr<ImportBatch>>(
                              std::make_shared<ImportBatch>(by, rest));
                      },
                  .write =
                      [](std::shared_ptr<ImportBatch>, const auto& done) {
                          std::vector<Imported> one(1);
                          one[0].problem = {400, {{Severity::error, "structure", "broken", {}}}};
                          done(std::move(one));
                      }},
         .rules = {},
         .limits = {},
         .on_worker = [](const std::function<void()>& work) { work(); }}};
};

TEST(Imports, tell_what_became_of_each_line) {
    RefusedLine job("nothing");
    EXPECT_THAT(job.run(), testing::StartsWith("complete"));
    EXPECT_EQ(job.status().status, 200);
    EXPECT_EQ(job.documents.all.count({"fhir-import-finding", "job/00000/00000000"}), 1U);
}

TEST(Imports, end_with_the_error_where_what_was_found_cannot_be_kept) {
    RefusedLine job("fhir-import-finding");
    EXPECT_THAT(job.run(), testing::StartsWith("failed"));
    const auto answer = job.status();
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, testing::HasSubstr("the disk is full"));
}

}  // namespace
}  // namespace vigil::fhir
