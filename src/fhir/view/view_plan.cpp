#include "fhir/view/view_plan.hpp"

#include <algorithm>
#include <array>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_writer.hpp"

namespace vigil::fhir {
namespace {

using store::Condition;

constexpr auto minute_length = std::chrono::minutes(1);
constexpr std::size_t chained_max = 10'000;

// Of these parameters all views of a group have the same rows.
bool is_of_group(std::string_view parameter) {
    constexpr std::array names = {
        "code",     "code:text",     "combo-code",     "combo-code:text",
        "category", "category:text", "component-code", "component-code:text"};
    return std::ranges::find(names, parameter) != names.end();
}

// Whether all that a condition asks for is told by a group's rows.
struct AsksOfGroup {
    bool operator()(const store::TokenMatch& match) const { return is_of_group(match.parameter); }
    bool operator()(const store::StringMatch& match) const { return is_of_group(match.parameter); }
    bool operator()(const store::Missing& match) const { return is_of_group(match.parameter); }
    bool operator()(const store::AllOf& all) const { return every(all.conditions); }
    bool operator()(const store::AnyOf& any) const { return every(any.conditions); }
    bool operator()(const store::NoneOf& none) const { return every(none.conditions); }
    template <class Other>
    bool operator()(const Other&) const {
        return false;
    }
    static bool every(const std::vector<Condition>& conditions) {
        return std::ranges::all_of(
            conditions, [](const Condition& one) { return std::visit(AsksOfGroup{}, one.is); });
    }
};

bool names_patient(std::string_view parameter) {
    return parameter == "patient" || parameter == "subject";
}

class Planner {
public:
    Planner(const std::vector<GroupRows>& groups, const PatientNumbers& patients,
            store::RecordReader& reader)
        : groups_(groups), patients_(patients), reader_(reader) {}

    Result<ViewPlan> plan(const Condition& where) {
        plan_.scan.span = {Timestamp::min(), Timestamp::max()};
        for (const auto& group : groups_) plan_.scan.groups.push_back(group.group);
        VIGIL_CHECK(take(where));
        if (patients_named_)
            plan_.scan.patients.emplace(patients_named_->begin(), patients_named_->end());
        return std::move(plan_);
    }

private:
    Result<void> take(const Condition& condition) {
        if (const auto* all = std::get_if<store::AllOf>(&condition.is)) {
            for (const auto& one : all->conditions) VIGIL_CHECK(take(one));
            return {};
        }
        if (const auto* any = std::get_if<store::AnyOf>(&condition.is);
            any != nullptr && any->conditions.size() == 1)
            return take(any->conditions.front());
        if (std::visit(AsksOfGroup{}, condition.is)) return take_groups(condition);
        VIGIL_TRY(named, patients_of(condition));
        if (named) {
            narrow(std::move(*named));
            return {};
        }
        if (const auto* date = std::get_if<store::DateMatch>(&condition.is);
            date != nullptr && date->parameter == "date") {
            take_date(*date);
            return {};
        }
        VIGIL_TRY(devices, devices_of(condition));
        if (devices) {
            auto& wanted = plan_.scan.devices;
            if (wanted)
                std::erase_if(*wanted, [&](DeviceId one) { return !devices->contains(one); });
            else
                wanted = std::move(*devices);
            return {};
        }
        // Looked at again by its rows: the series tell only what cannot be meant.
        if (const auto* number = std::get_if<store::NumberMatch>(&condition.is);
            number != nullptr && number->parameter == "value-quantity")
            plan_.scan.values.push_back(*number);
        plan_.remaining.push_back(condition);
        return {};
    }

