#include "identity/purposes.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view purposes_tsv;
}

namespace vigil::identity {
namespace {

const std::vector<Purpose>& purposes() {
    static const auto all = [] {
        std::vector<Purpose> read;
        for (TableReader row(data::purposes_tsv); row.next();)
            read.push_back({.code = row[0],
                            .part_of = row[1],
                            .name = row[2],
                            .needs_consent = row[3] == "deny"});
        return read;
    }();
    return all;
}

}  // namespace

const Purpose* find_purpose(std::string_view code_or_name) {
    if (code_or_name.empty()) return nullptr;
    const auto found = std::ranges::find_if(purposes(), [&](const Purpose& each) {
        return each.code == code_or_name || each.name == code_or_name;
    });
    return found == purposes().end() ? nullptr : &*found;
}

bool is_part_of(std::string_view code, std::string_view whole) {
    while (code != whole) {
        const auto* purpose = find_purpose(code);
        if (purpose == nullptr || purpose->part_of.empty()) return false;
        code = purpose->part_of;
    }
    return true;
}

}  // namespace vigil::identity
