// Observation/$lastn: the newest of each code (R4 operation-observation-lastn).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t max_of_code = 100, records_max = 5'000, page = 500;

struct Newest {
    store::Record record;
    std::set<std::string> codes;  // system|code of Observation.code; its text where it has none
    Timestamp time = Timestamp::min();
};

bool is_code_parameter(std::string_view name) {
    const auto plain = name.substr(0, name.find(':'));
    return plain == "category" || plain == "code" || plain.ends_with("-code") ||
           plain.starts_with("code-") || plain.starts_with("combo-code");
}

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

Answer<Response> answer_lastn(const Request& request, ViewReader& reader,
                              const RestContext& context) {
    std::size_t count = 1;
    Parameters filters;
    bool has_patient = false, has_code = false, has_status = false;
    for (const auto& [name, value] : request.query) {
        if (name == "max") {
            const auto [end, error] =
                std::from_chars(value.data(), value.data() + value.size(), count);
            if (error != std::errc() || end != value.data() + value.size() || count == 0)
                return refuse(400, "value", "max is a positive whole number");
            continue;
        }
        if (name == "_sort" || name == "_count" || name == "_cursor") continue;
        const auto plain = std::string_view(name).substr(0, name.find_first_of(":."));
        has_patient = has_patient || plain == "patient" || plain == "subject";
        has_code = has_code || is_code_parameter(name);
        has_status = has_status || plain == "status";
        filters.emplace_back(name, value);
    }
    if (!has_patient || !has_code)
        return refuse(400, "required",
                      "$lastn takes patient or subject, and category or a code parameter");
    count = std::min(count, max_of_code);
    if (!has_status) filters.emplace_back("status:not", "entered-in-error");
    filters.emplace_back("_sort", "-date");
    FHIR_TRY(search, read_search("Observation", filters, context.search(request.strict)));

    Groups groups(count);
    auto& query = search.queries.front();
    query.count_max = page;
    std::vector<Newest> found;
    // Of readings each kind by itself: what is seldom measured does not hide behind what is always.
    FHIR_TRY(newest, reader.newest(query, count));
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

    auto records = groups.take();
    return answer_records(search, std::move(records),
                          fmt::format("{}/Observation/$lastn", context.base), reader, context);
}

}  // namespace vigil::fhir