    Result<void> take_groups(const Condition& condition) {
        std::vector<const ViewGroup*> kept;
        for (const auto& group : groups_) {
            if (std::ranges::find(plan_.scan.groups, group.group) == plan_.scan.groups.end())
                continue;
            VIGIL_TRY(wanted, holds(condition,
                                    {.type = "Observation",
                                     .id = {},
                                     .updated = {},
                                     .rows = group.rows,
                                     .narrative = {},
                                     .content = {}},
                                    reader_));
            if (wanted) kept.push_back(group.group);
        }
        plan_.scan.groups = std::move(kept);
        return {};
    }

    void take_date(const store::DateMatch& date) {
        using store::Comparison;
        auto& span = plan_.scan.span;
        const auto from = [&](Timestamp time) {  // a minute's view may reach into it
            if (time > Timestamp::min() + minute_length)
                span.from = std::max(span.from, time - minute_length);
        };
        const auto to = [&](Timestamp time) { span.to = std::min(span.to, time); };
        switch (date.comparison) {
            case Comparison::equal:
            case Comparison::overlaps:
                from(date.value.start);
                to(date.value.end);
                break;
            case Comparison::less:
                to(date.value.start);
                break;
            case Comparison::less_equal:
            case Comparison::ends_before:
                to(date.value.end);
                break;
            case Comparison::greater:
            case Comparison::greater_equal:
            case Comparison::starts_after:
                from(date.value.start);
                break;
            case Comparison::not_equal:
                break;
        }
        plan_.dates.push_back(date);
    }

    // The same of devices.
    Result<std::optional<std::set<DeviceId>>> devices_of(const Condition& condition) {
        using Named = std::optional<std::set<DeviceId>>;
        if (const auto* reference = std::get_if<store::ReferenceMatch>(&condition.is)) {
            if (reference->parameter != "device") return Named();
            const bool may_be = reference->to.type.empty() || reference->to.type == "Device";
            std::set<DeviceId> named;
            if (const auto device = read_device_resource_id(reference->to.id); may_be && device)
                named.insert(*device);
            return Named(std::move(named));
        }
        if (const auto* any = std::get_if<store::AnyOf>(&condition.is);
            any != nullptr && !any->conditions.empty()) {
            std::set<DeviceId> all;
            for (const auto& one : any->conditions) {
                VIGIL_TRY(some, devices_of(one));
                if (!some) return Named();
                all.merge(*some);
            }
            return Named(std::move(all));
        }
        const auto* chain = std::get_if<store::RefersTo>(&condition.is);
        if (chain == nullptr || chain->parameter != "device") return Named();
        if (chain->type != "Device") return Named(std::set<DeviceId>());
        VIGIL_TRY(page, reader_.search({.type = "Device",
                                        .where = *chain->condition,
                                        .sort = {},
                                        .after = {},
                                        .count_max = chained_max}));
        if (!page.next.empty())
            return fail(Error::Kind::too_large,
                        "too many devices match: say more of which you mean");
        std::set<DeviceId> named;
        for (const auto& record : page.records)
            if (const auto device = read_device_resource_id(record.id)) named.insert(*device);
        return Named(std::move(named));
    }

    // The patients that a condition is about, where it is about nothing else.
    Result<std::optional<std::set<PatientId>>> patients_of(const Condition& condition) {
        using Named = std::optional<std::set<PatientId>>;
        if (const auto* reference = std::get_if<store::ReferenceMatch>(&condition.is)) {
            if (!names_patient(reference->parameter)) return Named();
            std::set<PatientId> named;
            const bool may_be = reference->to.type.empty() || reference->to.type == "Patient";
            if (const auto number = patients_.number(reference->to.id); may_be && number)
                named.insert(*number);
            return Named(std::move(named));
        }
        if (const auto* chain = std::get_if<store::RefersTo>(&condition.is)) {
            if (!names_patient(chain->parameter)) return Named();
            if (chain->type != "Patient") return Named(std::set<PatientId>());
            return chained(*chain->condition);
        }
        const auto* any = std::get_if<store::AnyOf>(&condition.is);
        if (any == nullptr || any->conditions.empty()) return Named();
        std::set<PatientId> all;
        for (const auto& one : any->conditions) {
            VIGIL_TRY(some, patients_of(one));
            if (!some) return Named();
            all.merge(*some);
        }
        return Named(std::move(all));
    }

