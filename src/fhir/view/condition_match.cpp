#include "fhir/view/condition_match.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "fhir/resource/resource.hpp"
#include "fhir/search/folding.hpp"

namespace vigil::fhir {
namespace {

using store::Comparison;

// R4 3.1.1.4.5 and .6, of ranges: equal is "the searched one holds the value's".
template <class Range, class Bound>
bool compare_ranges(Comparison comparison, const Range& value, const Range& asked, Bound low,
                    Bound high) {
    const bool inside = asked.*low <= value.*low && value.*high <= asked.*high;
    switch (comparison) {
        case Comparison::equal:
            return inside;
        case Comparison::not_equal:
            return !inside;
        case Comparison::less:
            return value.*low < asked.*low;
        case Comparison::less_equal:
            return value.*low < asked.*low || inside;
        case Comparison::greater:
            return value.*high > asked.*high;
        case Comparison::greater_equal:
            return value.*high > asked.*high || inside;
        case Comparison::starts_after:
            return value.*low >= asked.*high;
        case Comparison::ends_before:
            return value.*high <= asked.*low;
        case Comparison::overlaps:
            return value.*low < asked.*high && asked.*low < value.*high;
    }
    return false;
}

class Matcher {
public:
    Matcher(const IndexedResource& resource, store::RecordReader& reader)
        : resource_(resource), reader_(reader) {}

    Result<bool> operator()(const store::Condition& condition) {
        return std::visit([this](const auto& is) { return match(is); }, condition.is);
    }

private:
    Result<bool> match(const store::AllOf& all) {
        for (const auto& condition : all.conditions) {
            VIGIL_TRY(holds, (*this)(condition));
            if (!holds) return false;
        }
        return true;
    }
    Result<bool> match(const store::AnyOf& any) {
        for (const auto& condition : any.conditions) {
            VIGIL_TRY(holds, (*this)(condition));
            if (holds) return true;
        }
        return false;
    }
    Result<bool> match(const store::NoneOf& none) {
        VIGIL_TRY(any, match(store::AnyOf{none.conditions}));
        return !any;
    }
    Result<bool> match(const store::Together& together) {
        std::set<std::uint16_t> groups;
        for (const auto& row : resource_.rows)
            if (row.group != 0) groups.insert(row.group);
        for (const auto group : groups) {
            group_ = group;
            auto all = match(store::AllOf{together.conditions});
            group_.reset();
            if (!all || *all) return all;
        }
        return false;
    }
    template <class Value, class Test>
    bool any_row(std::string_view parameter, Test test) const {
        return std::ranges::any_of(resource_.rows, [&](const store::IndexRow& row) {
            const auto* value = std::get_if<Value>(&row.value);
            return value != nullptr && row.parameter == parameter &&
                   (!group_ || row.group == *group_) && test(*value);
        });
    }
    Result<bool> match(const store::TokenMatch& asked) {
        return any_row<store::TokenValue>(asked.parameter, [&](const store::TokenValue& value) {
            return (!asked.system || *asked.system == value.system) &&
                   (!asked.code || *asked.code == value.code);
        });
    }
    Result<bool> match(const store::DateMatch& asked) {
        return any_row<store::DateValue>(asked.parameter, [&](const store::DateValue& value) {
            return fhir::compare(asked.comparison, value, asked.value);
        });
    }
    Result<bool> match(const store::NumberMatch& asked) {
        return any_row<store::NumberValue>(asked.parameter, [&](const store::NumberValue& value) {
            return asked.value.unit == value.unit &&
                   fhir::compare(asked.comparison, value, asked.value);
        });
    }
    Result<bool> match(const store::StringMatch& asked) {
        using How = store::StringMatch::How;
        return any_row<store::StringValue>(asked.parameter, [&](const store::StringValue& value) {
            if (asked.how == How::exact) return value.exact == asked.text;
            if (asked.how == How::starts_with) return value.folded.starts_with(asked.text);
            return value.folded.find(asked.text) != std::string::npos;
        });
    }
    Result<bool> match(const store::UriMatch& asked) {
        using How = store::UriMatch::How;
        return any_row<store::UriValue>(asked.parameter, [&](const store::UriValue& value) {
            if (asked.how == How::equal) return value.uri == asked.uri;
            if (asked.how == How::below) return value.uri.starts_with(asked.uri);
            return asked.uri.starts_with(value.uri);
        });
    }
    Result<bool> match(const store::ReferenceMatch& asked) {
        return any_row<store::ReferenceValue>(
            asked.parameter, [&](const store::ReferenceValue& value) {
                if (!asked.to.url.empty()) return value.url == asked.to.url;
                return value.id == asked.to.id &&
                       (asked.to.type.empty() || asked.to.type == value.type);
            });
    }
    Result<bool> match(const store::Missing& asked) {
        return std::ranges::none_of(resource_.rows, [&](const store::IndexRow& row) {
            return row.parameter == asked.parameter;
        });
    }
    Result<bool> match(const store::IdMatch& asked) { return asked.id == resource_.id; }
    Result<bool> match(const store::UpdatedMatch& asked) {
        return fhir::compare(asked.comparison,
                             {resource_.updated, resource_.updated + Nanoseconds(1)}, asked.value);
    }
    Result<bool> match(const store::TextMatch& asked) {
        const auto text = folded(asked.narrative_only ? resource_.narrative : resource_.content);
        auto words = folded(asked.words);
        for (std::size_t start = 0; start < words.size();) {
            const auto end = std::min(words.find(' ', start), words.size());
            if (text.find(words.substr(start, end - start)) == std::string::npos) return false;
            start = end + 1;
        }
        return true;
    }
    Result<bool> match(const store::RefersTo& asked) {
        for (const auto& row : resource_.rows) {
            const auto* to = std::get_if<store::ReferenceValue>(&row.value);
            if (to == nullptr || row.parameter != asked.parameter || to->type != asked.type)
                continue;
            store::RecordQuery query{
                .type = asked.type,
                .where = {store::AllOf{{{store::IdMatch{to->id}}, *asked.condition}}},
                .sort = {},
                .after = {},
                .count_max = 1};
            VIGIL_TRY(found, reader_.count(query, 1));
            if (found > 0) return true;
        }
        return false;
    }
    Result<bool> match(const store::ReferredBy& asked) {
        const store::ReferenceValue self{
            std::string(resource_.type), std::string(resource_.id), {}};
        store::RecordQuery query{
            .type = asked.type,
            .where = {store::AllOf{
                {{store::ReferenceMatch{asked.parameter, self}}, *asked.condition}}},
            .sort = {},
            .after = {},
            .count_max = 1};
        VIGIL_TRY(found, reader_.count(query, 1));
        return found > 0;
    }

