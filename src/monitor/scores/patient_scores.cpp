#include "monitor/scores/patient_scores.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alarms/fields.hpp"
#include "monitor/scores/score_words.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t snapshot_version = 1;
constexpr std::size_t state_bytes_max = std::size_t{1} << 20;

// What the authors call a high risk has the condition's priority, what they call less than that and
// still act upon is low. None: nothing to tell.
std::optional<AlarmPriority> priority_of(const ScoreTable& table, std::uint8_t bands,
                                         const Condition& condition) {
    if (bands == 0) return std::nullopt;
    const auto& risk = table.bands[bands - 1U].risk;
    if (risk == "high") return condition.priority;
    if (risk == "medium" || risk == "low_medium") return AlarmPriority::low;
    return std::nullopt;
}

std::size_t rank(const ScoreTable& table, std::uint8_t bands) {
    return bands == 0 ? 0 : rank_of(table, static_cast<std::uint8_t>(bands - 1));
}

std::string_view name_of(const ScoreTable& table, std::size_t input) {
    const auto words = score_words("input." + table.inputs[input].key);
    return words.empty() ? std::string_view(table.inputs[input].key) : words;
}

// "NEWS2 at least 7: Respiration rate 3, SpO2 3, Pulse 1; not known: Temperature".
std::string words_of(const ScoreTable& table, const ScoreResult& result) {
    auto words = fmt::format("{}{}", table.name, result.complete() ? "" : " at least");
    if (result.tally.least)
        words +=
            fmt::format(" {}", to_string(decimal_of(*result.tally.least, table.total_exponent())));
    const char* before = ": ";
    for (std::size_t i = 0; i < result.tally.inputs.size(); ++i) {
        if (result.tally.inputs[i].least == 0) continue;
        words += fmt::format("{}{} {}", before, name_of(table, i), result.tally.inputs[i].least);
        before = ", ";
    }
    before = "; not known: ";
    for (std::size_t i = 0; i < result.inputs.size(); ++i) {
        if (is_used(result.inputs[i].state) || table.inputs[i].optional) continue;
        words += fmt::format("{}{}", before, name_of(table, i));
        before = ", ";
    }
    return words;
}

}  // namespace

PatientScores::PatientScores(const MonitorTables& tables)
    : tables_(&tables), state_(tables.scores), told_(tables.scores.tables().size()) {}

void PatientScores::on_birth_date(std::string_view date, Timestamp now,
                                  std::vector<Finding>& found) {
    auto facts = state_.patient();
    const auto birth = parse_birth_date(date);
    if (facts.birth == birth) return;
    facts.birth = birth;
    take(state_.set_patient(std::move(facts), now), now, found);
}

void PatientScores::on_setting(ChosenSetting chosen, Timestamp now, std::vector<Finding>& found) {
    auto facts = state_.patient();
    if (chosen.key == pregnancy_setting) {
        facts.pregnancy = parse_pregnancy(chosen.value).value_or(facts.pregnancy);
    } else {
        std::erase_if(facts.settings, [&](const auto& each) { return each.key == chosen.key; });
        facts.settings.push_back(std::move(chosen));
    }
    take(state_.set_patient(std::move(facts), now), now, found);
}

void PatientScores::on_readings(DeviceId device, std::span<const FiledReading> readings,
                                Timestamp now, std::vector<Finding>& found) {
    take(state_.apply(device, readings, now), now, found);
}

void PatientScores::on_time(Timestamp now, std::vector<Finding>& found) {
    take(state_.advance(now), now, found);
    if (now < due_) return;
    due_ = never;
    for (std::size_t i = 0; i < told_.size(); ++i) {
        auto& told = told_[i];
        if (told.lower_since == never) continue;
        if (now - told.lower_since < lower_for) {
            due_ = std::min(due_, told.lower_since + lower_for);
            continue;
        }
        const auto band = state_.band(i);
        told = {.bands = static_cast<std::uint8_t>(band ? *band + 1 : 0)};
        found.push_back(finding(i, state_.current(i, now), now));
    }
}

