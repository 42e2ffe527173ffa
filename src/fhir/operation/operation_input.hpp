#pragma once
// What an operation is asked with (R4 3.2.0.1 to .4): the query of a GET; of a POST the Parameters
// in its body and the query, or the resource by itself where it takes one.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {

class OperationInput {
public:
    static Answer<OperationInput> read(const Request& request);

    // Of simple types: each value's text, those of the query first.
    std::vector<std::string> texts(std::string_view name) const;
    // The one value there may be; an error where there are several.
    Answer<std::optional<std::string>> text(std::string_view name) const;
    // "true" or "false"; nothing: not given.
    Answer<std::optional<bool>> boolean(std::string_view name) const;
    // A whole number from 1.
    Answer<std::optional<std::uint64_t>> positive(std::string_view name) const;
    // Of a complex type, which only a body can carry: `member` is "valueCoding". In a query it is
    // refused.
    Answer<std::vector<JsonValue>> values(std::string_view name, std::string_view member) const;
    // A resource; absent: not given.
    JsonValue resource(std::string_view name) const;
    // The body is a resource by itself, not Parameters.
    bool is_bare_resource() const { return body_ && !has_parameters(); }
    // Each parameter as it was given: the text of one of the query, the JSON of one of the body.
    using Visit = std::function<Answer<void>(std::string_view name, std::string_view text,
                                             JsonValue parameter)>;
    Answer<void> each(const Visit& visit) const;

private:
    bool has_parameters() const { return body_ && body_->type() == "Parameters"; }

    Parameters query_;
    std::optional<Resource> body_;
};

}  // namespace vigil::fhir
