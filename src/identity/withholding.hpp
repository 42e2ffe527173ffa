#pragma once
// What somebody does not see of those whom they reach: by the patients' Consents, for want of one,
// and by security labels.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "identity/consents.hpp"
#include "identity/reach.hpp"
#include "store/withheld.hpp"

namespace vigil::identity {

class PersonsWithholding final : public store::Withholding {
public:
    // `consents` outlives it. With whom they reach: patients have the whole of their own record, an
    // emergency opens what is not denied to emergencies, a care team sees what is sensitive.
    PersonsWithholding(const Consents& consents, Asker asker,
                       std::shared_ptr<const Reached> reached);

    std::shared_ptr<const store::Withheld> from(PatientId patient) const override;
    std::shared_ptr<const store::Withheld> from_others() const override { return from_others_; }
    bool is_same_for_all() const override;
    bool same(const store::Withholding& other) const override;
    // What would be made anew for them would withhold the same. If so, it asks as of then.
    bool stands_for(Asker asker, const std::shared_ptr<const Reached>& reached) const;
    // Why all of a patient's data is; empty: it is not.
    std::string reason(PatientId patient) const;

private:
    struct Known {
        std::shared_ptr<const Consents::List> consents;
        std::shared_ptr<const store::Withheld> withheld;
    };
    std::shared_ptr<const store::Withheld> by_consents(
        PatientId patient, std::shared_ptr<const Consents::List> consents) const;
    Asker asker_for(PatientId patient) const;
    bool is_emergency(PatientId patient) const;
    const std::vector<SecurityLabel>& labels_for(PatientId patient) const;

    static constexpr std::size_t known_max = 64;  // kept at a time
    const Consents& consents_;
    Asker asker_;
    std::shared_ptr<const Reached> reached_;
    bool needs_consent_;
    std::uint64_t generation_;
    Timestamp turn_;
    mutable std::atomic<std::int64_t>
        asked_at_;  // in ns: Consents that come later are judged by it
    std::shared_ptr<const store::Withheld> from_nobody_, from_others_, from_care_team_;
    mutable std::mutex mutex_;
    mutable std::unordered_map<PatientId, Known> known_;  // as far as they were asked for
};

}  // namespace vigil::identity
