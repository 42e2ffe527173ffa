// GET /api/patients/{id}/everything: all that is stored about one person, as one ZIP archive
// (GDPR 15 and 20). docs/guides/privacy.md describes what is in it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "fhir/rest/reading.hpp"
#include "metric/unit.hpp"
#include "share/api/api.hpp"
#include "share/api/csv.hpp"
#include "share/api/privacy.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"
#include "share/zip_writer.hpp"

namespace vigil::share {
namespace {

using identity::Area;

constexpr std::string_view read_me = R"(Everything that {site} has stored about one person
====================================================

Patient number {patient}, written {time} by Vigil {version}.

fhir/resources.ndjson   the record: one FHIR R4 resource a line, as it stands now
readings/METRIC.csv     what devices measured, a file a metric
waveforms/METRIC.csv    curves: each row is a run of samples, the first at `filed_time`, one each
                        `period_ns` nanoseconds; a value is sample x scale + offset, in `unit`;
                        "-" is a sample that is missing
accesses.csv            who looked at it, when and what for, newest first

CSV is RFC 4180 in UTF-8; a field that a spreadsheet would run as a formula begins with an
apostrophe. Times are RFC 3339 in UTC. Values are as the device sent them, in the unit it sent.
`device_time` is what the device's own clock said. Older versions of resources, and raw messages, are
given on request.
)";

std::string filled(std::string text, std::string_view name, std::string_view value) {
    const auto at = text.find(name);
    return at == std::string::npos ? text : text.replace(at, name.size(), value);
}

// What the loop knows, taken along to the workers.
struct Asked {
    PatientId patient;
    store::Access access;
    std::map<DeviceId, std::string> devices;
    std::string read_me;
};

void append_waveform(std::string& out, const std::string& device, const store::SeriesKey& key,
                     const store::Sample& sample, const WaveformBlock& block) {
    std::string samples;
    for (const auto each : block.samples) {
        if (!samples.empty()) samples += ' ';
        if (each == WaveformBlock::missing)
            samples += '-';
        else
            fmt::format_to(std::back_inserter(samples), "{}", each);
    }
    append_csv_record(
        out, {format_rfc3339(sample.filed_time), device, std::to_string(key.channel),
              std::to_string(block.period.count()), to_string(block.scale), to_string(block.offset),
              units::at(block.unit).ucum, status_words(sample.status, true), samples});
}

void append_reading(std::string& out, const std::string& device, const store::SeriesKey& key,
                    const store::Sample& sample) {
    const Reading reading{.metric = key.metric,
                          .channel = key.channel,
                          .status = sample.status,
                          .device_time = sample.device_time,
                          .value = sample.value};
    const auto* numeric = std::get_if<NumericValue>(&sample.value);
    const auto* coded = std::get_if<CodedValue>(&sample.value);
    append_csv_record(out,
                      {format_rfc3339(sample.filed_time), device, std::to_string(key.channel),
                       numeric != nullptr && numeric->special != SpecialValue::none
                           ? std::string(special_word(numeric->special))
                           : value_text(reading),
                       numeric != nullptr ? units::at(numeric->unit).ucum : "",
                       coded != nullptr ? std::string_view(coded->display) : std::string_view(),
                       status_words(sample.status, true),
                       sample.device_time ? format_rfc3339(*sample.device_time) : ""});
}

constexpr std::string_view reading_header =
    "filed_time,device,channel,value,unit,display,status,device_time\r\n";
constexpr std::string_view waveform_header =
    "filed_time,device,channel,period_ns,scale,offset,unit,status,samples\r\n";
constexpr std::string_view access_header = "time,who,role,token,act,what,purpose,permitted\r\n";

// Makes the archive a part at a time, each within `part_bytes` of clear text or little more. On one
// worker at a time.
class Archive {
public:
    Archive(const ApiContext& api, Asked asked)
        : api_(api), asked_(std::move(asked)), zip_(api.now()) {}

    // True: there is more.
    Result<bool> next(std::string& out) {
        if (begun_) {
            VIGIL_TRY(more, section(out));
            if (more) return true;
            zip_.end(out);
        }
        return begin_section(out);
    }

private:
    static constexpr std::size_t part_bytes = std::size_t{256} << 10;
    static constexpr std::size_t lines_a_part = 20'000;  // of the audit that are looked at

