#pragma once
// The work of one import: its inputs one after another, each read as it comes, its lines made ready
// by several threads at once and written in their order.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "fhir/bulk/import_state.hpp"
#include "fhir/rest/importing.hpp"

namespace vigil::fhir {

struct ImportWork {
    // From that byte on, or from the start where the source cannot.
    std::function<Result<std::unique_ptr<ImportSource>>(const std::string& url, std::uint64_t from)>
        open;
    // Several at once; none calls back after stop.
    std::function<void(std::function<void()>)> in_background;
    std::function<Result<std::shared_ptr<ImportBatch>>(const ImportedBy&,
                                                       const std::vector<ImportLine>&)>
        prepare;
    // In the order of the calls; `done` from any thread.
    std::function<void(std::shared_ptr<ImportBatch>,
                       std::function<void(Result<std::vector<Imported>>)> done)>
        write;
};

// OperationOutcomes about lines of a file, an NDJSON line each.
struct ImportFindings {
    std::string ndjson;
    std::uint64_t count = 0;
    void add(std::uint64_t line, const Problem& problem);
};

class ImportRun {
public:
    static constexpr std::size_t lines_together = 500, bytes_together = std::size_t{2} << 20;
    static constexpr std::size_t batches_max = 6;      // read and not yet written
    static constexpr std::uint64_t told_max = 10'000;  // of an import, what its error files hold
    static constexpr unsigned tries_max = 6;           // of a source that fails for a while

    // `keep` takes what has come of an input, after the commit of what it tells of.
    using Keep = std::function<void(std::size_t input, const ImportProgress&, ImportFindings)>;
    ImportRun(ImportWork work, ImportedBy by, Keep keep);
    ~ImportRun();
    ImportRun(const ImportRun&) = delete;
    ImportRun& operator=(const ImportRun&) = delete;

    // On the calling thread, until all is written or `cancel`. What fails the import as a whole is
    // the error; what fails one input is kept with it.
    Result<void> run(ImportState state);
    void cancel();  // from any thread

private:
    struct Flight;
    struct Shared;
    struct Input;
    Result<void> take(std::size_t input);
    void read(Input& input);
    void source_failed(Input& input, const Error& error);
    void launch(std::shared_ptr<Flight> flight);
    bool write_next();
    Result<bool> land(Input& input);
    void finish(Input& input);
    void tell(Input& input, std::uint64_t line, const Problem& problem, ImportFindings& findings);
    bool is_cancelled() const;

    ImportWork work_;
    ImportedBy by_;
    Keep keep_;
    ImportState state_;
    std::uint64_t told_ = 0;
    std::deque<std::shared_ptr<Flight>> flights_;
    bool held_ = false;  // what follows waits for what is being written
    std::shared_ptr<Shared> shared_;
};

}  // namespace vigil::fhir
