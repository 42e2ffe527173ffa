#include "store/sqlite/record_text_changes.hpp"

#include <algorithm>

#include "store/sqlite/record_condition.hpp"
#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

void TextChanges::words(std::uint64_t record, std::string_view narrative,
                        std::string_view content) {
    bytes_ += narrative.size() + content.size();
    changes_.push_back({.record = record,
                        .of_words = true,
                        .before = {},
                        .after = {},
                        .narrative = std::string(narrative),
                        .content = std::string(content)});
}

void TextChanges::strings(std::uint64_t record, std::string before, std::string after) {
    if (before == after) return;
    bytes_ += before.size() + after.size();
    changes_.push_back({.record = record,
                        .of_words = false,
                        .before = std::move(before),
                        .after = std::move(after),
                        .narrative = {},
                        .content = {}});
}

void TextChanges::undo(const Mark& mark) {
    changes_.resize(mark.count);
    written_ = std::min(mark.written, mark.count);
}

void TextChanges::begin() {
    changes_.clear();
    written_ = bytes_ = 0;
}

Result<void> TextChanges::write(Database& database) {
    std::vector<const Change*> order;
    for (auto i = written_; i < changes_.size(); ++i) order.push_back(&changes_[i]);
    written_ = changes_.size();
    bytes_ = 0;
    const auto place = [](const Change* each) { return std::pair(each->of_words, each->record); };
    std::ranges::sort(order, {}, [&](const Change* each) { return std::pair(place(each), each); });
    // Of a resource that changed several times: from what it was first to what it is last.
    for (std::size_t first = 0, next = 0; first < order.size(); first = next) {
        while (next < order.size() && place(order[next]) == place(order[first])) ++next;
        const auto& last = *order[next - 1];
        if (last.of_words)
            VIGIL_CHECK(put_words(database, last.record, last.narrative, last.content));
        else
            VIGIL_CHECK(change_strings(database, last.record, order[first]->before, last.after));
    }
    return {};
}

namespace {

bool any_asks(const std::vector<Condition>& conditions) {
    return std::ranges::any_of(conditions, asks_for_text);
}

struct AsksForText {
    bool operator()(const TextMatch&) const { return true; }
    bool operator()(const StringMatch& match) const {
        return match.how == StringMatch::How::contains;
    }
    bool operator()(const AllOf& all) const { return any_asks(all.conditions); }
    bool operator()(const AnyOf& any) const { return any_asks(any.conditions); }
    bool operator()(const NoneOf& none) const { return any_asks(none.conditions); }
    bool operator()(const Together& together) const { return any_asks(together.conditions); }
    bool operator()(const RefersTo& chain) const {
        return chain.condition && asks_for_text(*chain.condition);
    }
    bool operator()(const ReferredBy& chain) const {
        return chain.condition && asks_for_text(*chain.condition);
    }
    template <class Other>
    bool operator()(const Other&) const {
        return false;
    }
};

}  // namespace

bool asks_for_text(const Condition& condition) {
    return std::visit(AsksForText{}, condition.is);
}

}  // namespace vigil::store::sqlite
