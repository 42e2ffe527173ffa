// What records and views refer to and what refers to them, either being either.
#include <algorithm>
#include <set>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/condition_match.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::Condition;
using store::Record;

constexpr std::size_t chained_views_max = 1000;

bool leads_to_registry(const SearchParameter& parameter) {
    return std::ranges::any_of(parameter.targets, [](std::string_view target) {
        return target != "Observation" && has_views(target);
    });
}

}  // namespace

// A chain that leads to views as well names each of them, and what views refer to (_has) is named
// too: the store follows both among records only.
Result<Condition> ViewReader::of_records(std::string_view type, const Condition& where) {
    const auto each = [&](auto of) -> Result<Condition> {
        for (auto& one : of.conditions) {
            VIGIL_TRY(made, of_records(type, one));
            one = std::move(made);
        }
        return Condition{std::move(of)};
    };
    if (const auto* all = std::get_if<store::AllOf>(&where.is)) return each(*all);
    if (const auto* any = std::get_if<store::AnyOf>(&where.is)) return each(*any);
    if (const auto* none = std::get_if<store::NoneOf>(&where.is)) return each(*none);
    if (const auto* referred = std::get_if<store::ReferredBy>(&where.is))
        return referred_by(type, *referred);
    const auto* chain = std::get_if<store::RefersTo>(&where.is);
    if (chain == nullptr) return where;
    VIGIL_TRY(beyond, of_records(chain->type, *chain->condition));
    auto of_store = *chain;
    of_store.condition = std::make_shared<const Condition>(std::move(beyond));
    if (registry(chain->type) == nullptr) return Condition{std::move(of_store)};
    store::AnyOf any;
    any.conditions.push_back({std::move(of_store)});
    VIGIL_TRY(found, few_views(chain->type, *chain->condition));
    for (auto& record : found)
        any.conditions.push_back(
            {store::ReferenceMatch{chain->parameter, {chain->type, std::move(record.id), {}}}});
    return Condition{std::move(any)};
}

Result<Condition> ViewReader::referred_by(std::string_view type, const store::ReferredBy& asked) {
    VIGIL_TRY(beyond, of_records(asked.type, *asked.condition));
    auto of_store = asked;
    of_store.condition = std::make_shared<const Condition>(std::move(beyond));
    const auto* table = registry(asked.type);
    if (table == nullptr) return Condition{std::move(of_store)};
    store::AnyOf any;
    any.conditions.push_back({std::move(of_store)});
    VIGIL_TRY(found, few_views(asked.type, *asked.condition));
    std::set<std::string> ids;
    for (const auto& record : found)
        for (const auto& row : table->find(record.id)->rows)
            if (const auto* to = std::get_if<store::ReferenceValue>(&row.value);
                to != nullptr && row.parameter == asked.parameter && to->type == type)
                ids.insert(to->id);
    for (const auto& id : ids) any.conditions.push_back({store::IdMatch{id}});
    return Condition{std::move(any)};
}

// Those of the registry that meet the condition, where they are few enough to be named.
Result<std::vector<Record>> ViewReader::few_views(std::string_view type, const Condition& where) {
    const auto query = within_access({.type = std::string(type),
                                      .where = where,
                                      .sort = {},
                                      .after = {},
                                      .count_max = chained_views_max});
    VIGIL_TRY(found, registry_views(query, {}, chained_views_max));
    if (!found.is_last)
        return fail(Error::Kind::too_large, "too many devices match: say more of which you mean");
    return std::move(found.records);
}

const DeviceMetricTable& ViewReader::metrics() {
    if (!metrics_) metrics_ = sources_.metrics.table(context_);
    return *metrics_;
}

const RegistryTable* ViewReader::registry(std::string_view type) {
    if (type == "Device") return devices_.get();
    if (type == "DeviceUseStatement") {
        if (!uses_) uses_ = sources_.uses.table(sources_.patients, context_);
        return uses_.get();
    }
    return type == "DeviceMetric" ? &metrics().views() : nullptr;
}

Record ViewReader::shown(const RegistryView& view) {
    if (view.record.type == "DeviceMetric") return metrics().record(view);
    if (view.record.type == "DeviceUseStatement") return device_use_record(view, context_.now);
    return view.record;
}

Result<bool> ViewReader::may_see(const RegistryView& view) {
    const auto& record = view.record;
    if (!access_.sees(record.type, record.subject)) return false;
    const auto withheld = access_.withheld_from(record.subject.value_or(PatientId{}));
    const auto condition = withheld ? withheld->of_type(record.type) : nullptr;
    if (!condition) return true;
    VIGIL_TRY(is_withheld, holds(*condition,
                                 {.type = record.type,
                                  .id = record.id,
                                  .updated = record.updated,
                                  .rows = view.rows,
                                  .narrative = {},
                                  .content = {}},
                                 *this));
    return !is_withheld;
}

// May be seen, is asked for, and has no record in its place.
Result<bool> ViewReader::is_wanted(const store::RecordQuery& query, const RegistryView& view) {
    VIGIL_TRY(seen, may_see(view));
    if (!seen) return false;
    VIGIL_TRY(met, holds(query.where,
                         {.type = query.type,
                          .id = view.record.id,
                          .updated = view.record.updated,
                          .rows = view.rows,
                          .narrative = {},
                          .content = {}},
                         *this));
    if (!met) return false;
    VIGIL_TRY(replaced, is_replaced(query.type, view.record.id));
    return !replaced;
}

