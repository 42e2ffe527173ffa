#pragma once
// One of the resources that a request writes (R4 3.1.0.4 to .8), before the store is looked into.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/rest/demographics.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/patients.hpp"

namespace vigil::fhir {

// A search says which resource it is about.
bool is_conditional(const Request& request);
// It holds a reference that is a search ("Patient?identifier=…", 3.1.0.11.2) of which that is so.
bool refers_conditionally(const Resource& resource,
                          const std::function<bool(std::string_view search)>& is_so);
// The FHIRPath of what a JSON pointer leads to: "Group.member[0].entity.reference".
std::string place_in(std::string_view type, std::string_view pointer);
// The query of "If-None-Exist: identifier=…"; people put "Patient?" or "?" before it.
Parameters condition_of(std::string_view text);

struct WriteEntry {
    Request request;
    std::string full_url;               // of a Bundle's entry
    std::optional<Resource> resource;   // none: DELETE, PATCH, GET
    std::string type, id;               // id empty: not known yet
    bool is_new = false;                // the server gave the id
    std::string new_id;                 // which it gives, once
    bool is_imported = false;           // for itself, and refers as an entry of a transaction does
    std::optional<store::Record> view;  // what stands there, where no record does
    std::vector<Issue> hints;           // of what is kept all the same
    std::optional<store::RecordPut> prepared;
    std::optional<PatientId> removed_from;        // whose it was, of a deletion
    std::map<std::string, std::string> referred;  // what searches in it led to, as prepared
    std::optional<Response> answer;
    // A version was kept: not where a condition led to one that stands.
    bool is_put() const { return prepared && answer; }
};

// Patients among them who may be new, by the index of their entries: identity/ gives each a number
// before the write, once nothing but the store can refuse it. `reader` tells which are there
// already.
Answer<std::vector<std::size_t>> new_patients(std::vector<WriteEntry>& entries,
                                              store::RecordReader& reader,
                                              const PatientNumbers& numbers,
                                              const RestContext& context);

// Nothing is written in the place of a line of the audit or an alarm, or where one will be.
Answer<void> check_not_made(std::string_view type, std::string_view id);

// What identity/ is told of one of them.
Demographics demographics_of(const WriteEntry& entry);

// Reads and checks what can be without the store: bodies, types, ids, validity. The error's
// expression names the entry where there are many ("Bundle.entry[3]").
Answer<WriteEntry> read_entry(Request request, const RestContext& context);

// What a write is answered with.
Response written_response(const store::Record& record, std::string_view body, bool created,
                          const Request& request, const std::vector<Issue>& hints = {});

}  // namespace vigil::fhir
