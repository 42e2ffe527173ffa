#include "store/sqlite/record_condition.hpp"

#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_record = "SELECT record FROM records WHERE type = ? AND id = ?";
constexpr const char* select_types = "SELECT number FROM record_names WHERE kind = 1";

bool token_matches(const TokenTest& test, const StoredRow& row) {
    return row.kind == RowKind::token && (!test.system || row.system == *test.system) &&
           (!test.code || row.text == *test.code);
}

// As of dates; a value's high end is part of it, a searched range's is not unless it is a point.
bool number_matches(const NumberTest& test, const StoredRow& row) {
    if (row.kind != RowKind::number || row.system != test.unit) return false;
    const bool point = test.low == test.high;
    const bool below_end = row.high < test.high || (row.high == test.high && point);
    const bool held = row.low >= test.low && below_end;
    switch (test.comparison) {
        case Comparison::equal:
            return held;
        case Comparison::not_equal:
            return !held;
        case Comparison::less:
            return row.low < test.low;
        case Comparison::less_equal:
            return row.low < test.low || held;
        case Comparison::greater:
            return !below_end;
        case Comparison::greater_equal:
            return !below_end || held;
        case Comparison::starts_after:
            return point ? row.low > test.high : row.low >= test.high;
        case Comparison::ends_before:
            return row.high < test.low;
        case Comparison::overlaps:
            return row.high >= test.low && (point ? row.low <= test.high : row.low < test.high);
    }
    return false;
}

bool string_matches(const StringTest& test, const StoredRow& row) {
    if (row.kind != RowKind::string) return false;
    switch (test.how) {
        case StringMatch::How::starts_with:
            return row.text.starts_with(test.text);
        case StringMatch::How::contains:
            return row.text.find(test.text) != std::string_view::npos;
        case StringMatch::How::exact:
            return row.exact == test.text;
    }
    return false;
}

// Whole steps of a path: "http://a/b" is above "http://a/b/c", not above "http://a/bc".
bool is_above(std::string_view above, std::string_view below) {
    return below.starts_with(above) &&
           (below.size() == above.size() || above.ends_with('/') || below[above.size()] == '/');
}

bool uri_matches(const UriTest& test, const StoredRow& row) {
    if (row.kind != RowKind::uri) return false;
    switch (test.how) {
        case UriMatch::How::equal:
            return row.text == test.uri;
        case UriMatch::How::below:
            return is_above(test.uri, row.text);
        case UriMatch::How::above:
            return is_above(row.text, test.uri);
    }
    return false;
}

bool reference_matches(const ReferenceTest& test, const StoredRow& row) {
    if (row.kind == RowKind::url) return !test.url.empty() && row.text == test.url;
    if (row.kind != RowKind::reference) return false;
    for (const auto target : test.targets)
        if (row.target == target) return true;
    return false;
}

class Compiler {
public:
    Compiler(Database& database, RecordNames& names) : database_(database), names_(names) {}

    Result<Test> compile(std::uint32_t type, const Condition& condition, std::size_t depth) {
        if (depth > condition_depth_max || ++count_ > condition_count_max)
            return fail(Error::Kind::too_large, "the search asks for too much at once");
        type_ = type;
        depth_ = depth;
        return std::visit([this](const auto& each) { return this->of(each); }, condition.is);
    }

private:
    Result<std::vector<Test>> all(const std::vector<Condition>& conditions) {
        const auto type = type_;
        const auto depth = depth_;
        std::vector<Test> tests;
        for (const auto& each : conditions) {
            VIGIL_TRY(test, compile(type, each, depth + 1));
            tests.push_back(std::move(test));
        }
        return tests;
    }
    Result<Test> of(const AllOf& all_of) {
        VIGIL_TRY(tests, all(all_of.conditions));
        if (tests.size() == 1) return std::move(tests.front());
        return Test{AllTest{std::move(tests)}};
    }
    Result<Test> of(const AnyOf& any_of) {
        VIGIL_TRY(tests, all(any_of.conditions));
        std::erase_if(tests,
                      [](const Test& test) { return std::holds_alternative<NeverTest>(test.is); });
        if (tests.empty()) return Test{NeverTest{}};
        if (tests.size() == 1) return std::move(tests.front());
        return Test{AnyTest{std::move(tests)}};
    }
    Result<Test> of(const NoneOf& none_of) {
        VIGIL_TRY(tests, all(none_of.conditions));
        return Test{NoneTest{std::move(tests)}};
    }

