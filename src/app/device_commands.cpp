// Devices and what they sign in with.
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "base/time.hpp"

namespace vigil::app {
namespace {

bool write_file(const std::string& path, std::string_view text, mode_t mode) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (!file) return false;
    ::chmod(path.c_str(), mode);
    file << text;
    return file.good();
}

std::string_view credential_of(const DeviceAdd& device) {
    if (device.enrol) return "enrolment";
    return device.certificate ? "certificate" : "token";
}

// The code, and what is done with it at the device.
void show_code(const OperatorOptions& where, JsonValue code) {
    const auto id = code["username"].string();
    const auto server = where.server.empty() ? std::string("https://SERVER:8443") : where.server;
    fmt::print("device     {}\ncode       {}   (shown once; good once, until {})\n", id,
               code["code"].string(), code["expires"].string());
    fmt::print("authority  {}   (vigil-ca.pem)\n\nAt the device:\n",
               code["authority_sha256"].string());
    fmt::print(
        "  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={0} "
        "-keyout {0}.key -outform DER | openssl base64 -A -out {0}.p10\n",
        id);
    fmt::print(
        "  curl --fail-with-body --cacert vigil-ca.pem --user '{0}:{1}' --header 'Content-Type: "
        "application/pkcs10' --data-binary @{0}.p10 {2}/.well-known/est/simpleenroll | openssl "
        "base64 -d -A | openssl pkcs7 -inform DER -print_certs -out {0}.crt\n",
        id, code["code"].string(), server);
}

// What was done to the device ("registered"), and its new credential.
void show_device_secret(const OperatorOptions& where, const DeviceAdd& device,
                        std::string_view done, JsonValue root) {
    const auto secret = root["secret"];
    if (secret["type"].string() == "enrolment") return show_code(where, secret);
    if (secret["type"].string() == "token") {
        fmt::print("device {} {}\nuser name  {}\ntoken      {}   (shown once: keep it now)\n",
                   device.id, done, secret["username"].string(), secret["password"].string());
        return;
    }
    if (secret["type"].string() != "certificate") {
        fmt::print("device {} registered; its gateway speaks for it\n", device.id);
        return;
    }
    const auto base = (device.out.empty() ? std::string(".") : device.out) + "/" + device.id;
    const bool written = write_file(base + ".crt", secret["certificate_pem"].string(), 0644) &&
                         write_file(base + ".key", secret["private_key_pem"].string(), 0600) &&
                         write_file(base + ".ca.crt", secret["authority_pem"].string(), 0644);
    if (written)
        fmt::print("device {} {}\n{}.crt, {}.key (keep it secret), {}.ca.crt written\n", device.id,
                   done, base, base, base);
    else
        fmt::print(stderr, "vigil: device {} is {}, but its files could not be written to {}\n",
                   device.id, done, base);
}

}  // namespace

int device_add(const OperatorOptions& where, Output output, const DeviceAdd& device) {
    // Before it is registered: a key that cannot be written is lost.
    if (std::error_code failure;
        !device.out.empty() && !std::filesystem::is_directory(device.out, failure))
        return report({Error::Kind::not_found, "there is no such folder", device.out});
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", device.id).member("display", device.display);
    json.member("model", device.model).member("gateway", device.gateway);
    json.member("utc_offset_minutes", device.utc_offset_minutes);
    json.member("credential", credential_of(device)).end_object();
    return ask(where, output, "POST", "/api/devices", body,
               [&](JsonValue root) { show_device_secret(where, device, "registered", root); });
}

int device_credential(const OperatorOptions& where, Output output, const DeviceAdd& device) {
    std::string body;
    JsonWriter(body).begin_object().member("type", credential_of(device)).end_object();
    return ask(
        where, output, "POST", "/api/devices/" + percent_encoded(device.id) + "/credentials", body,
        [&](JsonValue root) { show_device_secret(where, device, "given a new credential", root); });
}

int device_revoke(const OperatorOptions& where, Output output, const std::string& device) {
    return ask(where, output, "DELETE", "/api/devices/" + percent_encoded(device) + "/credentials",
               "", [&](JsonValue) {
                   fmt::print("{} has no credential any more and was disconnected\n", device);
               });
}

int device_enrol(const OperatorOptions& where, Output output, const std::string& device,
                 const std::string& good_for) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!good_for.empty()) {
        const auto duration = parse_duration(good_for);
        if (!duration) return report(duration.error());
        json.member("good_for_s", std::chrono::ceil<std::chrono::seconds>(*duration).count());
    }
    json.end_object();
    return ask(where, output, "POST", "/api/devices/" + percent_encoded(device) + "/enrolment",
               body, [&](JsonValue root) { show_code(where, root); });
}

int device_take_code_back(const OperatorOptions& where, Output output, const std::string& device) {
    return ask(where, output, "DELETE", "/api/devices/" + percent_encoded(device) + "/enrolment",
               "", [&](JsonValue) { fmt::print("the code of {} is good no more\n", device); });
}

int device_certificates(const OperatorOptions& where, Output output, const std::string& device) {
    return ask(where, output, "GET", "/api/devices/" + percent_encoded(device) + "/certificates",
               "", [](JsonValue root) {
                   fmt::print("{:<34} {:<22} {:<10} {}\n", "SERIAL", "GOOD UNTIL", "STATE", "BY");
                   for (const auto each : root["certificates"])
                       fmt::print("{:<34} {:<22} {:<10} {}\n", each["serial"].string(),
                                  each["not_after"].string(), each["state"].string(),
                                  each["origin"].string());
                   if (const auto code = root["enrolment"]; code.is(JsonKind::object))
                       fmt::print("a code is good until {}; {} wrong tries\n",
                                  code["expires"].string(), code["wrong_tries"].text());
               });
}

}  // namespace vigil::app
