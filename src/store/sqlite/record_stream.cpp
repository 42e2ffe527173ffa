#include "store/sqlite/record_stream.hpp"

#include <algorithm>

namespace vigil::store::sqlite {

namespace {

constexpr const char* select_ascending =
    "SELECT key, record FROM record_index WHERE parameter = ?1 AND (key, record) > (?2, ?3) "
    "AND key < ?4 ORDER BY key, record";
constexpr const char* select_descending =
    "SELECT key, record FROM record_index WHERE parameter = ?1 AND (key, record) < (?2, ?3) "
    "AND key >= ?4 ORDER BY key DESC, record DESC";

}  // namespace

Result<KeyStream> KeyStream::open(Database& database, Stretch stretch, bool descending,
                                  const std::optional<Found>& place) {
    VIGIL_TRY(statement, database.lend(descending ? select_descending : select_ascending));
    auto bounds = std::make_unique<Bounds>();
    auto& [from, to] = *bounds;
    from = descending ? std::move(stretch.high) : std::move(stretch.low);
    to = descending ? std::move(stretch.low) : std::move(stretch.high);
    std::int64_t record = 0;
    if (place && (descending ? place->key < from : place->key >= from)) {
        from = place->key;
        record = static_cast<std::int64_t>(place->record);
    }
    statement->bind(1, stretch.parameter).bind_blob(2, from).bind(3, record).bind_blob(4, to);
    return KeyStream(std::move(statement), std::move(bounds), stretch.parameter);
}

Result<bool> KeyStream::next(Found& found) {
    VIGIL_TRY(row, statement_->step());
    if (!row) return false;
    found.parameter = parameter_;
    found.key.assign(statement_->bytes(0));
    found.record = static_cast<std::uint64_t>(statement_->integer(1));
    return true;
}

WayStream::WayStream(Database& database, const Way& way, std::optional<Found> after)
    : database_(database), way_(way), after_(std::move(after)) {
    if (!after_) return;
    const auto& records = way_.records;
    listed_ = after_->parameter != 0
                  ? records.size()
                  : static_cast<std::size_t>(std::ranges::upper_bound(records, after_->record) -
                                             records.begin());
    const auto place = std::pair(after_->parameter, std::string_view(after_->key));
    const auto first = std::ranges::find_if(way_.stretches, [&](const Stretch& each) {
        return std::pair(each.parameter, std::string_view(each.high)) > place;
    });
    stretch_ = static_cast<std::size_t>(first - way_.stretches.begin());
}

Result<bool> WayStream::next(Found& found) {
    if (listed_ < way_.records.size()) {
        found = {.parameter = 0, .key = {}, .record = way_.records[listed_++]};
        return true;
    }
    for (;;) {
        if (!keys_) {
            if (stretch_ == way_.stretches.size()) return false;
            const auto& stretch = way_.stretches[stretch_++];
            const bool within = after_ && after_->parameter == stretch.parameter;
            VIGIL_TRY(opened, KeyStream::open(database_, stretch, false,
                                              within ? after_ : std::optional<Found>()));
            keys_.emplace(std::move(opened));
        }
        VIGIL_TRY(more, keys_->next(found));
        if (more) return true;
        keys_.reset();
    }
}

}  // namespace vigil::store::sqlite
