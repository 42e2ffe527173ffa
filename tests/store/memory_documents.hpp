#pragma once
// Documents in memory.

#include <map>
#include <string>
#include <utility>

#include "store/documents.hpp"

namespace vigil::store::test {

class MemoryDocuments final : public Documents {
public:
    void change(std::vector<DocumentChange> changes, std::optional<Applied>, Done done) override {
        for (auto& change : changes) {
            if (change.body)
                all.insert_or_assign({change.kind, change.id}, *change.body);
            else
                all.erase({change.kind, change.id});
        }
        done({});
    }
    Result<std::optional<std::string>> get(std::string_view kind, std::string_view id) override {
        const auto found = all.find({std::string(kind), std::string(id)});
        return found == all.end() ? std::optional<std::string>() : found->second;
    }
    Result<void> each(
        std::string_view kind,
        const std::function<bool(std::string_view, std::string_view)>& visit) override {
        for (const auto& [name, body] : all)
            if (name.first == kind && !visit(name.second, body)) break;
        return {};
    }

    std::map<std::pair<std::string, std::string>, std::string> all;
};

}  // namespace vigil::store::test
