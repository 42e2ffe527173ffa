#pragma once
// Resources that are made of what the server knows of its devices: few enough to be held in memory,
// with the rows they are found by.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/search/index_rows.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct RegistryView {
    store::Record record;
    std::vector<store::IndexRow> rows;
};

// Reads what `text`, a resource in JSON, is found by.
std::optional<RegistryView> registry_view(std::string_view type, std::string id,
                                          std::string_view text, Timestamp updated,
                                          const ExtractionContext& context);

// All of one type, of one moment, in an order that lasts.
class RegistryTable {
public:
    explicit RegistryTable(std::vector<RegistryView> views);
    RegistryTable(const RegistryTable&) = delete;  // it points into itself
    RegistryTable& operator=(const RegistryTable&) = delete;
    RegistryTable(RegistryTable&&) = default;
    RegistryTable& operator=(RegistryTable&&) = default;
    ~RegistryTable() = default;
    std::span<const RegistryView> all() const { return views_; }
    const RegistryView* find(std::string_view id) const;
    // What comes after that one; nothing: it is not there.
    std::optional<std::span<const RegistryView>> after(std::string_view id) const;

private:
    std::vector<RegistryView> views_;
    std::unordered_map<std::string_view, std::size_t> places_;  // by id
};

}  // namespace vigil::fhir
