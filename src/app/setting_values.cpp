#include "app/setting_values.hpp"

#include <fmt/format.h>

#include <iterator>
#include <sstream>

#include "app/read_file.hpp"
#include "identity/key_file.hpp"

namespace vigil::app {

Result<std::string> secret_setting(const std::string& value, const std::string& file,
                                   const std::string& name) {
    if (file.empty()) return value;
    if (!value.empty())
        return fail(Error::Kind::malformed, fmt::format("there is {} too: one of them", name),
                    name + "_file");
    VIGIL_TRY(text, identity::read_key_file(file, identity::KeyReaders::owner_and_group));
    auto line = text.value_or("").substr(0, text.value_or("").find_first_of("\r\n"));
    if (line.empty())
        return fail(Error::Kind::not_found, "its first line should be the secret", file);
    return line;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

Result<std::string> pem_setting(const std::string& file) {
    return file.empty() ? Result<std::string>(std::string()) : read_file(file);
}

}  // namespace vigil::app
