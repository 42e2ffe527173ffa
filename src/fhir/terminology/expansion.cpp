#include "fhir/terminology/expansion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fhir/resource/resource.hpp"
#include "fhir/terminology/display.hpp"

namespace vigil::fhir::terminology {
namespace {

constexpr std::string_view language_system = "urn:ietf:bcp:47";

bool is_excluded(const Member& member, const std::vector<std::string>& systems) {
    return std::ranges::any_of(systems, [&](const std::string& text) {
        const auto canonical = read_canonical(text);
        return canonical.url == member.system &&
               (canonical.version.empty() || canonical.version == member.version);
    });
}

std::vector<Member> wanted(std::vector<Member> members, const ExpansionOptions& options) {
    const TextFilter text(options.filter);
    std::erase_if(members, [&](const Member& member) {
        return (options.active_only && member.is_inactive) ||
               (options.not_for_ui && member.is_abstract) ||
               is_excluded(member, options.exclude_systems) || !text.passes(member);
    });
    return members;
}

bool is_wanted(JsonValue designation, const std::vector<std::string>& tokens) {
    if (tokens.empty()) return true;
    return std::ranges::any_of(tokens, [&](const std::string& token) {
        const auto [system, code] = read_canonical(token);
        if (system == language_system) return is_language(code, designation["language"].string());
        if (token.find('|') == std::string::npos)  // a token without a system: of any
            return designation["use"]["code"].string() == token ||
                   (designation["language"] &&
                    is_language(token, designation["language"].string()));
        return designation["use"]["system"].string() == system &&
               (code.empty() || designation["use"]["code"].string() == code);
    });
}

class ExpansionWriter {
public:
    ExpansionWriter(const ComposedValueSet& set, const ExpansionOptions& options,
                    std::vector<Member> members)
        : set_(set), options_(options), members_(std::move(members)) {
        for (const auto& member : members_)
            versions_[member.system].insert(std::string(member.version));
    }

    Answer<std::string> write(const ExpansionMade& made) {
        const bool only_count = options_.count == 0U;
        const bool is_tree = options_.is_nested && !only_count;
        const auto first = is_tree ? 0 : std::min(options_.offset.value_or(0), members_.size());
        const auto rest = members_.size() - first;
        const bool is_paged = !is_tree && (options_.offset || options_.count);
        if (!is_paged && rest > page_max)
            return refuse(
                422, "too-costly",
                fmt::format("the expansion has {} codes: ask for pages of {} at most with "
                            "offset and count, or for less with filter",
                            rest, page_max));
        const auto count = std::min({options_.count.value_or(rest), rest, page_max});
        json_.begin_object();
        write_definition();
        json_.key("expansion").begin_object();
        json_.member("identifier", made.identifier).member("timestamp", instant(made.at));
        json_.member("total", members_.size());
        if (is_paged) json_.member("offset", first);
        write_parameters();
        if (is_tree) {
            write_tree();
        } else if (count > 0) {
            json_.key("contains").begin_array();
            for (std::size_t i = first; i < first + count; ++i) {
                open_member(members_[i]);
                json_.end_object();
            }
            json_.end_array();
        }
        json_.end_object().end_object();
        return std::move(text_);
    }

private:
    void write_definition() {
        const auto& source = *set_.source;
        json_.member("resourceType", "ValueSet");
        if (const auto from = source.resource.json) {
            for (auto member = from.begin(); member != from.end(); ++member) {
                const auto name = member.key();
                const bool left_out = name == "resourceType" || name == "text" ||
                                      name == "expansion" || name == "meta" ||
                                      (name == "compose" && !options_.has_definition);
                if (left_out) continue;
                json_.key(name);
                write_json(json_, *member);
            }
            if (!from["status"]) json_.member("status", "unknown");
            return;
        }
        json_.member("url", source.url);
        if (!source.version.empty()) json_.member("version", source.version);
        const auto name = source.listed != nullptr ? source.listed->name : source.whole->name;
        if (!name.empty()) json_.member("name", name);
        json_.member("status", "active");
    }

    void parameter(std::string_view name, std::string_view type, std::string_view value) {
        json_.begin_object().member("name", name).member(type, value).end_object();
    }
    void parameter(std::string_view name, bool value) {
        json_.begin_object().member("name", name).member("valueBoolean", value).end_object();
    }

