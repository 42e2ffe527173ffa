#pragma once
// A search's condition with numbers for names, and whether a resource's rows meet it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "store/records.hpp"
#include "store/sqlite/record_names.hpp"
#include "store/sqlite/record_rows.hpp"

namespace vigil::store::sqlite {

// Bounds on what a request may ask: deeper or wider is refused, not tried.
inline constexpr std::size_t condition_depth_max = 32;
inline constexpr std::size_t condition_count_max = 10'000;

struct TokenTest {
    std::optional<std::uint32_t> system;
    std::optional<std::string> code;
};
struct DateTest {
    Comparison comparison;
    std::int64_t start, end;
};
struct NumberTest {
    Comparison comparison;
    std::uint32_t unit;  // 0: none
    double low, high;
};
struct StringTest {
    StringMatch::How how;
    std::string text;
};
struct UriTest {
    UriMatch::How how;
    std::string uri;
};
struct ReferenceTest {
    std::vector<std::uint64_t> targets;
    std::string url;  // where there are no targets
};
// Of a row.
struct RowTest {
    std::uint32_t parameter = 0;
    std::variant<TokenTest, DateTest, NumberTest, StringTest, UriTest, ReferenceTest> is;
    bool matches(const StoredRow& row) const;  // of any parameter
};

// Of a resource.
struct Test;
struct NeverTest {};
struct AllTest {
    std::vector<Test> of;
};
struct AnyTest {
    std::vector<Test> of;
};
struct NoneTest {
    std::vector<Test> of;
};
struct TogetherTest {
    std::vector<RowTest> of;
};
struct MissingTest {
    std::uint32_t parameter;
};
struct IdTest {
    std::uint64_t record;
};
struct UpdatedTest {
    DateTest date;
};
// `found`: all that have the words, once they are looked up.
struct TextTest {
    std::string query;
    std::shared_ptr<std::optional<std::vector<std::uint64_t>>> found;
};
// `known`: what this search found of a resource at the other end, which many may refer to.
using KnownRecords = std::unordered_map<std::uint64_t, bool>;
struct RefersTest {
    std::uint32_t parameter, type;
    std::shared_ptr<const Test> inner;
    std::shared_ptr<KnownRecords> known;
};
struct ReferredTest {
    std::uint32_t type, parameter;  // of those that refer
    std::shared_ptr<const Test> inner;
};
struct Test {
    std::variant<NeverTest, AllTest, AnyTest, NoneTest, RowTest, TogetherTest, MissingTest, IdTest,
                 UpdatedTest, TextTest, RefersTest, ReferredTest>
        is;
};

// `type`: the number of the type that is searched.
Result<Test> compile(Database& database, RecordNames& names, std::uint32_t type,
                     const Condition& condition);

// Nothing can meet it: it asks for what no resource has ever been found by.
bool is_never(const Test& test);
bool date_matches(const DateTest& test, std::int64_t start, std::int64_t end);
// 0: there is none, nor has anything referred to it.
Result<std::uint64_t> find_record(Database& database, std::uint32_t type, std::string_view id);

}  // namespace vigil::store::sqlite
