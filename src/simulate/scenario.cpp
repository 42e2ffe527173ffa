#include "simulate/scenario.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace vigil {
namespace data {
extern const std::string_view scenarios_txt;  // data/scenarios.txt
}

namespace simulate {
namespace {

constexpr std::size_t scenarios_max = 1000;
constexpr std::size_t steps_max = 10'000;
constexpr Nanoseconds scenario_length_max = std::chrono::days(366);

constexpr std::array<std::string_view, quantity_count> quantity_names{
    "heart_rate",    "respiratory_rate", "saturation", "systolic", "diastolic", "temperature",
    "end_tidal_co2", "perfusion",        "ectopy",     "noise",    "battery"};
constexpr std::array<std::string_view, 5> rhythm_names{"sinus", "atrial_fibrillation",
                                                       "ventricular_tachycardia",
                                                       "ventricular_fibrillation", "asystole"};

template <std::size_t n>
std::optional<std::size_t> place_of(std::string_view word,
                                    const std::array<std::string_view, n>& names) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto start = line.find_first_not_of(" \t\r");
        if (start == std::string_view::npos || line[start] == '#') return words;
        const auto end = std::min(line.find_first_of(" \t\r", start), line.size());
        words.push_back(line.substr(start, end - start));
        line.remove_prefix(end);
    }
}

Result<double> offset_of(std::string_view word) {
    if (word.starts_with('+')) word.remove_prefix(1);
    double value = 0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool sensible = value > -1000 && value < 1000;  // not for a NaN
    if (result.ec != std::errc() || result.ptr != word.data() + word.size() || !sensible)
        return fail(Error::Kind::malformed, "is not an offset: " + std::string(word));
    return value;
}

Result<Nanoseconds> moment_of(std::string_view word) {
    VIGIL_TRY(moment, parse_duration(word));
    if (moment > scenario_length_max)
        return fail(Error::Kind::too_large, "a scenario lasts at most a year");
    return moment;
}

Result<bool> switch_of(std::string_view word) {
    if (word == "on" || word == "up") return true;
    if (word == "off" || word == "down") return false;
    return fail(Error::Kind::malformed, "expected on or off, not " + std::string(word));
}

// One "name value" pair of a step.
Result<void> read_item(std::string_view item, std::string_view value, Step& step) {
    if (item == "rhythm") {
        const auto rhythm = place_of(value, rhythm_names);
        if (!rhythm) return fail(Error::Kind::malformed, "no rhythm " + std::string(value));
        step.rhythm = static_cast<Rhythm>(*rhythm);
        return {};
    }
    if (item == "leads" || item == "probe" || item == "link") {
        VIGIL_TRY(on, switch_of(value));
        (item == "leads" ? step.leads : item == "probe" ? step.probe : step.link) = on;
        return {};
    }
    const auto quantity = place_of(item, quantity_names);
    if (!quantity) return fail(Error::Kind::malformed, "nothing is called " + std::string(item));
    VIGIL_TRY(offset, offset_of(value));
    step.changes.push_back({static_cast<Quantity>(*quantity), offset});
    return {};
}

// After those of the same time.
void add_step(Scenario& scenario, Step step) {
    const auto after = std::ranges::upper_bound(
        scenario.steps, step, [](const Step& a, const Step& b) { return a.at < b.at; });
    scenario.steps.insert(after, std::move(step));
}

const Scenario* find_in(const std::vector<Scenario>& scenarios, std::string_view name) {
    const auto found =
        std::ranges::find_if(scenarios, [&](const Scenario& s) { return s.name == name; });
    return found == scenarios.end() ? nullptr : &*found;
}

// "2m over 30s heart_rate +20 rhythm sinus" or "2m play other".
Result<void> read_line(const std::vector<std::string_view>& words,
                       const std::vector<Scenario>& before, bool may_use_built_in,
                       Scenario& scenario) {
    VIGIL_TRY(at, moment_of(words[0]));
    if (words.size() == 3 && words[1] == "play") {
        const auto* other = find_in(before, words[2]);
        if (other == nullptr && may_use_built_in) other = find_scenario(words[2]);
        if (other == nullptr)
            return fail(Error::Kind::not_found,
                        "no scenario before is called " + std::string(words[2]));
        auto both = together(scenario, *other, at);
        if (!both.steps.empty() && both.steps.back().at > scenario_length_max)
            return fail(Error::Kind::too_large, "a scenario lasts at most a year");
        scenario.steps = std::move(both.steps);
        return {};
    }
    Step step{.at = at};
    std::size_t next = 1;
    if (words.size() > 2 && words[1] == "over") {
        VIGIL_TRY(over, moment_of(words[2]));
        step.over = over;
        next = 3;
    }
    if (next == words.size() || (words.size() - next) % 2 != 0)
        return fail(Error::Kind::malformed, "expected pairs of a name and a value");
    for (; next < words.size(); next += 2)
        VIGIL_CHECK(read_item(words[next], words[next + 1], step));
    add_step(scenario, std::move(step));
    return {};
}

