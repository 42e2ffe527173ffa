#pragma once
// An audit that keeps its lines to be looked at.

#include <functional>
#include <utility>
#include <vector>

#include "identity/access_desk.hpp"

namespace vigil::identity {

struct Ledger final : AuditSink {
    std::vector<AuditLine> lines;
    bool record(AuditLine line) override {
        lines.push_back(std::move(line));
        return true;
    }
    void when_on_record(OnRecord, std::function<void(Result<void>)> done) override { done({}); }
};

}  // namespace vigil::identity