Result<ViewReader::ViewPage> ViewReader::registry_views(const store::RecordQuery& query,
                                                        std::string_view after,
                                                        std::size_t count_max) {
    ViewPage page;
    const auto* table = registry(query.type);
    if (table == nullptr) return page;
    const auto following = after.empty() ? std::optional(table->all()) : table->after(after);
    if (!following)
        return fail(Error::Kind::malformed, "this is no page of the search: start it again");
    for (const auto& view : *following) {
        VIGIL_TRY(wanted, is_wanted(query, view));
        if (!wanted) continue;
        if (page.records.size() == count_max) {
            page.is_last = false;
            return page;
        }
        page.records.push_back(shown(view));
    }
    return page;
}

// The views that a record refers to: "Device/d17".
Result<std::vector<std::string>> ViewReader::viewed_by(const Record& record,
                                                       std::string_view parameter) {
    std::vector<std::string> out;
    const auto* definition = context_.parameters.find(record.type, parameter);
    if (definition == nullptr || !leads_to_registry(*definition->definition)) return out;
    VIGIL_TRY(whole, records_.version(record.type, record.id, record.version));
    if (!whole || whole->deleted) return out;
    VIGIL_TRY(resource, Resource::parse(resource_text(*whole)));
    VIGIL_TRY(extracted, extract(resource.json(), context_));
    for (const auto& row : extracted.rows) {
        const auto* to = std::get_if<store::ReferenceValue>(&row.value);
        if (to == nullptr || row.parameter != parameter) continue;
        const auto* table = registry(to->type);
        if (table != nullptr && table->find(to->id) != nullptr)
            out.push_back(to->type + "/" + to->id);
    }
    return out;
}

// What a view refers to ("Patient/p1"). False: it is a record, of its own or in a view's place.
bool ViewReader::references_of(const Record& record, std::string_view parameter,
                               std::set<std::string>& out) {
    const auto take = [&](const std::vector<store::IndexRow>& rows) {
        for (const auto& row : rows)
            if (const auto* to = std::get_if<store::ReferenceValue>(&row.value);
                to != nullptr && row.parameter == parameter && !to->type.empty())
                out.insert(to->type + "/" + to->id);
    };
    if (record.type == "Communication" && read_alarm_id(record.id)) {
        const auto alarm = make_view(record.type, record.id);
        if (!alarm || !*alarm) return true;
        if (const auto extracted = extract_of(**alarm, context_)) take(extracted->rows);
        return true;
    }
    if (record.version != 1) return false;
    if (const auto id = record.type == "Observation" ? read_view_id(record.id) : std::nullopt) {
        if (parameter == "device") out.insert("Device/" + device_resource_id(id->device));
        const auto patient = record.subject ? sources_.patients.id(*record.subject) : std::nullopt;
        if (patient && (parameter == "patient" || parameter == "subject"))
            out.insert("Patient/" + *patient);
        return true;
    }
    if (record.type == "AuditEvent" && events_ && read_audit_event_id(record.id)) {
        const auto event = sources_.events.get(record.id, *events_);
        if (!event || !*event) return true;
        if (const auto extracted = extract_of(**event, context_)) take(extracted->rows);
        return true;
    }
    const auto* table = registry(record.type);
    const auto* view = table != nullptr ? table->find(record.id) : nullptr;
    if (view == nullptr) return false;
    take(view->rows);
    return true;
}

Result<std::vector<Record>> ViewReader::follow(const std::vector<Record>& from,
                                               std::string_view parameter,
                                               std::string_view target_type,
                                               std::size_t count_max) {
    std::vector<Record> kept, out;
    std::set<std::string> references;
    for (const auto& record : from)
        if (!references_of(record, parameter, references)) kept.push_back(record);
    if (!kept.empty()) {
        VIGIL_TRY(found, records_.referred(kept, parameter, target_type, count_max));
        out = std::move(found);
        const auto stands_in_place = [&](const std::string& view) {
            return std::ranges::any_of(
                out, [&](const Record& one) { return view == one.type + "/" + one.id; });
        };
        for (const auto& record : kept) {
            VIGIL_TRY(views, viewed_by(record, parameter));
            for (auto& view : views)
                if (!stands_in_place(view)) references.insert(std::move(view));
        }
    }
    for (const auto& reference : references) {
        const auto slash = reference.find('/');
        const auto type = std::string_view(reference).substr(0, slash);
        if (!target_type.empty() && type != target_type) continue;
        VIGIL_TRY(found, get(type, std::string_view(reference).substr(slash + 1)));
        if (found && !found->deleted && out.size() < count_max) out.push_back(std::move(*found));
    }
    return out;
}

Result<std::vector<Record>> ViewReader::follow_back(const std::vector<Record>& to,
                                                    std::string_view type,
                                                    std::string_view parameter,
                                                    std::size_t count_max) {
    VIGIL_TRY(found, records_.referring(to, type, parameter, count_max));
    // The store knows no views: what refers to those is asked for as a search does.
    if (!has_views(type) || to.empty() || found.size() >= count_max) return std::move(found);
    store::AnyOf any;
    for (const auto& record : to)
        any.conditions.push_back(
            {store::ReferenceMatch{std::string(parameter), {record.type, record.id, {}}}});
    const auto query = within_access({.type = std::string(type),
                                      .where = {std::move(any)},
                                      .sort = {},
                                      .after = {},
                                      .count_max = count_max});
    VIGIL_TRY(page, views(query, {}, count_max - found.size(), Order::by_patient));
    std::ranges::move(page.records, std::back_inserter(found));
    return std::move(found);
}

}  // namespace vigil::fhir
