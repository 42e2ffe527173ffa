// GET /api/messages: the message that brought a value, as it came in.
#include <algorithm>

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

struct Wanted {
    std::optional<Position> position;
    DeviceId device;
    Timestamp filed_time;
    std::optional<MetricId> metric;
};

struct Found {
    std::string body;  // of the entry: the views of a batch point into it
    PatientId subject;
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

bool holds(const Batch& batch, const Wanted& wanted) {
    return batch.device == wanted.device &&
           std::ranges::any_of(batch.readings, [&](const FiledReading& filed) {
               return filed.filed_time == wanted.filed_time &&
                      (!wanted.metric || filed.reading.metric == *wanted.metric);
           });
}

Result<Found> find_message(store::Log& log, const Wanted& wanted, Timestamp received) {
    Position from;
    if (wanted.position) {
        from = *wanted.position;
    } else {
        VIGIL_TRY(start, first_at(log, received - std::chrono::seconds(2)));
        from = start;
    }
    std::optional<Found> found;
    std::size_t searched = 0;
    Batch batch;
    VIGIL_TRY(after, log.read(from, [&](const store::Entry& entry) {
        if (entry.kind == store::EntryKind::batch && vigil::decode(entry.body, batch) &&
            (wanted.position || holds(batch, wanted)))
            found = Found{std::string(entry.body), entry.subject, entry.position};
        if (wanted.position || found) return false;
        return ++searched < searched_entries_max && entry.commit_time < received + commit_lag_max;
    }));
    (void)after;
    if (found && (!wanted.position || found->position == *wanted.position))
        return std::move(*found);
    return fail(Error::Kind::not_found, "the raw message is no longer kept", "at");
}

std::string message_json(const ApiContext& api, const Found& found) {
    Batch batch;
    if (!vigil::decode(found.body, batch)) return "{}";
    const auto* device = api.registry.device(batch.device);
    const auto topic = collect::payload_topic(batch.source);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("device",
                               device != nullptr ? std::string_view(device->external_id) : "");
    json.member("sender", topic ? topic->device : std::string_view());
    json.member("topic", batch.source).member("content_type", batch.raw_content_type);
    json.member("protocol", "mqtt").member("receive_time", batch.receive_time);
    json.member("position", position_text(found.position)).member("size", batch.raw.size());
    json.member("bytes", base64(batch.raw)).end_object();
    return body;
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
                                        if (key.device == wanted.device)
                                            received = sample.receive_time;
                                        return true;
                                    }));
        if (received) return *received;
    }
    return fail(Error::Kind::not_found, "no reading of this device at this time", "at");
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
    if (const auto key = call.request.parameter("metric"))
        if (const auto* metric = api.catalogue.find(*key)) wanted.metric = metric->id;
    return wanted;
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto wanted = read_wanted(api, *call);
    if (!wanted) return answer_error(api, call, wanted.error());
    // By position, whose data it is shows only once it is found: it takes access to everyone.
    const auto patient = wanted->position
                             ? PatientId{}
                             : api.registry.patient_at(wanted->device, wanted->filed_time);
    const auto subjects =
        wanted->position ? identity::Subjects::all() : identity::Subjects::of(patient);
    const auto access = decide(api, call, store::Act::read, subjects, "message");
    if (!access) return;
    api.on_worker([&api, call, wanted = *wanted, patient, access = *access] {
        auto received = wanted.position ? Result<Timestamp>(Timestamp{})
                                        : received_at(api, access, patient, wanted);
        auto found = received ? find_message(api.log, wanted, *received)
                              : Result<Found>(tl::unexpected(received.error()));
        api.on_loop([&api, call, access, found = std::move(found)] {
            if (!found) return answer_error(api, call, found.error());
            if (!access.covers(found->subject))
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
