#pragma once
// A rule's text cut into words: names, numbers, units, comparisons and brackets. Not for other
// files than the parser.

#include <optional>
#include <string>
#include <string_view>

namespace vigil::monitor {

struct RuleWord {
    enum class Kind : std::uint8_t { name, number, comparison, open, close, other, end };
    Kind kind = Kind::end;
    std::string_view text;
    std::size_t at = 0;  // its first character, from 0
};

class RuleWords {
public:
    explicit RuleWords(std::string_view text) : text_(text) { advance(); }

    const RuleWord& next() const { return next_; }
    RuleWord take() {
        const auto taken = next_;
        advance();
        return taken;
    }
    // The keyword, whatever its case.
    bool is(std::string_view keyword) const {
        if (next_.kind != RuleWord::Kind::name || next_.text.size() != keyword.size()) return false;
        for (std::size_t i = 0; i < keyword.size(); ++i)
            if (lower(next_.text[i]) != keyword[i]) return false;
        return true;
    }
    bool take_if(std::string_view keyword) {
        if (!is(keyword)) return false;
        advance();
        return true;
    }
    static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }
    static bool ends_unit(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')' ||
               c == '<' || c == '>';
    }
    void advance();

    std::string_view text_;
    std::size_t at_ = 0;
    RuleWord next_;
};

inline void RuleWords::advance() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
        ++at_;
    next_ = {RuleWord::Kind::end, {}, at_};
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    std::size_t length = 1;
    const auto run = [&](auto goes_on) {
        while (at_ + length < text_.size() && goes_on(text_[at_ + length])) ++length;
    };
    if (c == '(' || c == ')') {
        next_.kind = c == '(' ? RuleWord::Kind::open : RuleWord::Kind::close;
    } else if (c == '<' || c == '>') {
        next_.kind = RuleWord::Kind::comparison;
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '=') length = 2;
    } else if (is_digit(c) || c == '-' || c == '+') {
        next_.kind = RuleWord::Kind::number;
        run([](char d) { return is_digit(d) || d == '.'; });
    } else if (is_letter(c)) {
        next_.kind = RuleWord::Kind::name;
        run([](char d) { return is_letter(d) || is_digit(d); });
        // A unit may go on with what no name has: mm[Hg], mL/min.
        if (at_ + length < text_.size() && !ends_unit(text_[at_ + length])) {
            next_.kind = RuleWord::Kind::other;
            run([](char d) { return !ends_unit(d); });
        }
    } else {
        next_.kind = RuleWord::Kind::other;  // "%", "/min", "°C"
        run([](char d) { return !ends_unit(d); });
    }
    next_.text = text_.substr(at_, length);
    at_ += length;
}

}  // namespace vigil::monitor
