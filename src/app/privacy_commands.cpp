// `vigil patient erase|hold|restrict|certificate|export-all`: the rights of the person whose data
// it is.
#include "app/privacy_commands.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "share/api/privacy.hpp"

namespace vigil::app {
namespace {

// The path of the patient whom `text` names, by identifier or number.
Result<std::string> path_of(const OperatorOptions& where, const std::string& text) {
    VIGIL_TRY(desk, Operator::open(where));
    VIGIL_TRY(patient, patient_id(desk, text));
    return "/api/patients/" + percent_encoded(patient);
}

int set_standing(const OperatorOptions& where, Output output, const PatientStanding& what,
                 const std::string& kind, const char* set, const char* lifted) {
    const auto path = path_of(where, what.patient);
    if (!path) return report(path.error());
    std::string body;
    if (!what.release) JsonWriter(body).begin_object().member("reason", what.reason).end_object();
    return ask(where, output, what.release ? "DELETE" : "POST", *path + "/" + kind, body,
               [&](JsonValue root) {
                   fmt::print("patient {}: {}\n", root["patient"].string(),
                              what.release ? lifted : set);
               });
}

}  // namespace

int patient_hold(const OperatorOptions& where, Output output, const PatientStanding& what) {
    return set_standing(where, output, what, "hold",
                        "a legal hold stands; nothing of them is erased while it does",
                        "the legal hold is released");
}

int patient_restrict(const OperatorOptions& where, Output output, const PatientStanding& what) {
    return set_standing(where, output, what, "restriction", "the record is restricted",
                        "the restriction is lifted");
}

int patient_erase(const OperatorOptions& where, Output output, const PatientErase& what) {
    auto typed = what.patient;
    if (!what.yes) {
        fmt::print(stderr,
                   "Erasing cannot be undone: readings, record, raw messages and every backup of "
                   "them become unreadable.\nType the patient's identifier again: ");
        (void)std::fflush(stderr);
        typed.clear();
        std::getline(std::cin, typed);
    }
    if (typed != what.patient)
        return report({Error::Kind::malformed, "not the same: nothing was erased", "identifier"});
    const auto path = path_of(where, what.patient);
    if (!path) return report(path.error());
    // The number of one who has an identifier is not enough for the server.
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("reason", what.reason)
        .member("identifier", what.patient)
        .end_object();
    return ask(where, output, "POST", *path + "/erasure", body, [](JsonValue root) {
        fmt::print(
            "patient {} is erased; `vigil patient certificate {}` shows what was destroyed\n"
            "delete copies of the key folder from before by {}\n",
            root["patient"].string(), root["patient"].string(),
            root["last_key_copy_expires"].string());
    });
}

// For its owner only: it holds a whole record.
int patient_export(const OperatorOptions& where, Output output, const PatientExport& what) {
    const auto path = path_of(where, what.patient);
    if (!path) return report(path.error());
    const int descriptor =
        ::open(what.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0)
        return report({Error::Kind::conflict, "cannot be made, or is there already", what.file});
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(descriptor, "wb"),
                                                               std::fclose);
    auto desk = Operator::open(where);
    const auto archive =
        desk ? desk->get(*path + "/everything") : Result<std::string>(tl::unexpected(desk.error()));
    if (!archive) {
        ::unlink(what.file.c_str());
        return report(archive.error());
    }
    if (std::fwrite(archive->data(), 1, archive->size(), file.get()) != archive->size() ||
        std::fflush(file.get()) != 0)
        return report({Error::Kind::internal, "cannot be written", what.file});
    if (output.json)
        fmt::print("{{\"bytes\":{}}}\n", archive->size());
    else
        fmt::print("{} bytes written to {}; README.txt in it says what is where\n", archive->size(),
                   what.file);
    return 0;
}

int patient_certificate(const OperatorOptions& where, Output output, const std::string& number) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    const auto answer = desk->get("/api/patients/" + percent_encoded(number) + "/erasure");
    if (!answer) return report(answer.error());
    if (output.json) {
        fmt::print("{}\n", *answer);
        return 0;
    }
    const auto text = share::certificate_text(*answer);
    if (!text) return report(text.error());
    fmt::print("{}", *text);
    return 0;
}

}  // namespace vigil::app
