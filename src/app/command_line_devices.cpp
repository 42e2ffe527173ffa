// Devices: registered, given what they sign in with, put on patients.
#include "app/command_line_parts.hpp"

namespace vigil::app {

void Commands::add_devices() {
    auto* group = app.add_subcommand("device", "register devices and put them on patients")
                      ->require_subcommand(1);
    auto* add = group->add_subcommand("add", "register a device and make its credential");
    add->add_option("id", device.id, "its name in topics: vigil/ID/…")->required();
    add->add_option("--display", device.display, "what the pages call it");
    add->add_option("--model", device.model, "its model");
    add->add_option("--gateway", device.gateway,
                    "the gateway that speaks for it; it needs no credential then");
    add->add_option("--utc-offset", device.utc_offset_minutes,
                    "minutes its zone-less clock is ahead of UTC");
    auto* by_token = add->add_flag("--token", with_token, "with a token (the default)");
    add->add_flag("--certificate", device.certificate,
                  "with a certificate of the built-in authority")
        ->excludes(by_token);
    add->add_flag("--enrol", device.enrol,
                  "with a one-time code, by which it gets a certificate for a key of its own")
        ->excludes(by_token)
        ->excludes("--certificate");
    add->add_option("--out", device.out, "folder for certificate and key");
    add_where(*add, where, output);
    add->callback([this] { status = device_add(where, output, device); });
    add_device_credentials(*group);
    add_device_uses(*group);
}

void Commands::add_device_credentials(CLI::App& devices) {
    auto* group = &devices;
    auto* renew = group->add_subcommand(
        "credential", "make a new credential; a new token takes the old one's place");
    renew->add_option("id", device.id, "the device")->required();
    auto* new_token = renew->add_flag("--token", with_token, "a token (the default)");
    renew->add_flag("--certificate", device.certificate, "a certificate of the built-in authority")
        ->excludes(new_token);
    renew->add_option("--out", device.out, "folder for certificate and key");
    add_where(*renew, where, output);
    renew->callback([this] { status = device_credential(where, output, device); });

    auto* code = group->add_subcommand(
        "enrol", "make a one-time code, by which it gets a certificate for a key of its own");
    code->add_option("id", device.id, "the device")->required();
    auto* lifetime = code->add_option("--for", good_for, "how long it is good, such as 2h (24h)");
    code->add_flag("--take-back", take_back, "the code that it has not used is good no more")
        ->excludes(lifetime);
    add_where(*code, where, output);
    code->callback([this] {
        status = take_back ? device_take_code_back(where, output, device.id)
                           : device_enrol(where, output, device.id, good_for);
    });

    auto* shown = group->add_subcommand("certificates", "list a device's certificates");
    shown->add_option("id", device.id, "the device")->required();
    add_where(*shown, where, output, Folder::must_be_there);
    shown->callback([this] { status = device_certificates(where, output, device.id); });

    auto* revoke = group->add_subcommand(
        "revoke", "take all its credentials: it is disconnected, its readings stay");
    revoke->add_option("id", device.id, "the device")->required();
    add_where(*revoke, where, output);
    revoke->callback([this] { status = device_revoke(where, output, device.id); });
}

void Commands::add_device_uses(CLI::App& devices) {
    auto* group = &devices;
    auto* change_it = group->add_subcommand("change", "change what is recorded of a device");
    change_it->add_option("id", device_changed.id, "the device")->required();
    change_it->add_option("--display", device_changed.display, "what the pages call it");
    change_it->add_option("--model", device_changed.model, "its model");
    change_it->add_option("--utc-offset", device_changed.utc_offset_minutes,
                          "minutes its zone-less clock is ahead of UTC");
    change_it->add_option("--clock-tolerance", device_changed.clock_tolerance,
                          "how far its clock may be off and be believed, such as 30s; \"site\": as "
                          "the site has it");
    add_where(*change_it, where, output);
    change_it->callback([this] { status = device_change(where, output, device_changed); });

    auto* list = group->add_subcommand("list", "list devices");
    add_where(*list, where, output, Folder::must_be_there);
    list->callback([this] { status = device_list(where, output); });

    auto* put = group->add_subcommand("attach", "put a device on a patient");
    put->add_option("device", attach.device, "the device")->required();
    put->add_option("patient", attach.patient, "the patient: identifier (MRN) or number")
        ->required();
    put->add_option("--from", attach.from, "since when (now), RFC 3339");
    put->add_option("--to", attach.to, "until when (open)");
    put->add_flag("--correction", attach.correction,
                  "take back what was recorded before for this time");
    add_where(*put, where, output);
    put->callback([this] { status = device_attach(where, output, attach); });

    auto* clock = group->add_subcommand(
        "set-clock",
        "tell a device the time, if it listens for it (docs/guides/connect-a-device.md)");
    clock->add_option("device", attach.device, "the device")->required();
    add_where(*clock, where, output);
    clock->callback([this] { status = device_set_clock(where, output, attach.device); });

    auto* off = group->add_subcommand("detach", "take a device off its patient");
    off->add_option("device", attach.device, "the device")->required();
    off->add_option("--at", at, "when (now), RFC 3339");
    add_where(*off, where, output);
    off->callback([this] { status = device_detach(where, output, attach.device, at); });
}

}  // namespace vigil::app
