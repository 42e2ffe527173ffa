#include "store/sqlite/record_names.hpp"

#include <mutex>
#include <set>

#include "base/bytes.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_number =
    "SELECT number FROM record_names WHERE kind = ? AND owner = ? AND name = ?";
constexpr const char* select_name = "SELECT name FROM record_names WHERE number = ?";
constexpr const char* select_names =
    "SELECT number, kind, owner, name FROM record_names ORDER BY number LIMIT ?";
constexpr const char* insert_name =
    "INSERT INTO record_names(kind, owner, name, home) VALUES(?, ?, ?, ?)";
constexpr const char* select_homes = "SELECT number, home FROM record_names WHERE home <> 0";
constexpr const char* select_pairs =
    "SELECT p.owner, p.number, t.number, d.number FROM record_names p "
    "JOIN record_names t ON t.kind = 2 AND t.owner = p.owner "
    "JOIN record_names d ON d.kind = 2 AND d.owner = p.owner AND p.name = t.name || ' ' || d.name "
    "WHERE p.kind = 7";

constexpr std::size_t prefix_size = 5;  // of a key: the kind and the owner

}  // namespace

Result<void> RecordNames::load(Database& database) {
    VIGIL_TRY(homes, database.lend(select_homes));
    for (;;) {
        VIGIL_TRY(row, homes->step());
        if (!row) break;
        const auto parameter = static_cast<std::uint32_t>(homes->integer(0));
        const auto home = static_cast<std::uint32_t>(homes->integer(1));
        change_homes([&](Homes& all) { all.of.emplace(parameter, home); });
    }
    VIGIL_TRY(pairs, database.lend(select_pairs));
    for (;;) {
        VIGIL_TRY(row, pairs->step());
        if (!row) break;
        const auto number = [&](int column) {
            return static_cast<std::uint32_t>(pairs->integer(column));
        };
        change_homes(
            [&](Homes& all) { all.pairs[number(0)].push_back({number(1), number(2), number(3)}); });
    }
    VIGIL_TRY(select, database.lend(select_names));
    select->bind(1, static_cast<std::int64_t>(kept_max));
    for (;;) {
        VIGIL_TRY(row, select->step());
        if (!row) return {};
        keep(key_of(static_cast<NameKind>(select->integer(1)),
                    static_cast<std::uint32_t>(select->integer(2)), select->bytes(3)),
             static_cast<std::uint32_t>(select->integer(0)));
    }
}

std::string RecordNames::key_of(NameKind kind, std::uint32_t owner, std::string_view name) {
    std::string key;
    key.reserve(prefix_size + name.size());
    ByteWriter out(key);
    out.u8(static_cast<std::uint8_t>(kind));
    out.little_endian(owner);
    out.bytes(name);
    return key;
}

std::shared_ptr<const Homes> RecordNames::homes() {
    const std::shared_lock guard(mutex_);
    return homes_;
}

void RecordNames::share_keys(const std::vector<SharedKeys>& shared) {
    const std::unique_lock guard(mutex_);
    for (const auto& each : shared)
        shared_.emplace(std::pair(each.type, each.parameter), each.under);
}

void RecordNames::pair_keys(const std::vector<PairedKeys>& paired) {
    const std::unique_lock guard(mutex_);
    paired_ = paired;
}

void RecordNames::change_homes(const std::function<void(Homes&)>& change) {
    const std::unique_lock guard(mutex_);
    auto changed = std::make_shared<Homes>(*homes_);
    change(*changed);
    homes_ = std::move(changed);
}

Result<void> RecordNames::make_pairs(Database& database, std::uint32_t type, Made& made) {
    VIGIL_TRY(type_name, name(database, type));
    std::vector<PairedKeys> wanted;
    {
        const std::shared_lock guard(mutex_);
        for (const auto& each : paired_)
            if (each.type == type_name) wanted.push_back(each);
    }
    for (const auto& each : wanted) {
        VIGIL_TRY(token, intern(database, NameKind::parameter, type, each.token, made));
        VIGIL_TRY(date, intern(database, NameKind::parameter, type, each.date, made));
        VIGIL_TRY(pair, intern(database, NameKind::pair, type, each.token + ' ' + each.date, made));
        change_homes([&](Homes& all) { all.pairs[type].push_back({pair, token, date}); });
    }
    return {};
}

