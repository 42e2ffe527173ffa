#include "fhir/search/index_rows.hpp"

#include <algorithm>

#include "fhir/resource/reference.hpp"
#include "fhir/search/near.hpp"
#include "fhir/search/row_writer.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t rows_max = 20'000;
constexpr std::size_t text_bytes_max = std::size_t{1} << 20;
constexpr std::size_t combinations_max = 256;  // of one composite at one place

// The visible text of a narrative: what stands between its tags.
void append_narrative(std::string_view xhtml, std::string& out) {
    bool in_tag = false;
    for (const char c : xhtml) {
        if (c == '<') in_tag = true;
        if (!in_tag) out += c;
        if (c == '>') {
            in_tag = false;
            out += ' ';
        }
        if (out.size() >= text_bytes_max) return;
    }
}

// All text that people wrote or read: strings that are no codes, links or data.
void append_text(JsonValue value, std::string_view key, std::string& out) {
    constexpr std::array not_read = {"id",   "reference", "url",          "system",
                                     "code", "data",      "status",       "unit",
                                     "div",  "fullUrl",   "resourceType", "valueBase64Binary",
                                     "hash", "versionId", "lastUpdated"};
    if (out.size() >= text_bytes_max) return;
    if (value.is(JsonKind::string)) {
        if (std::ranges::find(not_read, key) != not_read.end()) return;
        out.append(value.text()).append(" ");
        return;
    }
    const bool is_object = value.is(JsonKind::object);
    for (auto part = value.begin(); part != value.end(); ++part)
        append_text(*part, is_object ? part.key() : key, out);
}

ElementSet elements_of(const Type& type, JsonValue resource) {
    ElementSet set;
    for (auto member = resource.begin(); member != resource.end(); ++member) {
        auto name = member.key();
        if (name.starts_with('_')) name.remove_prefix(1);
        if (const auto* element = type.property(name).element) set.add(type, *element);
    }
    return set;
}

class Extractor {
public:
    Extractor(JsonValue resource, const Type& type, const ExtractionContext& context)
        : resource_(type, resource), context_(context), writer_(context, out_.rows) {
        environment_.definitions = &context.parameters.definitions();
        environment_.now = context.now;
        environment_.resource = resource_;
        environment_.root_resource = resource_;
        // `where(resolve() is Patient)` asks for a type only, and that stands in the reference.
        environment_.resolve = [this](std::string_view reference) -> std::optional<path::Item> {
            const auto& definitions = context_.parameters.definitions();
            const auto read = read_reference(reference, context_.base, definitions);
            if (read.is_contained) return contained(read.contained);
            if (read.type.empty()) return std::nullopt;
            return path::Item(*definitions.type(read.type), JsonValue());
        };
    }

    Result<Extracted> run() {
        const auto elements = elements_of(*resource_.type(), resource_.json());
        for (const auto& parameter : context_.parameters.of(resource_.type()->name)) {
            if (!parameter.expression) continue;
            if (parameter.found_in && !parameter.found_in->meets(elements)) continue;
            const auto before = static_cast<std::ptrdiff_t>(out_.rows.size());
            const auto added = add(parameter);
            if (added) continue;
            // A standard expression fails on what is no valid resource; a custom one may on any: it
            // does not find that one, and what is written stays written.
            if (parameter.custom_id.empty()) return tl::unexpected(added.error());
            out_.rows.erase(out_.rows.begin() + before, out_.rows.end());
        }
        append_narrative(resource_.json()["text"]["div"].string(), out_.narrative);
        out_.content = out_.narrative;
        append_text(resource_.json(), {}, out_.content);
        return std::move(out_);
    }

private:
    static constexpr std::size_t custom_steps_max = 50'000;  // as each write pays for them

    Result<void> add(const IndexedParameter& parameter) {
        environment_.steps_max =
            parameter.custom_id.empty() ? path::Environment{}.steps_max : custom_steps_max;
        VIGIL_TRY(found, parameter.expression->evaluate(resource_, environment_));
        if (parameter.type == SearchType::composite) {
            VIGIL_CHECK(composite(parameter, found));
        } else if (parameter.type == SearchType::special) {
            for (const auto& item : found) place(item);
        } else {
            const auto first = out_.rows.size();
            writer_.begin(parameter.code, parameter.codes);
            for (const auto& item : found) writer_.add(parameter.type, item);
            drop_repeats(first);
        }
        return check_row_count();
    }

