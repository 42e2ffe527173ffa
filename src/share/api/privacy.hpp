#pragma once
// The privacy desk's way to what carries it out (src/app/erasure.hpp).

#include <functional>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "identity/registry.hpp"
#include "store/access.hpp"
#include "store/records.hpp"

namespace vigil::share {

struct PrivacySources {
    // On the loop; `done` too, with the certificate as JSON.
    std::function<void(PatientId, std::string reason, identity::Given,
                       std::function<void(Result<std::string>)> done)>
        erase{};
    // The certificate of who was erased; on a worker.
    std::function<Result<std::optional<std::string>>(PatientId)> certificate{};
    // RecordStore::each_current; on a worker.
    std::function<Result<void>(
        const store::Access&, std::uint64_t after,
        const std::function<bool(std::uint64_t number, const store::Record&)>& visit)>
        each_resource{};
};

// A certificate as people read it. `malformed`: it is none.
Result<std::string> certificate_text(std::string_view json);

}  // namespace vigil::share
