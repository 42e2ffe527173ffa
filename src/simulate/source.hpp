#pragma once
// Something that speaks to a server: a bedside monitor, or the hub of a home.

#include <string>
#include <vector>

#include "base/time.hpp"

namespace vigil::simulate {

struct Publication {
    Timestamp time;  // true time at which it is said
    std::string topic, payload;

    bool operator==(const Publication&) const = default;
};

class Source {
public:
    virtual ~Source() = default;

    virtual Timestamp now() const = 0;  // how far advance() has come
    virtual bool link_up() const = 0;   // false: its network is away at now()

    // Appends what it says first on a new connection at true time `now`. It shows its clock, so
    // that what it kept is believed.
    virtual void greet(Timestamp now, std::vector<Publication>& out) const = 0;

    // Appends what it says in the next `duration`, in time order: the same however the time is cut.
    // `later`: nobody listens now, it is sent as stored data.
    virtual void advance(Nanoseconds duration, bool later, std::vector<Publication>& out) = 0;
};

}  // namespace vigil::simulate
