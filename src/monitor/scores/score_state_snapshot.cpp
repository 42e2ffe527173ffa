// The snapshot of a patient's scores: version 2, all numbers as varints. Everything is checked on
// the way in: a snapshot that is damaged is an error, never a state that no readings lead to.

#include <algorithm>
#include <set>

#include "monitor/scores/score_state.hpp"
#include "monitor/scores/snapshot_values.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t format_version = 2;
constexpr std::size_t parts_max = 1024;

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(Error::Kind::malformed, "a snapshot of scores is damaged", std::string(what));
}

// No total is larger; differences of two such fit.
bool is_total(const std::optional<std::int64_t>& total) {
    constexpr std::int64_t total_max = 1'000'000'000'000;
    return !total || (*total <= total_max && *total >= -total_max);
}

void write_patient(ByteWriter& out, const PatientFacts& patient) {
    out.u8(patient.birth ? 1 : 0);
    if (patient.birth) {
        out.signed_varint(patient.birth->year);
        out.u8(patient.birth->month);
        out.u8(patient.birth->day);
    }
    out.u8(static_cast<std::uint8_t>(patient.pregnancy));
    out.varint(patient.settings.size());
    for (const auto& setting : patient.settings) write(out, setting);
}

std::optional<PatientFacts> read_patient(ByteReader& in) {
    PatientFacts patient;
    const auto has_birth = in.u8();
    if (!has_birth) return std::nullopt;
    if (*has_birth != 0) {
        const auto year = in.signed_varint();
        const auto month = in.u8();
        const auto day = in.u8();
        if (!year || *year < INT16_MIN || *year > INT16_MAX || !month || !day) return std::nullopt;
        patient.birth = BirthDate{static_cast<std::int16_t>(*year), *month, *day};
    }
    const auto pregnancy = in.u8();
    const auto count = in.varint();
    if (!pregnancy || *pregnancy > 2 || !count || *count > chosen_settings_max) return std::nullopt;
    patient.pregnancy = static_cast<PatientFacts::Pregnancy>(*pregnancy);
    for (std::uint64_t i = 0; i < *count; ++i) {
        auto setting = read_chosen_setting(in);
        if (!setting) return std::nullopt;
        patient.settings.push_back(std::move(*setting));
    }
    return patient;
}

void write_optional(ByteWriter& out, const std::optional<Timestamp>& time) {
    out.u8(time ? 1 : 0);
    if (time) out.signed_varint(unix_ns(*time));
}

bool read_optional(ByteReader& in, std::optional<Timestamp>& time) {
    const auto has = in.u8();
    if (!has || *has > 1) return false;
    if (*has == 0) return true;
    time = read_time(in);
    return time.has_value();
}

void write_point(ByteWriter& out, const ScorePoint& point) {
    out.signed_varint(unix_ns(point.time));
    write(out, point.least);
    write(out, point.most);
    write(out, point.band);
    out.u8(static_cast<std::uint8_t>((point.complete ? 1 : 0) | (point.superseded ? 2 : 0)));
    out.varint(point.settings.size());
    for (const auto value : point.settings) out.u8(value);
}

std::optional<ScorePoint> read_point(ByteReader& in, const ScoreTable& table) {
    ScorePoint point;
    const auto time = read_time(in);
    if (!time || !read(in, point.least) || !read(in, point.most) || !read(in, point.band))
        return std::nullopt;
    if (!is_total(point.least) || !is_total(point.most)) return std::nullopt;
    const auto flags = in.u8();
    const auto count = in.varint();
    if (!flags || *flags > 3 || !count || *count != table.settings.size()) return std::nullopt;
    if (point.band && *point.band >= table.bands.size()) return std::nullopt;
    point.time = *time;
    point.complete = (*flags & 1) != 0;
    point.superseded = (*flags & 2) != 0;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto value = in.u8();
        if (!value) return std::nullopt;
        point.settings.push_back(*value);
    }
    return point;
}

}  // namespace

