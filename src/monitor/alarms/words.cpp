#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

std::string_view to_string(AlarmPriority priority) {
    switch (priority) {
        case AlarmPriority::low:
            return "low";
        case AlarmPriority::medium:
            return "medium";
        case AlarmPriority::high:
            return "high";
    }
    return "";
}

std::string_view to_string(ConditionClass condition_class) {
    switch (condition_class) {
        case ConditionClass::physiological:
            return "physiological";
        case ConditionClass::technical:
            return "technical";
    }
    return "";
}

std::string_view to_string(AlarmState state) {
    switch (state) {
        case AlarmState::active:
            return "active";
        case AlarmState::acknowledged:
            return "acknowledged";
        case AlarmState::latched:
            return "latched";
        case AlarmState::ended:
            return "ended";
    }
    return "";
}

std::string_view to_string(InactivationKind kind) {
    switch (kind) {
        case InactivationKind::audio_paused:
            return "audio-paused";
        case InactivationKind::audio_off:
            return "audio-off";
        case InactivationKind::alarm_paused:
            return "alarm-paused";
        case InactivationKind::alarm_off:
            return "alarm-off";
    }
    return "";
}

std::string_view to_string(Response response) {
    switch (response) {
        case Response::accepted:
            return "accepted";
        case Response::rejected:
            return "rejected";
        case Response::released:
            return "released";
    }
    return "";
}

std::string_view to_string(Dissemination dissemination) {
    switch (dissemination) {
        case Dissemination::delivered:
            return "delivered";
        case Dissemination::received:
            return "received";
        case Dissemination::undeliverable:
            return "undeliverable";
    }
    return "";
}

std::string_view to_string(AgeClass age_class) {
    switch (age_class) {
        case AgeClass::adult:
            return "adult";
        case AgeClass::paediatric:
            return "paediatric";
        case AgeClass::neonate:
            return "neonate";
    }
    return "";
}

}  // namespace vigil::monitor
