#include "identity/sensitive_labels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view sensitive_labels_tsv;
}

namespace vigil::identity {
namespace {

struct Hidden {
    std::array<std::vector<SecurityLabel>, 2> labels;  // from those outside, within the care team
};

Hidden read_hidden(Role role) {
    Hidden hidden;
    for (TableReader row(data::sensitive_labels_tsv); row.next();) {
        const auto roles = split(row[2], ' ');
        if (std::ranges::find(roles, to_string(role)) != roles.end()) continue;
        const SecurityLabel label{std::string(row[0]), std::string(row[1])};
        hidden.labels[0].push_back(label);
        if (row[3] != "yes") hidden.labels[1].push_back(label);
    }
    return hidden;
}

std::map<Role, Hidden> read_all() {
    std::map<Role, Hidden> all;
    for (auto number = static_cast<unsigned>(Role::administrator);
         number <= static_cast<unsigned>(Role::auditor); ++number)
        all.emplace(static_cast<Role>(number), read_hidden(static_cast<Role>(number)));
    return all;
}

}  // namespace

const std::vector<SecurityLabel>& hidden_labels(Role role, bool in_care_team) {
    static const auto all = read_all();
    return all.at(role).labels[in_care_team ? 1 : 0];
}

store::Condition bears_any(const std::vector<SecurityLabel>& labels) {
    store::AnyOf any;
    for (const auto& label : labels)
        any.conditions.push_back({store::TokenMatch{.parameter = std::string(security_parameter),
                                                    .system = label.system,
                                                    .code = label.code}});
    return {std::move(any)};
}

}  // namespace vigil::identity
