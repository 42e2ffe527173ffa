#include "fhir/search/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace vigil::fhir {
namespace {

class SearchReader {
public:
    SearchReader(std::string_view type, const SearchContext& context)
        : type_(type), context_(context) {
        request_.count_max = context.limits.page_default;
    }

    Answer<SearchRequest> read(const Parameters& parameters) {
        if (parameters.size() > context_.limits.parameters_max)
            return refuse(400, "too-costly",
                          fmt::format("more than {} parameters", context_.limits.parameters_max));
        FHIR_CHECK(read_types(parameters));
        conditions_.resize(request_.types.size());
        for (const auto& [name, value] : parameters) {
            if (name == "_type" && type_.empty()) {
                request_.used.emplace_back(name, value);
                continue;
            }
            FHIR_CHECK(check_repeat(name));
            FHIR_TRY(understood, read_one(name, value));
            if (understood && name != "_cursor") request_.used.emplace_back(name, value);
        }
        for (std::size_t i = 0; i < request_.types.size(); ++i)
            request_.queries.push_back({.type = request_.types[i],
                                        .where = {store::AllOf{std::move(conditions_[i])}},
                                        .sort = sort_,
                                        .after = {},
                                        .count_max = request_.count_max});
        return std::move(request_);
    }

private:
    // A SearchParameter may say that its parameter stands once (multipleAnd).
    Answer<void> check_repeat(std::string_view name) {
        const auto code = name.substr(0, name.find(':'));
        for (const auto& type : request_.types) {
            const auto* parameter = context_.parameters.find(type, code);
            if (parameter == nullptr || parameter->definition->multiple_and) continue;
            if (!given_once_.insert(std::string(code)).second)
                return refuse(400, "not-supported",
                              fmt::format("{} may be given once (multipleAnd)", parameter->code));
            return {};
        }
        return {};
    }

    Answer<void> read_types(const Parameters& parameters) {
        if (!type_.empty()) {
            request_.types.emplace_back(type_);
            return {};
        }
        for (const auto& [name, value] : parameters) {
            if (name != "_type") continue;
            for (const auto one : split_escaped(value, ',')) {
                if (!context_.parameters.definitions().is_resource_type(one))
                    return refuse(
                        400, "value",
                        fmt::format("_type: there is no resource type {}", one.substr(0, 64)));
                request_.types.emplace_back(one);
            }
        }
        if (request_.types.empty())
            for (const auto* each : context_.parameters.definitions().resource_types())
                request_.types.emplace_back(each->name);
        return {};
    }

    // False: it is not known, and the client is lenient.
    Answer<bool> read_one(const std::string& name, const std::string& value) {
        static constexpr std::array passed_over = {"_format", "_pretty", "_contained",
                                                   "_containedType"};
        if (std::ranges::find(passed_over, name) != passed_over.end()) return true;
        if (value.empty()) return true;  // "a parameter without a value is ignored" (3.1.1.4.0)
        if (name == "_count") return count(value);
        if (name == "_cursor") {
            request_.cursor = value;
            return true;
        }
        if (name == "_sort") return sort(value);
        if (name == "_summary") return summary(value);
        if (name == "_total") return total(value);
        if (name == "_elements") {
            for (const auto one : split_escaped(value, ',')) request_.elements.emplace_back(one);
            return true;
        }
        if (name.starts_with("_include")) return include(name.substr(8), value, request_.includes);
        if (name.starts_with("_revinclude"))
            return include(name.substr(11), value, request_.reverse_includes);
        return filter(name, value);
    }

    Answer<bool> filter(const std::string& name, const std::string& value) {
        for (std::size_t i = 0; i < request_.types.size(); ++i) {
            auto condition = read_condition(request_.types[i], name, value, context_);
            if (condition) {
                conditions_[i].push_back(std::move(*condition));
                continue;
            }
            if (context_.strict || condition.error().issues.front().code != "not-supported")
                return as_refusal(std::move(condition).error());
            auto warning = std::move(condition.error().issues.front());
            warning.severity = Severity::warning;
            warning.diagnostics += "; it was passed over";
            request_.warnings.push_back(std::move(warning));
            return false;
        }
        return true;
    }

    Answer<bool> count(std::string_view value) {
        std::size_t number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size())
            return refuse(400, "value", "_count is a whole number");
        if (number == 0) request_.summary = Summary::count;  // 3.1.1.5.2
        request_.count_max = std::clamp<std::size_t>(number, 1, context_.limits.page_max);
        return true;
    }

