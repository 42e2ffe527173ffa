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

// Algebra: all(), none(), both(a, b), either(a, b), not_in(a), of(DataClass).
template <class Algebra>
class Judge {
public:
    using T = typename Algebra::Part;
    Judge(const Algebra& algebra, const Asker& asker) : algebra_(algebra), asker_(asker) {}

    Judgement<T> of(const Consent& consent) const { return of(consent.root, !consent.is_silent); }

    // What provisions that ask for the label permit, wherever they stand.
    T permitted_by_name(const Consent& consent, const SecurityLabel& label) const {
        return named(consent.root, label, !consent.is_silent);
    }

private:
    T part(const Provision& provision) const {
        return provision.data ? algebra_.of(*provision.data) : algebra_.all();
    }

    Judgement<T> of(const Provision& provision, bool says) const {
        if (!is_about(provision, asker_)) return {algebra_.none(), algebra_.none()};
        auto denied = algebra_.none(), judged = algebra_.none();
        for (const auto& each : provision.exceptions) {
            auto exception = of(each, true);
            judged = algebra_.either(std::move(judged), exception.permitted);
            denied = algebra_.either(std::move(denied), std::move(exception.denied));
        }
        judged = algebra_.either(std::move(judged), denied);
        auto permitted = algebra_.both(judged, algebra_.not_in(denied));
        if (says && speaks(provision, asker_)) {
            auto rest = algebra_.not_in(judged);
            auto& its = provision.permits ? permitted : denied;
            its = algebra_.either(std::move(its), std::move(rest));
        }
        const auto about = part(provision);
        return {algebra_.both(about, std::move(denied)),
                algebra_.both(about, std::move(permitted))};
    }

    T named(const Provision& provision, const SecurityLabel& label, bool says) const {
        if (!is_about(provision, asker_)) return algebra_.none();
        auto found = algebra_.none();
        for (const auto& each : provision.exceptions)
            found = algebra_.either(std::move(found), named(each, label, true));
        const bool names = says && provision.permits &&
                           std::ranges::find(provision.labels, label) != provision.labels.end();
        if (names) found = algebra_.all();
        return algebra_.both(part(provision), std::move(found));
    }

    const Algebra& algebra_;
    const Asker& asker_;
};

}  // namespace vigil::identity
