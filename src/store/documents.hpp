#pragma once
// Small bodies by kind and id: what a room keeps as its own truth (devices, patients, accounts,
// associations of identity/). They are read whole at start; nothing here is searched. No readings:
// those are behind SeriesStore and Access.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/done.hpp"

namespace vigil::store {

struct DocumentChange {
    std::string kind, id;             // "device", "17"
    PatientId subject;                // whose key seals it; 0: nobody's
    std::optional<std::string> body;  // none: removed
};

class Documents {
public:
    virtual ~Documents() = default;
    // All or nothing, with the consumer's position if one is given.
    virtual void change(std::vector<DocumentChange> changes, std::optional<Applied> applied,
                        Done done) = 0;
    virtual Result<std::optional<std::string>> get(std::string_view kind, std::string_view id) = 0;
    // In order of id (bytes), until the visitor returns false.
    virtual Result<void> each(
        std::string_view kind,
        const std::function<bool(std::string_view id, std::string_view body)>& visit) = 0;
};

}  // namespace vigil::store
