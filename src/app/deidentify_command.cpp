#include "app/deidentify_command.hpp"

#include <fmt/format.h>

#include "app/release_folder.hpp"
#include "fhir/deidentify/report.hpp"
#include "identity/key_file.hpp"
#include "identity/secret.hpp"

namespace vigil::app {
namespace {

using namespace fhir::deidentify;  // NOLINT(google-build-using-namespace): this file is its command

constexpr std::string_view key_head = "vigil de-identification key 1\n";

// ---- what was asked for

// A limited data set is bound by the agreement, not by how many are alike in it.
std::string gate_name(const DeidentifyOptions& options) {
    if (!options.gate.empty()) return options.gate;
    return options.method == name_of(Method::limited) ? "none" : "public";
}

Result<Gate> gate_from(const DeidentifyOptions& options) {
    auto gate = gate_of(gate_name(options));
    if (!gate) return fail(Error::Kind::malformed, "a gate is public, trusted or none", "--gate");
    if (options.k) gate->k = *options.k;
    // Asked for by name: the bounds of risk go with k.
    if (options.k) gate->prosecutor_max.reset();
    if (options.l) gate->l = *options.l;
    if (options.t) gate->t = *options.t;
    if (options.l && *options.l <= 1) gate->l.reset();
    if (options.t && *options.t >= 1) gate->t.reset();
    return *gate;
}

Result<ReleaseSettings> settings_from(const DeidentifyOptions& options) {
    ReleaseSettings settings;
    const auto method = method_of(options.method);
    if (!method)
        return fail(Error::Kind::malformed, "a method is safe-harbor, limited or date-shift",
                    "--method");
    settings.method = *method;
    settings.times = options.times == "year" ? Times::year : Times::relative;
    VIGIL_TRY(gate, gate_from(options));
    settings.gate = gate;
    if (!options.quasi.empty()) settings.quasi.clear();
    for (const auto& name : options.quasi) {
        const auto quasi = quasi_of(name);
        if (!quasi)
            return fail(Error::Kind::malformed,
                        "there are age, sex, zip, race, diagnosis, site and year", "--quasi");
        settings.quasi.push_back(*quasi);
    }
    settings.limits.left_out_max = options.left_out_max;
    settings.limits.sampling_fraction = options.sampling_fraction;
    settings.shift_days_max = options.shift_days;
    if (options.as_of.empty()) {
        settings.as_of = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    } else {
        const auto day = event_time(options.as_of);
        if (!day || day->has_time)
            return fail(Error::Kind::malformed, "write a day: YYYY-MM-DD", "--as-of");
        settings.as_of = day->instant;
    }
    return settings;
}

// ---- the key

struct Key {
    std::string bytes;
    std::string new_file;  // to be written to; empty: it is there, or not kept
};

Result<std::string> read_key(std::string_view text, const std::string& path) {
    std::array<std::uint8_t, Pseudonyms::key_bytes> bytes{};
    if (text.starts_with(key_head)) text.remove_prefix(key_head.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (!read_hex(text, bytes))
        return fail(Error::Kind::malformed, "not a key file of vigil deidentify", path);
    return std::string(bytes_of(bytes));
}

// Of the file that is named; of a new one beside the release; or of none.
Result<Key> find_key(const DeidentifyOptions& options) {
    Key key;
    std::array<std::uint8_t, Pseudonyms::key_bytes> made{};
    identity::system_random()(made);
    key.bytes = bytes_of(made);
    if (options.no_key) return key;
    auto beside = options.output;
    while (beside.ends_with('/')) beside.pop_back();
    key.new_file = options.key_file.empty() ? beside + ".key" : options.key_file;
    VIGIL_TRY(there, identity::read_key_file(key.new_file));
    if (!there) return key;
    if (options.key_file.empty())
        return fail(Error::Kind::conflict,
                    "there is a key already: name it with --key to use it again", key.new_file);
    VIGIL_TRY(bytes, read_key(*there, key.new_file));
    return Key{.bytes = bytes, .new_file = {}};
}

Result<void> keep_key(const Key& key) {
    if (key.new_file.empty()) return {};
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(key.bytes.data()),
                          key.bytes.size());
    return identity::write_key_file(key.new_file, std::string(key_head) + hex_of(bytes) + "\n");
}

// ---- the passes

// What is in the release, while it is written.
class Released final : public Surroundings {
public:
    explicit Released(const Survey& survey) : survey_(survey) {}
    bool holds(std::string_view type, std::string_view id) override {
        return survey_.found(type, id);
    }

private:
    const Survey& survey_;
};

class Work {
public:
    Work(const DeidentifyOptions& options, ReleaseSettings settings, ExportFolder from,
         ReleaseFolder to, Key key)
        : options_(options),
          settings_(std::move(settings)),
          from_(std::move(from)),
          to_(std::move(to)),
          key_(std::move(key)),
          table_(settings_.method),
          pseudonyms_(key_.bytes, options.release) {
        for (const auto& system : options.code_systems) table_.allow_system(system);
    }

