#include <fmt/format.h>

#include <algorithm>

#include "fhir/deidentify/walk.hpp"

namespace vigil::fhir::deidentify {
namespace {

constexpr std::string_view us_core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";
constexpr std::string_view masked_year =
    R"("_valueDateTime":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})";

void separate(std::string& out, bool& is_first) {
    if (!std::exchange(is_first, false)) out += ',';
}

std::string years(int value) {
    return fmt::format(
        R"({{"value":{},"unit":"a","system":"http://unitsofmeasure.org","code":"a"}})", value);
}

}  // namespace

bool Walk::is_told(std::string_view url) const {
    if (!url.starts_with(us_core)) return true;
    url.remove_prefix(us_core.size());
    if (url == "birthsex") return !is_generalised(Quasi::sex);
    return (url != "race" && url != "ethnicity") || !is_generalised(Quasi::race);
}

// A value, or the parts that the table keeps by "parent#part" (ext-1: never both).
bool Walk::extension(JsonValue value, std::string_view parent) {
    const auto url = value["url"].string();
    const auto* kept = plan_.table().extension(parent.empty() ? std::string(url)
                                                              : fmt::format("{}#{}", parent, url));
    if (kept == nullptr || !is_told(url)) return false;
    const auto begin = out_.size();
    out_ += R"({"url":)";
    quoted(url);
    Seen seen;
    seen.is_first = false;
    const auto before = out_.size();
    for (auto at = value.begin(); at != value.end(); ++at) {
        const auto code = at.key() == "valueCode" ? (*at).string() : std::string_view();
        if (!code.empty() && std::ranges::find(kept->codes, code) != kept->codes.end()) {
            out_ += R"(,"valueCode":)";
            quoted(code);
        } else if (at.key().starts_with("value") && code.empty()) {
            const auto found = plan_.extension().members.find(at.key());
            if (found != plan_.extension().members.end())
                member(found->second, at.key(), *at, seen);
        }
    }
    if (out_.size() == before && parent.empty() && value["extension"].is(JsonKind::array)) {
        out_ += R"(,"extension":[)";
        bool is_first = true;
        for (const auto part : value["extension"]) {
            const auto at = out_.size();
            const bool was_first = is_first;
            separate(out_, is_first);
            if (extension(part, url)) continue;
            out_.resize(at);
            is_first = was_first;
        }
        if (is_first)
            out_.resize(before);
        else
            out_ += ']';
    }
    if (out_.size() == before) {
        out_.resize(begin);
        return false;
    }
    out_ += '}';
    return true;
}

void Walk::extensions_of(JsonValue resource, Seen& seen) {
    const auto begin = out_.size();
    const bool was_first = seen.is_first;
    begin_member("extension", false, seen);
    out_ += '[';
    bool is_first = true;
    for (const auto one : resource["extension"]) {
        const auto at = out_.size();
        const bool before = is_first;
        separate(out_, is_first);
        if (extension(one, {})) continue;
        out_.resize(at);
        is_first = before;
    }
    if (resource["resourceType"].string() == "Patient" && person_ != nullptr) {
        first_date(is_first);
        age_of_person(is_first);
    }
    if (!is_first) {
        out_ += ']';
        return;
    }
    out_.resize(begin);
    seen.is_first = was_first;
}

void Walk::first_date(bool& is_first) {
    const bool is_relative =
        by_.manner_.method == Method::safe_harbor && by_.manner_.times == Times::relative;
    if (!is_relative || !person_->first) return;
    separate(out_, is_first);
    out_ += fmt::format(R"({{"url":"{}",)", first_date_url);
    const auto year = year_of(person_->first->instant);
    if (is_generalised(Quasi::year) || shows_age_over_89(year))
        out_ += masked_year;
    else
        out_ += fmt::format(R"("valueDateTime":"{:04}")", year);
    out_ += '}';
}

void Walk::age_of_person(bool& is_first) {
    if (by_.manner_.method == Method::limited) return;
    const auto level = by_.manner_.levels[Quasi::age];
    if (level == level_max(Quasi::age)) return;
    if (person_->is_over_89) {
        separate(out_, is_first);
        out_ += fmt::format(
            R"({{"url":"{}","valueAge":{{"value":90,"comparator":">=","unit":"a","system":"http://unitsofmeasure.org","code":"a"}}}})",
            age_url);
    } else if (const auto low = person_->age_band_low; low && age_band_years(level) > 0) {
        separate(out_, is_first);
        out_ += fmt::format(R"({{"url":"{}","valueRange":{{"low":{},"high":{}}}}})", age_url,
                            years(*low), years(*low + age_band_years(level) - 1));
    }
}

}  // namespace vigil::fhir::deidentify
