#include "app/simulated_registration.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "app/est_client.hpp"
#include "app/operator.hpp"
#include "app/read_file.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "simulate/bedside_monitor.hpp"
#include "simulate/home_hub.hpp"
#include "simulate/ward.hpp"

namespace vigil::app {
namespace {

using Devices = std::vector<std::unique_ptr<SimulatedDevice>>;

struct NewPatient {
    std::string name, identifier, sex, unit, bed;
};
struct NewDevice {
    std::string id, display, model, gateway;
    std::int16_t utc_offset_minutes = 0;
};
struct Access {  // one of the two
    std::string token;
    std::optional<EnrolledIdentity> enrolled{};
};

class Registration {
public:
    Registration(const SimulationOptions& options, const Catalogue& catalogue, Timestamp now,
                 const AskServer& ask)
        : options_(options), catalogue_(catalogue), ask_(ask), began_(now) {
        pace_ = {.from = std::chrono::floor<std::chrono::seconds>(options.since.value_or(now)),
                 .began = now,
                 .speed = options.speed,
                 .to = std::nullopt};
        if (!options.since) pace_.from = now;
        if (options.duration) pace_.to = pace_.from + *options.duration;
    }

    Result<void> read_scenarios();
    Result<void> add_bed(const simulate::WardPatient& patient, std::size_t number);
    Result<void> add_record(const std::string& path);
    Result<void> add_home(const simulate::HomePerson& person);
    Devices take() { return std::move(devices_); }

private:
    Result<std::string> patient_id(const NewPatient& patient);
    // The member of the new credential that a device keeps secret.
    Result<std::string> credential(const NewDevice& device, std::string_view member);
    Result<Access> access(const NewDevice& device);
    Result<void> attach(const std::string& device, const std::string& patient);
    const simulate::Scenario& scenario(const std::string& own) const;
    void add(std::string id, Access access, std::unique_ptr<simulate::Source> source) {
        devices_.push_back(std::make_unique<SimulatedDevice>(std::move(id), std::move(access.token),
                                                             std::move(source), pace_));
        if (access.enrolled) devices_.back()->enrol(std::move(*access.enrolled));
    }

    const SimulationOptions& options_;
    const Catalogue& catalogue_;
    const AskServer& ask_;
    Timestamp began_;
    Pace pace_;
    std::optional<simulate::Scenario> everyones_;
    Devices devices_;
};

Result<void> Registration::read_scenarios() {
    if (options_.scenario.empty()) return {};
    std::vector<simulate::Scenario> own;
    if (!options_.scenario_file.empty()) {
        VIGIL_TRY(text, read_file(options_.scenario_file));
        VIGIL_TRY(scenarios, simulate::parse_scenarios(text));
        own = std::move(scenarios);
    }
    for (const auto& scenario : own)
        if (scenario.name == options_.scenario) everyones_ = scenario;
    if (everyones_) return {};
    const auto* built_in = simulate::find_scenario(options_.scenario);
    if (built_in == nullptr)
        return fail(Error::Kind::not_found,
                    "there is no scenario of this name; --list-scenarios names them",
                    options_.scenario);
    everyones_ = *built_in;
    return {};
}

const simulate::Scenario& Registration::scenario(const std::string& own) const {
    return everyones_ ? *everyones_ : *simulate::find_scenario(own);
}

// The id of the patient just added, or of one whom an earlier simulation added.
Result<std::string> Registration::patient_id(const NewPatient& patient) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("display_name", patient.name);
    json.member("identifier", patient.identifier).member("sex", patient.sex);
    json.member("unit", patient.unit).member("bed", patient.bed).end_object();
    auto answer = ask_("POST", "/api/patients", body);
    JsonDocument document;
    if (answer) {
        VIGIL_TRY(root, document.parse(*answer));
        return std::string(root["id"].string());
    }
    if (answer.error().kind != Error::Kind::conflict) return tl::unexpected(answer.error());
    VIGIL_TRY(found, ask_("GET", "/api/patients?q=" + percent_encoded(patient.identifier), ""));
    VIGIL_TRY(root, document.parse(found));
    for (const auto known : root["patients"])
        if (known["identifier"].string() == patient.identifier)
            return std::string(known["id"].string());
    return tl::unexpected(std::move(answer).error());  // the bed is somebody else's
}

// The credential of the device just added, or a new one for a device of an earlier simulation. A
// gateway's devices have none.
Result<std::string> Registration::credential(const NewDevice& device, std::string_view member) {
    const std::string_view type = options_.certificates ? "enrolment" : "token";
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", device.id).member("display", device.display);
    json.member("model", device.model).member("utc_offset_minutes", device.utc_offset_minutes);
    if (device.gateway.empty())
        json.member("credential", type);
    else
        json.member("gateway", device.gateway);
    json.end_object();
    auto answer = ask_("POST", "/api/devices", body);
    if (!answer && answer.error().kind == Error::Kind::conflict) {
        if (!device.gateway.empty()) return std::string();
        answer = ask_("POST", "/api/devices/" + percent_encoded(device.id) + "/credentials",
                      fmt::format(R"({{"type":"{}"}})", type));
    }
    if (!answer) return tl::unexpected(std::move(answer).error());
    JsonDocument document;
    VIGIL_TRY(root, document.parse(*answer));
    return std::string(root["secret"][member].string());
}

Result<Access> Registration::access(const NewDevice& device) {
    if (!options_.certificates) {
        VIGIL_TRY(token, credential(device, "password"));
        return Access{.token = token};
    }
    VIGIL_TRY(code, credential(device, "code"));
    VIGIL_TRY(enrolled, enrol_over_est(est_server(options_), device.id, code));
    return Access{.token = {}, .enrolled = std::move(enrolled)};
}

Result<void> Registration::attach(const std::string& device, const std::string& patient) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("patient", patient)
        .member("from", pace_.from)
        .end_object();
    VIGIL_CHECK(ask_("POST", "/api/devices/" + percent_encoded(device) + "/attach", body));
    return {};
}

