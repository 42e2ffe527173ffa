#pragma once
// Time that moves when a test says so.

#include "net/loop.hpp"

namespace vigil::net {

struct TestClock {
    Timestamp wall = from_unix_ns(1'767'225'600'000'000'000);  // 2026-01-01T00:00:00Z
    std::int64_t steady_ns = 1;

    Clocks clocks() {
        return {.wall = [this] { return wall; }, .steady_ns = [this] { return steady_ns; }};
    }
    void advance(Nanoseconds by) {
        wall += by;
        steady_ns += by.count();
    }
};

}  // namespace vigil::net