Result<std::uint32_t> RecordNames::find_home(Database& database, std::uint32_t type,
                                             std::string_view name, Made& made) {
    VIGIL_TRY(type_name, this->name(database, type));
    std::string under;
    {
        const std::shared_lock guard(mutex_);
        const auto found = shared_.find(std::pair(type_name, std::string(name)));
        if (found == shared_.end()) return 0;
        under = found->second;
    }
    return intern(database, NameKind::parameter, type, under, made);
}

std::uint32_t RecordNames::known(const std::string& key) {
    const std::shared_lock guard(mutex_);
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? 0 : found->second;
}

void RecordNames::keep(const std::string& key, std::uint32_t number) {
    const std::unique_lock guard(mutex_);
    if (numbers_.size() >= kept_max) return;
    numbers_.emplace(key, number);
    names_.emplace(number, key.substr(prefix_size));
}

Result<std::uint32_t> RecordNames::find(Database& database, NameKind kind, std::uint32_t owner,
                                        std::string_view name) {
    const auto key = key_of(kind, owner, name);
    if (const auto number = known(key); number != 0) return number;
    VIGIL_TRY(select, database.lend(select_number));
    select->bind(1, static_cast<int>(kind)).bind(2, owner).bind_text(3, name);
    VIGIL_TRY(row, select->step());
    return row ? static_cast<std::uint32_t>(select->integer(0)) : 0;
}

Result<std::string> RecordNames::name(Database& database, std::uint32_t number) {
    {
        const std::shared_lock guard(mutex_);
        if (const auto found = names_.find(number); found != names_.end()) return found->second;
    }
    VIGIL_TRY(select, database.lend(select_name));
    VIGIL_TRY(row, select->bind(1, number).step());
    if (!row) return fail(Error::Kind::internal, "the records name what is not in the file");
    return std::string(select->bytes(0));
}

Result<std::uint32_t> RecordNames::intern(Database& database, NameKind kind, std::uint32_t owner,
                                          std::string_view name, Made& made) {
    auto key = key_of(kind, owner, name);
    if (const auto number = known(key); number != 0) return number;
    if (const auto found = uncommitted_.find(key); found != uncommitted_.end())
        return found->second.number;
    VIGIL_TRY(before, find(database, kind, owner, name));
    auto number = before;
    if (number == 0) {
        std::uint32_t home = 0;
        if (kind == NameKind::parameter) {
            VIGIL_TRY(found, find_home(database, owner, name, made));
            home = found;
        }
        VIGIL_TRY(insert, database.lend(insert_name));
        VIGIL_CHECK(insert->bind(1, static_cast<int>(kind))
                        .bind(2, owner)
                        .bind_text(3, name)
                        .bind(4, home)
                        .run());
        number = static_cast<std::uint32_t>(sqlite3_last_insert_rowid(database.handle()));
        // At once: the transaction sees its own, and nobody else's rows have this number yet.
        if (home != 0) change_homes([&](Homes& all) { all.of.emplace(number, home); });
    }
    // Also what was in the file: it may be of this transaction, which can still fail.
    const Name& is =
        made.emplace_back(Name{.key = std::move(key), .number = number, .is_new = before == 0});
    uncommitted_.emplace(is.key, is);
    if (kind == NameKind::listing && name == "all" && before == 0)
        VIGIL_CHECK(make_pairs(database, owner, made));
    return number;
}

void RecordNames::begin() {
    Made void_now;
    for (const auto& [key, name] : uncommitted_) void_now.push_back(name);
    undone(void_now);
}

void RecordNames::committed(const Made& made) {
    for (const auto& each : made) {
        keep(each.key, each.number);
        uncommitted_.erase(each.key);
    }
}

void RecordNames::undone(const Made& made) {
    std::set<std::uint32_t> new_numbers;
    for (const auto& each : made) {
        uncommitted_.erase(each.key);
        if (each.is_new) new_numbers.insert(each.number);
    }
    if (new_numbers.empty()) return;
    change_homes([&](Homes& all) {
        std::erase_if(all.of, [&](const auto& one) { return new_numbers.contains(one.first); });
        for (auto& [type, pairs] : all.pairs)
            std::erase_if(pairs,
                          [&](const auto& one) { return new_numbers.contains(one.parameter); });
    });
}

}  // namespace vigil::store::sqlite
