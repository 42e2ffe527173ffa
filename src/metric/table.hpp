#pragma once
// Reads the tab-separated files of data/: a header line, then one row a line.

#include <algorithm>
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

// Row after row of a table, without copying: the cells are views of the text. Lines that begin with
// # before the header are its preface.
class TableReader {
public:
    explicit TableReader(std::string_view text) : rest_(text) {
        while (next_line() && line_.starts_with('#')) {
        }
    }

    // False at the end; then there is no row.
    bool next() {
        do {
            if (!next_line()) return false;
        } while (line_.empty());
        cells_.clear();
        for (auto rest = line_;; rest.remove_prefix(cells_.back().size() + 1)) {
            cells_.push_back(rest.substr(0, rest.find('\t')));
            if (cells_.back().size() == rest.size()) return true;
        }
    }

    const std::vector<std::string_view>& cells() const { return cells_; }
    // Empty cells at the end of a line may be left out.
    std::string_view operator[](std::size_t column) const {
        return column < cells_.size() ? cells_[column] : std::string_view();
    }

private:
    bool next_line() {
        if (rest_.empty()) return false;
        line_ = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(line_.size() + 1, rest_.size()));
        return true;
    }

    std::string_view rest_, line_;
    std::vector<std::string_view> cells_;
};

// The rows without the header and without empty lines.
inline std::vector<std::vector<std::string_view>> table_rows(std::string_view text) {
    std::vector<std::vector<std::string_view>> rows;
    TableReader reader(text);
    while (reader.next()) rows.push_back(reader.cells());
    return rows;
}

}  // namespace vigil
