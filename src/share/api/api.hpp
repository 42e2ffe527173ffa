#pragma once
// The JSON API of docs/reference/series-api.md: who asks, which handler, CSRF. The handlers stand
// in the files beside this one, by what they are about.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "share/api/context.hpp"
#include "share/router.hpp"

namespace vigil::share {

class Api {
public:
    explicit Api(ApiContext& context);

    static bool owns(std::string_view path) { return path.starts_with("/api/"); }
    void handle(session::HttpRequest request, session::HttpRespond respond);
    session::Upgrade upgrade(const session::HttpRequest& request);

    // For the command line on an idle data folder: the operator at the machine, who holds its
    // files.
    void handle_as(identity::Principal who, session::HttpRequest request,
                   session::HttpRespond respond);

    // Whoever the request's cookie or token stands for; nobody() for none. `malformed` for a token
    // or cookie that has ended: the caller answers 401. `forbidden`, at "second-factor", for one
    // who has to set that up first.
    Result<identity::Principal> who(const session::HttpRequest& request);

    // The same for other rooms' addresses: `forbidden` where nobody signed in or a session has
    // ended, `malformed` where the CSRF token is missing.
    Result<identity::Principal> sender(const session::HttpRequest& request);

    // What a request shows to say who asks, good or not: a token or a sign-in's cookie; or nothing.
    std::string_view credential(const session::HttpRequest& request) const;

    using Handler = void (*)(ApiContext&, const ApiCallPtr&);
    enum class For : std::uint8_t {
        signed_in,
        setting_up,  // and whoever is to set a second factor up before anything else
        everyone     // also who has not signed in
    };
    void add(std::string_view method, std::string_view pattern, Handler handler,
             For whom = For::signed_in);

private:
    struct Entry {
        Handler handler;
        For whom;
    };
    struct Sender {
        identity::Principal who;
        bool setting_up = false;
    };
    Result<Sender> identify(const session::HttpRequest& request);
    bool csrf_holds(const session::HttpRequest& request) const;

    ApiContext& context_;
    Router router_;
    std::vector<Entry> entries_;
};

// Each adds its routes.
void add_sign_in(Api& api);
void add_openid(Api& api);
void add_own_account(Api& api);
void add_own_factors(Api& api);
void add_passkeys(Api& api);
void add_patients(Api& api);
void add_devices(Api& api);
void add_enrolments(Api& api);
void add_series(Api& api);
void add_raw_series(Api& api);
void add_messages(Api& api);
void add_quarantine(Api& api);
void add_server(Api& api);
void add_accounts(Api& api);
void add_audit(Api& api);
void add_relations(Api& api);
void add_privacy(Api& api);
void add_everything(Api& api);
void add_apps(Api& api);
void add_authorizations(Api& api);
void add_alarms(Api& api);
void add_alarm_limits(Api& api);
void add_alarm_rules(Api& api);
void add_alarm_profiles(Api& api);
void add_alarm_what_if(Api& api);
void add_alarm_contacts(Api& api);
void add_alarm_displays(Api& api);
void add_score_settings(Api& api);
void add_scores(Api& api);

}  // namespace vigil::share
