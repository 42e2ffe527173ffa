#pragma once
// What a fallible function returns. Exceptions are for bugs and exhausted memory only.

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace vigil {

struct Error {
    // Each protocol's edge turns a kind into its own answer (docs/architecture.md, Errors).
    enum class Kind : std::uint8_t {
        malformed,
        unsupported,
        too_large,
        unknown_device,
        not_found,
        conflict,
        forbidden,
        busy,
        internal
    };
    Kind kind = Kind::internal;
    std::string message;  // for a person: what is wrong and, if known, what to do
    std::string place;    // "byte 1042", "/component/0/valueQuantity", "OBX[2]-5"
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
    using Base = tl::expected<T, Error>;

public:
    using Base::Base;
};

inline tl::unexpected<Error> fail(Error::Kind kind, std::string message, std::string place = {}) {
    return tl::unexpected(Error{kind, std::move(message), std::move(place)});
}

}  // namespace vigil

#define VIGIL_TRY(name, expression)                                              \
    auto name##_result = (expression);                                           \
    if (!name##_result) return tl::unexpected(std::move(name##_result).error()); \
    auto& name = *name##_result  // NOLINT(bugprone-macro-parentheses): it declares a name

// For a Result<void>, or where only failure matters.
#define VIGIL_CHECK(expression)                                                                \
    do {                                                                                       \
        auto vigil_check_result = (expression);                                                \
        if (!vigil_check_result) return tl::unexpected(std::move(vigil_check_result).error()); \
    } while (false)