Result<void> Registration::add_bed(const simulate::WardPatient& patient, std::size_t number) {
    VIGIL_TRY(id, patient_id({.name = patient.given_name + " " + patient.family_name,
                              .identifier = fmt::format("SIM-{:05}", number),
                              .sex = patient.sex == 'f' ? "female" : "male",
                              .unit = options_.unit,
                              .bed = patient.bed}));
    VIGIL_TRY(secret, access({.id = patient.device,
                              .display = "Simulated bedside monitor",
                              .model = "Vigil simulator",
                              .gateway = {}}));
    VIGIL_CHECK(attach(patient.device, id));
    simulate::VirtualPatient plays(catalogue_, patient.body, patient.monitor, patient.seed,
                                   pace_.from);
    plays.play(scenario(patient.scenario));
    const bool past = options_.since.has_value();
    add(patient.device, std::move(secret),
        std::make_unique<simulate::BedsideMonitor>(patient.device, catalogue_, std::move(plays),
                                                   pace_.from, past ? began_ : Timestamp{}));
    return {};
}

Result<void> Registration::add_record(const std::string& path) {
    std::filesystem::path header(path);
    if (header.extension() != ".hea") header += ".hea";
    const auto name = header.stem().string();
    VIGIL_TRY(record, wfdb::decode_record(name, [&](std::string_view file) {
                  return read_file(header.parent_path() / file);
              }));
    wfdb::Annotations annotations;
    const auto beats = header.parent_path() / (name + ".atr");
    if (std::filesystem::exists(beats)) {
        VIGIL_TRY(bytes, read_file(beats));
        VIGIL_TRY(read, wfdb::decode_annotations(bytes));
        annotations = std::move(read);
    }
    simulate::Playback plays(catalogue_, std::move(record), annotations, pace_.from);
    for (const auto& signal : plays.skipped())
        fmt::print(stderr, "vigil: {}: the signal {} is no wave of the catalogue; not played\n",
                   name, signal);
    if (plays.length_s() < 1)
        return fail(Error::Kind::unsupported, "has no signal that can be played", path);
    VIGIL_TRY(id, patient_id({.name = "Recording " + name,
                              .identifier = "REC-" + name,
                              .sex = {},
                              .unit = "Recordings",
                              .bed = name}));
    const auto device = "recorder-" + name;
    VIGIL_TRY(secret, access({.id = device,
                              .display = "Recording " + name,
                              .model = "WFDB playback",
                              .gateway = {}}));
    VIGIL_CHECK(attach(device, id));
    add(device, std::move(secret),
        std::make_unique<simulate::BedsideMonitor>(device, catalogue_, std::move(plays),
                                                   pace_.from));
    return {};
}

Result<void> Registration::add_home(const simulate::HomePerson& person) {
    VIGIL_TRY(id, patient_id({.name = person.given_name + " " + person.family_name,
                              .identifier = "SIM-" + person.hub,
                              .sex = person.sex == 'f' ? "female" : "male",
                              .unit = "Home",
                              .bed = {}}));
    VIGIL_TRY(
        secret,
        access(
            {.id = person.hub, .display = "Home hub", .model = "Vigil simulator", .gateway = {}}));
    for (const auto& device : simulate::home_devices) {
        const auto name = fmt::format("{}-{}", person.hub, device.name);
        VIGIL_CHECK(credential({.id = name,
                                .display = std::string(device.display),
                                .model = std::string(device.model),
                                .gateway = person.hub,
                                .utc_offset_minutes = person.profile.utc_offset_minutes},
                               {}));
        VIGIL_CHECK(attach(name, id));
    }
    add(person.hub, std::move(secret),
        std::make_unique<simulate::HomeHub>(person.hub, person.profile, scenario("stable"),
                                            person.seed, pace_.from));
    return {};
}

}  // namespace

Result<Devices> register_devices(const SimulationOptions& options, const Catalogue& catalogue,
                                 Timestamp now, const AskServer& ask,
                                 const std::function<void(std::size_t, std::size_t)>& progress) {
    Registration registration(options, catalogue, now, ask);
    VIGIL_CHECK(registration.read_scenarios());
    const auto all = options.beds + options.records.size() + options.homes;
    std::size_t ready = 0;
    for (const auto& patient : simulate::ward(options.beds, options.seed)) {
        VIGIL_CHECK(registration.add_bed(patient, ready + 1));
        progress(++ready, all);
    }
    for (const auto& record : options.records) {
        VIGIL_CHECK(registration.add_record(record));
        progress(++ready, all);
    }
    for (const auto& person : simulate::homes(options.homes, options.seed)) {
        VIGIL_CHECK(registration.add_home(person));
        progress(++ready, all);
    }
    return registration.take();
}

}  // namespace vigil::app
