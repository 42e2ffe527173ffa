#pragma once
// Numbers for the names that come back in every row: types, parameters, systems, units.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "store/records.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

enum class NameKind : std::uint8_t {
    type = 1,
    parameter = 2,  // of the type that owns it
    system = 3,     // of tokens
    unit = 4,
    method = 5,
    listing = 6,  // what every resource of a type stands under: see `Listing`
    pair = 7,     // "code date": what stands under both, made with the listing of a type
};

// Under which numbers keys stand.
struct Homes {
    // Tokens in the order of a date: store::PairedKeys, `parameter` the number of their keys.
    struct Pair {
        std::uint32_t parameter = 0, token = 0, date = 0;
    };
    // Parameters whose keys stand under another's. What is not in it stands under its own.
    std::unordered_map<std::uint32_t, std::uint32_t> of;
    std::unordered_map<std::uint32_t, std::vector<Pair>> pairs;  // of a type
};
inline std::uint32_t home_of(const Homes& homes, std::uint32_t parameter) {
    const auto found = homes.of.find(parameter);
    return found == homes.of.end() ? parameter : found->second;
}

// From any thread. What a transaction makes is known to others once it has committed.
class RecordNames {
public:
    // 0: there is none.
    Result<std::uint32_t> find(Database& database, NameKind kind, std::uint32_t owner,
                               std::string_view name);
    Result<std::string> name(Database& database, std::uint32_t number);

    std::shared_ptr<const Homes> homes();

    // What is in the file; before any other call.
    Result<void> load(Database& database);
    // Of parameters that are named for the first time from now on.
    void share_keys(const std::vector<SharedKeys>& shared);
    // Of types of which the first resource is written from now on: of others not all would be
    // there.
    void pair_keys(const std::vector<PairedKeys>& paired);

    // On the writer's thread, at the start of a transaction: what one made that was rolled back is
    // void.
    void begin();
    // On the writer's thread, within a transaction; `made` gathers what is new in it.
    struct Name {
        std::string key;
        std::uint32_t number = 0;
        bool is_new = false;
    };
    using Made = std::vector<Name>;
    Result<std::uint32_t> intern(Database& database, NameKind kind, std::uint32_t owner,
                                 std::string_view name, Made& made);
    void committed(const Made& made);
    void undone(const Made& made);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using Numbers = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;
    // Systems come from outside: past this many they are looked up in the file.
    static constexpr std::size_t kept_max = 100'000;
    static std::string key_of(NameKind kind, std::uint32_t owner, std::string_view name);
    std::uint32_t known(const std::string& key);
    void keep(const std::string& key, std::uint32_t number);
    Result<std::uint32_t> find_home(Database& database, std::uint32_t type, std::string_view name,
                                    Made& made);
    Result<void> make_pairs(Database& database, std::uint32_t type, Made& made);
    void change_homes(const std::function<void(Homes&)>& change);

    std::shared_mutex mutex_;  // of those that follow
    Numbers numbers_;
    std::unordered_map<std::uint32_t, std::string> names_;
    std::shared_ptr<const Homes> homes_ = std::make_shared<const Homes>();
    std::map<std::pair<std::string, std::string>, std::string> shared_;
    std::vector<PairedKeys> paired_;
    std::unordered_map<std::string, Name, Hash, std::equal_to<>> uncommitted_;  // the writer's
};

}  // namespace vigil::store::sqlite
