#pragma once
// Where a check stands in a resource, and what it found there.

#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource/issue.hpp"

namespace vigil::fhir {

// "component[1]" below "Observation". Lives on the stack of the walk.
struct Place {
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);
    const Place* above = nullptr;
    std::string_view name;
    std::size_t index = no_index;

    std::string expression() const;  // "Observation.component[1]"
};

class Report {
public:
    explicit Report(std::size_t issues_max) : issues_max_(issues_max) {}

    void add(Severity severity, std::string_view code, const Place& place, std::string diagnostics);
    void error(std::string_view code, const Place& place, std::string diagnostics) {
        add(Severity::error, code, place, std::move(diagnostics));
    }
    void warn(std::string_view code, const Place& place, std::string diagnostics) {
        add(Severity::warning, code, place, std::move(diagnostics));
    }
    bool is_full() const { return issues_.size() >= issues_max_; }
    std::vector<Issue> take();

private:
    std::size_t issues_max_;
    std::vector<Issue> issues_;
};

// Text of the resource as an issue may quote it: short, printable, in quotes.
std::string in_quotes(std::string_view text);

}  // namespace vigil::fhir