    template <class Match>
    Result<Test> of_row(const Match& match) {
        VIGIL_TRY(row, row_of(match));
        if (!row) return Test{NeverTest{}};
        return Test{std::move(*row)};
    }
    Result<Test> of(const TokenMatch& match) { return of_row(match); }
    Result<Test> of(const DateMatch& match) { return of_row(match); }
    Result<Test> of(const NumberMatch& match) { return of_row(match); }
    Result<Test> of(const StringMatch& match) { return of_row(match); }
    Result<Test> of(const UriMatch& match) { return of_row(match); }
    Result<Test> of(const ReferenceMatch& match) { return of_row(match); }

    Result<Test> of(const Together& together) {
        TogetherTest test;
        for (const auto& each : together.conditions) {
            VIGIL_TRY(row, std::visit([this](const auto& match) { return this->row_of(match); },
                                      each.is));
            if (!row) return Test{NeverTest{}};
            test.of.push_back(std::move(*row));
        }
        return Test{std::move(test)};
    }
    Result<Test> of(const Missing& missing) {
        VIGIL_TRY(parameter, parameter_of(missing.parameter));
        return Test{MissingTest{parameter}};
    }
    Result<Test> of(const IdMatch& match) {
        VIGIL_TRY(record, find_record(database_, type_, match.id));
        if (record == 0) return Test{NeverTest{}};
        return Test{IdTest{record}};
    }
    Result<Test> of(const UpdatedMatch& match) {
        return Test{
            UpdatedTest{{match.comparison, unix_ns(match.value.start), unix_ns(match.value.end)}}};
    }
    Result<Test> of(const TextMatch& match) {
        auto query = words_query(match.narrative_only, match.words);
        if (query.empty()) return Test{NeverTest{}};
        return Test{TextTest{std::move(query),
                             std::make_shared<std::optional<std::vector<std::uint64_t>>>()}};
    }
    Result<Test> of(const RefersTo& refers) {
        if (!refers.condition) return fail(Error::Kind::internal, "a chain without a condition");
        const auto depth = depth_;
        VIGIL_TRY(parameter, parameter_of(refers.parameter));
        VIGIL_TRY(type, names_.find(database_, NameKind::type, 0, refers.type));
        if (parameter == 0 || type == 0) return Test{NeverTest{}};
        VIGIL_TRY(inner, compile(type, *refers.condition, depth + 1));
        return Test{RefersTest{parameter, type, std::make_shared<const Test>(std::move(inner)),
                               std::make_shared<KnownRecords>()}};
    }
    Result<Test> of(const ReferredBy& referred) {
        if (!referred.condition) return fail(Error::Kind::internal, "a chain without a condition");
        const auto depth = depth_;
        VIGIL_TRY(type, names_.find(database_, NameKind::type, 0, referred.type));
        VIGIL_TRY(parameter, names_.find(database_, NameKind::parameter, type, referred.parameter));
        if (parameter == 0 || type == 0) return Test{NeverTest{}};
        VIGIL_TRY(inner, compile(type, *referred.condition, depth + 1));
        return Test{ReferredTest{type, parameter, std::make_shared<const Test>(std::move(inner))}};
    }

