#include "app/own_process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigil::app {

OwnProcess own_process() {
    OwnProcess process;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::ifstream statm("/proc/self/statm");
    statm >> process.virtual_bytes >> process.resident_bytes;
    process.virtual_bytes *= page;
    process.resident_bytes *= page;
    std::error_code ignored;
    const std::filesystem::directory_iterator descriptors("/proc/self/fd", ignored);
    process.open_descriptors =
        static_cast<std::uint64_t>(std::distance(begin(descriptors), end(descriptors)));
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0)
        process.cpu_seconds =
            static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
            static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    return process;
}

}  // namespace vigil::app
