#include "app/read_file.hpp"

#include <fstream>
#include <iterator>

namespace vigil::app {

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Error::Kind::not_found, "cannot be read", path);
    return std::string((std::istreambuf_iterator<char>(file)), {});
}

}  // namespace vigil::app
