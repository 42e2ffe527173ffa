#pragma once
// Documents in memory, as a test wants them to fail.

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "store/documents.hpp"

namespace vigil::fhir {

// Keeps everything but changes of the kind that is named.
class FailingDocuments final : public store::Documents {
public:
    explicit FailingDocuments(std::string failing) : failing_(std::move(failing)) {}
    void change(std::vector<store::DocumentChange> changes, std::optional<store::Applied>,
                store::Done done) override {
        const auto fails = std::ranges::find(changes, failing_, &store::DocumentChange::kind);
        if (fails != changes.end()) return done(fail(Error::Kind::internal, "the disk is full"));
        const std::lock_guard lock(mutex_);
        for (auto& change : changes) {
            if (change.body)
                all[{change.kind, change.id}] = *change.body;
            else
                all.erase({change.kind, change.id});
        }
        done({});
    }
    Result<std::optional<std::string>> get(std::string_view, std::string_view) override {
        return std::optional<std::string>();
    }
    Result<void> each(
        std::string_view kind,
        const std::function<bool(std::string_view, std::string_view)>& visit) override {
        for (const auto& [name, body] : all)
            if (name.first == kind && !visit(name.second, body)) break;
        return {};
    }
    std::map<std::pair<std::string, std::string>, std::string> all;

private:
    std::string failing_;
    std::mutex mutex_;
};

}  // namespace vigil::fhir
