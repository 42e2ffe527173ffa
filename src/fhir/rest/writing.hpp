#pragma once
// What is written: create, update, patch, delete and their conditional forms (R4 3.1.0.4 to .8),
// one or many in a transaction (3.1.0.11.2).

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fhir/rest/write_entry.hpp"

namespace vigil::fhir {

class WriteJob {
public:
    WriteJob(std::vector<WriteEntry> entries, PatientNumbers& numbers,
             std::shared_ptr<const RestContext> context)
        : entries_(std::move(entries)), numbers_(numbers), context_(std::move(context)) {}

    std::vector<WriteEntry>& entries() { return entries_; }
    const std::vector<WriteEntry>& entries() const { return entries_; }
    // The number of a Patient that an entry may create; any, where the write is only tried.
    void number(std::size_t entry, PatientId number) { patients_[entry] = number; }
    // It was refused when it was tried: should it not be when it is written, it is refused as a
    // conflict, as it has no number.
    void take_number_back(std::size_t entry) {
        patients_.erase(entry);
        new_numbers_.erase(entries_[entry].id);
    }

    // What is in force now: what was made ready by other search parameters is made again. On the
    // store's thread, before `run`.
    void use(std::shared_ptr<const RestContext> context);
    // Whether it changes which search parameters there are.
    bool has_search_parameters() const;
    // On a worker, before the write: what needs no look into the store is made ready.
    Answer<void> prepare();
    // Whether that was not all: a search says which resources it is about, or refers to.
    bool is_made_in_store() const { return is_made_in_store_; }
    // The rest of an import's, on the store's thread before `run`.
    Answer<void> prepare_in(store::RecordReader& reader);
    // Once `prepare` is done: whether what is in the store can still be a reason to refuse the
    // write.
    bool depends_on_store() const;
    // And whether what it writes itself can be: it is not enough to run it over a snapshot.
    bool depends_on_itself() const;
    // Within the transaction. An error means that nothing of it may be kept. May be run again after
    // what it wrote has been undone.
    Answer<void> run(store::RecordTransaction& transaction);
    // After the commit.
    void remember_patients();

private:
    Problem at_entry(std::size_t index, Problem problem) const;
    bool looks_into_store(const WriteEntry& entry) const;
    Answer<void> resolve(std::size_t index, store::RecordReader& reader);
    void link(const WriteEntry& entry);
    Answer<void> make_put(WriteEntry& entry, store::RecordReader* reader);
    Answer<void> check_match(const Request& request, const std::optional<store::Record>& current);

    Answer<void> perform(std::size_t index, store::RecordTransaction& transaction);
    Answer<void> keep_view(const WriteEntry& entry, store::RecordTransaction& transaction);
    Answer<void> put(std::size_t index, store::RecordTransaction& transaction);
    Answer<void> remove(WriteEntry& entry, store::RecordTransaction& transaction);
    Answer<void> patch(std::size_t index, store::RecordTransaction& transaction);
    Answer<std::optional<PatientId>> subject(std::size_t index, store::RecordReader& reader);
    void forget_run();
    void keep_what_stands();
    bool still_refers(const WriteEntry& entry, store::RecordReader& reader);
    Answer<std::optional<std::string>> referred(std::string_view text, store::RecordReader* reader);

    std::vector<WriteEntry> entries_;
    PatientNumbers& numbers_;
    std::shared_ptr<const RestContext> context_;
    bool is_made_in_store_ = false;  // then a run makes anew what would be another
    bool is_ready_ = false;          // `prepare_in` made it for the run that follows
    std::map<std::size_t, PatientId> patients_;
    NewNumbers new_numbers_;
    std::map<std::string, std::string, std::less<>> links_;          // fullUrl → "Patient/12"
    std::map<std::string, std::string, std::less<>> earlier_links_;  // of the run before
};

// "fhir.update Condition/12" as it goes on record once it is written: with the version.
std::string what_was_written(std::string_view asked, const WriteJob& job);

// Whether something is written that a device may have measured, or over what one has.
bool may_observe(const WriteJob& job);
// The same once it is written.
bool has_observed(const WriteJob& job);

}  // namespace vigil::fhir
