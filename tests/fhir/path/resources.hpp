#pragma once
// The resources that the tests of FHIRPath look at, golden/<name>.json, and how results are
// written.

#include <string>
#include <string_view>

#include "fhir/path/expression.hpp"

namespace vigil::fhir::path {

const Definitions& definitions();

class Resource {
public:
    explicit Resource(std::string text);
    Resource(const Resource&) = delete;
    Resource& operator=(const Resource&) = delete;

    const Item& item() const { return *item_; }

private:
    std::string text_;
    JsonDocument json_;
    std::optional<Item> item_;
};

const Item& golden(const std::string& name);  // "patient"

// With all that an evaluation may lean on but terminology, at 2026-03-01T12:34:56.789Z.
Environment environment();

// The values as literals with " | " between them, of complex elements the type; "{}" of nothing,
// "error" where it is refused.
std::string evaluated(std::string_view expression, const Item& context);

}  // namespace vigil::fhir::path
