#include "share/alarms/load.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "share/alarms/limits.hpp"
#include "share/alarms/rules.hpp"

namespace vigil::share {

using monitor::AlarmEvent;
using monitor::AlarmPriority;
using monitor::EventType;
using monitor::Subject;

namespace {

constexpr std::size_t worst_beds_max = 20, conditions_max = 100;

bool begins(EventType type) {
    return type == EventType::onset || type == EventType::onset_again;
}
bool answers(EventType type) {
    return type == EventType::acknowledged || type == EventType::accepted ||
           type == EventType::reset;
}

// Of a list of times, in seconds; null where there is none.
class Times {
public:
    void add(Nanoseconds time) { all_.push_back(seconds_of(time)); }
    std::size_t count() const { return all_.size(); }
    void write(JsonWriter& json, std::string_view name) {
        std::ranges::sort(all_);
        json.key(name).begin_object();
        member(json, "median_s", 0.5);
        member(json, "p90_s", 0.9);
        member(json, "max_s", 1.0);
        json.end_object();
    }

private:
    void member(JsonWriter& json, std::string_view name, double part) {
        json.key(name);
        if (all_.empty()) {
            json.null();
            return;
        }
        const auto last = static_cast<double>(all_.size() - 1);
        json.number(all_[static_cast<std::size_t>(last * part)]);
    }
    std::vector<double> all_;
};

struct Sum {
    std::uint64_t alarms = 0, unanswered = 0;
    AlarmPriority priority = AlarmPriority::low;
    Times response, lasted;

    void add(const AlarmRun& run) {
        ++alarms;
        priority = std::max(priority, run.priority);
        if (run.ended) lasted.add(*run.ended - run.began);
        if (run.answered)
            response.add(*run.answered - run.began);
        else
            ++unanswered;
    }
    void write(JsonWriter& json, double bed_days) {
        json.member("alarms", alarms);
        json.member("a_bed_a_day", bed_days > 0 ? static_cast<double>(alarms) / bed_days : 0);
        json.member("unanswered", unanswered);
        response.write(json, "response");
        lasted.write(json, "lasted");
    }
};

}  // namespace

// A person's first answer is the last that is read: it stands over those read before.
void AlarmLoad::add(const AlarmEvent& event) {
    if (!event.alarm || !event.priority) return;
    const Episode episode{event.alarm, event.episode};
    if (answers(event.type)) later_[episode].answered = event.time;
    if (event.type == EventType::ended || event.type == EventType::latched)
        later_[episode].ended = event.time;
    if (!begins(event.type)) return;
    const auto found = later_.find(episode);
    const auto later = found != later_.end() ? found->second : Later();
    runs_[event.id.subject].push_back({.condition = event.condition.condition,
                                       .priority = *event.priority,
                                       .began = event.time,
                                       .answered = later.answered,
                                       .ended = later.ended});
    if (found != later_.end()) later_.erase(found);
}

std::uint64_t AlarmLoad::alarms() const {
    std::uint64_t count = 0;
    for (const auto& [subject, runs] : runs_) count += runs.size();
    return count;
}

void AlarmLoad::write(JsonWriter& json, const AlarmWords& words, std::set<Subject> beds,
                      Timestamp from, Timestamp to) const {
    std::map<AlarmPriority, Sum> by_priority;
    std::map<monitor::ConditionId, Sum> by_condition;
    std::array<std::uint64_t, 24> hours{};
    std::vector<std::pair<Subject, std::uint64_t>> by_bed;
    for (const auto priority : {AlarmPriority::high, AlarmPriority::medium, AlarmPriority::low})
        by_priority[priority];
    for (const auto& [subject, runs] : runs_) {
        beds.insert(subject);
        by_bed.emplace_back(subject, runs.size());
        for (const auto& run : runs) {
            by_priority[run.priority].add(run);
            by_condition[run.condition].add(run);
            const auto since_midnight =
                run.began - std::chrono::floor<std::chrono::days>(run.began);
            ++hours[static_cast<std::size_t>(since_midnight / std::chrono::hours(1))];
        }
    }
    const double bed_days = seconds_of(to - from) / 86'400 * static_cast<double>(beds.size());
    json.member("from", from).member("to", to).member("beds", beds.size());
    json.member("alarms", alarms());
    json.member("a_bed_a_day", bed_days > 0 ? static_cast<double>(alarms()) / bed_days : 0);
    json.key("priorities").begin_array();
    for (auto each = by_priority.rbegin(); each != by_priority.rend(); ++each) {
        json.begin_object().member("priority", to_string(each->first));
        each->second.write(json, bed_days);
        json.end_object();
    }
    json.end_array().key("conditions").begin_array();
    std::vector<std::pair<monitor::ConditionId, Sum>> most(by_condition.begin(),
                                                           by_condition.end());
    std::ranges::sort(most, [](const auto& a, const auto& b) {
        return std::tuple(b.second.alarms, a.first) < std::tuple(a.second.alarms, b.first);
    });
    if (most.size() > conditions_max) most.resize(conditions_max);
    for (auto& [id, sum] : most) {
        const auto* condition = words.tables.conditions.find(id);
        json.begin_object();
        json.member("condition", condition != nullptr ? condition->key : rule_key(id));
        json.member("words", condition != nullptr ? condition->display : std::string("Rule"));
        json.member("priority", to_string(sum.priority));
        sum.write(json, bed_days);
        json.end_object();
    }
    json.end_array().key("worst_beds").begin_array();
    std::ranges::sort(by_bed, [](const auto& a, const auto& b) {
        return std::tuple(b.second, a.first) < std::tuple(a.second, b.first);
    });
    if (by_bed.size() > worst_beds_max) by_bed.resize(worst_beds_max);
    for (const auto& [subject, count] : by_bed) {
        json.begin_object();
        write_subject(json, words, subject);
        json.member("alarms", count).end_object();
    }
    json.end_array().key("hours").begin_array();
    for (const auto count : hours) json.number(count);
    json.end_array();
}

}  // namespace vigil::share
