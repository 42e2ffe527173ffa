#pragma once
// An import's source as a test gives it: in parts, and broken off where it says.

#include <algorithm>
#include <string>

#include "fhir/bulk/import_text.hpp"

namespace vigil::fhir {

class GivenText final : public ImportSource {
public:
    GivenText(std::string text, std::size_t part_bytes, std::uint64_t from = 0)
        : text_(std::move(text)),
          part_(std::max<std::size_t>(part_bytes, 1)),
          from_(from),
          at_(from) {}
    Result<bool> next(std::string& out) override {
        const auto count = std::min<std::size_t>(part_, text_.size() - at_);
        out += text_.substr(at_, count);
        at_ += count;
        return at_ < text_.size();
    }
    std::uint64_t begins_at() const override { return from_; }

private:
    std::string text_;
    std::size_t part_;
    std::uint64_t from_;
    std::size_t at_;
};

}  // namespace vigil::fhir
