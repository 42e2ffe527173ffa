#include "store/sqlite/record_match.hpp"

#include <algorithm>

#include "store/sqlite/record_text.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_rows = "SELECT rows FROM record_rows WHERE record = ?";
constexpr const char* select_at_key =
    "SELECT record FROM record_index WHERE parameter = ? AND key = ? ORDER BY record";

bool has_row(const Candidate& candidate, const RowTest& test) {
    return std::ranges::any_of(candidate.rows, [&](const StoredRow& row) {
        return row.parameter == test.parameter && test.matches(row);
    });
}

// One group of the resource's meets all of them.
bool has_group(const Candidate& candidate, const std::vector<RowTest>& tests) {
    const auto in_group = [&](const RowTest& test, std::uint16_t group) {
        return std::ranges::any_of(candidate.rows, [&](const StoredRow& row) {
            return row.group == group && row.parameter == test.parameter && test.matches(row);
        });
    };
    std::uint16_t last = 0;
    for (const auto& row : candidate.rows) {
        if (row.group == 0 || row.group == last) continue;
        last = row.group;
        if (std::ranges::all_of(tests, [&](const auto& test) { return in_group(test, last); }))
            return true;
    }
    return false;
}

}  // namespace

Result<bool> RecordMatcher::load(std::uint64_t record, Candidate& candidate) {
    ++loaded_;
    VIGIL_TRY(select, database_.lend(select_rows));
    VIGIL_TRY(row, select->bind(1, static_cast<std::int64_t>(record)).step());
    if (!row) return false;
    candidate.record = record;
    candidate.bytes.assign(select->bytes(0));
    candidate.rows.clear();
    RowsReader reader(candidate.bytes);
    candidate.head = reader.head();
    for (StoredRow each; reader.next(each);) candidate.rows.push_back(each);
    if (reader.damaged())
        return fail(Error::Kind::internal, "the search index is damaged: run 'vigil verify'");
    VIGIL_TRY(seen, sight_.sees(candidate.head.type, candidate.head.subject));
    if (!seen) return false;
    VIGIL_TRY(only_if, sight_.only_if(candidate.head.type));
    if (only_if) {
        VIGIL_TRY(none, every(*only_if, candidate, false));
        if (none) return false;
    }
    VIGIL_TRY(withheld, sight_.withheld(candidate.head.type, candidate.head.subject));
    if (!withheld) return true;
    VIGIL_TRY(is_withheld, matches(*withheld, candidate));
    return !is_withheld;
}

Result<bool> RecordMatcher::sees(std::uint32_t type, std::optional<PatientId> subject,
                                 std::uint64_t record) {
    VIGIL_TRY(seen, sight_.sees(type, subject));
    if (!seen) return false;
    VIGIL_TRY(only_if, sight_.only_if(type));
    VIGIL_TRY(withheld, sight_.withheld(type, subject));
    if (!only_if && !withheld) return true;
    Candidate candidate;
    return load(record, candidate);
}

Result<bool> RecordMatcher::sees(const Version& version) {
    VIGIL_TRY(seen, sight_.sees(version.type, version.subject));
    if (!seen) return false;
    VIGIL_TRY(only_if, sight_.only_if(version.type));
    VIGIL_TRY(withheld, sight_.withheld(version.type, version.subject));
    if (!only_if && (!withheld || version.deleted)) return true;
    if (withheld) {
        VIGIL_TRY(current, is_current(version));
        if (!current) return false;
    }
    Candidate candidate;
    return load(version.record, candidate);
}

Result<bool> RecordMatcher::is_current(const Version& version) {
    VIGIL_TRY(select, database_.lend("SELECT latest FROM records WHERE record = ?"));
    VIGIL_TRY(row, select->bind(1, static_cast<std::int64_t>(version.record)).step());
    return row && static_cast<std::uint64_t>(select->integer(0)) == version.number;
}