    Result<bool> run();  // whether the gate was passed
    const std::string& text() const { return text_; }
    const std::string& json() const { return json_; }
    std::uint64_t unreadable() const { return from_.unreadable(); }

private:
    Result<void> write(const Survey& survey, const Decision& decision, ReleaseReport& report);
    Result<void> finish(const ReleaseReport& report);

    const DeidentifyOptions& options_;
    ReleaseSettings settings_;
    ExportFolder from_;
    ReleaseFolder to_;
    Key key_;
    fhir::Definitions definitions_;
    RuleTable table_;
    Pseudonyms pseudonyms_;
    std::string text_, json_;
};

Result<bool> Work::run() {
    const Plan plan(definitions_, table_, settings_.times);
    Survey survey(plan, pseudonyms_, {.method = settings_.method, .times = settings_.times});
    VIGIL_CHECK(from_.each("reading", [&](JsonValue one) { return survey.take(one); }));
    const auto decision = decide(survey, pseudonyms_, settings_);
    ReleaseReport report{.settings = settings_,
                         .decision = decision,
                         .gate = gate_name(options_),
                         .came = survey.resources(),
                         .released = {},
                         .counts = {},
                         .refused = survey.refused(),
                         .unreadable = from_.unreadable(),
                         .has_curves = survey.has_curves(),
                         .persons = persons_by_age_and_sex(survey, settings_)};
    if (decision.passes || options_.write_anyway) {
        if (survey.must_look())
            VIGIL_CHECK(from_.each("looking for what is referred to", [&](JsonValue one) {
                survey.look(one);
                return Result<void>();
            }));
        report.has_data = true;
        report.has_key = !options_.no_key;
        VIGIL_CHECK(write(survey, decision, report));
        // All is written but for its name: what fails until here leaves no key behind.
        VIGIL_CHECK(keep_key(key_));
    }
    VIGIL_CHECK(finish(report));
    return decision.passes;
}

Result<void> Work::write(const Survey& survey, const Decision& decision, ReleaseReport& report) {
    std::vector<std::string_view> left_out;
    if (decision.levels[Quasi::site] > 0) left_out.emplace_back("Organization");
    const Plan plan(definitions_, table_, settings_.times, left_out);
    Deidentifier deidentifier(plan, pseudonyms_,
                              {.method = settings_.method,
                               .times = settings_.times,
                               .levels = decision.levels,
                               .withheld = &decision.withheld});
    Released released(survey);
    std::string line;
    VIGIL_CHECK(from_.each("writing", [&](JsonValue one) -> Result<void> {
        if (!survey.is_released(one)) return {};
        const auto* facts = survey.person(one);
        line.clear();
        const auto* person = facts == nullptr ? nullptr : &facts->made;
        if (deidentifier.append(line, one, person, released) != Fate::released) return {};
        const auto type = one["resourceType"].string();
        ++report.released[std::string(type)];
        return to_.append(type, pseudonyms_.id(type, one["id"].string()), line);
    }));
    report.counts = deidentifier.counts();
    return {};
}

Result<void> Work::finish(const ReleaseReport& report) {
    text_ = text_of(report);
    json_ = json_of(report);
    VIGIL_CHECK(to_.write("report.txt", text_));
    VIGIL_CHECK(to_.write("report.json", json_));
    return to_.finish();
}

}  // namespace

int deidentify(const DeidentifyOptions& options, Output output) {
    auto settings = settings_from(options);
    if (!settings) return report(settings.error());
    auto from = ExportFolder::open(options.input);
    if (!from) return report(from.error());
    auto to = ReleaseFolder::make(options.output, options.input, from->bytes());
    if (!to) return report(to.error());
    auto key = find_key(options);
    if (!key) return report(key.error());
    Work work(options, std::move(*settings), std::move(*from), std::move(*to), std::move(*key));
    const auto passes = work.run();
    if (!passes) return report(passes.error());
    fmt::print("{}", output.json ? work.json() : work.text());
    if (!*passes) {
        fmt::print(stderr, "vigil: the release does not pass its gate: see {}/report.txt\n",
                   options.output);
        return status_gate;
    }
    return work.unreadable() == 0 ? 0 : exit_status(Error::Kind::malformed);
}

}  // namespace vigil::app
