#pragma once
// Puts the desk's audit lines on disk, many a commit, and lets answers leave after them.

#include <deque>
#include <functional>

#include "identity/access_desk.hpp"
#include "store/audit.hpp"

namespace vigil::app {

class AuditWriter : public identity::AuditSink {
public:
    AuditWriter(store::Audit& audit, std::function<void(std::function<void()>)> on_loop)
        : audit_(audit), on_loop_(std::move(on_loop)) {}

    void record(identity::AuditLine line) override;
    void when_durable(std::function<void(Result<void>)> done) override;
    // Sends what was recorded on its way though no answer waits for it.
    void flush();

private:
    struct Waiting {
        std::uint64_t line;
        std::function<void(Result<void>)> done;
    };
    void written(std::uint64_t line, Result<void> result);

    store::Audit& audit_;
    std::function<void(std::function<void()>)> on_loop_;
    std::uint64_t recorded_ = 0, durable_ = 0;
    std::vector<store::AuditLine> lines_;  // recorded, not on their way yet
    std::deque<Waiting> waiting_;
};

}  // namespace vigil::app