    // Of `near`, the one special parameter that has an expression: a place's two numbers.
    void place(const path::Item& item) {
        const auto position = position_of(item.json());
        if (!position) return;
        ++group_;
        for (const auto& [row, degrees] : {std::pair{near_latitude_row, position->latitude},
                                           std::pair{near_longitude_row, position->longitude}})
            out_.rows.push_back({row, store::NumberValue{{}, degrees, degrees}, group_});
    }

    std::optional<path::Item> contained(std::string_view id) const {
        for (const auto one : resource_.json()["contained"])
            if (one["id"].string() == id)
                if (const auto* type =
                        context_.parameters.definitions().type(one["resourceType"].string()))
                    return path::Item(*type, one);
        return std::nullopt;
    }

    // Every combination of the parts' values at one place is a group.
    Result<void> composite(const IndexedParameter& parameter, const path::Collection& places) {
        std::vector<path::Collection> found(parameter.components.size());
        for (const auto& place : places) {
            VIGIL_TRY(is_whole, find_parts(parameter, place, found));
            if (is_whole) VIGIL_CHECK(combine(parameter, found));
        }
        return {};
    }

    // False: a part has no value there.
    Result<bool> find_parts(const IndexedParameter& parameter, const path::Item& place,
                            std::vector<path::Collection>& found) const {
        for (std::size_t i = 0; i < found.size(); ++i) {
            VIGIL_TRY(items, parameter.components[i].expression.evaluate(place, environment_));
            if (items.empty()) return false;
            found[i] = std::move(items);
        }
        return true;
    }

    Result<void> combine(const IndexedParameter& parameter,
                         const std::vector<path::Collection>& found) {
        std::vector<std::vector<store::IndexRow>> parts;
        std::size_t combinations = 1;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto& component = parameter.components[i];
            auto& rows = parts.emplace_back();
            RowWriter writer(context_, rows);
            writer.begin(component.row);
            for (const auto& item : found[i]) writer.add(component.type, item);
            std::erase_if(rows, [&](const auto& row) { return row.parameter != component.row; });
            combinations *= rows.size();
        }
        VIGIL_CHECK(check_row_count());
        for (std::size_t i = 0; i < std::min(combinations, combinations_max); ++i) {
            ++group_;
            auto rest = i;
            for (const auto& rows : parts) {
                out_.rows.push_back(rows[rest % rows.size()]);
                out_.rows.back().group = group_;
                rest /= rows.size();
            }
        }
        return {};
    }

    Result<void> check_row_count() const {
        if (out_.rows.size() <= rows_max) return {};
        return fail(Error::Kind::too_large,
                    "the resource would be found by more values than this server keeps");
    }

    // A value that stands twice is one row; of very many values a few may stay twice.
    void drop_repeats(std::size_t first) {
        constexpr std::size_t compared_max = 64;
        auto& rows = out_.rows;
        for (auto at = first + 1; at < std::min(rows.size(), first + compared_max);) {
            const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(first);
            const auto here = rows.begin() + static_cast<std::ptrdiff_t>(at);
            if (std::find(begin, here, *here) != here)
                rows.erase(here);
            else
                ++at;
        }
    }

    path::Item resource_;
    const ExtractionContext& context_;
    path::Environment environment_;
    Extracted out_;
    RowWriter writer_;
    std::uint16_t group_ = 0;
};

}  // namespace

Result<Extracted> extract(JsonValue resource, const ExtractionContext& context) {
    const auto* type = context.parameters.definitions().type(resource["resourceType"].string());
    if (type == nullptr)
        return fail(Error::Kind::malformed, "there is no resource type of that name in FHIR R4",
                    std::string(resource["resourceType"].string().substr(0, 64)));
    return Extractor(resource, *type, context).run();
}

}  // namespace vigil::fhir
