#include "fhir/rest/patients.hpp"

namespace vigil::fhir {

std::optional<PatientId> PatientNumbers::number(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = numbers_.find(id);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> PatientNumbers::id(PatientId number) const {
    const std::lock_guard lock(mutex_);
    const auto found = ids_.find(number);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

void PatientNumbers::add(std::string_view id, PatientId number) {
    if (!number) return;  // of a write that is only tried
    const std::lock_guard lock(mutex_);
    numbers_.insert_or_assign(std::string(id), number);
    ids_.try_emplace(number, id);
}

Answer<std::optional<PatientId>> subject_of(std::string_view type,
                                            const std::vector<store::IndexRow>& rows,
                                            const Definitions& definitions, PatientNumbers& numbers,
                                            const NewNumbers& fresh, store::RecordReader& reader) {
    const auto* membership = definitions.compartment("Patient", type);
    if (membership == nullptr) return std::nullopt;
    for (const auto parameter : membership->parameters)
        for (const auto& row : rows) {
            if (row.parameter != parameter) continue;
            const auto* to = std::get_if<store::ReferenceValue>(&row.value);
            if (to == nullptr || to->type != "Patient") continue;
            if (const auto known = numbers.number(to->id)) return known;
            if (const auto made = fresh.find(to->id); made != fresh.end()) return made->second;
            FHIR_TRY(patient, reader.get("Patient", to->id));
            if (!patient || !patient->subject) return PatientId{};
            numbers.add(to->id, *patient->subject);
            return patient->subject;
        }
    return std::nullopt;
}

}  // namespace vigil::fhir