    enum class Kind : std::uint8_t { about, record, readings, accesses };
    struct Section {
        Kind kind;
        std::string name;
        MetricId metric{};
        bool waveform = false;
    };

    Result<void> plan() {
        sections_ = {{Kind::about, "README.txt"}, {Kind::record, "fhir/resources.ndjson"}};
        VIGIL_TRY(series, api_.series.list(asked_.access, asked_.patient));
        std::map<MetricId, bool> metrics;
        for (const auto& each : series) metrics.emplace(each.key.metric, true);
        for (const auto& [id, ignored] : metrics) {
            const auto& metric = api_.catalogue.at(id);
            const bool waveform = metric.kind == MetricKind::waveform;
            sections_.push_back(
                {Kind::readings,
                 fmt::format("{}/{}.csv", waveform ? "waveforms" : "readings", metric.key), id,
                 waveform});
        }
        sections_.push_back({Kind::accesses, "accesses.csv"});
        return {};
    }

    Result<bool> begin_section(std::string& out) {
        if (sections_.empty()) VIGIL_CHECK(plan());
        if (at_ == sections_.size()) {
            zip_.finish(out);
            return false;
        }
        const auto& section = sections_[at_++];
        zip_.begin(section.name, out);
        if (section.kind == Kind::readings)
            zip_.add(section.waveform ? waveform_header : reading_header, out);
        if (section.kind == Kind::accesses) zip_.add(access_header, out);
        begun_ = true;
        number_ = 0;
        from_ = from_unix_ns(INT64_MIN / 2);
        shown_ = 0;
        return true;
    }

    Result<bool> section(std::string& out) {
        std::string text;
        bool more = false;
        const auto& section = sections_[at_ - 1];
        switch (section.kind) {
            case Kind::about:
                text = asked_.read_me;
                break;
            case Kind::record: {
                VIGIL_TRY(is_more, record(text));
                more = is_more;
                break;
            }
            case Kind::readings: {
                VIGIL_TRY(is_more, readings(section, text));
                more = is_more;
                break;
            }
            case Kind::accesses: {
                VIGIL_TRY(is_more, accesses(text));
                more = is_more;
                break;
            }
        }
        zip_.add(text, out);
        return more;
    }

    Result<bool> record(std::string& text) {
        bool full = false;
        VIGIL_CHECK(api_.privacy->each_resource(
            asked_.access, number_, [&](std::uint64_t number, const store::Record& record) {
                number_ = number;
                if (record.subject != asked_.patient) return true;
                text += fhir::resource_text(record);
                text += '\n';
                full = text.size() >= part_bytes;
                return !full;
            }));
        return full;
    }

    // From a time on; of that very time so many have been shown.
    Result<bool> readings(const Section& section, std::string& text) {
        bool full = false;
        std::size_t skip = shown_;
        const auto begun_at = from_;
        const store::Span all{from_, from_unix_ns(INT64_MAX)};
        VIGIL_CHECK(api_.series.scan(asked_.access, asked_.patient, section.metric, all,
                                     [&](const store::SeriesKey& key, const store::Sample& sample) {
                                         if (skip > 0 && sample.filed_time == begun_at) {
                                             --skip;
                                             return true;
                                         }
                                         if (sample.filed_time != from_) shown_ = 0;
                                         from_ = sample.filed_time;
                                         ++shown_;
                                         write(text, key, sample);
                                         full = text.size() >= part_bytes;
                                         return !full;
                                     }));
        return full;
    }

    void write(std::string& text, const store::SeriesKey& key, const store::Sample& sample) const {
        const auto known = asked_.devices.find(key.device);
        const auto device = known == asked_.devices.end() ? std::string() : known->second;
        if (const auto* block = std::get_if<WaveformBlock>(&sample.value))
            append_waveform(text, device, key, sample, *block);
        else
            append_reading(text, device, key, sample);
    }

