#pragma once
// The tokens of FHIRPath (N1, appendix B).

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::fhir::path {

enum class TokenKind : std::uint8_t {
    end,
    identifier,            // also the words that are operators: the parser knows by their place
    delimited_identifier,  // `div`
    string,
    number,
    date,
    date_time,
    time,
    symbol  // "(", "<=", "$", "%"
};

struct TextPlace {
    std::uint32_t line = 1, column = 1;  // column counts bytes
};
std::string to_string(const TextPlace& place);  // "line 1, column 17"

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text;  // as written; of a date or time without the "@"
    std::string value;      // of a string or delimited identifier: what it stands for
    TextPlace place;

    bool is_symbol(std::string_view symbol) const {
        return kind == TokenKind::symbol && text == symbol;
    }
    bool is_word(std::string_view word) const {
        return kind == TokenKind::identifier && text == word;
    }
};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}
    Result<Token> next();

private:
    char at(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void advance(std::size_t count);
    Result<void> skip_space();
    Result<Token> quoted(Token token);
    Result<void> unescape(std::string& out);
    Result<Token> moment(Token token);
    std::size_t digits_at(std::size_t from) const;
    std::size_t behind_part(std::size_t from, char before, std::size_t count) const;
    std::size_t behind_date(std::size_t from) const;
    std::size_t behind_time(std::size_t from) const;
    std::size_t behind_offset(std::size_t from) const;
    tl::unexpected<Error> error(std::string message) const;

    std::string_view text_;
    std::size_t at_ = 0;
    TextPlace place_;
};

}  // namespace vigil::fhir::path
