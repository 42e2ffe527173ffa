// GET /api/messages: the message that brought a value, as it came in.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "metric/batch.hpp"
#include "share/api/api.hpp"
#include "share/api/base64.hpp"
#include "share/reading_json.hpp"

namespace vigil::share {
namespace {

// The newest reading of a second may wait this long for its commit; older stored data is found by
// its receive time, which the series knows.
constexpr Nanoseconds commit_lag_max = std::chrono::seconds(30);
constexpr std::size_t searched_entries_max = 2'000'000;
// The series keeps receive times in whole seconds.
constexpr Nanoseconds receive_rounding = std::chrono::seconds(2);
constexpr std::size_t replayed_max = 10'000;
// A message's parts, one a patient or a reading that it corrects, stand side by side.
constexpr std::uint64_t split_entries_max = 1'000;

// One reading, told by what the API shows of it. What is not given fits anything.
struct Wanted {
    std::optional<Position> position;
    DeviceId device;
    Timestamp filed_time;
    std::optional<MetricId> metric;
    std::optional<std::uint16_t> channel;
    std::optional<std::string> value;
    std::optional<std::uint32_t> sequence;

    bool fits(const Reading& reading) const {
        return (!metric || reading.metric == *metric) &&
               (!channel || reading.channel == *channel) &&
               (!value || value_text(reading) == *value);
    }
};

struct Found {
    std::string body;      // of the entry: the views of a batch point into it
    std::string raw_body;  // of the entry that holds the raw form, where that is another
    PatientId subject, raw_subject;
    Position position;
};

Result<Timestamp> commit_time_at(store::Log& log, std::uint64_t offset) {
    Timestamp time{};
    VIGIL_TRY(after, log.read({0, offset}, [&](const store::Entry& entry) {
        time = entry.commit_time;
        return false;
    }));
    (void)after;
    return time;
}

// The first entry committed at or after `time`, by bisection: commit times never go back.
Result<Position> first_at(store::Log& log, Timestamp time) {
    auto low = log.first().offset;
    auto high = log.end().offset;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        VIGIL_TRY(at, commit_time_at(log, middle));
        if (at < time)
            low = middle + 1;
        else
            high = middle;
    }
    return Position{0, low};
}

// How well a message fits: a reading like the wanted one, or the very one by its place too.
enum class Fit : std::uint8_t { none, alike, exact };

Fit fit(const Batch& batch, const Wanted& wanted) {
    auto best = Fit::none;
    if (batch.device != wanted.device) return best;
    for (std::uint32_t i = 0; i < batch.readings.size(); ++i) {
        const auto& filed = batch.readings[i];
        if (filed.filed_time != wanted.filed_time || !wanted.fits(filed.reading)) continue;
        if (wanted.sequence == batch.first_sequence + i) return Fit::exact;
        best = Fit::alike;
    }
    return best;
}

// Looks through a stretch of the log for the message of a reading.
class Search {
public:
    explicit Search(const Wanted& wanted) : wanted_(wanted) {}

    // False: no need to look further.
    bool look_at(const store::Entry& entry) {
        if (entry.kind != store::EntryKind::batch || !vigil::decode(entry.body, batch_))
            return true;
        remember_raw(entry);
        const auto fits = wanted_.position
                              ? (entry.position == *wanted_.position ? Fit::exact : Fit::none)
                              : fit(batch_, wanted_);
        if (fits == Fit::none) return true;
        if (fits == Fit::exact || !best_) {
            best_ =
                Found{std::string(entry.body), {}, entry.subject, entry.subject, entry.position};
            if (!has_raw(batch_)) {
                best_->raw_body = raw_body_;
                best_->raw_subject = raw_subject_;
            }
        }
        if (fits == Fit::exact) {
            others_ = false;
            return false;
        }
        others_ = others_ || best_->position != entry.position;
        return true;
    }

