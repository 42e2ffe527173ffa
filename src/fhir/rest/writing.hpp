#pragma once
// What is written: create, update, patch, delete and their conditional forms (R4 3.1.0.4 to .8),
// one or many in a transaction (3.1.0.11.2).

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/rest/demographics.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/patients.hpp"

namespace vigil::fhir {

struct WriteEntry {
    Request request;
    std::string full_url;               // of a Bundle's entry
    std::optional<Resource> resource;   // none: DELETE, PATCH, GET
    std::string type, id;               // id empty: not known yet
    bool is_new = false;                // the server gave the id
    std::optional<store::Record> view;  // what stands there, where no record does
    std::vector<Issue> hints;           // of what is kept all the same
    std::optional<store::RecordPut> prepared;
    std::optional<Response> answer;
};

// Patients among them who may be new, by the index of their entries: identity/ gives each a number
// before the write. `reader` tells which are there already.
Answer<std::vector<std::size_t>> new_patients(std::vector<WriteEntry>& entries,
                                              store::RecordReader& reader,
                                              const PatientNumbers& numbers,
                                              const RestContext& context);

// What identity/ is told of one of them.
Demographics demographics_of(const WriteEntry& entry);

// Reads and checks what can be without the store: bodies, types, ids, validity. The error's
// expression names the entry where there are many ("Bundle.entry[3]").
Answer<WriteEntry> read_entry(Request request, const RestContext& context);

class WriteJob {
public:
    WriteJob(std::vector<WriteEntry> entries, PatientNumbers& numbers,
             std::shared_ptr<const RestContext> context)
        : entries_(std::move(entries)), numbers_(numbers), context_(std::move(context)) {}

    std::vector<WriteEntry>& entries() { return entries_; }
    const std::vector<WriteEntry>& entries() const { return entries_; }
    // The number of a Patient that an entry may create.
    void number(std::size_t entry, PatientId number) { patients_[entry] = number; }

    // What is in force now: what was made ready by other search parameters is made again. On the
    // store's thread, before `run`.
    void use(std::shared_ptr<const RestContext> context);
    // Whether it changes which search parameters there are.
    bool has_search_parameters() const;
    // On a worker, before the write: what needs no look into the store is made ready.
    Answer<void> prepare();
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
    bool refers_conditionally() const;
    Answer<std::optional<std::string>> referred(std::string_view text, store::RecordReader* reader);

    std::vector<WriteEntry> entries_;
    PatientNumbers& numbers_;
    std::shared_ptr<const RestContext> context_;
    std::map<std::size_t, PatientId> patients_;
    NewNumbers new_numbers_;
    std::map<std::string, std::string, std::less<>> links_;  // fullUrl → "Patient/12"
};

// Whether something is written that a device may have measured, or over what one has.
bool may_observe(const WriteJob& job);
// The same once it is written.
bool has_observed(const WriteJob& job);

// What a write is answered with.
Response written_response(const store::Record& record, std::string_view body, bool created,
                          const Request& request, const std::vector<Issue>& hints = {});

}  // namespace vigil::fhir
