// And without an audit: no line is kept, no answer waits for one. In the place of
// app/audit_writer.cpp.
#include "app/audit_writer.hpp"

namespace vigil::app {

bool AuditWriter::record(identity::AuditLine) {
    return true;
}

void AuditWriter::when_on_record(identity::OnRecord, std::function<void(Result<void>)> done) {
    done({});
}

void AuditWriter::flush() {}

AuditState AuditWriter::state() const {
    return {};
}

}  // namespace vigil::app
