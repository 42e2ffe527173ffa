#include "identity/withholding.hpp"

#include <algorithm>
#include <utility>

#include "identity/consent_algebras.hpp"
#include "identity/consent_judgement.hpp"
#include "identity/purposes.hpp"
#include "identity/sensitive_labels.hpp"

namespace vigil::identity {
namespace {

using Labels = std::vector<SecurityLabel>;

// One patient's data from one who asks.
class Rule final : public store::Withheld {
public:
    Rule(std::shared_ptr<const Consents::List> consents, Asker asker, bool needs_consent,
         const Labels& labels)
        : consents_(std::move(consents)),
          asker_(std::move(asker)),
          needs_consent_(needs_consent),
          labels_(labels) {
        sort_labels();
        sees_readings_ = withheld(CertaintyOfReadings{}) == Certain::no;
        all_ = !asker_.keeps_consents && withheld(Certainty{}) == Certain::yes;
    }

    bool all() const override { return all_; }

    std::shared_ptr<const store::Condition> of_type(std::string_view type) const override {
        if (asker_.keeps_consents && type == consent_type) return nullptr;
        const std::lock_guard lock(mutex_);
        const auto known = of_types_.find(type);
        if (known != of_types_.end()) return known->second;
        auto condition = withheld(Resources{type});
        auto kept = is_none(condition)
                        ? nullptr
                        : std::make_shared<const store::Condition>(std::move(condition));
        return of_types_.emplace(type, std::move(kept)).first->second;
    }

    std::vector<store::Span> seen(MetricId metric, store::Span span) const override {
        const Readings readings{metric, span};
        return readings.not_in(withheld(readings));
    }

    bool sees_readings() const override { return sees_readings_; }

private:
    // Those that no Consent permits by name, and the others.
    void sort_labels() {
        for (const auto& label : labels_) {
            const bool is_named =
                consents_ && std::ranges::any_of(*consents_, [&](const auto& consent) {
                    return Judge(certainty, asker_, by_name()).permitted_by_name(*consent, label) !=
                           Certain::no;
                });
            (is_named ? named_ : hidden_).push_back(label);
        }
    }

    bool by_name() const { return needs_consent_ || asker_.purpose == emergency_code; }

    template <class Algebra>
    typename Algebra::Part withheld(const Algebra& algebra) const {
        const Judge judge(algebra, asker_, by_name());
        auto denied = algebra.none(), permitted = algebra.none();
        if (consents_)
            for (const auto& consent : *consents_) {
                auto said = judge.of(*consent);
                denied = algebra.either(std::move(denied), std::move(said.denied));
                permitted = algebra.either(std::move(permitted), std::move(said.permitted));
            }
        if (needs_consent_) denied = algebra.either(std::move(denied), algebra.not_in(permitted));
        if (!hidden_.empty()) denied = algebra.either(std::move(denied), algebra.bearing(hidden_));
        for (const auto& label : named_) {
            auto opened = algebra.none();
            for (const auto& consent : *consents_)
                opened =
                    algebra.either(std::move(opened), judge.permitted_by_name(*consent, label));
            denied = algebra.either(std::move(denied),
                                    algebra.both(algebra.bearing({label}), algebra.not_in(opened)));
        }
        return denied;
    }

