#include "fhir/terminology/value_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "fhir/terminology/filter.hpp"

namespace vigil::fhir::terminology {

Member member_of(const CodeSystem& codes, const Concept& of) {
    return {.system = codes.url,
            .version = codes.version,
            .code = of.code,
            .display = of.display,
            .codes = &codes,
            .of = &of,
            .listed = {},
            .is_abstract = of.is_abstract,
            .is_inactive = of.is_inactive};
}

namespace {

Problem problem(std::string_view code, std::string diagnostics) {
    return refuse(422, code, std::move(diagnostics)).value();
}

std::string full_name(std::string_view url, std::string_view version) {
    return version.empty() ? std::string(url) : fmt::format("{}|{}", url, version);
}

// "url|version" in a list of such: the version given for the url.
std::string_view version_in(const std::vector<std::string>& rules, std::string_view url) {
    for (const auto& rule : rules)
        if (const auto canonical = read_canonical(rule); canonical.url == url)
            return canonical.version;
    return {};
}

Problem not_at_hand(std::string_view url, std::string_view version) {
    return problem("not-found",
                   fmt::format("the code system {} is not on this server, nor listed in the value "
                               "set",
                               full_name(url, version)));
}

std::string_view word(CodeSystem::Content content) {
    switch (content) {
        case CodeSystem::Content::complete:
            return "complete";
        case CodeSystem::Content::fragment:
            return "a fragment";
        case CodeSystem::Content::example:
            return "an example";
        case CodeSystem::Content::not_present:
            return "without its codes";
        case CodeSystem::Content::supplement:
            return "a supplement";
    }
    return {};
}

void add_listed(Part& part, Member member) {
    if (part.codes)
        if (const auto* of = part.codes->find(member.code)) {
            auto known = member_of(*part.codes, *of);
            if (!member.display.empty()) known.display = member.display;
            known.listed = member.listed;
            known.is_inactive = known.is_inactive || member.is_inactive;
            member = known;
        }
    part.by_code.emplace(member.code, static_cast<std::uint32_t>(part.members.size()));
    part.members.push_back(member);
}

// Of the parts of a stored expansion or a table: the one of that system.
Part& part_of(std::vector<Part>& parts, std::string_view system) {
    const auto found = std::ranges::find(parts, system, &Part::system);
    if (found != parts.end()) return *found;
    auto& added = parts.emplace_back();
    added.system = system;
    added.is_list = true;
    return added;
}

}  // namespace

Answer<std::shared_ptr<const ComposedValueSet>> Composer::compose(
    std::shared_ptr<const ValueSetSource> source) {
    return compose(std::move(source), 0);
}

Answer<std::shared_ptr<const ComposedValueSet>> Composer::compose(
    std::shared_ptr<const ValueSetSource> source, std::size_t depth) {
    const auto name = full_name(source->url, source->version);
    if (const auto known = composed_.find(name); known != composed_.end()) {
        if (known->second) return known->second;
        return refuse(422, "invalid", fmt::format("the value set {} includes itself", name));
    }
    if (depth > limits_.nesting_max || composed_.size() >= limits_.value_sets_max)
        return refuse(422, "too-costly", "too many value sets within the value set");
    composed_.emplace(name, nullptr);
    auto set = std::make_shared<ComposedValueSet>();
    set->source = std::move(source);
    const auto json = set->source->resource.json;
    if (set->source->listed != nullptr) {
        FHIR_CHECK(read_listed(*set, *set->source->listed));
    } else if (set->source->whole) {
        auto& part = set->include.emplace_back();
        part.codes = set->source->whole;
        part.system = part.codes->url;
    } else if (json["compose"]) {
        FHIR_CHECK(read_compose(*set, json["compose"], depth));
        use_expansion_if_unknown(*set);
    } else if (json["expansion"]) {
        FHIR_CHECK(read_expansion(*set, json["expansion"]));
    } else {
        return refuse(422, "invalid",
                      fmt::format("the value set {} says neither what it is composed of nor what "
                                  "it expands to",
                                  name));
    }
    composed_[name] = set;
    return std::shared_ptr<const ComposedValueSet>(std::move(set));
}

Answer<void> Composer::read_listed(ComposedValueSet& set, const ValueSet& listed) {
    FHIR_CHECK(budget_.spend(listed.codes.size()));
    for (const auto& coding : listed.codes) {
        const bool is_new =
            std::ranges::find(set.include, coding.system, &Part::system) == set.include.end();
        auto& part = part_of(set.include, coding.system);
        if (is_new) {
            FHIR_TRY(codes, library_.code_system(coding.system, {}));
            part.codes = std::move(codes);
        }
        add_listed(part, {.system = coding.system,
                          .version = {},
                          .code = coding.code,
                          .display = coding.display,
                          .listed = {}});
    }
    // The table is in the order of codes: a code system's own order says more.
    for (auto& part : set.include) {
        if (!part.codes) continue;
        std::ranges::sort(part.members, {},
                          [](const Member& m) { return std::tuple(m.of, m.code); });
        for (std::uint32_t i = 0; i < part.members.size(); ++i)
            part.by_code[part.members[i].code] = i;
    }
    return {};
}

// A value set that was stored expanded is its expansion, if that is all of it.
Answer<void> Composer::read_expansion(ComposedValueSet& set, JsonValue expansion) {
    std::vector<JsonValue> open{expansion["contains"]};
    std::int64_t count = 0;
    while (!open.empty()) {
        const auto level = open.back();
        open.pop_back();
        FHIR_CHECK(budget_.spend(level.size() + 1));
        for (const auto entry : level) {
            ++count;
            if (entry["contains"]) open.push_back(entry["contains"]);
            if (entry["code"].string().empty()) continue;
            add_listed(part_of(set.include, entry["system"].string()),
                       {.system = entry["system"].string(),
                        .version = entry["version"].string(),
                        .code = entry["code"].string(),
                        .display = entry["display"].string(),
                        .listed = entry,
                        .is_abstract = entry["abstract"].is_true(),
                        .is_inactive = entry["inactive"].is_true()});
        }
    }
    bool is_whole = expansion["total"].integer().value_or(count) <= count &&
                    expansion["offset"].integer().value_or(0) == 0;
    for (const auto extension : expansion["extension"])
        if (extension["url"].string() ==
            "http://hl7.org/fhir/StructureDefinition/valueset-unclosed")
            is_whole = false;
    if (!is_whole)
        return refuse(
            422, "incomplete",
            fmt::format("the value set {} holds but a part of its expansion", set.source->url));
    return {};
}

// Who wrote the value set may have had what is not at hand here, and have written down what it
// comes to.
void Composer::use_expansion_if_unknown(ComposedValueSet& set) {
    const auto expansion = set.source->resource.json["expansion"];
    const auto is_unknown = [](const Part& part) { return part.unknown.has_value(); };
    if (!expansion || !rules_.empty() ||
        !(std::ranges::any_of(set.include, is_unknown) ||
          std::ranges::any_of(set.exclude, is_unknown)))
        return;
    ComposedValueSet stored{.source = set.source, .include = {}, .exclude = {}};
    if (read_expansion(stored, expansion)) set = std::move(stored);
}

Answer<void> Composer::read_compose(ComposedValueSet& set, JsonValue compose, std::size_t depth) {
    set.has_inactive = !compose["inactive"] || compose["inactive"].is_true();
    const bool is_locked = static_cast<bool>(compose["lockedDate"]);
    for (const auto include : compose["include"]) {
        FHIR_TRY(part, read_part(include, is_locked, depth));
        set.include.push_back(std::move(part));
    }
    for (const auto exclude : compose["exclude"]) {
        FHIR_TRY(part, read_part(exclude, is_locked, depth));
        set.exclude.push_back(std::move(part));
    }
    return {};
}

Answer<Part> Composer::read_part(JsonValue include, bool is_locked, std::size_t depth) {
    FHIR_CHECK(budget_.spend(1));
    Part part;
    if (include["system"]) {
        FHIR_CHECK(read_system(part, include, is_locked));
    } else if (!include["valueSet"]) {
        part.unknown = problem("invalid",
                               "an include of the value set names no system or value "
                               "set");
    }
    FHIR_CHECK(read_imports(part, include["valueSet"], depth));
    return part;
}

// force-system-version overrides, system-version fills in, check-system-version must agree.
Answer<std::string> Composer::version_of(std::string_view system, std::string_view wanted) const {
    if (const auto forced = version_in(rules_.force, system); !forced.empty())
        return std::string(forced);
    const auto checked = version_in(rules_.check, system);
    if (!checked.empty() && !wanted.empty() && checked != wanted)
        return refuse(
            422, "value",
            fmt::format("the value set takes version {} of {}, not {}", wanted, system, checked));
    if (!wanted.empty()) return std::string(wanted);
    return std::string(checked.empty() ? version_in(rules_.fallback, system) : checked);
}

Answer<void> Composer::read_system(Part& part, JsonValue include, bool is_locked) {
    part.system = include["system"].string();
    part.version = include["version"].string();
    FHIR_TRY(version, version_of(part.system, part.version));
    FHIR_TRY(codes, library_.code_system(part.system, version));
    part.codes = std::move(codes);
    if (part.codes && part.codes->content == CodeSystem::Content::supplement) part.codes.reset();
    if (part.codes) {
        part.version = part.codes->version;
        FHIR_CHECK(budget_.spend(part.codes->concepts().size() / 2));  // it may have been read
    }
    if (include["concept"]) {
        part.is_list = true;
        FHIR_CHECK(budget_.spend(include["concept"].size()));
        for (const auto listed : include["concept"])
            add_listed(part, {.system = part.system,
                              .version = part.version,
                              .code = listed["code"].string(),
                              .display = listed["display"].string(),
                              .listed = listed});
        return {};
    }
    part.is_whole_system = !include["filter"];
    if (!part.codes) {
        part.unknown = not_at_hand(part.system, version);
    } else if (part.codes->content != CodeSystem::Content::complete) {
        part.unknown = problem("incomplete", fmt::format("the code system {} on this server is {}",
                                                         part.system, word(part.codes->content)));
    } else if (is_locked && version.empty()) {
        part.unknown = problem("not-supported",
                               fmt::format("the value set is locked to a date: which version of "
                                           "{} that was is not known here",
                                           part.system));
    } else if (include["filter"]) {
        auto selected = select(*part.codes, include["filter"], budget_);
        if (selected)
            part.selected = std::move(*selected);
        else
            part.unknown = std::move(selected).error();
    }
    return {};
}

Answer<void> Composer::read_imports(Part& part, JsonValue canonicals, std::size_t depth) {
    for (const auto text : canonicals) {
        const auto canonical = read_canonical(text.string());
        FHIR_TRY(source, library_.value_set(canonical.url, canonical.version));
        if (!source) {
            part.unknown =
                problem("not-found", fmt::format("the value set {} is not on this server",
                                                 text.string().substr(0, 256)));
            continue;
        }
        // One that circles or is too much is an error of the whole.
        FHIR_TRY(set, compose(std::move(source), depth + 1));
        part.value_sets.push_back(std::move(set));
    }
    return {};
}

}  // namespace vigil::fhir::terminology