Result<std::vector<Scenario>> parse(std::string_view text, bool may_use_built_in) {
    std::vector<Scenario> scenarios;
    int number = 0;
    const auto at_line = [&](Error error) {
        error.place = "line " + std::to_string(number);
        return tl::unexpected(std::move(error));
    };
    while (!text.empty()) {
        ++number;
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto words = words_of(line);
        if (words.empty()) continue;
        if (words[0] == "scenario") {
            const auto colon = line.find(':');
            if (words.size() < 2 || colon == std::string_view::npos)
                return at_line({Error::Kind::malformed, "expected scenario NAME: description", {}});
            Scenario scenario;
            scenario.name = words[1].substr(0, words[1].find(':'));
            const auto start = line.find_first_not_of(' ', colon + 1);
            if (start != std::string_view::npos) scenario.description = line.substr(start);
            scenarios.push_back(std::move(scenario));
        } else if (scenarios.empty()) {
            return at_line({Error::Kind::malformed, "a step without a scenario", {}});
        } else {
            auto scenario = std::move(scenarios.back());
            scenarios.pop_back();
            if (auto read = read_line(words, scenarios, may_use_built_in, scenario); !read)
                return at_line(std::move(read).error());
            scenarios.push_back(std::move(scenario));
        }
        if (scenarios.size() > scenarios_max || scenarios.back().steps.size() > steps_max)
            return at_line({Error::Kind::too_large, "too many scenarios or steps", {}});
    }
    return scenarios;
}

}  // namespace

Result<std::vector<Scenario>> parse_scenarios(std::string_view text) {
    return parse(text, true);
}

const std::vector<Scenario>& built_in_scenarios() {
    static const auto scenarios = parse(data::scenarios_txt, false).value();
    return scenarios;
}

const Scenario* find_scenario(std::string_view name) {
    return find_in(built_in_scenarios(), name);
}

Scenario together(const Scenario& first, const Scenario& second, Nanoseconds delay) {
    auto both = first;
    for (auto step : second.steps) {
        step.at += delay;
        add_step(both, std::move(step));
    }
    return both;
}

std::string_view name(Rhythm rhythm) {
    return rhythm_names[static_cast<std::size_t>(rhythm)];
}

Course::Course(Scenario scenario, Timestamp start)
    : scenario_(std::move(scenario)), start_(start) {}

double Course::Ramp::at(Timestamp now) const {
    if (now >= end) return to;
    const double share = std::chrono::duration<double>(now - start) / (end - start);
    return from + (to - from) * share;
}

void Course::advance(Timestamp now, Quantities& offsets, Rhythm& rhythm, Attachments& attachments) {
    for (; next_ < scenario_.steps.size(); ++next_) {
        const auto& step = scenario_.steps[next_];
        const auto due = start_ + step.at;
        if (due > now) break;
        for (const auto& change : step.changes) {
            auto& ramp = ramps_[static_cast<std::size_t>(change.quantity)];
            ramp = {ramp.at(due), change.offset, due, due + step.over};
        }
        if (step.rhythm) rhythm = *step.rhythm;
        attachments.leads = step.leads.value_or(attachments.leads);
        attachments.probe = step.probe.value_or(attachments.probe);
        attachments.link = step.link.value_or(attachments.link);
    }
    for (std::size_t i = 0; i < quantity_count; ++i) offsets.values[i] += ramps_[i].at(now);
}

bool Course::over(Timestamp now) const {
    return next_ == scenario_.steps.size() && std::ranges::all_of(ramps_, [&](const Ramp& ramp) {
               return now >= ramp.end && ramp.to == 0;
           });
}

}  // namespace simulate
}  // namespace vigil
