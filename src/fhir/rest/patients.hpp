#pragma once
// Whose data a resource is: the numbers that identity/ gave the Patients of the record.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/resource/outcome.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// Both ways between a Patient's id and number. From any thread.
class PatientNumbers {
public:
    std::optional<PatientId> number(std::string_view id) const;
    std::optional<std::string> id(PatientId number) const;
    void add(std::string_view id, PatientId number);

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, PatientId, TextHash, std::equal_to<>> numbers_;
    std::unordered_map<PatientId, std::string> ids_;
};

// Of Patients that the write at hand makes, by their ids.
using NewNumbers = std::map<std::string, PatientId, std::less<>>;

// Whose data it is by its Patient compartment (R4 CompartmentDefinition/patient): the first Patient
// it names. Nothing: it is no patient's; 0: a patient's whom this server does not know.
Answer<std::optional<PatientId>> subject_of(std::string_view type,
                                            const std::vector<store::IndexRow>& rows,
                                            const Definitions& definitions, PatientNumbers& numbers,
                                            const NewNumbers& fresh, store::RecordReader& reader);

}  // namespace vigil::fhir
