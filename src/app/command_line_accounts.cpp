// Who may sign in, and who may see whom.
#include "app/command_line_parts.hpp"

namespace vigil::app {
namespace {

constexpr const char* roles_help =
    "administrator, clinician, physician, nurse, engineer, patient, caregiver, researcher, auditor "
    "or service: docs/guides/roles.md says what each may do";

}  // namespace

void Commands::add_accounts() {
    auto* group = app.add_subcommand("account", "people and services that may sign in, and tokens")
                      ->require_subcommand(1);
    auto* list = group->add_subcommand("list", "list accounts");
    add_where(*list, where, output, Folder::must_be_there);
    list->callback([this] { status = account_list(where, output); });

    auto* add =
        group->add_subcommand("add", "add an account; its password is read from standard input");
    add->add_option("name", account.user_name, "user name")->required();
    add->add_option("--display", account.display_name, "name as shown");
    add->add_option("--role", account.role, roles_help)->required();
    add->add_option("--unit", account.units,
                    "a unit whose patients it is for, such as \"ICU 1\"; may repeat");
    add->add_option("--fhir-user", account.fhir_user,
                    "who they are in the record, such as Practitioner/12");
    add_where(*add, where, output);
    add->callback([this] { status = account_add(where, output, account); });

    auto* issue = group->add_subcommand("token", "make a token for scripts, shown once");
    issue->add_option("account", token.user_name, "whose rights it has at most")->required();
    issue->add_option("--name", token.name, "what it is for")->required();
    issue
        ->add_option("--scope", token.scopes,
                     "system/*.rs (read), system/*.cruds, vigil/administer")
        ->required();
    issue->add_option("--expires", token.expires_in,
                      "lifetime such as 1h or 90d; without it: for ever");
    add_where(*issue, where, output);
    issue->callback([this] { status = account_token(where, output, token); });

    auto* tokens = group->add_subcommand("tokens", "list an account's tokens");
    tokens->add_option("account", change.user_name, "whose")->required();
    add_where(*tokens, where, output, Folder::must_be_there);
    tokens->callback([this] { status = account_tokens(where, output, change.user_name); });

    auto* revoke = group->add_subcommand("revoke", "end a token, at once");
    revoke->add_option("account", change.user_name, "whose")->required();
    revoke->add_option("token", id, "its id, from the list")->required();
    add_where(*revoke, where, output);
    revoke->callback([this] { status = account_revoke(where, output, change.user_name, id); });
    add_account_changes(*group);
}

void Commands::add_tokens() {
    auto* group =
        app.add_subcommand("token", "tokens for scripts and FHIR clients")->require_subcommand(1);
    auto* issue = group->add_subcommand("issue", "make a bearer token and print it, once");
    token.name = "script";
    issue
        ->add_option("--scope", token.scopes,
                     "system/*.rs (read), system/*.cruds, vigil/administer; may repeat")
        ->required();
    issue->add_option("--account", token.user_name,
                      "whose rights it has at most; without it: the service account scripts");
    issue->add_option("--name", token.name, "what it is for")->capture_default_str();
    issue->add_option("--expires", token.expires_in,
                      "lifetime such as 1h or 90d; without it: for ever");
    add_where(*issue, where, output);
    issue->callback([this] { status = token_issue(where, output, token); });
}

void Commands::add_account_changes(CLI::App& group) {
    const auto command = [&](const char* name, const char* about, std::function<void()> prepare) {
        auto* added = group.add_subcommand(name, about);
        added->add_option("name", change.user_name, "user name")->required();
        add_where(*added, where, output);
        added->callback([this, prepare = std::move(prepare)] {
            prepare();
            status = account_change(where, output, change);
        });
        return added;
    };
    auto* change_it = command("change", "give an account another role or name", [] {});
    change_it->add_option("--role", change.role, roles_help);
    change_it->add_option("--unit", change.units, "its units from now on; may repeat");
    change_it->add_flag("--no-unit", change.no_unit, "none from now on");
    change_it->add_option("--fhir-user", change.fhir_user,
                          "who they are in the record, such as Practitioner/12; empty: nobody");
    change_it->add_option("--display", change.display_name, "name as shown");
    command("password", "set a new password, read from standard input; ends its sessions",
            [this] { change.new_password = true; });
    command("disable", "end its sessions and tokens, and let it in no more",
            [this] { change.enabled = false; });
    command("enable", "let a disabled account in again", [this] { change.enabled = true; });

    auto* out = group.add_subcommand("sign-out", "end its web sessions everywhere");
    out->add_option("name", change.user_name, "user name")->required();
    add_where(*out, where, output);
    out->callback([this] { status = account_sign_out(where, output, change.user_name); });

    auto* reset = group.add_subcommand(
        "reset-factors", "take its second factors away: whoever lost theirs sets up others");
    reset->add_option("name", change.user_name, "user name")->required();
    add_where(*reset, where, output);
    reset->callback([this] { status = account_reset_factors(where, output, change.user_name); });
}

// Beside the units that they work in.
void Commands::add_relations() {
    auto* group =
        app.add_subcommand("relation", "who may see a patient beside the units they work in")
            ->require_subcommand(1);
    auto* list = group->add_subcommand("list", "list a patient's care relations");
    list->add_option("patient", relation.patient, "identifier (MRN) or number")->required();
    add_where(*list, where, output, Folder::must_be_there);
    list->callback([this] { status = relation_list(where, output, relation.patient); });

    auto* add = group->add_subcommand("add", "let an account see a patient");
    add->add_option("account", relation.account, "user name")->required();
    add->add_option("patient", relation.patient, "identifier (MRN) or number")->required();
    add->add_option(
           "--kind", relation.kind,
           "care-team, caregiver (whom the patient lets in) or self (they are the patient)")
        ->check(CLI::IsMember({"care-team", "caregiver", "self"}))
        ->capture_default_str();
    add->add_option("--to", relation.to, "until when (open), RFC 3339");
    add->add_option("--reason", relation.reason, "why, for whoever reads it later");
    add_where(*add, where, output);
    add->callback([this] { status = relation_add(where, output, relation); });

    auto* end = group->add_subcommand("end", "end a care relation, at once");
    end->add_option("id", id, "its id, from the list")->required();
    add_where(*end, where, output);
    end->callback([this] { status = relation_end(where, output, id); });

    auto* emergencies =
        app.add_subcommand("emergency", "access that somebody took in an emergency, to be reviewed")
            ->require_subcommand(1);
    auto* open = emergencies->add_subcommand("list", "list what nobody has looked at yet");
    open->add_flag("--all", all, "those that were reviewed, too");
    add_where(*open, where, output, Folder::must_be_there);
    open->callback([this] { status = emergency_list(where, output, all); });

    auto* review = emergencies->add_subcommand("review", "write down what you found");
    review->add_option("id", id, "its id, from the list")->required();
    review->add_option("--finding", relation.reason, "what you found")->required();
    add_where(*review, where, output);
    review->callback([this] { status = emergency_review(where, output, id, relation.reason); });
}

void Commands::add_apps() {
    auto* group =
        app.add_subcommand("app", "apps that people let in, and services with a key of their own")
            ->require_subcommand(1);
    auto* listed = group->add_subcommand("list", "list apps");
    add_where(*listed, where, output, Folder::must_be_there);
    listed->callback([this] { status = app_list(where, output); });

    const auto add_members = [this](CLI::App& command) {
        command.add_option("--redirect", app_set.redirect_uris,
                           "where it is called back; may repeat");
        command.add_option("--launch", app_set.launch_uri, "where it is opened for a patient");
        auto* jwks = command.add_option("--jwks", app_set.jwks_file, "file of its public keys");
        command.add_option("--jwks-uri", app_set.jwks_uri, "address of its public keys")
            ->excludes(jwks);
        command.add_option("--account", app_set.account, "of a service: whose rights it has");
        add_where(command, where, output);
    };
    auto* added = group->add_subcommand("add", "register an app");
    added->add_option("--name", app_set.name, "as people know it")->required();
    added->add_option("--kind", app_set.kind, "public, confidential or service")->required();
    added->add_option("--scope", app_set.scopes, "no more than these, such as patient/*.rs; repeat")
        ->required();
    added->add_option("--id", app_set.client_id, "its client id; without it: one is made");
    add_members(*added);
    added->callback([this] { status = app_add(where, output, app_set); });

    auto* changed = group->add_subcommand("change", "change an app; what it was granted ends");
    changed->add_option("id", app_set.client_id, "its client id")->required();
    changed->add_option("--name", app_set.name, "as people know it");
    changed->add_option("--scope", app_set.scopes, "no more than these; repeat");
    auto* on = changed->add_flag_callback("--enable", [this] { app_set.enabled = true; });
    changed->add_flag_callback("--disable", [this] { app_set.enabled = false; })->excludes(on);
    add_members(*changed);
    changed->callback([this] { status = app_change(where, output, app_set); });
}

}  // namespace vigil::app
