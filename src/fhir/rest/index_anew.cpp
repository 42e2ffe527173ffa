#include "fhir/rest/index_anew.hpp"

#include <memory>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {

namespace {

constexpr std::size_t at_once = 256;

Result<void> write(store::RecordStore& records, const store::Access& access,
                   const std::vector<IndexEntry>& entries, bool last) {
    return store::await<void>([&](store::Done done) {
        records.write(
            access,
            [&](store::RecordTransaction& transaction) -> Result<void> {
                for (const auto& each : entries) {
                    VIGIL_CHECK(transaction.reindex(each.type, each.id, each.by.rows));
                    VIGIL_CHECK(transaction.reindex_text(each.type, each.id, each.by.narrative,
                                                         each.by.content));
                }
                return last ? transaction.declare_index_whole() : Result<void>();
            },
            std::move(done));
    });
}

}  // namespace

std::optional<IndexEntry> index_entry(const store::Record& record, const RestContext& context) {
    const auto resource = Resource::parse(resource_text(record));
    if (!resource) return std::nullopt;
    auto extracted = extract(resource->json(), context.extraction());
    if (!extracted) return std::nullopt;
    return IndexEntry{record.type, record.id, std::move(*extracted)};
}

Result<std::uint64_t> index_anew(store::RecordStore& records, const store::Access& access,
                                 const RestContext& context) {
    VIGIL_TRY(whole, records.index_is_whole());
    std::uint64_t count = 0;
    if (whole) return count;
    std::vector<IndexEntry> entries;
    Result<void> written;
    VIGIL_CHECK(records.each_current(access, 0, [&](std::uint64_t, const store::Record& record) {
        // One that cannot be read is kept, and found by its id alone.
        auto entry = index_entry(record, context);
        entries.push_back(entry ? std::move(*entry) : IndexEntry{record.type, record.id, {}});
        ++count;
        if (entries.size() < at_once) return true;
        written = write(records, access, entries, false);
        entries.clear();
        return written.has_value();
    }));
    VIGIL_CHECK(std::move(written));
    VIGIL_CHECK(write(records, access, entries, true));
    return count;
}

}  // namespace vigil::fhir
