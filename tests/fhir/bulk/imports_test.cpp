#include "fhir/bulk/imports.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <map>

#include "identity/access_desk.hpp"

namespace vigil::fhir {
namespace {

// Keeps everything but changes of the kind that is named.
class FailingDocuments final : public store::Documents {
public:
    explicit FailingDocuments(std::string failing) : failing_(std::move(failing)) {}
    void change(std::vector<store::DocumentChange> changes, std::optional<store::Applied>,
                store::Done done) override {
        const auto fails = std::ranges::find(changes, failing_, &store::DocumentChange::kind);
        if (fails != changes.end()) return done(fail(Error::Kind::internal, "the disk is full"));
        for (auto& change : changes) all[{change.kind, change.id}] = change.body.value_or("");
        done({});
    }
    Result<std::optional<std::string>> get(std::string_view, std::string_view) override {
        return std::optional<std::string>();
    }
    Result<void> each(
        std::string_view kind,
        const std::function<bool(std::string_view, std::string_view)>& visit) override {
        for (const auto& [name, body] : all)
            if (name.first == kind && !visit(name.second, body)) break;
        return {};
    }
    std::map<std::pair<std::string, std::string>, std::string> all;

private:
    std::string failing_;
};

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
            return JobCaller{.access = access,
                             .from = {},
                             .stands = [] { return true; },
                             .ended = [this](std::string words) { ended.set_value(words); }};
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
                      [this](const store::Access& by, const std::vector<ImportLine>&) {
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
