#pragma once
// What the operating system says of this process (proc(5)).

#include <cstddef>
#include <cstdint>

namespace vigil::app {

struct OwnProcess {
    std::uint64_t resident_bytes = 0, virtual_bytes = 0, open_descriptors = 0;
    double cpu_seconds = 0;
};
OwnProcess own_process();

}  // namespace vigil::app
