#pragma once
// A message between its PUBLISH and the commit that lets it go: what is sent, and to whom.
// Thousands come and go with every commit, so their memory is used again.

#include <cstddef>
#include <memory>
#include <vector>

#include "broker/message.hpp"

namespace vigil::broker {

class OutgoingPool;

class Outgoing final : public Message {
public:
    explicit Outgoing(OutgoingPool& pool) : pool_(pool) {}
    void unheld() const override;

    std::vector<Delivery> deliveries;
    bool has_entry = false;  // a `message` entry of its own

private:
    OutgoingPool& pool_;
};

// Outlives the messages it makes.
class OutgoingPool {
public:
    Counted<Outgoing> make();

private:
    friend class Outgoing;
    static constexpr std::size_t kept_max = 8192, kept_bytes_max = 1024;
    void take_back(const Outgoing& outgoing);

    std::vector<std::unique_ptr<Outgoing>> unused_;
};

inline void Outgoing::unheld() const {
    pool_.take_back(*this);
}

inline Counted<Outgoing> OutgoingPool::make() {
    if (unused_.empty()) return Counted(new Outgoing(*this));
    auto* outgoing = unused_.back().release();
    unused_.pop_back();
    return Counted(outgoing);
}

inline void OutgoingPool::take_back(const Outgoing& outgoing) {
    // It was made here, and nobody else holds it any more.
    std::unique_ptr<Outgoing> mine(const_cast<Outgoing*>(&outgoing));
    if (unused_.size() >= kept_max || mine->size() > kept_bytes_max) return;
    mine->deliveries.clear();
    mine->has_entry = false;
    unused_.push_back(std::move(mine));
}

}  // namespace vigil::broker
