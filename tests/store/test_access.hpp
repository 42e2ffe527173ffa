#pragma once
// In these tests nothing of identity/ is linked: they grant access themselves.

#include <memory>
#include <unordered_set>
#include <utility>

#include "store/access.hpp"

namespace vigil::identity {

class AccessDesk {
public:
    static store::Access to(std::unordered_set<PatientId> patients) {
        store::Access access;
        access.patients_ =
            std::make_shared<const std::unordered_set<PatientId>>(std::move(patients));
        return access;
    }
    static store::Access to_everyone() {
        store::Access access;
        access.everyone_ = true;
        return access;
    }
    static store::Access withheld(store::Access from,
                                  std::shared_ptr<const store::Withholding> withholding) {
        from.withholding_ = std::move(withholding);
        return from;
    }
    static store::Access of_administrator() {
        store::Access access;
        access.act_ = store::Act::administer;
        access.everyone_ = true;
        return access;
    }
};

}  // namespace vigil::identity