    // Nothing: no row can match.
    using Row = std::optional<RowTest>;
    Result<std::uint32_t> parameter_of(std::string_view name) {
        return names_.find(database_, NameKind::parameter, type_, name);
    }
    template <class T>
    Result<Row> row_test(std::string_view parameter, T test) {
        VIGIL_TRY(number, parameter_of(parameter));
        if (number == 0) return Row();
        return Row(RowTest{number, std::move(test)});
    }
    Result<Row> row_of(const TokenMatch& match) {
        TokenTest test{.system = std::nullopt, .code = match.code};
        if (match.system) {
            test.system = 0;
            if (!match.system->empty()) {
                VIGIL_TRY(system, names_.find(database_, NameKind::system, 0, *match.system));
                if (system == 0) return Row();
                test.system = system;
            }
        }
        return row_test(match.parameter, std::move(test));
    }
    Result<Row> row_of(const DateMatch& match) {
        return row_test(match.parameter, DateTest{match.comparison, unix_ns(match.value.start),
                                                  unix_ns(match.value.end)});
    }
    Result<Row> row_of(const NumberMatch& match) {
        NumberTest test{match.comparison, 0, match.value.low, match.value.high};
        if (!match.value.unit.empty()) {
            VIGIL_TRY(unit, names_.find(database_, NameKind::unit, 0, match.value.unit));
            if (unit == 0) return Row();
            test.unit = unit;
        }
        return row_test(match.parameter, test);
    }
    Result<Row> row_of(const StringMatch& match) {
        return row_test(match.parameter, StringTest{match.how, match.text});
    }
    Result<Row> row_of(const UriMatch& match) {
        return row_test(match.parameter, UriTest{match.how, match.uri});
    }
    Result<Row> row_of(const ReferenceMatch& match) {
        ReferenceTest test;
        if (match.to.id.empty()) {
            test.url = match.to.url;
        } else if (!match.to.type.empty()) {
            VIGIL_TRY(type, names_.find(database_, NameKind::type, 0, match.to.type));
            VIGIL_CHECK(add_target(test, type, match.to.id));
        } else {
            VIGIL_TRY(types, database_.lend(select_types));
            for (;;) {
                VIGIL_TRY(row, types->step());
                if (!row) break;
                VIGIL_CHECK(
                    add_target(test, static_cast<std::uint32_t>(types->integer(0)), match.to.id));
            }
        }
        if (test.targets.empty() && test.url.empty()) return Row();
        return row_test(match.parameter, std::move(test));
    }
    Result<void> add_target(ReferenceTest& test, std::uint32_t type, std::string_view id) {
        VIGIL_TRY(record, find_record(database_, type, id));
        if (record != 0) test.targets.push_back(record);
        return {};
    }
    template <class Other>
    Result<Row> row_of(const Other&) {
        return fail(Error::Kind::internal, "only values can be asked for together");
    }

    Database& database_;
    RecordNames& names_;
    std::uint32_t type_ = 0;
    std::size_t depth_ = 0, count_ = 0;
};

}  // namespace

bool date_matches(const DateTest& test, std::int64_t start, std::int64_t end) {
    const bool held = start >= test.start && end <= test.end;
    switch (test.comparison) {
        case Comparison::equal:
            return held;
        case Comparison::not_equal:
            return !held;
        case Comparison::less:
            return start < test.start;
        case Comparison::less_equal:
            return start < test.start || held;
        case Comparison::greater:
            return end > test.end;
        case Comparison::greater_equal:
            return end > test.end || held;
        case Comparison::starts_after:
            return start >= test.end;
        case Comparison::ends_before:
            return end <= test.start;
        case Comparison::overlaps:
            return start < test.end && end > test.start;
    }
    return false;
}

bool RowTest::matches(const StoredRow& row) const {
    struct {
        const StoredRow& row;
        bool operator()(const TokenTest& test) const { return token_matches(test, row); }
        bool operator()(const DateTest& test) const {
            return row.kind == RowKind::date && date_matches(test, row.start, row.end);
        }
        bool operator()(const NumberTest& test) const { return number_matches(test, row); }
        bool operator()(const StringTest& test) const { return string_matches(test, row); }
        bool operator()(const UriTest& test) const { return uri_matches(test, row); }
        bool operator()(const ReferenceTest& test) const { return reference_matches(test, row); }
    } const visitor{row};
    return std::visit(visitor, is);
}

bool is_never(const Test& test) {
    if (std::holds_alternative<NeverTest>(test.is)) return true;
    if (const auto* any = std::get_if<AnyTest>(&test.is))
        return std::ranges::all_of(any->of, is_never);
    if (const auto* all = std::get_if<AllTest>(&test.is))
        return std::ranges::any_of(all->of, is_never);
    return false;
}

Result<Test> compile(Database& database, RecordNames& names, std::uint32_t type,
                     const Condition& condition) {
    return Compiler(database, names).compile(type, condition, 0);
}

Result<std::uint64_t> find_record(Database& database, std::uint32_t type, std::string_view id) {
    if (type == 0) return std::uint64_t{0};
    VIGIL_TRY(select, database.lend(select_record));
    VIGIL_TRY(row, select->bind(1, type).bind_text(2, id).step());
    return row ? static_cast<std::uint64_t>(select->integer(0)) : 0;
}

}  // namespace vigil::store::sqlite
