#pragma once
// What Consents come to, once it is known who asks. The same rules are worked out in three ways:
// whether anything is withheld at all, of which resources, and of which readings; an algebra says
// what "all", "and" and "this data" are in each.

#include <algorithm>
#include <utility>
#include <vector>

#include "identity/consent.hpp"

namespace vigil::identity {

// Of data: T is a part of it.
template <class T>
struct Judgement {
    T denied, permitted;
};

// Algebra: all(), none(), both(a, b), either(a, b), not_in(a), of(DataClass, how).
template <class Algebra>
class Judge {
public:
    using T = typename Algebra::Part;
    // `by_name`: only provisions count that name a purpose, or stand in one that does: of
    // emergencies, and of what needs a consent.
    Judge(const Algebra& algebra, const Asker& asker, bool by_name)
        : algebra_(algebra), asker_(asker), by_name_(by_name) {}

    Judgement<T> of(const Consent& consent) const {
        return of(consent.root, !consent.is_silent, false);
    }

    // What provisions that ask for the label permit, wherever they stand.
    T permitted_by_name(const Consent& consent, const SecurityLabel& label) const {
        return named(consent.root, label, !consent.is_silent);
    }

private:
    using Reading = DataClass::Reading;
    T part(const Provision& provision, Reading how) const {
        return provision.data ? algebra_.of(*provision.data, how) : algebra_.all();
    }

    Judgement<T> of(const Provision& provision, bool says, bool is_named) const {
        if (!is_about(provision, asker_)) return {algebra_.none(), algebra_.none()};
        is_named = is_named || !provision.purposes.empty();
        auto denied = algebra_.none(), judged = algebra_.none();
        for (const auto& each : provision.exceptions) {
            auto exception = of(each, true, is_named);
            judged = algebra_.either(std::move(judged), exception.permitted);
            denied = algebra_.either(std::move(denied), std::move(exception.denied));
        }
        judged = algebra_.either(std::move(judged), denied);
        auto permitted = algebra_.both(judged, algebra_.not_in(denied));
        const bool counts = is_named || !by_name_;
        if (says && counts && !provision.permits)
            denied = algebra_.either(std::move(denied), algebra_.not_in(std::move(judged)));
        else if (says && counts && permits_all(provision, asker_))
            permitted = algebra_.either(std::move(permitted), algebra_.not_in(std::move(judged)));
        return {algebra_.both(part(provision, Reading::wide), std::move(denied)),
                algebra_.both(part(provision, Reading::narrow), std::move(permitted))};
    }

    T named(const Provision& provision, const SecurityLabel& label, bool says) const {
        if (!is_about(provision, asker_)) return algebra_.none();
        auto found = algebra_.none();
        for (const auto& each : provision.exceptions)
            found = algebra_.either(std::move(found), named(each, label, true));
        const bool names = says && provision.permits && permits_all(provision, asker_) &&
                           std::ranges::find(provision.labels, label) != provision.labels.end();
        if (names) found = algebra_.all();
        return algebra_.both(part(provision, Reading::narrow), std::move(found));
    }

    const Algebra& algebra_;
    const Asker& asker_;
    bool by_name_;
};

}  // namespace vigil::identity