Result<bool> RecordMatcher::every(const std::vector<Test>& tests, const Candidate& candidate,
                                  bool wanted) {
    for (const auto& test : tests) {
        VIGIL_TRY(met, matches(test, candidate));
        if (met != wanted) return false;
    }
    return true;
}

Result<bool> RecordMatcher::matches(const Test& test, const Candidate& candidate) {
    struct {
        RecordMatcher& self;
        const Candidate& candidate;
        Result<bool> operator()(const NeverTest&) const { return false; }
        Result<bool> operator()(const AllTest& all) const {
            return self.every(all.of, candidate, true);
        }
        Result<bool> operator()(const AnyTest& any) const {
            VIGIL_TRY(none, self.every(any.of, candidate, false));
            return !none;
        }
        Result<bool> operator()(const NoneTest& none) const {
            return self.every(none.of, candidate, false);
        }
        Result<bool> operator()(const RowTest& row) const { return has_row(candidate, row); }
        Result<bool> operator()(const TogetherTest& together) const {
            return has_group(candidate, together.of);
        }
        Result<bool> operator()(const MissingTest& missing) const {
            return std::ranges::none_of(candidate.rows, [&](const StoredRow& row) {
                return row.parameter == missing.parameter;
            });
        }
        Result<bool> operator()(const IdTest& id) const { return candidate.record == id.record; }
        Result<bool> operator()(const UpdatedTest& updated) const {
            const auto time = unix_ns(candidate.head.updated);
            return date_matches(updated.date, time, time + 1);
        }
        Result<bool> operator()(const TextTest& text) const {
            if (*text.found) return std::ranges::binary_search(**text.found, candidate.record);
            return has_words(self.database_, text.query, candidate.record);
        }
        Result<bool> operator()(const RefersTest& refers) const {
            return self.refers(refers, candidate);
        }
        Result<bool> operator()(const ReferredTest& referred) const {
            return self.is_referred_to(referred, candidate);
        }
    } const visitor{*this, candidate};
    return std::visit(visitor, test.is);
}

Result<bool> RecordMatcher::refers(const RefersTest& test, const Candidate& candidate) {
    for (const auto& row : candidate.rows) {
        if (row.parameter != test.parameter || row.kind != RowKind::reference) continue;
        auto known = test.known->find(row.target);
        if (known == test.known->end()) {
            VIGIL_TRY(such, is_such(row.target, test.type, *test.inner));
            known = test.known->emplace(row.target, such).first;
        }
        if (known->second) return true;
    }
    return false;
}

Result<bool> RecordMatcher::is_such(std::uint64_t record, std::uint32_t type, const Test& test) {
    Candidate other;
    VIGIL_TRY(seen, load(record, other));
    if (!seen || other.head.type != type) return false;
    return matches(test, other);
}

Result<bool> RecordMatcher::is_referred_to(const ReferredTest& test, const Candidate& candidate) {
    bool found = false;
    VIGIL_CHECK(
        each_referring(test.parameter, candidate.record, [&](std::uint64_t record) -> Result<bool> {
            VIGIL_TRY(such, is_such(record, test.type, *test.inner));
            found = such;
            return !found;
        }));
    return found;
}

Result<void> RecordMatcher::each_referring(
    std::uint32_t parameter, std::uint64_t record,
    const std::function<Result<bool>(std::uint64_t)>& visit) {
    const auto home = home_of(*homes_, parameter);
    const auto key = reference_key(record);
    Candidate other;
    VIGIL_TRY(select, database_.lend(select_at_key));
    select->bind(1, home).bind_blob(2, key);
    for (;;) {
        VIGIL_TRY(row, select->step());
        if (!row) return {};
        const auto found = static_cast<std::uint64_t>(select->integer(0));
        if (home != parameter) {
            VIGIL_TRY(seen, load(found, other));
            const bool refers = seen && std::ranges::any_of(other.rows, [&](const StoredRow& each) {
                                    return each.parameter == parameter && each.target == record;
                                });
            if (!refers) continue;
        }
        VIGIL_TRY(more, visit(found));
        if (!more) return {};
    }
}

}  // namespace vigil::store::sqlite