void PatientScores::on_leave(Timestamp now, std::vector<Finding>& found) {
    for (std::size_t i = 0; i < told_.size(); ++i) {
        if (told_[i].bands == 0 || tables_->score_conditions[i] == nullptr) continue;
        told_[i] = {};
        found.push_back(
            {.condition = tables_->score_conditions[i]->id, .present = false, .at = now});
    }
}

void PatientScores::take(const std::vector<ScoreUpdate>& updates, Timestamp now,
                         std::vector<Finding>& found) {
    for (const auto& update : updates)
        if (tables_->score_conditions[update.table] != nullptr)
            judge(update.table, update.result, update.overdue, now, found);
}

void PatientScores::judge(std::size_t table, const ScoreResult& result, bool overdue, Timestamp now,
                          std::vector<Finding>& found) {
    const auto& asked = tables_->scores.tables()[table];
    auto& told = told_[table];
    const auto known = state_.band(table);
    const bool is_theirs = is_computed(result.applicability);
    const auto bands = static_cast<std::uint8_t>(is_theirs && known ? *known + 1 : 0);
    const auto before = told.bands;
    if (is_theirs && rank(asked, bands) < rank(asked, before)) {
        told.lower_since = std::min(told.lower_since, now);
        due_ = std::min(due_, told.lower_since + lower_for);
    } else {
        told = {.bands = bands};
    }
    auto made = finding(table, result, now);
    made.again = overdue || rank(asked, told.bands) > rank(asked, before);
    found.push_back(std::move(made));
}

Finding PatientScores::finding(std::size_t table, const ScoreResult& result, Timestamp now) const {
    const auto& asked = tables_->scores.tables()[table];
    const auto& condition = *tables_->score_conditions[table];
    const auto bands = told_[table].bands;
    const auto priority = priority_of(asked, bands, condition);
    Finding out{.condition = condition.id, .present = priority.has_value(), .at = now};
    if (!priority) return out;
    out.priority = priority;
    out.detail = words_of(asked, result);
    if (result.tally.least) out.value = decimal_of(*result.tally.least, asked.total_exponent());
    const auto least = result.tally.band_least;
    out.stale = !result.complete() && (!least || rank_of(asked, *least) < rank(asked, bands));
    return out;
}

std::string PatientScores::snapshot() const {
    std::string out;
    FieldWriter writer(out);
    writer("version", snapshot_version);
    writer("state", state_.encode());
    writer("told", told_);
    return out;
}

Result<PatientScores> PatientScores::restore(const MonitorTables& tables, std::string_view bytes) {
    FieldReader reader(bytes, {.text_bytes_max = state_bytes_max});
    std::uint8_t version = 0;
    reader("version", version);
    if (reader.failed() == nullptr && version != snapshot_version)
        return fail(Error::Kind::unsupported, "scores of another version", "byte 0");
    std::string state;
    PatientScores scores(tables);
    std::vector<Told> told;
    reader("state", state);
    reader("told", told);
    if (reader.failed() != nullptr || !reader.at_end())
        return fail(Error::Kind::malformed, "scores that cannot be read",
                    reader.failed() != nullptr ? reader.failed() : "end");
    VIGIL_TRY(read, ScoreState::decode(state, tables.scores));
    scores.state_ = std::move(read);
    // By the tables that it was written with: with others what was told is judged anew.
    const auto all = tables.scores.tables();
    if (told.size() != all.size()) return scores;
    for (std::size_t i = 0; i < told.size(); ++i) {
        const bool raises_alarms = tables.score_conditions[i] != nullptr;
        if (!raises_alarms || told[i].bands > all[i].bands.size()) told[i] = {};
        if (told[i].lower_since != never)
            scores.due_ = std::min(scores.due_, told[i].lower_since + lower_for);
    }
    scores.told_ = std::move(told);
    return scores;
}

}  // namespace vigil::monitor