    static constexpr Certainty certainty{};
    std::shared_ptr<const Consents::List> consents_;
    Asker asker_;
    bool needs_consent_;
    const Labels& labels_;
    Labels hidden_, named_;
    bool all_ = false, sees_readings_ = true;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const store::Condition>, std::less<>> of_types_;
};

std::shared_ptr<const store::Withheld> rule_of(std::shared_ptr<const Consents::List> consents,
                                               const Asker& asker, bool needs_consent,
                                               const Labels& labels) {
    if (!consents && !needs_consent && labels.empty()) return nullptr;
    return std::make_shared<const Rule>(std::move(consents), asker, needs_consent, labels);
}

const Labels& no_labels() {
    static const Labels none;
    return none;
}

}  // namespace

PersonsWithholding::PersonsWithholding(const Consents& consents, Asker asker,
                                       std::shared_ptr<const Reached> reached)
    : consents_(consents),
      asker_(std::move(asker)),
      reached_(std::move(reached)),
      generation_(consents.generation()),
      turn_(consents.next_turn(asker_.at)),
      asked_at_(unix_ns(asker_.at)) {
    const auto* purpose = find_purpose(asker_.purpose);
    needs_consent_ = purpose == nullptr || purpose->needs_consent;
    const auto& outside = hidden_labels(asker_.role, false);
    from_nobody_ = rule_of(nullptr, asker_, false, outside);
    from_others_ = rule_of(nullptr, asker_, needs_consent_, outside);
    from_care_team_ = rule_of(nullptr, asker_, needs_consent_, hidden_labels(asker_.role, true));
}

bool PersonsWithholding::is_emergency(PatientId patient) const {
    return asker_.in_person && is_part_of(asker_.purpose, "TREAT") &&
           reached_->by_emergency.contains(patient);
}

const Labels& PersonsWithholding::labels_for(PatientId patient) const {
    if (is_emergency(patient)) return no_labels();
    return hidden_labels(asker_.role, reached_->care_team.contains(patient));
}

Asker PersonsWithholding::asker_for(PatientId patient) const {
    auto asker = asker_;
    asker.at = from_unix_ns(asked_at_.load());
    asker.in_care_team = reached_->care_team.contains(patient);
    if (is_emergency(patient)) asker.purpose = emergency_code;
    return asker;
}

std::shared_ptr<const store::Withheld> PersonsWithholding::from(PatientId patient) const {
    if (!patient) return from_nobody_;
    if (reached_->self.contains(patient)) return nullptr;
    auto consents = consents_.of(patient);
    if (consents) return by_consents(patient, std::move(consents));
    if (is_emergency(patient)) return nullptr;
    return reached_->care_team.contains(patient) ? from_care_team_ : from_others_;
}

std::shared_ptr<const store::Withheld> PersonsWithholding::by_consents(
    PatientId patient, std::shared_ptr<const Consents::List> consents) const {
    const std::lock_guard lock(mutex_);
    if (known_.size() == known_max && !known_.contains(patient)) known_.clear();
    auto& known = known_[patient];
    if (known.consents != consents) {
        const auto asker = asker_for(patient);
        const bool needs_consent = needs_consent_ && asker.purpose != emergency_code;
        known = {consents, rule_of(std::move(consents), asker, needs_consent, labels_for(patient))};
    }
    return known.withheld;
}

bool PersonsWithholding::is_same_for_all() const {
    return consents_.empty() && reached_->self.empty() && reached_->care_team.empty() &&
           reached_->by_emergency.empty();
}

bool PersonsWithholding::same(const store::Withholding& other) const {
    const auto* they = dynamic_cast<const PersonsWithholding*>(&other);
    if (they == nullptr || generation_ != they->generation_ || turn_ != they->turn_) return false;
    auto asker = asker_;
    asker.at = they->asker_.at;
    return asker == they->asker_ && reached_->self == they->reached_->self &&
           reached_->care_team == they->reached_->care_team &&
           reached_->by_emergency == they->reached_->by_emergency;
}

bool PersonsWithholding::stands_for(Asker asker,
                                    const std::shared_ptr<const Reached>& reached) const {
    if (reached_ != reached || generation_ != consents_.generation() || asker.at < asker_.at ||
        asker.at >= turn_)
        return false;
    const auto at = unix_ns(asker.at);
    asker.at = asker_.at;
    if (asker != asker_) return false;
    asked_at_ = std::max(asked_at_.load(), at);
    return true;
}

std::string PersonsWithholding::reason(PatientId patient) const {
    const auto withheld = from(patient);
    if (!withheld || !withheld->all()) return {};
    const auto asker = asker_for(patient);
    constexpr Certainty certainty;
    const bool by_name = needs_consent_ || asker.purpose == emergency_code;
    if (const auto consents = consents_.of(patient))
        for (const auto& consent : *consents)
            if (Judge(certainty, asker, by_name).of(*consent).denied == Certain::yes)
                return "the patient does not permit it (Consent/" + consent->id + ")";
    const auto* purpose = find_purpose(asker.purpose);
    return "the patient has not consented to " +
           std::string(purpose == nullptr ? "that" : purpose->name);
}

}  // namespace vigil::identity