    void write_parameters() {
        json_.key("parameter").begin_array();
        if (!options_.filter.empty()) parameter("filter", "valueString", options_.filter);
        if (!options_.display_language.empty())
            parameter("displayLanguage", "valueCode", options_.display_language);
        if (options_.active_only) parameter("activeOnly", true);
        if (options_.not_for_ui) parameter("excludeNotForUI", true);
        if (options_.has_designations) parameter("includeDesignations", true);
        for (const auto& one : options_.designations) parameter("designation", "valueString", one);
        parameter("excludeNested", !options_.is_nested);
        for (const auto& one : options_.exclude_systems)
            parameter("exclude-system", "valueUri", one);
        for (const auto& one : options_.versions.fallback)
            parameter("system-version", "valueUri", one);
        for (const auto& one : options_.versions.check)
            parameter("check-system-version", "valueUri", one);
        for (const auto& one : options_.versions.force)
            parameter("force-system-version", "valueUri", one);
        if (options_.offset) number("offset", *options_.offset);
        if (options_.count) number("count", *options_.count);
        for (const auto& [system, versions] : versions_)
            for (const auto& version : versions)
                if (!version.empty())
                    parameter("version", "valueUri", fmt::format("{}|{}", system, version));
        json_.end_array();
    }
    void number(std::string_view name, std::size_t value) {
        json_.begin_object().member("name", name).member("valueInteger", value).end_object();
    }

    // The object is left open: nested ones may follow.
    void open_member(const Member& member) {
        json_.begin_object();
        if (!member.system.empty()) json_.member("system", member.system);
        if (member.is_abstract) json_.member("abstract", true);
        if (member.is_inactive) json_.member("inactive", true);
        if (!member.version.empty() && versions_[member.system].size() > 1)
            json_.member("version", member.version);
        json_.member("code", member.code);
        const auto display = display_in(member, options_.display_language);
        if (!display.empty()) json_.member("display", display);
        if (options_.has_designations || !options_.designations.empty()) write_designations(member);
    }

    void write_designations(const Member& member) {
        auto all = designations(member);
        std::erase_if(all,
                      [this](JsonValue one) { return !is_wanted(one, options_.designations); });
        if (all.empty()) return;
        json_.key("designation").begin_array();
        for (const auto one : all) write_json(json_, one);
        json_.end_array();
    }

    // Each below the nearest concept around it that is in the expansion too.
    void write_tree() {
        std::map<const Concept*, std::size_t> at;
        for (std::size_t i = 0; i < members_.size(); ++i)
            if (members_[i].of != nullptr) at.emplace(members_[i].of, i);
        children_.resize(members_.size());
        std::vector<std::size_t> roots;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            const auto around = enclosing(members_[i], at);
            (around ? children_[*around] : roots).push_back(i);
        }
        write_level(roots);
    }

    static std::optional<std::size_t> enclosing(const Member& member,
                                                const std::map<const Concept*, std::size_t>& at) {
        if (member.of == nullptr) return std::nullopt;
        const auto concepts = member.codes->concepts();
        for (auto outer = member.of->outer; outer != Concept::none; outer = concepts[outer].outer)
            if (const auto found = at.find(&concepts[outer]); found != at.end())
                return found->second;
        return std::nullopt;
    }

    // As deep as code systems nest their concepts.
    void write_level(const std::vector<std::size_t>& level) {  // NOLINT(misc-no-recursion)
        if (level.empty()) return;
        json_.key("contains").begin_array();
        for (const auto i : level) {
            open_member(members_[i]);
            write_level(children_[i]);
            json_.end_object();
        }
        json_.end_array();
    }

    const ComposedValueSet& set_;
    const ExpansionOptions& options_;
    std::vector<Member> members_;
    std::map<std::string_view, std::set<std::string>> versions_;  // by system
    std::vector<std::vector<std::size_t>> children_;
    std::string text_;
    JsonWriter json_{text_};
};

}  // namespace

Answer<std::string> expand(const ComposedValueSet& set, const ExpansionOptions& options,
                           const ExpansionMade& made, Budget& budget) {
    FHIR_TRY(all, members(set, budget));
    return ExpansionWriter(set, options, wanted(std::move(all), options)).write(made);
}

}  // namespace vigil::fhir::terminology