    Result<bool> accesses(std::string& text) {
        std::size_t looked_at = 0;
        bool full = false;
        const auto access = identity::AccessDesk::for_system("a patient's accesses");
        VIGIL_CHECK(api_.read_audit(
            access, number_, [&](std::uint64_t number, const store::AuditLine& line) {
                number_ = number;
                if (std::ranges::find(line.patients, asked_.patient) != line.patients.end())
                    append_csv_record(
                        text, {format_rfc3339(line.time), line.principal, line.role, line.token,
                               line.act == store::Act::read ? "read" : "write", line.what,
                               line.purpose, line.permitted ? "yes" : "no"});
                full = number > 1 && (++looked_at >= lines_a_part || text.size() >= part_bytes);
                return !full;
            }));
        return full;
    }

    const ApiContext& api_;
    Asked asked_;
    ZipWriter zip_;
    std::vector<Section> sections_;
    std::size_t at_ = 0;  // how many have been begun
    bool begun_ = false;
    std::uint64_t number_ = 0;  // of the last resource or line that was seen
    Timestamp from_{};
    std::size_t shown_ = 0;
};

// One part ahead of the client.
class ArchiveStream : public std::enable_shared_from_this<ArchiveStream> {
public:
    ArchiveStream(const ApiContext& api, Asked asked, identity::Principal who)
        : api_(api), archive_(api, std::move(asked)), who_(std::move(who)) {}

    session::NextPart next(std::string& out) {
        using session::NextPart;
        if (reading_) return NextPart::more;
        if (failed_ || !still_stands(api_, who_)) return NextPart::broken;
        out += std::exchange(part_, {});
        if (!more_) return NextPart::end;
        reading_ = true;
        api_.on_worker([self = shared_from_this()] {
            std::string part;
            auto more = self->archive_.next(part);
            self->api_.on_loop([self, part = std::move(part), more = std::move(more)]() mutable {
                self->reading_ = false;
                self->failed_ = !more;
                self->more_ = more && *more;
                self->part_ = std::move(part);
            });
        });
        return NextPart::more;
    }

private:
    const ApiContext& api_;
    Archive archive_;
    identity::Principal who_;
    std::string part_;
    bool more_ = true, reading_ = false, failed_ = false;
};

bool is_own(const ApiContext& api, const ApiCall& call, PatientId patient) {
    return std::ranges::any_of(
        api.registry.relations_of(call.who.account), [&](const identity::CareRelation* relation) {
            return relation->patient == patient && relation->kind == identity::Relationship::self &&
                   relation->from <= call.now && call.now < relation->to;
        });
}

// A person who keeps the site's accounts, and says nothing else that it is for.
bool may_act_for_patients(const ApiCall& call) {
    return call.who.role == identity::Role::administrator && !call.who.app &&
           !call.request.header("purpose-of-use");
}

// Theirs, or of whoever may take data away in bulk: an administrator for a patient who asked.
void everything(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const auto id = (*patient)->id;
    std::vector<Area> areas{Area::patients, Area::vitals, Area::record};
    const bool own = is_own(api, *call, id);
    if (!own) areas.push_back(Area::exports);
    const auto access = decide(api, call,
                               {.act = store::Act::read,
                                .areas = std::move(areas),
                                .subjects = identity::Subjects::of(id),
                                .what = "patient everything",
                                .on_their_behalf = !own && may_act_for_patients(*call)});
    if (!access) return;
    Asked asked{.patient = id, .access = *access, .devices = {}, .read_me = std::string(read_me)};
    for (const auto& [number, device] : api.registry.devices())
        asked.devices.emplace(number, device.external_id);
    for (const auto& [name, value] :
         {std::pair{"{site}", api.site_name}, std::pair{"{patient}", patient_id_text(id)},
          std::pair{"{time}", format_rfc3339(call->now)}, std::pair{"{version}", api.version}})
        asked.read_me = filled(std::move(asked.read_me), name, value);
    session::HttpResponse response;
    response.headers = {
        {"content-type", "application/zip"},
        {"content-disposition",
         fmt::format("attachment; filename=\"patient-{}.zip\"", patient_id_text(id))}};
    response.next_part = [stream =
                              std::make_shared<ArchiveStream>(api, std::move(asked), call->who)](
                             std::string& out) { return stream->next(out); };
    answer(api, call, std::move(response));
}

}  // namespace

void add_everything(Api& api) {
    api.add("GET", "/api/patients/{id}/everything", everything);
}

}  // namespace vigil::share
