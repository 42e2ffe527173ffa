#pragma once
// The store's records and the views beside them as one: what the interactions read.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fhir/audit/event_views.hpp"
#include "fhir/view/alarm_views.hpp"
#include "fhir/view/device_metric_views.hpp"
#include "fhir/view/device_use_views.hpp"
#include "fhir/view/view_plan.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// Outlives the readers made with it.
struct ViewSources {
    const ReadingViews& readings;
    const std::vector<GroupRows>& groups;
    const DeviceViews& devices;
    const DeviceMetricViews& metrics;
    const DeviceUseViews& uses;
    const PatientNumbers& patients;
    const EventViews& events;
    const AlarmViews& alarms;
};

class ViewReader final : public store::RecordReader {
public:
    ViewReader(store::RecordReader& records, const ViewSources& sources,
               const store::Access& access, ExtractionContext context)
        : records_(records),
          sources_(sources),
          access_(access),
          context_(context),
          devices_(sources.devices.table()) {}

    // The lines of the audit are seen too, as AuditEvents, by whom this says; else by nobody.
    void see_events(EventReader reader) { events_ = std::move(reader); }

    // Whose data was read, for the audit; no more than `touched_max` of them.
    static constexpr std::size_t touched_max = 1'000;
    const std::set<PatientId>& touched() const { return touched_; }

    Result<std::optional<store::Record>> get(std::string_view type, std::string_view id) override {
        return noted(read_current(type, id));
    }
    Result<std::optional<store::Record>> version(std::string_view type, std::string_view id,
                                                 std::uint64_t version) override {
        return noted(read_version(type, id, version));
    }
    // Of records only: views have no list.
    Result<std::vector<std::string>> ids(std::string_view type, std::string_view prefix,
                                         std::size_t count_max) override {
        return records_.ids(type, prefix, count_max);
    }
    Result<store::RecordPage> history(const store::HistoryQuery& query) override {
        return noted(read_history(query));
    }
    Result<store::RecordPage> search(const store::RecordQuery& query) override {
        return noted(find(query));
    }
    Result<std::uint64_t> count(const store::RecordQuery& asked, std::uint64_t at_most) override;
    Result<std::vector<store::Record>> referred(const std::vector<store::Record>& from,
                                                std::string_view parameter,
                                                std::string_view target_type,
                                                std::size_t count_max) override {
        return noted(follow(from, parameter, target_type, count_max));
    }
    Result<std::vector<store::Record>> referring(const std::vector<store::Record>& to,
                                                 std::string_view type, std::string_view parameter,
                                                 std::size_t count_max) override {
        return noted(follow_back(to, type, parameter, count_max));
    }

