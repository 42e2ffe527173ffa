#include <algorithm>
#include <cassert>
#include <charconv>
#include <unordered_set>

#include "fhir/definition/tables.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view fhir_constraints_tsv, fhir_elements_tsv, fhir_types_tsv;
}

namespace fhir {
namespace {

TypeKind kind_of(std::string_view text) {
    if (text == "primitive") return TypeKind::primitive;
    if (text == "complex") return TypeKind::complex;
    assert(text == "resource");
    return TypeKind::resource;
}

BindingStrength strength_of(std::string_view text) {
    if (text == "required") return BindingStrength::required;
    if (text == "extensible") return BindingStrength::extensible;
    if (text == "preferred") return BindingStrength::preferred;
    if (text == "example") return BindingStrength::example;
    assert(text.empty());
    return BindingStrength::none;
}

// "0..*"
void read_cardinality(std::string_view text, Element& element) {
    const auto number = [](std::string_view digits) {
        std::uint32_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    };
    const auto dots = text.find("..");
    assert(dots != std::string_view::npos);
    element.min = number(text.substr(0, dots));
    const auto max = text.substr(dots + 2);
    element.max = max == "*" ? Element::unbounded : number(max);
}

// What builds a Structure: its rows name types and parts that other rows define.
class Builder {
public:
    Builder(Structure& structure, const Terminology& terminology)
        : structure_(structure), terminology_(terminology) {}

    void build() {
        read_constraints();
        read_types();
        read_elements();
        for (auto& [element, path] : content_references_) copy_content(*element, path);
        for (auto& type : structure_.types) inherit(type);
    }

private:
    using Constraints = std::vector<const Constraint*>;

    void read_constraints() {
        std::vector<std::string_view> labels;
        for (TableReader row(data::fhir_constraints_tsv); row.next();) {
            structure_.constraints.push_back({.key = row[0].substr(0, row[0].find('@')),
                                              .is_error = row[1] == "error",
                                              .human = row[2],
                                              .expression = row[3]});
            labels.push_back(row[0]);
        }
        for (std::size_t i = 0; i < labels.size(); ++i)
            constraints_.emplace(labels[i], &structure_.constraints[i]);
    }

    Constraints constraints(std::string_view keys) const {
        Constraints found;
        if (!keys.empty())
            for (const auto key : split(keys, ' ')) found.push_back(constraints_.at(key));
        return found;
    }

    Type& add(Type type) {
        structure_.types.push_back(std::move(type));
        auto& added = structure_.types.back();
        structure_.by_name.emplace(added.name, &added);
        return added;
    }

    void read_types() {
        std::vector<std::pair<Type*, std::string_view>> bases;
        for (TableReader row(data::fhir_types_tsv); row.next();) {
            auto& type = add({.name = row[0],
                              .kind = kind_of(row[1]),
                              .is_abstract = !row[3].empty(),
                              .elements = {},
                              .constraints = constraints(row[5]),
                              .pattern = row[4]});
            if (!row[2].empty()) bases.emplace_back(&type, row[2]);
            if (type.kind == TypeKind::resource && !type.is_abstract)
                structure_.resource_types.push_back(&type);
        }
        for (auto& [type, base] : bases) type->base = structure_.by_name.at(base);
    }

    void read_elements() {
        for (TableReader row(data::fhir_elements_tsv); row.next();) {
            const auto dot = row[0].rfind('.');
            auto& parent = type_or_part(row[0].substr(0, dot));
            parent.elements.push_back(element(row[0].substr(dot + 1), row));
            // Resolved when no more elements join the list it is in.
            if (row[2].starts_with('#'))
                references_.push_back({&parent, parent.elements.size() - 1, row[2].substr(1)});
        }
        for (const auto& reference : references_)
            content_references_.emplace_back(&reference.owner->elements[reference.element],
                                             reference.path);
    }

    Element element(std::string_view name, const TableReader& row) const {
        Element made;
        made.is_choice = name.ends_with("[x]");
        made.name = made.is_choice ? name.substr(0, name.size() - 3) : name;
        read_cardinality(row[1], made);
        if (!row[2].starts_with('#'))
            for (const auto use : split(row[2], '|')) made.types.push_back(type_use(use));
        made.is_summary = row[3].find('S') != std::string_view::npos;
        made.is_modifier = row[3].find('M') != std::string_view::npos;
        const auto space = row[4].find(' ');
        made.binding = strength_of(row[4].substr(0, space));
        if (space != std::string_view::npos) {
            made.value_set_url = row[4].substr(space + 1);
            made.value_set = terminology_.find(made.value_set_url);
        }
        made.constraints = constraints(row[5]);
        return made;
    }

    // "Reference(Patient Group)"
    TypeUse type_use(std::string_view text) const {
        const auto bracket = text.find('(');
        TypeUse use{.type = structure_.by_name.at(text.substr(0, bracket)), .targets = {}};
        if (bracket != std::string_view::npos)
            use.targets = split(text.substr(bracket + 1, text.size() - bracket - 2), ' ');
        return use;
    }

    // A path that is no type's name is an element just read: what is below it makes it a part.
    Type& type_or_part(std::string_view path) {
        if (const auto found = structure_.by_name.find(path); found != structure_.by_name.end())
            return *found->second;
        const auto dot = path.rfind('.');
        auto& owner = *structure_.by_name.at(path.substr(0, dot));
        auto& element = owner.elements.back();
        assert(element.name == path.substr(dot + 1) && element.types.size() == 1);
        auto& part = add({.name = path,
                          .kind = TypeKind::part,
                          .base = element.types.front().type,
                          .elements = {},
                          .constraints = {},
                          .pattern = {}});
        element.types.front().type = &part;
        return part;
    }

    // ElementDefinition.contentReference: the content and the rules of another element.
    void copy_content(Element& element, std::string_view path) {
        const auto dot = path.rfind('.');
        const auto* of = structure_.by_name.at(path.substr(0, dot))->element(path.substr(dot + 1));
        element.types = of->types;
        element.constraints = of->constraints;
    }

    void inherit(Type& type) {
        if (!inherited_.insert(&type).second || type.base == nullptr) return;
        auto& base = *structure_.by_name.at(type.base->name);
        inherit(base);
        type.elements.insert(type.elements.begin(), base.elements.begin(), base.elements.end());
        type.constraints.insert(type.constraints.begin(), base.constraints.begin(),
                                base.constraints.end());
    }

    struct ContentReference {
        Type* owner;
        std::size_t element;
        std::string_view path;
    };

    Structure& structure_;
    const Terminology& terminology_;
    std::unordered_map<std::string_view, const Constraint*> constraints_;
    std::vector<ContentReference> references_;
    std::vector<std::pair<Element*, std::string_view>> content_references_;
    std::unordered_set<const Type*> inherited_;
};

}  // namespace

Structure::Structure(const Terminology& terminology) {
    Builder(*this, terminology).build();
}

const Type* Structure::find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace fhir
}  // namespace vigil
