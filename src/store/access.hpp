#pragma once
// No access without a reason on record (promise 5 of docs/architecture.md). Every store call on
// patient data takes an Access, and only identity::decide can make one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/type_rights.hpp"
#include "store/withheld.hpp"

namespace vigil::identity {
class AccessDesk;
}

namespace vigil::store {

enum class Act : std::uint8_t { read, write, administer };

class Access {
public:
    Act act() const { return act_; }
    // The filter that queries apply: may this access touch the patient's data? PatientId 0 is data
    // not yet filed under anybody (unassociated devices, quarantine).
    bool covers(PatientId patient) const {
        if (!everyone_ && !(patients_ && patients_->contains(patient))) return false;
        const auto withheld = withheld_from(patient);
        return !withheld || !withheld->all();
    }
    // Whom nothing is withheld from may be fewer.
    bool covers_everyone() const { return everyone_; }

    // What it does not see of those whom it covers; none: it sees all.
    const store::Withholding* withholding() const { return withholding_.get(); }
    std::shared_ptr<const Withheld> withheld_from(PatientId patient) const {
        return withholding_ ? withholding_->from(patient) : nullptr;
    }
    // The parts of the span in which readings of a patient whom it covers are seen.
    std::vector<Span> seen(PatientId patient, MetricId metric, Span span) const {
        const auto withheld = withheld_from(patient);
        if (!withheld) return {span};
        return withheld->seen(metric, span);
    }
    bool sees(PatientId patient, MetricId metric, Timestamp at) const {
        return !seen(patient, metric, {at, at + Nanoseconds(1)}).empty();
    }

    // And which resources, by the name of their type. One that is no patient's is seen by whoever
    // may see those of its type, and by whoever covers data that is filed under nobody.
    bool may(Interaction interaction, std::string_view type) const {
        return !types_ || types_->allow(interaction, type);
    }
    bool may_any(Interactions any_of, std::string_view type) const {
        return !types_ || types_->allow_any(any_of, type);
    }
    // Where not all of the type may be looked at: which may; else nothing.
    const std::vector<Conditional>* only_if(Interactions any_of, std::string_view type) const {
        return types_ ? types_->only_if(any_of, type) : nullptr;
    }
    bool sees(std::string_view type, std::optional<PatientId> subject) const {
        return may_any(looking, type) && reaches(type, subject);
    }
    bool reaches(std::string_view type, std::optional<PatientId> subject) const {
        if (subject) return covers(*subject);
        return !types_ || types_->shared(type) || covers(PatientId{});
    }
    // Of all types, whosever they are.
    bool sees_everything() const { return everyone_ && !types_ && !withholding_; }

    // Two that open the same data to the same person.
    bool same_reach(const Access& other) const {
        return everyone_ == other.everyone_ &&
               (patients_ == other.patients_ ||
                (patients_ && other.patients_ && *patients_ == *other.patients_)) &&
               (types_ == other.types_ || (types_ && other.types_ && *types_ == *other.types_)) &&
               (withholding_ == other.withholding_ ||
                (withholding_ && other.withholding_ && withholding_->same(*other.withholding_)));
    }

    // For the audit line: who, in what role, why.
    const std::string& principal() const { return principal_; }
    const std::string& purpose() const { return purpose_; }
    // The numbers that identity/ gave whoever asked, to find them again; 0: none.
    std::uint32_t account() const { return account_; }
    std::uint32_t token() const { return token_; }
    std::uint32_t app() const { return app_; }

private:
    friend class identity::AccessDesk;
    Access() = default;
    Act act_ = Act::read;
    bool everyone_ = false;
    std::shared_ptr<const std::unordered_set<PatientId>> patients_;
    std::shared_ptr<const TypeRights> types_;         // none: every type, every interaction
    std::shared_ptr<const Withholding> withholding_;  // none: nothing is withheld
    std::string principal_, purpose_;
    std::uint32_t account_ = 0, token_ = 0, app_ = 0;
};

}  // namespace vigil::store