    Answer<bool> sort(std::string_view value) {
        for (auto key : split_escaped(value, ',')) {
            store::SortKey out;
            out.descending = key.starts_with('-');
            if (out.descending) key.remove_prefix(1);
            if (key == "_id")
                out.by = store::SortKey::By::id;
            else if (key == "_lastUpdated")
                out.by = store::SortKey::By::updated;
            else
                out.parameter = key;
            for (const auto& type : request_.types) {
                const auto* parameter = context_.parameters.find(type, key);
                const bool sortable = parameter != nullptr &&
                                      parameter->type != SearchType::composite &&
                                      parameter->type != SearchType::special;
                if (sortable && !parameter->is_ready) return not_ready(*parameter);
                if (!sortable)
                    return refuse(
                        400, "not-supported",
                        fmt::format("{} cannot be sorted by {}", type, key.substr(0, 64)));
            }
            sort_.push_back(std::move(out));
        }
        if (sort_.size() > 4) return refuse(400, "too-costly", "_sort takes four keys at most");
        return true;
    }

    Answer<bool> summary(std::string_view value) {
        constexpr std::array<std::pair<std::string_view, Summary>, 5> words = {
            {{"false", Summary::no},
             {"true", Summary::yes},
             {"text", Summary::text},
             {"data", Summary::data},
             {"count", Summary::count}}};
        for (const auto& [word, meaning] : words)
            if (value == word) {
                request_.summary = meaning;
                return true;
            }
        return refuse(400, "value", "_summary is true, text, data, count or false");
    }

    Answer<bool> total(std::string_view value) {
        constexpr std::array<std::pair<std::string_view, Total>, 3> words = {
            {{"none", Total::none}, {"estimate", Total::estimate}, {"accurate", Total::accurate}}};
        for (const auto& [word, meaning] : words)
            if (value == word) {
                request_.total = meaning;
                return true;
            }
        return refuse(400, "value", "_total is none, estimate or accurate");
    }

    // [:iterate]=Type:parameter[:Type]
    Answer<bool> include(std::string_view modifier, std::string_view value,
                         std::vector<Include>& out) {
        Include one;
        one.iterate = modifier == ":iterate" || modifier == ":recurse";
        if (!modifier.empty() && !one.iterate)
            return refuse(400, "value", "_include and _revinclude take :iterate only");
        if (value == "*") {
            one.source = request_.types.size() == 1 ? request_.types.front() : std::string();
            one.parameter = "*";
            out.push_back(std::move(one));
            return true;
        }
        const auto parts = split_escaped(value, ':');
        if (parts.size() < 2 || parts.size() > 3)
            return refuse(400, "value",
                          "write an include as Type:parameter or Type:parameter:Type");
        one.source = parts[0];
        one.parameter = parts[1];
        if (parts.size() == 3) one.target = parts[2];
        const auto* parameter = context_.parameters.find(one.source, one.parameter);
        const bool known = one.parameter == "*"
                               ? context_.parameters.definitions().is_resource_type(one.source)
                               : parameter != nullptr && parameter->type == SearchType::reference;
        if (!known)
            return refuse(400, "not-supported",
                          fmt::format("there is no reference {} of {} to include",
                                      one.parameter.substr(0, 64), one.source.substr(0, 64)));
        if (parameter != nullptr && !parameter->is_ready) return not_ready(*parameter);
        out.push_back(std::move(one));
        if (out.size() > 20) return refuse(400, "too-costly", "more than 20 includes");
        return true;
    }

    std::string_view type_;
    const SearchContext& context_;
    SearchRequest request_;
    std::vector<std::vector<store::Condition>> conditions_;  // for each type
    std::vector<store::SortKey> sort_;
    std::set<std::string> given_once_;
};

}  // namespace

tl::unexpected<Problem> not_ready(const IndexedParameter& parameter) {
    return refuse(
        503, "transient",
        fmt::format("the resources are being indexed by SearchParameter/{}, the parameter "
                    "{}: ask again later",
                    parameter.custom_id, parameter.code));
}

Answer<SearchRequest> read_search(std::string_view type, const Parameters& parameters,
                                  const SearchContext& context) {
    return SearchReader(type, context).read(parameters);
}

}  // namespace vigil::fhir
