#pragma once
// A file of an export on its way to a client: read a few blocks ahead on a worker, so that a slow
// client costs memory for those and nothing else.

#include <functional>

#include "fhir/bulk/export_file.hpp"
#include "session/http.hpp"

namespace vigil::fhir {

// `may_go_on` is asked on the loop's thread before each part.
session::HttpResponse export_download(ExportReading reading,
                                      std::function<void(std::function<void()>)> on_worker,
                                      std::function<bool()> may_go_on);

}  // namespace vigil::fhir
