#pragma once
// Puts the desk's audit lines on disk, many a commit, and lets answers leave after them.

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "identity/access_desk.hpp"
#include "store/audit.hpp"

namespace vigil::app {

// Lines that could not be written stay and go with the next ones: what is watched while the disk is
// full is on record once it is well again. Nobody who waits for a line waits for that: they are
// told.
class AuditWriter : public identity::AuditSink {
public:
    // More than this is not kept: what was asked for was refused, and nothing left.
    static constexpr std::size_t kept_lines_max = 10'000;

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
    void written(std::uint64_t line, const Result<void>& result);

    store::Audit& audit_;
    std::function<void(std::function<void()>)> on_loop_;
    std::uint64_t recorded_ = 0, durable_ = 0;
    std::vector<store::AuditLine> lines_;   // recorded, not on their way yet
    std::vector<store::AuditLine> on_way_;  // one commit at a time
    std::deque<Waiting> waiting_;
};

}  // namespace vigil::app
