#include "fhir/rest/index_anew.hpp"

#include <memory>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {

namespace {

constexpr std::size_t at_once = 256;

struct Entry {
    std::string type, id;
    Extracted by;
};

// A resource that cannot be read by today's definitions is kept, and found by its id alone.
Entry entry_of(const store::Record& record, const RestContext& context) {
    Entry entry{record.type, record.id, {}};
    std::string text;
    append_resource(text, record.body, record.version, record.updated);
    const auto resource = Resource::parse(std::move(text));
    if (!resource) return entry;
    if (auto extracted = extract(resource->json(), context.extraction()))
        entry.by = std::move(*extracted);
    return entry;
}

Result<void> write(store::RecordStore& records, const store::Access& access,
                   const std::vector<Entry>& entries, bool last) {
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

Result<std::uint64_t> index_anew(store::RecordStore& records, const store::Access& access,
                                 const RestContext& context) {
    VIGIL_TRY(whole, records.index_is_whole());
    std::uint64_t count = 0;
    if (whole) return count;
    std::vector<Entry> entries;
    Result<void> written;
    VIGIL_CHECK(records.each_current(access, 0, [&](std::uint64_t, const store::Record& record) {
        entries.push_back(entry_of(record, context));
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