std::string ScoreState::encode() const {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(format_version);
    out.signed_varint(unix_ns(deadline_));
    write_patient(out, patient_);
    const auto feeds = set_->feeds();
    out.varint(feeds.size());
    for (std::size_t i = 0; i < feeds.size(); ++i) {
        std::string feed;
        ByteWriter part(feed);
        feeds_[i].encode(part);
        out.varint(feeds[i].metric.value);
        out.u8(static_cast<std::uint8_t>(feeds[i].making));
        out.sized(feed);
    }
    const auto tables = set_->tables();
    out.varint(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        std::string score;
        ByteWriter part(score);
        part.sized(scores_[i].shown);
        write(part, scores_[i].told);
        write(part, scores_[i].band);
        write_optional(part, scores_[i].entered);
        write_optional(part, scores_[i].observed);
        part.u8(scores_[i].complete ? 1 : 0);
        if (scores_[i].complete) write(part, *scores_[i].complete);
        part.varint(scores_[i].points.size());
        for (const auto& point : scores_[i].points) write_point(part, point);
        out.sized(tables[i].key);
        out.sized(tables[i].version);
        out.varint(tables[i].fingerprint);
        out.sized(score);
    }
    return bytes;
}

Result<ScoreState> ScoreState::decode(std::string_view bytes, const ScoreSet& set) {
    ByteReader in(bytes);
    if (in.u8() != format_version)
        return fail(Error::Kind::unsupported, "a snapshot of scores of another version of Vigil");
    ScoreState state(set);
    const auto deadline = in.signed_varint();
    auto patient = read_patient(in);
    const auto feeds = in.varint();
    if (!deadline || !patient || !feeds || *feeds > parts_max) return damaged("patient");
    state.patient_ = std::move(*patient);
    for (std::uint64_t i = 0; i < *feeds; ++i) {
        const auto metric = in.varint();
        const auto making = in.u8();
        const auto part = in.sized();
        if (!metric || !making || *making > static_cast<std::uint8_t>(Making::window) || !part)
            return damaged("feed " + std::to_string(i));
        const auto found = std::ranges::find_if(set.feeds(), [&](const ScoreSet::Feed& each) {
            return each.metric.value == *metric &&
                   static_cast<std::uint8_t>(each.making) == *making;
        });
        if (found == set.feeds().end()) continue;
        if (!state.feeds_[static_cast<std::size_t>(found - set.feeds().begin())].empty())
            return damaged("a feed that is there twice");
        ByteReader reader(*part);
        auto feed = FeedState::decode(reader, found->making);
        if (!feed || !reader.empty()) return damaged("feed " + std::to_string(i));
        state.feeds_[static_cast<std::size_t>(found - set.feeds().begin())] = std::move(*feed);
    }
    const auto tables = in.varint();
    if (!tables || *tables > parts_max) return damaged("scores");
    std::set<std::string_view> seen;
    bool same_tables = *tables == set.tables().size() && *feeds == set.feeds().size();
    for (std::uint64_t i = 0; i < *tables; ++i) {
        const auto key = in.sized();
        const auto version = in.sized();
        const auto fingerprint = in.varint();
        const auto part = in.sized();
        if (!key || !version || !fingerprint || !part) return damaged("scores");
        const auto* table = set.find(*key);
        if (table == nullptr || table->version != *version || table->fingerprint != *fingerprint) {
            same_tables = false;
            continue;
        }
        if (!seen.insert(*key).second) return damaged("a score that is there twice");
        ByteReader reader(*part);
        if (!read_score(reader, *table,
                        state.scores_[static_cast<std::size_t>(table - set.tables().data())]) ||
            !reader.empty())
            return damaged(*key);
    }
    if (!in.empty()) return damaged("what follows the scores");
    // A set of other tables looks at everything anew.
    state.deadline_ = same_tables ? from_unix_ns(*deadline) : Timestamp::min();
    return state;
}

bool ScoreState::read_score(ByteReader& in, const ScoreTable& table, Score& score) {
    constexpr std::size_t shown_bytes_max = 4096;
    const auto shown = in.sized();
    if (!shown || shown->size() > shown_bytes_max || !read(in, score.told) ||
        !read(in, score.band) || !read_optional(in, score.entered) ||
        !read_optional(in, score.observed))
        return false;
    if (!is_total(score.told)) return false;
    if (score.band && *score.band >= table.bands.size()) return false;
    score.shown = *shown;
    const auto has_complete = in.u8();
    if (!has_complete) return false;
    if (*has_complete != 0) {
        score.complete = read_result(in, table);
        if (!score.complete) return false;
    }
    const auto points = in.varint();
    if (!points || *points > points_max) return false;
    for (std::uint64_t i = 0; i < *points; ++i) {
        auto point = read_point(in, table);
        if (!point || (!score.points.empty() && point->time < score.points.back().time))
            return false;
        score.points.push_back(std::move(*point));
    }
    return true;
}

}  // namespace vigil::monitor
