#pragma once
// The commands of docs/guides/privacy.md.

#include <string>

#include "app/commands.hpp"

namespace vigil::app {

struct PatientErase {
    std::string patient, reason;  // identifier, or number where there is none
    bool yes = false;             // do not ask for the identifier again
};
int patient_erase(const OperatorOptions& where, Output output, const PatientErase& what);
int patient_certificate(const OperatorOptions& where, Output output, const std::string& number);

struct PatientExport {
    std::string patient, file;  // a ZIP archive, which must not exist
};
int patient_export(const OperatorOptions& where, Output output, const PatientExport& what);

struct PatientStanding {
    std::string patient, reason;
    bool release = false;
};
int patient_hold(const OperatorOptions& where, Output output, const PatientStanding& what);
int patient_restrict(const OperatorOptions& where, Output output, const PatientStanding& what);

}  // namespace vigil::app
