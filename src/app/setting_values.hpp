#pragma once
// What settings say, beyond their own text.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace vigil::app {

// A secret that `value` holds, or the first line of the file that another setting names; `name` is
// the first one's, for messages. Neither: empty.
Result<std::string> secret_setting(const std::string& value, const std::string& file,
                                   const std::string& name);

// What stands between spaces.
std::vector<std::string> words_of(const std::string& text);

// The file's text; of no file, none.
Result<std::string> pem_setting(const std::string& file);

}  // namespace vigil::app
