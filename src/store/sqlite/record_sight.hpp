#pragma once
// Which resources an access sees, by the number that the file gives the name of their type: asked
// of the access once a type.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/access.hpp"
#include "store/sqlite/record_names.hpp"

namespace vigil::store::sqlite {

class RecordSight {
public:
    RecordSight(Database& database, RecordNames& names, const Access& access)
        : database_(database), names_(names), access_(access) {}

    Result<bool> sees(std::uint32_t type, std::optional<PatientId> subject) {
        VIGIL_TRY(of, of_type(type));
        return of.looks && (subject ? access_.covers(*subject) : of.nobodys);
    }
    // All of that type, whosever they are.
    Result<bool> sees_all(std::uint32_t type) {
        if (!access_.covers_everyone()) return false;
        VIGIL_TRY(of, of_type(type));
        return of.looks;
    }

private:
    struct OfType {
        std::uint32_t type;
        bool looks, nobodys;  // at those of covered patients; at those that are no patient's
    };
    Result<OfType> of_type(std::uint32_t type) {
        const auto known = std::ranges::find(known_, type, &OfType::type);
        if (known != known_.end()) return *known;
        if (access_.sees_everything()) return known_.emplace_back(OfType{type, true, true});
        VIGIL_TRY(name, names_.name(database_, type));
        return known_.emplace_back(
            OfType{type, access_.may_any(looking, name), access_.reaches(name, std::nullopt)});
    }

    Database& database_;
    RecordNames& names_;
    const Access& access_;
    std::vector<OfType> known_;
};

}  // namespace vigil::store::sqlite
