#pragma once
// The terminology of this server: that which is kept in the record, and behind it the shelf's. A
// resource of the record stands before one of the same url on the shelf.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/shelf.hpp"
#include "fhir/terminology/value_set.hpp"
#include "store/records.hpp"

namespace vigil::fhir::terminology {

// What was read of the record and worked out from it, by name, until a terminology resource is
// written. Bounded: when it is full it starts anew. Threads share it.
class Memory {
public:
    static constexpr std::size_t bytes_max = std::size_t{64} << 20;  // of resources' text, about
    static constexpr std::size_t entries_max = 4096;

    // Counts what was written. Whoever reads takes it before they open their snapshot: what they
    // learn holds for it.
    std::uint64_t generation() const { return generation_.load(); }
    void forget();

    using Item = std::shared_ptr<const void>;
    Item find(const std::string& name, std::uint64_t generation) const;
    void keep(const std::string& name, std::uint64_t generation, Item item, std::size_t bytes);

private:
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex lock_;
    std::unordered_map<std::string, Item> items_;  // all of `generation_`
    std::size_t bytes_ = 0;
};

// Type of a resource that `Memory` is to forget by.
bool is_terminology(std::string_view resource_type);

// Of one snapshot of the record. Not for threads to share.
class RecordLibrary final : public Library {
public:
    // `generation`: see Memory; none: nothing is kept, as for a transaction, which sees what it
    // wrote itself.
    RecordLibrary(store::RecordReader& reader, Shelf& shelf, Memory& memory,
                  std::optional<std::uint64_t> generation)
        : reader_(reader), shelf_(shelf), memory_(memory), generation_(generation) {}

    Answer<std::shared_ptr<const CodeSystem>> code_system(std::string_view url,
                                                          std::string_view version) override;
    Answer<std::shared_ptr<const ValueSetSource>> value_set(std::string_view url,
                                                            std::string_view version) override;
    Answer<std::vector<Kept>> concept_maps(const MapQuery& query) override;

    // By id; an error where there is none, or no more.
    Answer<Kept> resource(std::string_view type, std::string_view id);
    // A value set by its url, or by its id where `reference` is "ValueSet/12"; null: not at hand.
    Answer<std::shared_ptr<const ComposedValueSet>> composed(std::string_view reference,
                                                             const VersionRules& rules,
                                                             Budget& budget);
    // The code systems of the record, until the visitor answers false.
    using Visit = std::function<Answer<bool>(Kept)>;
    Answer<void> each_code_system(const Visit& visit);

private:
    Answer<void> each(std::string_view type, std::vector<store::Condition> where,
                      const Visit& visit);
    Answer<std::optional<Kept>> newest(std::string_view type, std::string_view url,
                                       std::string_view version);
    Answer<std::shared_ptr<const ValueSetSource>> whole_system(std::string_view url,
                                                               std::string_view version);
    template <class T>
    std::shared_ptr<const T> remembered(const std::string& name) const;
    template <class T>
    void remember(const std::string& name, std::shared_ptr<const T> item, std::size_t bytes);

    store::RecordReader& reader_;
    Shelf& shelf_;
    Memory& memory_;
    std::optional<std::uint64_t> generation_;
};

}  // namespace vigil::fhir::terminology
