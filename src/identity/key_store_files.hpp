#pragma once
// The names of the key store's files.

#include <string_view>

namespace vigil::identity {

constexpr std::string_view master_name = "master.key";
constexpr std::string_view next_name = "master.next";
constexpr std::string_view subjects_name = "subject.keys";
constexpr std::string_view erased_name = "erased.list";

}  // namespace vigil::identity
