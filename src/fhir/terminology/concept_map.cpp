#include "fhir/terminology/concept_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vigil::fhir::terminology {
namespace {

constexpr std::size_t maps_in_turn_max = 5, translations_max = 1'000;

// source[x] and target[x]: a uri or a canonical.
std::string_view value_set_of(JsonValue map, std::string_view end) {
    const auto uri = map[std::string(end) + "Uri"].string();
    return uri.empty() ? map[std::string(end) + "Canonical"].string() : uri;
}

bool is_same(std::string_view wanted, std::string_view has) {
    const auto a = read_canonical(wanted), b = read_canonical(has);
    return a.url == b.url && (a.version.empty() || b.version.empty() || a.version == b.version);
}

std::string canonical_of(JsonValue map) {
    const auto url = map["url"].string(), version = map["version"].string();
    return version.empty() ? std::string(url) : fmt::format("{}|{}", url, version);
}

// What the target is to the source, read the other way round.
std::string_view inverted(std::string_view equivalence) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pairs = {
        {{"wider", "narrower"},
         {"narrower", "wider"},
         {"subsumes", "specializes"},
         {"specializes", "subsumes"}}};
    for (const auto& [from, to] : pairs)
        if (from == equivalence) return to;
    return equivalence;
}

// A dependency holds where the element that was given has that value.
bool holds(JsonValue depends_on, const std::vector<TranslationRequest::Dependency>& given) {
    const auto property = depends_on["property"].string(), value = depends_on["value"].string();
    const auto system = depends_on["system"].string();
    return std::ranges::any_of(given, [&](const TranslationRequest::Dependency& one) {
        if (one.element != property) return false;
        if (one.concept_["text"].string() == value) return true;
        for (const auto coding : one.concept_["coding"])
            if (coding["code"].string() == value &&
                (system.empty() || is_same(system, coding["system"].string())))
                return true;
        return false;
    });
}

class Translator {
public:
    Translator(TranslationRequest request, Library& library, Budget& budget)
        : request_(std::move(request)), library_(library), budget_(budget) {}

    Answer<void> follow(JsonValue map, std::size_t depth) {
        if (!is_asked(map)) return {};
        map_ = map;
        for (const auto group : map["group"])
            for (const auto& code : request_.codes) {
                FHIR_CHECK(request_.reverse ? backward(group, code) : forward(group, code, depth));
                if (out_.all.size() > translations_max)
                    return refuse(422, "too-costly", "there are too many translations");
            }
        return {};
    }
    Translations take() { return std::move(out_); }

private:
    bool is_asked(JsonValue map) const {
        const auto source = value_set_of(map, request_.reverse ? "target" : "source");
        const auto target = value_set_of(map, request_.reverse ? "source" : "target");
        return (request_.source.empty() || is_same(request_.source, source)) &&
               (request_.target.empty() || is_same(request_.target, target));
    }

    static bool is_of(const TranslatedCode& code, std::string_view system,
                      std::string_view version) {
        return code.system == system &&
               (code.version.empty() || version.empty() || code.version == version);
    }
    bool is_target(std::string_view system) const {
        return request_.target_system.empty() || request_.target_system == system;
    }

    bool applies(JsonValue target) {
        for (const auto depends_on : target["dependsOn"])
            if (!holds(depends_on, request_.dependencies)) {
                out_.depends = true;
                return false;
            }
        return true;
    }

    void add(std::string_view equivalence, TranslatedCode to, std::string_view display,
             JsonValue products = {}) {
        out_.all.push_back({equivalence, to, display, products, canonical_of(map_)});
    }

    Answer<void> forward(JsonValue group, const TranslatedCode& code, std::size_t depth) {
        const auto target_system = group["target"].string();
        if (!is_of(code, group["source"].string(), group["sourceVersion"].string()) ||
            !is_target(target_system))
            return {};
        FHIR_CHECK(budget_.spend(1 + group["element"].size()));
        bool is_mapped = false;
        for (const auto element : group["element"]) {
            if (element["code"].string() != code.code) continue;
            is_mapped = true;
            for (const auto target : element["target"])
                if (applies(target))
                    add(target["equivalence"].string(),
                        {target_system, group["targetVersion"].string(), target["code"].string()},
                        target["display"].string(), target["product"]);
        }
        if (is_mapped || !group["unmapped"]) return {};
        return unmapped(group, code, depth);
    }

    // That the map gives a code for what it does not list says no more than that they are related.
    Answer<void> unmapped(JsonValue group, const TranslatedCode& code, std::size_t depth) {
        const auto rule = group["unmapped"];
        const auto mode = rule["mode"].string(), system = group["target"].string();
        const auto version = group["targetVersion"].string();
        if (mode == "provided") add("relatedto", {system, version, code.code}, {});
        if (mode == "fixed")
            add("relatedto", {system, version, rule["code"].string()}, rule["display"].string());
        if (mode != "other-map") return {};
        if (depth >= maps_in_turn_max)
            return refuse(422, "too-costly", "too many concept maps lead to one another");
        const auto other = read_canonical(rule["url"].string());
        FHIR_TRY(
            maps,
            library_.concept_maps(
                {.url = other.url, .version = other.version, .system = {}, .target_system = {}}));
        if (maps.empty())
            return refuse(422, "not-found",
                          fmt::format("the concept map {} that {} leads to is not on this server",
                                      other.url, canonical_of(map_)));
        Translator there({.codes = {code},
                          .source = {},
                          .target = {},
                          .target_system = request_.target_system,
                          .reverse = false,
                          .dependencies = request_.dependencies},
                         library_, budget_);
        for (const auto& one : maps) FHIR_CHECK(there.follow(one.json, depth + 1));
        auto found = there.take();
        std::ranges::move(found.all, std::back_inserter(out_.all));
        std::ranges::move(found.others, std::back_inserter(out_.others));
        std::ranges::move(maps, std::back_inserter(out_.others));
        out_.depends = out_.depends || found.depends;
        return {};
    }

    Answer<void> backward(JsonValue group, const TranslatedCode& code) {
        const auto source_system = group["source"].string();
        if (!is_of(code, group["target"].string(), group["targetVersion"].string()) ||
            !is_target(source_system))
            return {};
        for (const auto element : group["element"]) {
            FHIR_CHECK(budget_.spend(1 + element["target"].size()));
            for (const auto target : element["target"])
                if (target["code"].string() == code.code && applies(target))
                    add(inverted(target["equivalence"].string()),
                        {source_system, group["sourceVersion"].string(), element["code"].string()},
                        element["display"].string());
        }
        return {};
    }

    TranslationRequest request_;
    Library& library_;
    Budget& budget_;
    JsonValue map_;  // that is followed
    Translations out_;
};

}  // namespace

Answer<Translations> translate(std::span<const Kept> maps, const TranslationRequest& request,
                               Library& library, Budget& budget) {
    Translator translator(request, library, budget);
    for (const auto& map : maps) FHIR_CHECK(translator.follow(map.json, 0));
    return translator.take();
}

}  // namespace vigil::fhir::terminology
