#pragma once
// A file that somebody named, whole.

#include <string>

#include "base/result.hpp"

namespace vigil::app {

Result<std::string> read_file(const std::string& path);

}  // namespace vigil::app
