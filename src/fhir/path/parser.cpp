// Precedence climbing over the grammar of N1, appendix B.

#include <algorithm>
#include <array>

#include "fhir/path/number.hpp"
#include "fhir/path/quantity.hpp"
#include "fhir/path/syntax.hpp"

namespace vigil::fhir::path {
namespace {

using NodePointer = std::unique_ptr<Node>;

struct Operator {
    std::string_view text;
    bool is_word;
    int level;  // binds the tighter the higher
    NodeKind kind;
};

constexpr int level_lowest = 1;
constexpr std::array operators{
    Operator{"implies", true, 1, NodeKind::logical_implies},
    Operator{"or", true, 2, NodeKind::logical_or},
    Operator{"xor", true, 2, NodeKind::logical_xor},
    Operator{"and", true, 3, NodeKind::logical_and},
    Operator{"in", true, 4, NodeKind::in},
    Operator{"contains", true, 4, NodeKind::contains},
    Operator{"=", false, 5, NodeKind::equal},
    Operator{"~", false, 5, NodeKind::equivalent},
    Operator{"!=", false, 5, NodeKind::not_equal},
    Operator{"!~", false, 5, NodeKind::not_equivalent},
    Operator{"<", false, 6, NodeKind::less},
    Operator{"<=", false, 6, NodeKind::less_or_equal},
    Operator{">", false, 6, NodeKind::greater},
    Operator{">=", false, 6, NodeKind::greater_or_equal},
    Operator{"|", false, 7, NodeKind::join},
    Operator{"is", true, 8, NodeKind::is},
    Operator{"as", true, 8, NodeKind::as},
    Operator{"+", false, 9, NodeKind::add},
    Operator{"-", false, 9, NodeKind::subtract},
    Operator{"&", false, 9, NodeKind::concatenate},
    Operator{"*", false, 10, NodeKind::multiply},
    Operator{"/", false, 10, NodeKind::divide},
    Operator{"div", true, 10, NodeKind::div},
    Operator{"mod", true, 10, NodeKind::mod},
};

const Operator* operator_of(const Token& token) {
    if (token.kind != TokenKind::identifier && token.kind != TokenKind::symbol) return nullptr;
    const bool is_word = token.kind == TokenKind::identifier;
    const auto found = std::ranges::find_if(operators, [&](const Operator& candidate) {
        return candidate.is_word == is_word && candidate.text == token.text;
    });
    return found == operators.end() ? nullptr : &*found;
}

bool starts_type_name(std::string_view name) {
    return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

class Parser {
public:
    explicit Parser(std::string_view text) : lexer_(text) {}

    Result<NodePointer> whole() {
        VIGIL_CHECK(advance());
        VIGIL_TRY(root, expression(level_lowest));
        if (token_.kind != TokenKind::end) return error("an operator or the end is expected here");
        return std::move(root);
    }

private:
    Result<void> advance() {
        VIGIL_TRY(next, lexer_.next());
        token_ = std::move(next);
        return {};
    }

    tl::unexpected<Error> error(std::string message) const {
        return fail(Error::Kind::malformed, std::move(message), to_string(token_.place));
    }

    Result<void> expect(std::string_view symbol) {
        if (!token_.is_symbol(symbol))
            return error("\"" + std::string(symbol) + "\" is missing here");
        return advance();
    }

    NodePointer make(NodeKind kind) const {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->place = token_.place;
        return node;
    }

    // Adds a part; the tree stays shallow enough to be walked by recursion.
    Result<void> adopt(Node& node, NodePointer part) const {
        if (part) node.depth = std::max<std::uint16_t>(node.depth, part->depth + 1);
        node.parts.push_back(std::move(part));
        if (node.depth > Expression::depth_max)
            return fail(Error::Kind::too_large, "an expression is nested too deeply",
                        to_string(node.place));
        return {};
    }

    Result<NodePointer> expression(int level_min) {
        VIGIL_TRY(left, unary());
        for (;;) {
            const auto* found = operator_of(token_);
            if (found == nullptr || found->level < level_min) return std::move(left);
            auto node = make(found->kind);
            VIGIL_CHECK(advance());
            if (found->kind == NodeKind::is || found->kind == NodeKind::as) {
                VIGIL_CHECK(adopt(*node, std::move(left)));
                VIGIL_TRY(type, type_specifier());
                node->type = std::move(type);
                left = std::move(node);
                continue;
            }
            VIGIL_TRY(right, expression(found->level + 1));
            // a | b | c is one node, however long.
            if (found->kind == NodeKind::join && left->kind == NodeKind::join) {
                VIGIL_CHECK(adopt(*left, std::move(right)));
                continue;
            }
            VIGIL_CHECK(adopt(*node, std::move(left)));
            VIGIL_CHECK(adopt(*node, std::move(right)));
            left = std::move(node);
        }
    }

    Result<NodePointer> unary() {
        if (++nesting_ > Expression::depth_max)
            return fail(Error::Kind::too_large, "an expression is nested too deeply",
                        to_string(token_.place));
        auto result = signed_or_postfix();
        --nesting_;
        return result;
    }

    Result<NodePointer> signed_or_postfix() {
        const bool negative = token_.is_symbol("-");
        if (!negative && !token_.is_symbol("+")) return postfix();
        auto node = make(negative ? NodeKind::negate : NodeKind::plus_sign);
        VIGIL_CHECK(advance());
        VIGIL_TRY(operand, unary());
        VIGIL_CHECK(adopt(*node, std::move(operand)));
        return std::move(node);
    }

    Result<NodePointer> postfix() {
        VIGIL_TRY(left, term());
        for (;;) {
            if (token_.is_symbol(".")) {
                VIGIL_CHECK(advance());
                VIGIL_TRY(next, invocation(std::move(left)));
                left = std::move(next);
            } else if (token_.is_symbol("[")) {
                auto node = make(NodeKind::indexer);
                VIGIL_CHECK(advance());
                VIGIL_CHECK(adopt(*node, std::move(left)));
                VIGIL_TRY(index, expression(level_lowest));
                VIGIL_CHECK(adopt(*node, std::move(index)));
                VIGIL_CHECK(expect("]"));
                left = std::move(node);
            } else {
                return std::move(left);
            }
        }
    }

    Result<NodePointer> term() {
        switch (token_.kind) {
            case TokenKind::identifier:
                if (token_.text == "true" || token_.text == "false")
                    return literal(SystemValue(token_.text == "true"));
                return invocation(nullptr);
            case TokenKind::delimited_identifier:
                return invocation(nullptr);
            case TokenKind::string:
                return literal(SystemValue(token_.value));
            case TokenKind::number:
                return number();
            case TokenKind::date:
                return literal(SystemValue(DateText{std::string(token_.text)}));
            case TokenKind::date_time:
                return literal(SystemValue(DateTimeText{std::string(token_.text)}));
            case TokenKind::time:
                return literal(SystemValue(TimeText{std::string(token_.text)}));
            case TokenKind::symbol:
                return symbol_term();
            case TokenKind::end:
                break;
        }
        return error("a value or a name is missing at the end");
    }

    Result<NodePointer> symbol_term() {
        if (token_.is_symbol("(")) {
            VIGIL_CHECK(advance());
            VIGIL_TRY(inner, expression(level_lowest));
            VIGIL_CHECK(expect(")"));
            return std::move(inner);
        }
        if (token_.is_symbol("{")) {
            auto node = make(NodeKind::empty);
            VIGIL_CHECK(advance());
            VIGIL_CHECK(expect("}"));
            return std::move(node);
        }
        if (token_.is_symbol("%")) return variable();
        if (token_.is_symbol("$")) return iteration_term(nullptr);
        return error("a value or a name is expected here");
    }

    Result<NodePointer> literal(SystemValue value) {
        auto node = make(NodeKind::literal);
        node->literal = Item(std::move(value));
        VIGIL_CHECK(advance());
        return std::move(node);
    }

    Result<NodePointer> number() {
        const bool is_whole = token_.text.find('.') == std::string_view::npos;
        const auto value = parse_decimal(token_.text);
        if (!value) return fail(value.error().kind, value.error().message, to_string(token_.place));
        const auto integer = to_integer(*value);
        auto node = make(NodeKind::literal);
        const auto place = token_.place;
        VIGIL_CHECK(advance());
        const bool has_calendar_unit =
            token_.kind == TokenKind::identifier && is_calendar_word(token_.text);
        if (has_calendar_unit || token_.kind == TokenKind::string) {
            node->literal = Item(SystemValue(
                Quantity{*value, has_calendar_unit ? std::string(token_.text) : token_.value}));
            VIGIL_CHECK(advance());
        } else if (is_whole) {
            // One more than an Integer holds, for the sake of -2147483648.
            if (!integer || *integer > integer_max + 1)
                return fail(Error::Kind::too_large, "a number is no Integer of 32 bits",
                            to_string(place));
            node->literal = Item(SystemValue(*integer));
        } else {
            node->literal = Item(SystemValue(*value));
        }
        return std::move(node);
    }

    Result<NodePointer> variable() {
        auto node = make(NodeKind::variable);
        VIGIL_CHECK(advance());
        if (token_.kind == TokenKind::identifier) {
            node->name = token_.text;
        } else if (token_.kind == TokenKind::string ||
                   token_.kind == TokenKind::delimited_identifier) {
            node->name = token_.value;
        } else {
            return error("the name of a variable is missing behind %");
        }
        VIGIL_CHECK(advance());
        return std::move(node);
    }

    Result<NodePointer> iteration_term(NodePointer source) {
        if (source) return error("$this, $index and $total stand alone");
        VIGIL_CHECK(advance());
        auto node = make(NodeKind::this_item);
        if (token_.is_word("index")) {
            node->kind = NodeKind::index;
        } else if (token_.is_word("total")) {
            node->kind = NodeKind::total;
        } else if (!token_.is_word("this")) {
            return error("$this, $index or $total is expected here");
        }
        VIGIL_CHECK(advance());
        return std::move(node);
    }

    Result<std::string> identifier() {
        std::string name;
        if (token_.kind == TokenKind::identifier) {
            name = token_.text;
        } else if (token_.kind == TokenKind::delimited_identifier) {
            name = token_.value;
        } else {
            return error("a name is expected here");
        }
        VIGIL_CHECK(advance());
        return name;
    }

    Result<NodePointer> invocation(NodePointer source) {
        if (token_.is_symbol("$")) return iteration_term(std::move(source));
        auto node = make(NodeKind::member);
        VIGIL_TRY(name, identifier());
        if (token_.is_symbol("(")) return call(std::move(node), std::move(source), name);
        if (!source && starts_type_name(name)) node->kind = NodeKind::type_filter;
        node->beside = "_" + name;
        node->name = std::move(name);
        if (source) VIGIL_CHECK(adopt(*node, std::move(source)));
        return std::move(node);
    }

    Result<NodePointer> call(NodePointer node, NodePointer source, std::string_view name) {
        const auto signature = find_function(name);
        if (!signature)
            return fail(Error::Kind::unsupported, "there is no function " + std::string(name),
                        to_string(node->place));
        node->kind = NodeKind::call;
        node->function = signature->function;
        VIGIL_CHECK(adopt(*node, std::move(source)));
        VIGIL_CHECK(advance());
        if (signature->function == Function::is || signature->function == Function::as ||
            signature->function == Function::of_type) {
            VIGIL_TRY(type, type_specifier());
            node->type = std::move(type);
            if (signature->function == Function::is) node->kind = NodeKind::is;
            if (signature->function == Function::as) node->kind = NodeKind::as;
        } else if (!token_.is_symbol(")")) {
            VIGIL_CHECK(arguments(*node));
        }
        const auto count = node->parts.size() - 1;
        if (node->kind == NodeKind::call && signature->function != Function::of_type &&
            (count < signature->arguments_min || count > signature->arguments_max))
            return fail(Error::Kind::malformed,
                        "wrong number of arguments for " + std::string(name) + "()",
                        to_string(node->place));
        VIGIL_CHECK(expect(")"));
        VIGIL_CHECK(compile_pattern(*node));
        return std::move(node);
    }

    Result<void> arguments(Node& node) {
        constexpr std::size_t arguments_max = 8;  // no function takes more than 3
        do {
            if (node.parts.size() > 1) VIGIL_CHECK(advance());
            VIGIL_TRY(argument, expression(level_lowest));
            VIGIL_CHECK(adopt(node, std::move(argument)));
        } while (token_.is_symbol(",") && node.parts.size() < arguments_max);
        return {};
    }

    Result<TypeSpecifier> type_specifier() {
        TypeSpecifier out;
        VIGIL_TRY(first, identifier());
        out.name = std::move(first);
        // "Observation.component" is no type that can be named, "System.Boolean" is.
        if ((out.name == "System" || out.name == "FHIR") && token_.is_symbol(".")) {
            VIGIL_CHECK(advance());
            VIGIL_TRY(name, identifier());
            out.name_space = std::exchange(out.name, std::move(name));
        }
        return out;
    }

    Result<void> compile_pattern(Node& node) const {
        const bool takes_one = node.function == Function::matches ||
                               node.function == Function::matches_full ||
                               node.function == Function::replace_matches;
        if (node.kind != NodeKind::call || !takes_one || node.parts[1]->kind != NodeKind::literal)
            return {};
        const auto* text = std::get_if<std::string>(node.parts[1]->literal->system_value());
        if (text == nullptr) return {};
        auto pattern = Pattern::compile(*text);
        if (!pattern)
            return fail(pattern.error().kind, pattern.error().message, to_string(node.place));
        node.pattern = std::move(*pattern);
        return {};
    }

    Lexer lexer_;
    Token token_;
    std::size_t nesting_ = 0;
};

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
    if (text.size() > text_bytes_max)
        return fail(Error::Kind::too_large, "an expression is too long");
    Parser parser(text);
    VIGIL_TRY(root, parser.whole());
    return Expression(std::move(root));
}

}  // namespace vigil::fhir::path
