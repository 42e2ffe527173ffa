#include "share/subscription.hpp"

#include "share/reading_json.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

Result<void> read_patients(JsonValue value, Subscription& out) {
    if (value.string() == "all") {
        out.all_patients = true;
        return {};
    }
    if (!value.is(JsonKind::array) || value.size() > Subscription::patients_max)
        return fail(Error::Kind::malformed, "patients takes \"all\" or a list of ids", "/patients");
    for (const auto id : value) {
        if (const auto patient = parse_patient_id(id.string()))
            out.patients.insert(*patient);
        else
            out.refused.emplace_back(id.string());
    }
    return {};
}

Result<void> read_metrics(JsonValue value, const Catalogue& catalogue, Subscription& out) {
    if (value.string() == "all") {
        out.all_metrics = true;
        return {};
    }
    if (!value.is(JsonKind::array))
        return fail(Error::Kind::malformed, "metrics takes \"all\" or a list of keys", "/metrics");
    for (const auto key : value)
        if (const auto* metric = catalogue.find(key.string())) out.metrics.insert(metric->id);
    return {};
}

}  // namespace

Result<Subscription> read_subscription(std::string_view frame, const Catalogue& catalogue) {
    JsonDocument document;
    VIGIL_TRY(root, document.parse(frame,
                                   {.bytes_max = 64 * 1024, .values_max = 20'000, .depth_max = 8}));
    if (root["type"].string() != "subscribe")
        return fail(Error::Kind::unsupported, "the only frame a client sends is \"subscribe\"",
                    "/type");
    Subscription subscription;
    VIGIL_CHECK(read_patients(root["patients"], subscription));
    VIGIL_CHECK(read_metrics(root["metrics"], catalogue, subscription));
    subscription.waveforms = root["waveforms"].is_true();
    if (const auto history = root["waveform_history_s"]) {
        const auto seconds = history.integer().value_or(-1);
        if (seconds < 0 || seconds > Subscription::history_s_max)
            return fail(Error::Kind::malformed, "takes whole seconds, 0 to 60",
                        "/waveform_history_s");
        subscription.history = std::chrono::seconds(seconds);
    }
    if (const auto resume = root["resume"]; resume.is(JsonKind::string)) {
        subscription.resume = parse_position(resume.string());
        if (!subscription.resume)
            return fail(Error::Kind::malformed, "resume takes a cursor that this server sent",
                        "/resume");
    }
    return subscription;
}

}  // namespace vigil::share
