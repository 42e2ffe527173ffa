#pragma once
// Reads the tab-separated files of data/: a header line, then one row a line.

#include <string_view>
#include <vector>

namespace vigil {

inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// The rows without the header and without empty lines.
inline std::vector<std::vector<std::string_view>> table_rows(std::string_view text) {
    std::vector<std::vector<std::string_view>> rows;
    bool header = true;
    for (const auto line : split(text, '\n')) {
        if (line.empty()) continue;
        if (!header) rows.push_back(split(line, '\t'));
        header = false;
    }
    return rows;
}

}  // namespace vigil