    bool empty() const { return !best_; }
    Result<Found> result() {
        if (!best_) return fail(Error::Kind::not_found, "the raw message is no longer kept", "at");
        if (others_)
            return fail(Error::Kind::conflict,
                        "several messages brought such a reading: say which, with value and "
                        "sequence",
                        "at");
        return std::move(*best_);
    }

private:
    static bool has_raw(const Batch& batch) {
        return !batch.raw.empty() || !batch.raw_digest.empty();
    }
    // Readings of one message that belong to several patients, or are corrected by one Observation,
    // are an entry each: the first has the raw form.
    void remember_raw(const store::Entry& entry) {
        if (has_raw(batch_)) {
            raw_body_.assign(entry.body);
            raw_subject_ = entry.subject;
            raw_of_ = {batch_.device, batch_.receive_time};
        } else if (raw_of_ != std::pair(batch_.device, batch_.receive_time)) {
            raw_body_.clear();
            raw_subject_ = {};
        }
    }

    const Wanted& wanted_;
    Batch batch_;
    std::optional<Found> best_;
    bool others_ = false;
    std::string raw_body_;
    PatientId raw_subject_;
    std::pair<DeviceId, Timestamp> raw_of_;
};

Result<void> search(store::Log& log, Search& looking, Timestamp from, Timestamp to) {
    VIGIL_TRY(start, first_at(log, from));
    std::size_t searched = 0;
    VIGIL_TRY(after, log.read(start, [&](const store::Entry& entry) {
        return ++searched < searched_entries_max && entry.commit_time < to &&
               looking.look_at(entry);
    }));
    (void)after;
    return {};
}

// What was read out of quarantine was received long before it was committed.
Result<void> search_replayed(ApiContext& api, const store::Access& access, Search& looking,
                             Timestamp received) {
    VIGIL_TRY(items, api.quarantine.list(access, {.state = store::QuarantineState::replayed,
                                                  .device = std::nullopt,
                                                  .before = std::nullopt,
                                                  .limit = replayed_max}));
    for (const auto& item : items) {
        const auto apart = item.receive_time - received;
        if (!item.decided_at || apart > receive_rounding || apart < -receive_rounding) continue;
        VIGIL_CHECK(search(api.log, looking, *item.decided_at - commit_lag_max,
                           *item.decided_at + commit_lag_max));
        if (!looking.empty()) return {};
    }
    return {};
}

Result<Found> find_by_position(store::Log& log, const Wanted& wanted, Position position) {
    Search looking(wanted);
    // From the entries before it on: one of them may hold its raw form.
    const Position from{0, position.offset - std::min(position.offset, split_entries_max)};
    VIGIL_TRY(after, log.read(from, [&](const store::Entry& entry) {
        return looking.look_at(entry) && entry.position < position;
    }));
    (void)after;
    return looking.result();
}

Result<Found> find_message(ApiContext& api, const store::Access& access, const Wanted& wanted,
                           Timestamp received) {
    if (wanted.position) return find_by_position(api.log, wanted, *wanted.position);
    Search looking(wanted);
    VIGIL_CHECK(search(api.log, looking, received - receive_rounding, received + commit_lag_max));
    if (looking.empty()) VIGIL_CHECK(search_replayed(api, access, looking, received));
    return looking.result();
}

void write_raw(JsonWriter& json, const Batch& batch) {
    const bool taken = batch.raw.empty() && !batch.raw_digest.empty();
    json.member("size", taken ? batch.raw_size : batch.raw.size()).key("bytes");
    if (!taken) {
        json.text(base64(batch.raw)).key("sha256").null();
        return;
    }
    std::string hex;
    for (const char c : batch.raw_digest)
        hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    json.null().member("sha256", hex);
}

std::string message_json(const ApiContext& api, const Found& found) {
    Batch batch;
    if (!vigil::decode(found.body, batch)) return "{}";
    Batch whole;
    const bool elsewhere = !found.raw_body.empty() && vigil::decode(found.raw_body, whole);
    const auto* device = api.registry.device(batch.device);
    const auto topic = collect::payload_topic(batch.source);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("device",
                               device != nullptr ? std::string_view(device->external_id) : "");
    json.member("sender", topic ? topic->device : std::string_view());
    json.member("topic", batch.source).member("content_type", batch.raw_content_type);
    json.member("protocol", "mqtt").member("receive_time", batch.receive_time);
    json.member("position", position_text(found.position));
    write_raw(json, elsewhere ? whole : batch);
    json.end_object();
    return body;
}

Reading reading_of(const store::SeriesKey& key, const store::Sample& sample) {
    return {.metric = key.metric,
            .channel = key.channel,
            .status = sample.status,
            .device_time = sample.device_time,
            .value = sample.value};
}

// When the reading was received, from the series: its filed time may be long before.
Result<Timestamp> received_at(ApiContext& api, const store::Access& access, PatientId patient,
                              const Wanted& wanted) {
    std::optional<Timestamp> received;
    const store::Span span{wanted.filed_time, wanted.filed_time + Nanoseconds(1)};
    VIGIL_TRY(infos, api.series.list(access, patient));
    for (const auto& info : infos) {
        if (info.key.device != wanted.device ||
            (wanted.metric && info.key.metric != *wanted.metric))
            continue;
        VIGIL_CHECK(api.series.scan(access, patient, info.key.metric, span,
                                    [&](const store::SeriesKey& key, const store::Sample& sample) {
                                        if (key.device == wanted.device &&
                                            wanted.fits(reading_of(key, sample)))
                                            received = sample.receive_time;
                                        return true;
                                    }));
        if (received) return *received;
    }
    return fail(Error::Kind::not_found, "no reading of this device at this time", "at");
}

Result<std::optional<std::uint32_t>> number_parameter(const session::HttpRequest& request,
                                                      std::string_view name) {
    const auto text = request.parameter(name);
    if (!text) return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (failure != std::errc() || end != text->data() + text->size())
        return fail(Error::Kind::malformed, "takes a whole number", std::string(name));
    return number;
}

Result<Wanted> read_wanted(const ApiContext& api, const ApiCall& call) {
    Wanted wanted;
    if (const auto text = call.request.parameter("position")) {
        wanted.position = parse_position(*text);
        if (!wanted.position) return fail(Error::Kind::malformed, "not a position", "position");
        return wanted;
    }
    VIGIL_TRY(device, device_named(api, call.request.parameter("device").value_or(""), "device"));
    wanted.device = device->id;
    VIGIL_TRY(at, read_time(call.request.parameter("at").value_or(""), "at"));
    wanted.filed_time = at;
    if (const auto key = call.request.parameter("metric")) {
        const auto* metric = api.catalogue.find(*key);
        if (metric == nullptr) return fail(Error::Kind::not_found, "no such metric here", "metric");
        wanted.metric = metric->id;
    }
    if (const auto value = call.request.parameter("value")) wanted.value = *value;
    VIGIL_TRY(channel, number_parameter(call.request, "channel"));
    VIGIL_TRY(sequence, number_parameter(call.request, "sequence"));
    if (channel) wanted.channel = static_cast<std::uint16_t>(*channel);
    wanted.sequence = sequence;
    return wanted;
}

// A message may hold any of a patient's readings.
bool sees_all_readings(const store::Access& access, PatientId patient) {
    const auto withheld = access.withheld_from(patient);
    return access.covers(patient) && (!withheld || withheld->sees_readings());
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto wanted = read_wanted(api, *call);
    if (!wanted) return answer_error(api, call, wanted.error());
    // By position, whose data it is shows only once it is found: the answer is held against it.
    const auto patient = wanted->position
                             ? PatientId{}
                             : api.registry.patient_at(wanted->device, wanted->filed_time);
    const auto subjects =
        wanted->position ? identity::Subjects::all() : identity::Subjects::of(patient);
    const auto access = decide(api, call,
                               {.act = store::Act::read,
                                .areas = {identity::Area::vitals},
                                .subjects = subjects,
                                .what = "message"});
    if (!access) return;
    api.on_worker([&api, call, wanted = *wanted, patient, access = *access] {
        auto received = wanted.position ? Result<Timestamp>(Timestamp{})
                                        : received_at(api, access, patient, wanted);
        auto found = received ? find_message(api, access, wanted, *received)
                              : Result<Found>(tl::unexpected(received.error()));
        api.on_loop([&api, call, access, found = std::move(found)] {
            if (!found) return answer_error(api, call, found.error());
            if (!sees_all_readings(access, found->subject) ||
                !sees_all_readings(access, found->raw_subject))
                return answer_error(api, call,
                                    {Error::Kind::not_found, "no such message here", "position"});
            answer(api, call, json_answer(message_json(api, *found)));
        });
    });
}

}  // namespace

void add_messages(Api& api) {
    api.add("GET", "/api/messages", show);
}

}  // namespace vigil::share
