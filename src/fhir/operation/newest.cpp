#include "fhir/operation/newest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t records_max = 5'000;
constexpr std::size_t page = 500;

struct Newest {
    store::Record record;
    std::set<std::string> codes;  // system|code of Observation.code; its text where it has none
    Timestamp time = Timestamp::min();
};

Newest read(store::Record record) {
    Newest out;
    if (const auto resource = Resource::parse(resource_text(record))) {
        const auto json = resource->json();
        for (const auto coding : json["code"]["coding"])
            out.codes.insert(
                fmt::format("{}|{}", coding["system"].string(), coding["code"].string()));
        if (out.codes.empty()) out.codes.emplace(json["code"]["text"].string());
        for (const auto text :
             {json["effectiveDateTime"].string(), json["effectivePeriod"]["start"].string(),
              json["effectiveInstant"].string()})
            if (const auto span = read_date(text)) out.time = span->start;
    }
    out.record = std::move(record);
    return out;
}

// Those with a coding in common are of one code; each group newest first.
class Groups {
public:
    explicit Groups(std::size_t count) : count_(count) {}

    // In order of time, newest first. False: its group is full.
    bool add(Newest one) {
        auto& group = group_of(one.codes);
        const bool full = group.members.size() >= count_ &&
                          group.members.back().time != one.time;  // ties at the cut stay
        if (full) return false;
        group.members.push_back(std::move(one));
        return true;
    }
    std::vector<store::Record> take() {
        std::vector<store::Record> out;
        for (auto& group : groups_)
            for (auto& one : group.members) out.push_back(std::move(one.record));
        return out;
    }

private:
    struct Group {
        std::set<std::string> codes;
        std::vector<Newest> members;
    };
    Group& group_of(const std::set<std::string>& codes) {
        for (auto& group : groups_) {
            const bool shared = std::ranges::any_of(
                codes, [&](const std::string& code) { return group.codes.contains(code); });
            if (!shared) continue;
            group.codes.insert(codes.begin(), codes.end());
            return group;
        }
        return groups_.emplace_back(Group{codes, {}});
    }
    std::size_t count_;
    std::vector<Group> groups_;
};

}  // namespace

Answer<std::vector<store::Record>> newest_of_each_code(store::RecordQuery query, std::size_t count,
                                                       ViewReader& reader) {
    Groups groups(count);
    query.count_max = page;
    std::vector<Newest> found;
    // Of readings each kind by itself: what is seldom measured does not hide behind what is always.
    FHIR_TRY(newest, reader.newest(query, count));
    found.reserve(newest.size());
    for (auto& record : newest) found.push_back(read(std::move(record)));
    std::size_t looked_at = 0;
    do {
        FHIR_TRY(records, reader.records().search(query));
        looked_at += records.records.size();
        for (auto& record : records.records) found.push_back(read(std::move(record)));
        query.after = std::move(records.next);
    } while (!query.after.empty() && looked_at < records_max);
    std::ranges::sort(found, [](const Newest& a, const Newest& b) {
        return std::tie(b.time, a.record.id) < std::tie(a.time, b.record.id);
    });
    for (auto& one : found) groups.add(std::move(one));
    return groups.take();
}

}  // namespace vigil::fhir