    const IndexedResource& resource_;
    store::RecordReader& reader_;
    std::optional<std::uint16_t> group_;
};

}  // namespace

bool compare(store::Comparison comparison, const store::DateValue& value,
             const store::DateValue& asked) {
    return compare_ranges(comparison, value, asked, &store::DateValue::start,
                          &store::DateValue::end);
}

bool compare(store::Comparison comparison, const store::NumberValue& value,
             const store::NumberValue& asked) {
    // Single numbers have no width: "overlaps" and "after" take their ends as they are.
    if (comparison == Comparison::overlaps)
        return value.low <= asked.high && asked.low <= value.high;
    if (comparison == Comparison::starts_after) return value.low > asked.high;
    if (comparison == Comparison::ends_before) return value.high < asked.low;
    return compare_ranges(comparison, value, asked, &store::NumberValue::low,
                          &store::NumberValue::high);
}

Result<Extracted> extract_of(const store::Record& view, const ExtractionContext& context) {
    std::string text;
    append_resource(text, view.body, view.version, view.updated);
    VIGIL_TRY(resource, Resource::parse(std::move(text)));
    return extract(resource.json(), context);
}

Result<bool> holds(const store::Condition& condition, const IndexedResource& resource,
                   store::RecordReader& reader) {
    return Matcher(resource, reader)(condition);
}

}  // namespace vigil::fhir