    Result<std::optional<std::set<PatientId>>> chained(const Condition& condition) {
        store::RecordQuery query{.type = "Patient",
                                 .where = condition,
                                 .sort = {},
                                 .after = {},
                                 .count_max = chained_max};
        VIGIL_TRY(page, reader_.search(query));
        if (!page.next.empty())
            return fail(Error::Kind::too_large,
                        "too many patients match: name one, or say more of whom you mean");
        std::set<PatientId> named;
        for (const auto& record : page.records)
            if (record.subject) named.insert(*record.subject);
        return std::optional(std::move(named));
    }

    void narrow(std::set<PatientId> named) {
        if (!patients_named_) {
            patients_named_ = std::move(named);
            return;
        }
        std::erase_if(*patients_named_, [&](PatientId one) { return !named.contains(one); });
    }

    const std::vector<GroupRows>& groups_;
    const PatientNumbers& patients_;
    store::RecordReader& reader_;
    ViewPlan plan_;
    std::optional<std::set<PatientId>> patients_named_;
};

// When a view's reading was: its effective[x] as the index has it.
store::DateValue date_of(JsonValue observation) {
    const auto period = observation["effectivePeriod"];
    const auto start =
        read_date(period ? period["start"].string() : observation["effectiveDateTime"].string());
    if (!start) return {};
    const auto end = read_date(period["end"].string());
    return {start->start, end ? end->end : start->end};
}

}  // namespace

std::vector<GroupRows> group_rows(const ReadingViews& views, const ExtractionContext& context) {
    std::vector<GroupRows> all;
    for (const auto& group : views.groups()) {
        std::vector<SeriesSample> parts;
        for (const auto metric : group.parts) {
            SeriesSample part{.patient = {}, .key = {DeviceId{1}, metric, 0}, .sample = {}};
            part.sample.value = NumericValue{};
            parts.push_back(std::move(part));
        }
        const auto view = write_view({.device = DeviceId{1}, .metric = group.id, .time = {}}, parts,
                                     group, views.catalogue(), {});
        const auto resource = Resource::parse(resource_text(view.record));
        GroupRows rows{.group = &group, .rows = {}};
        if (resource)
            if (auto extracted = extract(resource->json(), context)) {
                rows.rows = std::move(extracted->rows);
                std::erase_if(rows.rows,
                              [](const auto& row) { return !is_of_group(row.parameter); });
            }
        all.push_back(std::move(rows));
    }
    return all;
}

Result<ViewPlan> plan_views(const store::Condition& where, const std::vector<GroupRows>& groups,
                            const PatientNumbers& patients, store::RecordReader& reader) {
    return Planner(groups, patients, reader).plan(where);
}

Result<bool> passes(const ViewPlan& plan, const View& view, const ExtractionContext& context,
                    store::RecordReader& reader) {
    if (plan.dates.empty() && plan.remaining.empty()) return true;
    VIGIL_TRY(resource, Resource::parse(resource_text(view.record)));
    const auto date = date_of(resource.json());
    const bool in_time = std::ranges::all_of(plan.dates, [&](const store::DateMatch& asked) {
        return compare(asked.comparison, date, asked.value);
    });
    if (!in_time) return false;
    if (plan.remaining.empty()) return true;
    VIGIL_TRY(extracted, extract(resource.json(), context));
    const IndexedResource indexed{.type = "Observation",
                                  .id = view.record.id,
                                  .updated = view.record.updated,
                                  .rows = extracted.rows,
                                  .narrative = extracted.narrative,
                                  .content = extracted.content};
    for (const auto& condition : plan.remaining) {
        VIGIL_TRY(met, holds(condition, indexed, reader));
        if (!met) return false;
    }
    return true;
}

}  // namespace vigil::fhir