    // The newest `count` views of each kind (metric or panel) that a search wants, and those of the
    // same time as the last of them.
    Result<std::vector<store::Record>> newest(const store::RecordQuery& query, std::size_t count) {
        return noted(find_newest(query, count));
    }
    // The numbers of a metric in the views of a Patient, but for those that a record stands in the
    // place of: each device's in order of time, until the visitor returns false. Far cheaper than
    // the views.
    Result<void> numbers(std::string_view patient_id, MetricId metric, store::Span span,
                         const ReadingViews::NumberVisitor& visit);
    const Catalogue& catalogue() const { return sources_.readings.catalogue(); }
    // The metrics that a view of `metric` has: its own, or the parts of the panel it is.
    std::vector<MetricId> parts(MetricId metric) const;
    // What the store itself holds.
    const store::Access& access() const { return access_; }
    store::RecordReader& records() { return records_; }

private:
    void note(PatientId patient) {
        if (patient && touched_.size() < touched_max) touched_.insert(patient);
    }
    void note(const store::Record& record) {
        if (record.subject) note(*record.subject);
    }
    void note(const std::optional<store::Record>& record) {
        if (record) note(*record);
    }
    void note(const store::RecordPage& page) { note(page.records); }
    void note(const std::vector<store::Record>& records) {
        for (const auto& record : records) note(record);
    }
    template <class Read>
    Result<Read> noted(Result<Read> read) {
        if (read) note(*read);
        return read;
    }
    Result<std::optional<store::Record>> read_current(std::string_view type, std::string_view id);
    Result<std::optional<store::Record>> read_version(std::string_view type, std::string_view id,
                                                      std::uint64_t version);
    Result<store::RecordPage> read_history(const store::HistoryQuery& query);
    Result<store::RecordPage> find(const store::RecordQuery& asked);
    // No more than the access sees of the type, where that depends on the resource itself.
    store::RecordQuery within_access(store::RecordQuery query) const;
    Result<bool> is_within_access(const store::Record& view);
    Result<std::vector<store::Record>> find_newest(const store::RecordQuery& asked,
                                                   std::size_t count);
    Result<std::vector<store::Record>> follow(const std::vector<store::Record>& from,
                                              std::string_view parameter,
                                              std::string_view target_type, std::size_t count_max);
    Result<std::vector<store::Record>> follow_back(const std::vector<store::Record>& to,
                                                   std::string_view type,
                                                   std::string_view parameter,
                                                   std::size_t count_max);
    // The views of a search, up to `count_max`, after the one of that id (empty: from the start).
    struct ViewPage {
        std::vector<store::Record> records;
        bool is_last = true;
    };
    // Where no order is asked for, a patient's views come together: their chunks are then read
    // once.
    enum class Order : std::uint8_t { by_patient, oldest_first, newest_first };
    Result<ViewPage> views(const store::RecordQuery& query, std::string_view after,
                           std::size_t count_max, Order order);
    Result<bool> is_wanted(const ViewPlan& plan, const View& view);
    Result<bool> is_wanted(const store::RecordQuery& query, const RegistryView& view);
    Result<ViewPage> reading_views(
        const store::RecordQuery& query,
        const std::optional<std::pair<PatientId, std::string_view>>& after, std::size_t count_max,
        Order order);
    Result<ViewPage> registry_views(const store::RecordQuery& query, std::string_view after,
                                    std::size_t count_max);
    const DeviceMetricTable& metrics();
    // The views of a type that the registry makes; none of other types.
    const RegistryTable* registry(std::string_view type);
    store::Record shown(const RegistryView& view);
    Result<bool> may_see(const RegistryView& view);
    Result<bool> is_replaced(std::string_view type, std::string_view id);
    bool sees_readings() const { return access_.may_any(store::looking, "Observation"); }
    // What records ask of what they refer to, where that may be a view: the store knows none.
    Result<store::Condition> of_records(std::string_view type, const store::Condition& where);
    Result<store::Condition> referred_by(std::string_view type, const store::ReferredBy& asked);
    Result<std::vector<store::Record>> few_views(std::string_view type,
                                                 const store::Condition& where);
    bool references_of(const store::Record& record, std::string_view parameter,
                       std::set<std::string>& out);
    Result<std::vector<std::string>> viewed_by(const store::Record& record,
                                               std::string_view parameter);
    // view_count.cpp
    Result<std::uint64_t> count_readings(const store::RecordQuery& query, std::uint64_t at_most);
    Result<std::uint64_t> count_near(const ViewPlan& plan, std::uint64_t at_most);
    Result<std::uint64_t> count_far(const ViewPlan& plan, const std::vector<ViewId>& replaced);
    Result<std::optional<std::vector<ViewId>>> replaced_views();
    bool shows_views(std::string_view type) const;
    Result<std::optional<store::Record>> view(std::string_view type, std::string_view id);
    Result<std::optional<store::Record>> make_view(std::string_view type, std::string_view id);
    Result<store::RecordPage> records_then_views(const store::RecordQuery& query);
    Result<store::RecordPage> merged(const store::RecordQuery& query);
    Result<store::RecordPage> sorted(const store::RecordQuery& query);  // view_sort.cpp
    // view_events.cpp
    Result<store::RecordPage> events(const store::RecordQuery& query);
    Result<store::RecordPage> posted_events(store::RecordQuery query, std::string_view after,
                                            std::size_t count_max);
    // view_alarms.cpp
    Result<store::RecordPage> alarms(const store::RecordQuery& query);
    Result<ViewPage> alarm_views(const store::RecordQuery& query, std::size_t count_max);
    Result<std::vector<store::Record>> all_alarms(const store::RecordQuery& query,
                                                  std::size_t count_max);
    // view_newest.cpp: views that are read newest first beside the records of their type.
    struct NewestViews {
        std::vector<store::Record> records{};
        std::vector<std::string> places{};  // where a page goes on after each
        std::string next{};                 // and after what was looked at; empty: at the end
        Timestamp looked_down_to = Timestamp::min();
    };
    struct NewestSources {
        std::function<Result<NewestViews>(std::string_view place)> views;  // empty: the newest
        std::function<Result<store::RecordPage>(std::string_view after, std::size_t count_max)>
            records;
        std::function<Timestamp(const store::Record&)> time;
    };
    static Result<store::RecordPage> newest_first(const store::RecordQuery& query,
                                                  const NewestSources& sources);

    store::RecordReader& records_;
    const ViewSources& sources_;
    const store::Access& access_;
    ExtractionContext context_;
    std::shared_ptr<const RegistryTable> devices_;
    // Once they are asked for.
    std::unique_ptr<const DeviceMetricTable> metrics_;
    std::shared_ptr<const RegistryTable> uses_;
    std::optional<EventReader> events_;
    std::set<PatientId> touched_;
};

}  // namespace vigil::fhir
