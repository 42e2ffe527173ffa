#include "fhir/rest/parameter_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

#include "fhir/resource/resource.hpp"
#include "identity/access_desk.hpp"
#include "store/fakes.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::fhir {
namespace {

// Runs what is given to it on the test's thread, when the test says.
class Queue {
public:
    void post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        works_.push_back(std::move(work));
        more_.notify_one();
    }
    // Waits for the next piece of work and runs it.
    void run_one() {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return !works_.empty(); });
        auto work = std::move(works_.front());
        works_.pop_front();
        lock.unlock();
        work();
    }

private:
    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<std::function<void()>> works_;
};

struct ParameterIndexTest : testing::Test {
    static constexpr int count = 700;  // more than a step takes
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

    struct Store {
        Queue queue;  // outlives what posts to it
        std::unique_ptr<store::sqlite::StoreFile> file;
        std::unique_ptr<store::RecordStore> records;
        std::unique_ptr<store::Documents> documents;
        std::unique_ptr<ParameterIndex> index;

        bool is_ready() const {
            const auto* found = index->now()->parameters.find("Patient", "eyes");
            return found != nullptr && found->is_ready;
        }
    };
    std::unique_ptr<Store> open(const char* name) {
        auto store = std::make_unique<Store>();
        auto file = store::sqlite::StoreFile::open({.path = folder.file(name), .sealer = &sealer});
        EXPECT_TRUE(file) << file.error().message;
        store->file = std::move(*file);
        store->records = store::sqlite::open_records(*store->file, [] { return from_unix_ns(7); });
        store->documents = store::sqlite::open_documents(*store->file);
        store->index = std::make_unique<ParameterIndex>(
            context, ParameterIndex::Parts{.records = *store->records,
                                           .documents = *store->documents,
                                           .on_worker =
                                               [to = &store->queue](std::function<void()> work) {
                                                   to->post(std::move(work));
                                               },
                                           .changed = {}});
        EXPECT_TRUE(store->index->open(access));
        return store;
    }

    void put(Store& store, const std::string& text, const std::string& id, int times = 1) {
        const auto resource = Resource::parse(text);
        ASSERT_TRUE(resource);
        const auto now = store.index->now();
        const auto extracted = extract(resource->json(), now->extraction());
        ASSERT_TRUE(extracted);
        ASSERT_TRUE(store::await<void>([&](store::Done done) {
            store.records->write(
                access,
                [&](store::RecordTransaction& transaction) -> Result<void> {
                    for (int i = 0; i < times; ++i) {
                        store::RecordPut put;
                        put.type = resource->type();
                        put.id = times == 1 ? id : id + std::to_string(i);
                        put.method = "PUT";
                        put.body = stored_body(resource->json(), put.id);
                        put.rows = extracted->rows;
                        VIGIL_CHECK(transaction.put(put));
                    }
                    return {};
                },
                std::move(done));
        }));
    }
    void put_parameter(Store& store, const char* expression) {
        put(store,
            std::string(
                R"({"resourceType":"SearchParameter","id":"p","url":"http://x/p","status":)"
                R"("active","code":"eyes","base":["Patient"],"type":"token","expression":")") +
                expression + "\"}",
            "p");
        store.index->reload();
    }
    std::size_t found(Store& store, const char* code) {
        std::size_t all = 0;
        EXPECT_TRUE(store.records->read(access, [&](store::RecordReader& reader) -> Result<void> {
            VIGIL_TRY(some, reader.count({.type = "Patient",
                                          .where = {store::TokenMatch{"eyes", {}, code}},
                                          .sort = {},
                                          .after = {}},
                                         10'000));
            all = some;
            return {};
        }));
        return all;
    }
};

constexpr const char* brown = R"({"resourceType":"Patient","gender":"female","language":"de"})";

TEST_F(ParameterIndexTest, a_pass_indexes_what_was_there_and_then_it_is_ready) {
    const auto store = open("vigil.db");
    put(*store, brown, "a", count);
    put_parameter(*store, "Patient.language");
    EXPECT_FALSE(store->is_ready());
    put(*store, brown, "b");
    EXPECT_EQ(found(*store, "de"), 1U) << "what is written now carries its row";
    while (!store->is_ready()) store->queue.run_one();
    EXPECT_EQ(found(*store, "de"), count + 1U);
}

TEST_F(ParameterIndexTest, an_interrupted_pass_goes_on_at_the_next_start) {
    {
        const auto store = open("vigil.db");
        put(*store, brown, "a", count);
        put_parameter(*store, "Patient.language");
        for (int i = 0; i < 3; ++i) store->queue.run_one();
        EXPECT_FALSE(store->is_ready());
        store->index->stop();
        put(*store, brown, "behind-what-is-on-its-way");
    }
    const auto store = open("vigil.db");
    EXPECT_FALSE(store->is_ready());
    while (!store->is_ready()) store->queue.run_one();
    EXPECT_EQ(found(*store, "de"), count + 1U);
}

TEST_F(ParameterIndexTest, a_definition_that_changes_is_indexed_by_anew) {
    const auto store = open("vigil.db");
    put(*store, brown, "a", count);
    put_parameter(*store, "Patient.language");
    while (!store->is_ready()) store->queue.run_one();
    put_parameter(*store, "Patient.gender");
    EXPECT_FALSE(store->is_ready());
    while (!store->is_ready()) store->queue.run_one();
    EXPECT_EQ(found(*store, "de"), 0U);
    EXPECT_EQ(found(*store, "female"), static_cast<std::size_t>(count));
}

TEST_F(ParameterIndexTest, after_a_restore_it_is_ready_with_the_rest) {
    {
        const auto store = open("vigil.db");
        put(*store, brown, "a", count);
        put_parameter(*store, "Patient.language");
        while (!store->is_ready()) store->queue.run_one();
        ASSERT_TRUE(store->file->backup(folder.file("restored.db")));
    }
    const auto store = open("restored.db");
    EXPECT_TRUE(store->is_ready());
    EXPECT_EQ(found(*store, "de"), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace vigil::fhir
