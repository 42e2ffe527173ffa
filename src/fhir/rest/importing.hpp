#pragma once
// Resources as an import brings them: many, each put under the id it has, in one commit. What one
// of them is wrong about keeps the others from nothing.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/writing.hpp"
#include "store/access.hpp"
#include "store/audit.hpp"

namespace vigil::fhir {

struct Imported {
    enum class How : std::uint8_t {
        created,
        updated,
        unchanged,  // it stands as it came: no version is added
        refused
    };
    How how = How::refused;
    Problem problem{};  // of one that is refused
};

// One resource, as text; `type` is what it must be, empty: any.
struct ImportLine {
    std::string text;
    std::string_view type;
};

// Who imports; their line of the audit goes with each commit, with whose data it was.
struct ImportedBy {
    store::Access access;
    store::AuditLine line = {};
};

class ImportBatch {
public:
    ImportBatch(ImportedBy by, std::shared_ptr<const RestContext> context)
        : access(std::move(by.access)), rest(std::move(context)), line_(std::move(by.line)) {}

    struct One {
        std::unique_ptr<WriteJob> job;  // none: it is refused
        Imported outcome;
        std::optional<std::uint64_t> same_as;  // the version that it equals
        bool stands = false;                   // at the write: the current one is as it came
        bool is_refused = false;               // at the write, which keeps the others from nothing
        bool is_written() const { return job && !stands && !is_refused; }
        WriteEntry& entry() const { return job->entries().front(); }
    };
    // Made ready without the store. On any thread.
    void add(const ImportLine& line, PatientNumbers& numbers);
    // Which versions stand as these came. Whether they still do, only the write can tell: what came
    // before may be on its way into the store.
    Result<void> find_unchanged(store::RecordReader& reader);
    // Patients who need a number; a Patient that comes twice is one of them.
    Answer<std::vector<std::size_t>> new_patients(store::RecordReader& reader,
                                                  const PatientNumbers& numbers);
    void number(std::size_t place, PatientId number);
    void take_number_back(std::size_t place);
    // Some of these may still be refused by what is in the store; once that was tried: is it one?
    bool may_be_refused(const std::vector<std::size_t>& patients) const;
    bool is_refused(std::size_t patient) const;
    bool may_observe() const;
    bool has_observed() const;
    // Within a transaction: those from `first` on, `count` of them, but for what stands as it came.
    // Of one whose references lead nowhere the refusal is kept with it, and it is left out. False:
    // the same of another, and none of them may be kept. What the store is to blame for is the
    // error. May be run again after what it wrote has been undone.
    Result<bool> run(std::size_t first, std::size_t count, store::RecordTransaction& transaction,
                     const std::shared_ptr<const RestContext>& now);
    std::vector<Imported> outcomes() &&;

    store::Access access;
    std::shared_ptr<const RestContext> rest;
    std::vector<One> all;

private:
    Result<void> put_on_record(std::size_t first, std::size_t count,
                               store::RecordTransaction& transaction);
    Result<void> make_ready(One& one, store::RecordTransaction& transaction,
                            const std::shared_ptr<const RestContext>& now);

    store::AuditLine line_;
};

}  // namespace vigil::fhir
