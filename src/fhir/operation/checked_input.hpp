#pragma once
// What an operation is asked with, checked against the table of what it takes: what is given once
// is given once, and of its kind.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/operation/operation_input.hpp"

namespace vigil::fhir {

struct InputParameter {
    enum class Kind : std::uint8_t { text, boolean, number, complex, resource, parts };
    std::string_view name;
    Kind kind = Kind::text;  // text: any primitive that JSON writes as a string
    bool repeats = false;
    std::string_view refused{};  // why this server does not take it; empty: it does
};

class CheckedInput {
public:
    // A parameter that `known` lacks or refuses is refused, as is one of another kind; complex
    // values and resources come in Parameters only.
    static Answer<CheckedInput> read(const Request& request, std::string_view operation,
                                     std::span<const InputParameter> known);

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string text(std::string_view name) const;  // empty: not given
    std::vector<std::string> texts(std::string_view name) const;
    std::optional<bool> flag(std::string_view name) const;
    std::optional<std::size_t> number(std::string_view name) const;
    // value[x], or the resource, or of `parts` the list of them.
    JsonValue json(std::string_view name) const;
    std::vector<JsonValue> each(std::string_view name) const;
    // Keeps what `json` is a view of.
    std::shared_ptr<const void> owner() const { return input_; }

private:
    using Kind = InputParameter::Kind;
    struct Value {
        std::string text;
        JsonValue json;
    };
    Answer<void> add(const InputParameter& parameter, Value value);

    std::shared_ptr<const OperationInput> input_;
    std::map<std::string, std::vector<Value>, std::less<>> values_;
};

}  // namespace vigil::fhir
