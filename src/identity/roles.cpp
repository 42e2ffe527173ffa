#include "identity/roles.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view roles_tsv, record_areas_tsv;
}

namespace vigil::identity {
namespace {

constexpr std::array<std::string_view, area_count> area_names{
    "vitals",        "record",    "orders",      "patients", "devices",
    "unread",        "directory", "definitions", "research", "consents",
    "subscriptions", "exports",   "accounts",    "audit",    "server"};
constexpr std::array reaches{std::pair{std::string_view("everyone"), Reach::everyone},
                             std::pair{std::string_view("units"), Reach::units},
                             std::pair{std::string_view("granted"), Reach::granted},
                             std::pair{std::string_view("nobody"), Reach::nobody}};

enum class Shared : std::uint8_t { no, staff, all };
struct TypeArea {
    Area area;
    Shared shared;
};
using TypeAreas = std::map<std::string, TypeArea, std::less<>>;

const TypeAreas& type_areas() {
    static const auto areas = [] {
        TypeAreas read;
        for (const auto& row : table_rows(data::record_areas_tsv)) {
            const auto area = std::ranges::find(area_names, row[1]);
            const auto shared = row.size() < 3    ? Shared::no
                                : row[2] == "all" ? Shared::all
                                                  : Shared::staff;
            read.emplace(row[0], TypeArea{static_cast<Area>(area - area_names.begin()), shared});
        }
        return read;
    }();
    return areas;
}

Acts acts_of(std::string_view letters) {
    Acts acts = 0;
    for (const char letter : letters)
        acts |= bit(letter == 'r'   ? store::Act::read
                    : letter == 'w' ? store::Act::write
                                    : store::Act::administer);
    return acts;
}

// Whoever may read an area searches it too, whoever may write it creates, updates and deletes.
store::Interactions interactions_of(Acts acts) {
    return static_cast<store::Interactions>(
        ((acts & bit(store::Act::read)) != 0 ? store::looking : store::no_interaction) |
        ((acts & bit(store::Act::write)) != 0 ? store::changing : store::no_interaction));
}

std::shared_ptr<const store::TypeRights> types_of(const RoleRules& role) {
    const bool is_staff = role.reach == Reach::everyone || role.reach == Reach::units;
    store::TypeRights::Rules rules;
    for (const auto& [type, is] : type_areas())
        rules.emplace(
            type,
            store::TypeRule{interactions_of(role.areas[static_cast<std::size_t>(is.area)]),
                            is.shared == Shared::all || (is.shared == Shared::staff && is_staff)});
    const auto others = role.areas[static_cast<std::size_t>(Area::record)];
    return std::make_shared<const store::TypeRights>(
        std::move(rules), store::TypeRule{interactions_of(others), false});
}

std::map<Role, RoleRules> read_roles() {
    std::map<Role, RoleRules> roles;
    for (const auto& row : table_rows(data::roles_tsv)) {
        constexpr std::size_t first_area = 4;
        RoleRules rules;
        for (const auto& [name, reach] : reaches)
            if (row[1] == name) rules.reach = reach;
        rules.emergency = row[2] == "yes";
        rules.purposes = split(row[3], ' ');
        for (std::size_t i = 0; i < area_count && first_area + i < row.size(); ++i)
            rules.areas[i] = acts_of(row[first_area + i]);
        rules.types = types_of(rules);
        roles.emplace(*role(row[0]), std::move(rules));
    }
    return roles;
}

}  // namespace

std::string_view to_string(Area area) {
    return area_names[static_cast<std::size_t>(area)];
}

const RoleRules& rules_of(Role role) {
    static const auto roles = read_roles();
    return roles.at(role);
}

Area area_of_type(std::string_view type) {
    const auto found = type_areas().find(type);
    return found == type_areas().end() ? Area::record : found->second.area;
}

}  // namespace vigil::identity
