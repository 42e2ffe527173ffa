#pragma once
// Enrolment over Secure Transport (RFC 7030, RFC 8951): how a device gets its certificate by a
// one-time code, and renews it with the one it has. The key never leaves the device.
//
//     GET  /.well-known/est/cacerts          the authority that vouches for devices
//     GET  /.well-known/est/csrattrs         what a request is to be
//     POST /.well-known/est/simpleenroll     HTTP Basic: the device's id and its code
//     POST /.well-known/est/simplereenroll   TLS with the device's certificate
//
// What is refused is told in plain text, as RFC 7030 4.2.3 asks: a person at the device reads it.
// docs/decisions/0038-enrolment-over-est.md.

#include <string>
#include <string_view>

#include "identity/enrolment_desk.hpp"
#include "identity/request_quota.hpp"
#include "share/api/context.hpp"

namespace vigil::share {

class EstDoor {
public:
    explicit EstDoor(ApiContext& context);  // which outlives it

    static bool owns(std::string_view path);
    void handle(session::HttpRequest request, session::HttpRespond respond);

private:
    void enrol(const ApiCallPtr& call);
    void renew(const ApiCallPtr& call);
    void refuse_code(const ApiCallPtr& call, std::string_view device);
    void refuse_renewal(const ApiCallPtr& call, const identity::Principal& who,
                        const std::string& why);
    void give(const ApiCallPtr& call, Result<identity::Act> act, const char* what,
              std::string certificate_pem);
    void note(const ApiCallPtr& call, const identity::Principal& who, const char* what,
              bool permitted, std::string reason = {});

    ApiContext& api_;
    identity::RequestQuota renewals_;  // of one device
    identity::RequestQuota failures_;  // that go on record, of one network
};

}  // namespace vigil::share
