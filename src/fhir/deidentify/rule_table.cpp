#include "fhir/deidentify/rule_table.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/hash.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view deidentify_tsv;
}

namespace fhir::deidentify {
namespace {

constexpr std::size_t code_length_max = 64;  // of a system whose codes are not known

struct ActionName {
    std::string_view name;
    Action action;
};
constexpr std::array actions{
    ActionName{"drop", Action::drop},           ActionName{"keep", Action::keep},
    ActionName{"mask", Action::mask},           ActionName{"code", Action::code},
    ActionName{"coding", Action::coding},       ActionName{"system", Action::system},
    ActionName{"unit", Action::unit},           ActionName{"samples", Action::samples},
    ActionName{"region", Action::region},       ActionName{"reference", Action::reference},
    ActionName{"extension", Action::extension}, ActionName{"pseudonym", Action::pseudonym},
    ActionName{"label", Action::label},         ActionName{"relative", Action::relative},
    ActionName{"shift", Action::shift},         ActionName{"birth", Action::birth},
    ActionName{"zip3", Action::zip3},           ActionName{"age", Action::age}};

std::optional<Action> action_of(std::string_view name) {
    const auto* found = std::ranges::find(actions, name, &ActionName::name);
    return found == actions.end() ? std::nullopt : std::optional(found->action);
}

bool is_code_character(char c) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_word || std::string_view("-_.:/+*^[]{}()%'<>=#|").find(c) != std::string_view::npos;
}

}  // namespace

struct RuleTable::Lists {
    struct System {
        std::unique_ptr<const re2::RE2> form;  // none: any code-like text
    };
    std::unordered_map<std::string_view, Action> actions;
    std::unordered_map<std::string_view, KeptExtension> extensions;
    std::unordered_map<std::string, System, TextHash, std::equal_to<>> systems;
    std::vector<std::string_view> system_prefixes;  // "http://hl7.org/fhir/"
    std::unordered_set<std::string_view> annotations, signals;
    std::unordered_map<std::string_view, std::unordered_set<std::string_view>> ages;  // by system

    Result<void> add(const TableReader& row, Action action);
    Result<void> add_system(std::string_view words);
};

Result<void> RuleTable::Lists::add_system(std::string_view words) {
    const auto space = words.find(' ');
    const auto uri = words.substr(0, space);
    if (uri.ends_with('*')) {
        system_prefixes.push_back(uri.substr(0, uri.size() - 1));
        return {};
    }
    System system;
    if (space != std::string_view::npos) {
        const auto form = words.substr(space + 1);
        system.form = std::make_unique<const re2::RE2>(re2::StringPiece(form.data(), form.size()),
                                                       re2::RE2::Quiet);
        if (!system.form->ok())
            return fail(Error::Kind::malformed, "the form of a system's codes is no expression",
                        std::string(words));
    }
    systems.insert_or_assign(std::string(uri), std::move(system));
    return {};
}

Result<void> RuleTable::Lists::add(const TableReader& row, Action action) {
    const auto what = row[0];
    const auto space = what.find(' ');
    if (space == std::string_view::npos) {
        if (!actions.emplace(what, action).second)
            return fail(Error::Kind::malformed, "it has two rows", std::string(what));
        return {};
    }
    if (action == Action::drop) return {};
    const auto kind = what.substr(0, space), rest = what.substr(space + 1);
    constexpr std::string_view codes = "codes: ";
    if (kind == "system") return add_system(rest);
    if (kind == "age") {
        if (action != Action::age) return {};
        const auto middle = rest.find(' ');
        if (middle != std::string_view::npos)
            ages[rest.substr(0, middle)].insert(rest.substr(middle + 1));
    } else if (kind == "annotation") {
        annotations.insert(rest);
    } else if (kind == "signal") {
        signals.insert(rest);
    } else if (kind == "extension") {
        auto& kept = extensions[rest];
        if (row[4].starts_with(codes)) kept.codes = split(row[4].substr(codes.size()), ' ');
    } else {
        return fail(Error::Kind::malformed, "there is no such list", std::string(what));
    }
    return {};
}

RuleTable::RuleTable() : lists_(std::make_unique<Lists>()) {}
RuleTable::~RuleTable() = default;
RuleTable::RuleTable(RuleTable&&) noexcept = default;
RuleTable& RuleTable::operator=(RuleTable&&) noexcept = default;

RuleTable::RuleTable(Method method) : RuleTable() {
    auto made = read(data::deidentify_tsv, method);
    if (!made) throw std::logic_error("data/deidentify.tsv: " + made.error().place);
    *this = std::move(*made);
}

Result<RuleTable> RuleTable::read(std::string_view table, Method method) {
    RuleTable made;
    const auto column = 1 + static_cast<std::size_t>(method);
    for (TableReader row(table); row.next();) {
        const auto action = action_of(row[column]);
        if (!action)
            return fail(Error::Kind::malformed, fmt::format("there is no action {}", row[column]),
                        std::string(row[0]));
        VIGIL_CHECK(made.lists_->add(row, *action));
    }
    return made;
}

std::optional<Action> RuleTable::of(std::string_view what) const {
    const auto found = lists_->actions.find(what);
    return found == lists_->actions.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> RuleTable::names() const {
    std::vector<std::string_view> all;
    for (const auto& [name, action] : lists_->actions) all.push_back(name);
    std::ranges::sort(all);
    return all;
}

void RuleTable::allow_system(std::string system) {
    lists_->systems.try_emplace(std::move(system));
}

bool RuleTable::knows_system(std::string_view system, const Definitions& definitions) const {
    if (lists_->systems.contains(system)) return true;
    const auto begins = [system](std::string_view prefix) { return system.starts_with(prefix); };
    return std::ranges::any_of(lists_->system_prefixes, begins) &&
           definitions.code_system(system) != nullptr;
}

bool RuleTable::admits(std::string_view system, std::string_view code,
                       const Definitions& definitions) const {
    if (code.empty() || code.size() > code_length_max || !knows_system(system, definitions))
        return false;
    const auto listed = lists_->systems.find(system);
    if (listed != lists_->systems.end() && listed->second.form != nullptr)
        return re2::RE2::FullMatch(re2::StringPiece(code.data(), code.size()),
                                   *listed->second.form);
    if (const auto* whole = definitions.code_system(system); whole != nullptr)
        return std::ranges::find(whole->codes, code, &CodeSystemTable::Row::code) !=
               whole->codes.end();
    return std::ranges::all_of(code, is_code_character);
}

const RuleTable::KeptExtension* RuleTable::extension(std::string_view url) const {
    const auto found = lists_->extensions.find(url);
    return found == lists_->extensions.end() ? nullptr : &found->second;
}

bool RuleTable::is_age(JsonValue concept_) const {
    if (lists_->ages.empty()) return false;
    for (const auto coding : concept_["coding"]) {
        const auto of_system = lists_->ages.find(coding["system"].string());
        if (of_system != lists_->ages.end() && of_system->second.contains(coding["code"].string()))
            return true;
    }
    return false;
}

bool RuleTable::is_annotation(std::string_view text) const {
    return lists_->annotations.contains(text);
}

bool RuleTable::is_signal_name(std::string_view text) const {
    return lists_->signals.contains(text);
}

}  // namespace fhir::deidentify
}  // namespace vigil
