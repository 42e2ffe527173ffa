#include "identity/act.hpp"

#include <fmt/format.h>

#include <type_traits>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace vigil::identity {
namespace {

// Of an act that says its name and members itself (factors.hpp).
template <class Body>
concept SelfDescribed = requires { Body::act_name; };

template <class Body>
constexpr std::string_view name_of = [] {
    if constexpr (SelfDescribed<Body>) return Body::act_name;
    return std::string_view();
}();
template <>
constexpr std::string_view name_of<PatientAdded> = "patient-added";
template <>
constexpr std::string_view name_of<PatientChanged> = "patient-changed";
template <>
constexpr std::string_view name_of<DeviceAdded> = "device-added";
template <>
constexpr std::string_view name_of<DeviceChanged> = "device-changed";
template <>
constexpr std::string_view name_of<DeviceAssociated> = "device-associated";
template <>
constexpr std::string_view name_of<DeviceTokenSet> = "device-token-set";
template <>
constexpr std::string_view name_of<CertificateIssued> = "certificate-issued";
template <>
constexpr std::string_view name_of<CertificateRevoked> = "certificate-revoked";
template <>
constexpr std::string_view name_of<AccountAdded> = "account-added";
template <>
constexpr std::string_view name_of<AccountChanged> = "account-changed";
template <>
constexpr std::string_view name_of<TokenIssued> = "token-issued";
template <>
constexpr std::string_view name_of<TokenRevoked> = "token-revoked";
template <>
constexpr std::string_view name_of<RelationGiven> = "relation-given";
template <>
constexpr std::string_view name_of<RelationEnded> = "relation-ended";
template <>
constexpr std::string_view name_of<EmergencyReviewed> = "emergency-reviewed";

// One description of each act serves both directions: a visitor is shown every member by name.
template <class Visitor, class T>
using Seen = std::conditional_t<Visitor::writes, const T, T>;

template <class V>
void members(V& visit, Seen<V, Patient>& patient) {
    visit("patient", patient.id);
    visit("display_name", patient.display_name);
    visit("identifier", patient.identifier);
    visit("birth_date", patient.birth_date);
    visit("sex", patient.sex);
    visit("unit", patient.unit);
    visit("bed", patient.bed);
    visit("registered", patient.registered);
    visit("record_id", patient.record_id);
}

template <class V>
void members(V& visit, Seen<V, Device>& device) {
    visit("device", device.id);
    visit("id", device.external_id);
    visit("display", device.display);
    visit("model", device.model);
    visit("kind", device.kind);
    visit("gateway", device.gateway);
    visit("utc_offset_minutes", device.utc_offset_minutes);
    visit("clock_tolerance_ns", device.clock_tolerance);
    visit("registered", device.registered);
}

template <class V>
void members(V& visit, Seen<V, Account>& account) {
    visit("account", account.id);
    visit("username", account.user_name);
    visit("display_name", account.display_name);
    visit("role", account.role);
    visit("units", account.units);
    visit("fhir_user", account.fhir_user);
    visit("enabled", account.enabled);
    visit("password_hash", account.password_hash);
    visit("registered", account.registered);
}

template <class V>
void members(V& visit, Seen<V, PatientAdded>& act) {
    members(visit, act.patient);
}
template <class V>
void members(V& visit, Seen<V, PatientChanged>& act) {
    members(visit, act.patient);
}
template <class V>
void members(V& visit, Seen<V, DeviceAdded>& act) {
    members(visit, act.device);
}
template <class V>
void members(V& visit, Seen<V, DeviceChanged>& act) {
    members(visit, act.device);
}
template <class V>
void members(V& visit, Seen<V, DeviceAssociated>& act) {
    visit("device", act.device);
    visit("patient", act.patient);
    visit("from", act.from);
    visit("to", act.to);
    visit("rank", act.rank);
    visit("correction", act.correction);
}
template <class V>
void members(V& visit, Seen<V, DeviceTokenSet>& act) {
    visit("device", act.device);
    visit("secret_sha256", act.secret);
}
template <class V>
void members(V& visit, Seen<V, CertificateIssued>& act) {
    visit("device", act.certificate.device);
    visit("serial", act.certificate.serial);
    visit("not_before", act.certificate.not_before);
    visit("not_after", act.certificate.not_after);
    visit("origin", act.certificate.origin);
    visit("code_sha256", act.code);
    visit("renews", act.renews);
}
template <class V>
void members(V& visit, Seen<V, CertificateRevoked>& act) {
    visit("serial", act.serial);
}
template <class V>
void members(V& visit, Seen<V, AccountAdded>& act) {
    members(visit, act.account);
}
template <class V>
void members(V& visit, Seen<V, AccountChanged>& act) {
    members(visit, act.account);
}
template <class V>
void members(V& visit, Seen<V, TokenIssued>& act) {
    visit("token", act.token.id);
    visit("account", act.token.account);
    visit("name", act.token.name);
    visit("secret_sha256", act.token.secret);
    visit("scopes", act.token.scopes);
    visit("issued", act.token.issued);
    visit("expires", act.token.expires);
}
template <class V>
void members(V& visit, Seen<V, TokenRevoked>& act) {
    visit("token", act.token);
}

template <class V, class Body>
    requires SelfDescribed<Body>
void members(V& visit, Body& act) {
    std::remove_const_t<Body>::members(visit, act);
}
template <class V>
void members(V& visit, Seen<V, RelationGiven>& act) {
    visit("relation", act.relation.id);
    visit("account", act.relation.account);
    visit("patient", act.relation.patient);
    visit("kind", act.relation.kind);
    visit("from", act.relation.from);
    visit("to", act.relation.to);
    visit("reason", act.relation.reason);
    visit("reviewed_by", act.relation.reviewed_by);
    visit("reviewed", act.relation.reviewed);
    visit("finding", act.relation.finding);
}
template <class V>
void members(V& visit, Seen<V, RelationEnded>& act) {
    visit("relation", act.relation);
    visit("at", act.at);
}
template <class V>
void members(V& visit, Seen<V, EmergencyReviewed>& act) {
    visit("relation", act.relation);
    visit("finding", act.finding);
}

// What is empty, zero or the end of time is left out.
struct Writer {
    static constexpr bool writes = true;
    JsonWriter& json;

    void operator()(const char* name, const std::string& text) {
        if (!text.empty()) json.member(name, text);
    }
    template <class Tag, class Number>
    void operator()(const char* name, Id<Tag, Number> id) {
        if (id) json.member(name, id.value);
    }
    void operator()(const char* name, Timestamp time) {
        if (time != end_of_time) json.member(name, time);
    }
    void operator()(const char* name, std::int16_t number) {
        if (number != 0) json.member(name, number);
    }
    void operator()(const char* name, std::uint64_t number) {
        if (number != 0) json.member(name, number);
    }
    void operator()(const char* name, std::optional<Nanoseconds> duration) {
        if (duration) json.member(name, duration->count());
    }
    void operator()(const char* name, bool yes) { json.member(name, yes); }
    void operator()(const char* name, AssociationRank rank) { json.member(name, to_string(rank)); }
    void operator()(const char* name, Role role) { json.member(name, to_string(role)); }
    void operator()(const char* name, Relationship kind) { json.member(name, to_string(kind)); }
    void operator()(const char* name, AppKind kind) { json.member(name, to_string(kind)); }
    void operator()(const char* name, CertificateOrigin origin) {
        if (origin != CertificateOrigin::issued) json.member(name, to_string(origin));
    }
    void operator()(const char* name, const Digest& digest) {
        if (digest) json.member(name, to_hex(digest));
    }
    void operator()(const char* name, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        json.key(name).begin_array();
        for (const auto& text : texts) json.text(text);
        json.end_array();
    }
};

// A member that is missing keeps the default; the first one that is wrong ends in `error`.
class Reader {
public:
    static constexpr bool writes = false;
    explicit Reader(JsonValue object) : object_(object) {}

    std::optional<Error> error;

    void operator()(const char* name, std::string& text) {
        if (const auto found = string(name)) text = *found;
    }
    template <class Tag, class Number>
    void operator()(const char* name, Id<Tag, Number>& id) {
        if (const auto number = integer<Number>(name)) id.value = *number;
    }
    void operator()(const char* name, std::int16_t& out) {
        if (const auto number = integer<std::int16_t>(name)) out = *number;
    }
    void operator()(const char* name, std::uint64_t& out) {
        if (const auto number = integer<std::uint64_t>(name)) out = *number;
    }
    void operator()(const char* name, std::optional<Nanoseconds>& duration) {
        if (const auto count = integer<std::int64_t>(name)) duration = Nanoseconds(*count);
    }
    void operator()(const char* name, bool& yes) {
        const auto found = object_[name];
        if (found.is(JsonKind::boolean))
            yes = found.is_true();
        else if (found)
            refuse(name, "neither true nor false");
    }
    void operator()(const char* name, Timestamp& time) {
        parsed(name, [&](std::string_view text) -> Result<void> {
            VIGIL_TRY(read, parse_rfc3339(text));
            time = read.instant;
            return {};
        });
    }
    void operator()(const char* name, Digest& digest) {
        parsed(name, [&](std::string_view text) -> Result<void> {
            VIGIL_TRY(read, digest_from_hex(text));
            digest = read;
            return {};
        });
    }
    void operator()(const char* name, AssociationRank& rank) {
        named(name, rank, association_rank);
    }
    void operator()(const char* name, Role& role) { named(name, role, identity::role); }
    void operator()(const char* name, Relationship& kind) { named(name, kind, relationship); }
    void operator()(const char* name, AppKind& kind) { named(name, kind, app_kind); }
    void operator()(const char* name, CertificateOrigin& origin) {
        named(name, origin, certificate_origin);
    }
    void operator()(const char* name, std::vector<std::string>& texts) {
        const auto array = object_[name];
        if (array && !array.is(JsonKind::array)) return refuse(name, "not a list");
        for (const auto text : array) {
            if (!text.is(JsonKind::string)) return refuse(name, "not a list of texts");
            texts.emplace_back(text.string());
        }
    }

private:
    std::optional<std::string_view> string(const char* name) {
        const auto found = object_[name];
        if (found.is(JsonKind::string)) return found.string();
        if (found) refuse(name, "not a text");
        return std::nullopt;
    }
    template <class T>
    std::optional<T> integer(const char* name) {
        const auto found = object_[name];
        if (!found) return std::nullopt;
        const auto number = found.integer();
        if (number && std::in_range<T>(*number)) return static_cast<T>(*number);
        refuse(name, "not a whole number in its range");
        return std::nullopt;
    }
    template <class Parse>
    void parsed(const char* name, Parse parse) {
        const auto text = string(name);
        if (!text) return;
        if (auto read = parse(*text); !read) refuse(name, std::move(read.error().message));
    }
    template <class T>
    void named(const char* name, T& out, std::optional<T> (*parse)(std::string_view)) {
        const auto text = string(name);
        if (!text) return;
        if (const auto word = parse(*text))
            out = *word;
        else
            refuse(name, "not a known word");
    }
    void refuse(const char* name, std::string message) {
        if (!error) error = Error{Error::Kind::malformed, std::move(message), name};
    }

    JsonValue object_;
};

Result<void> check_body(const PatientAdded& act) {
    return check(act.patient);
}
Result<void> check_body(const PatientChanged& act) {
    return check(act.patient);
}
Result<void> check_body(const DeviceAdded& act) {
    return check(act.device);
}
Result<void> check_body(const DeviceChanged& act) {
    return check(act.device);
}
Result<void> check_body(const AccountAdded& act) {
    return check(act.account);
}
Result<void> check_body(const AccountChanged& act) {
    return check(act.account);
}
Result<void> check_body(const CertificateIssued& act) {
    VIGIL_CHECK(check(act.certificate));
    return act.renews.empty() ? Result<void>() : check_serial(act.renews, "renews");
}
Result<void> check_body(const TokenIssued& act) {
    return check(act.token);
}
Result<void> check_body(const RelationGiven& act) {
    return check(act.relation);
}
Result<void> check_body(const EmergencyReviewed& act) {
    if (act.finding.size() > reason_bytes_max)
        return fail(Error::Kind::too_large, "a finding has at most 1,000 bytes", "finding");
    return {};
}
Result<void> check_body(const DeviceAssociated& act) {
    if (act.from >= act.to)
        return fail(Error::Kind::malformed, "a span begins before it ends", "to");
    if (!act.patient && !act.correction)
        return fail(Error::Kind::malformed, "only a correction may name nobody", "patient");
    return {};
}
template <class Body>  // the rest only names what must be there already
Result<void> check_body(const Body& act) {
    if constexpr (SelfDescribed<Body> && requires { check(act); }) return check(act);
    return {};
}

template <class Body>
Result<Act::Body> read_body(Reader& reader) {
    Body body;
    members(reader, body);
    if (reader.error) return tl::unexpected(*reader.error);
    VIGIL_CHECK(check_body(body));
    return Act::Body(std::move(body));
}

template <class... Bodies>
Result<Act::Body> read_any(std::string_view name, Reader& reader,
                           const std::variant<Bodies...>* /*one of these*/) {
    Result<Act::Body> body = fail(Error::Kind::unsupported, "not an act of identity/", "act");
    const auto read_if = [&]<class Body>(const Body* /*the type to try*/) {
        if (name == name_of<Body>) body = read_body<Body>(reader);
    };
    (read_if(static_cast<const Bodies*>(nullptr)), ...);
    return body;
}

}  // namespace

std::string encode(const Act& act) {
    std::string out;
    JsonWriter json(out);
    Writer writer{json};
    json.begin_object();
    std::visit(
        [&](const auto& body) {
            json.member("act", name_of<std::decay_t<decltype(body)>>);
            json.member("recorded", act.recorded).member("by", act.by);
            members(writer, body);
        },
        act.body);
    json.end_object();
    return out;
}

Result<Act> decode_act(std::string_view json) {
    JsonDocument document;
    VIGIL_TRY(object, document.parse(
                          json, {.bytes_max = act_bytes_max, .values_max = 1'000, .depth_max = 4}));
    if (!object.is(JsonKind::object)) return fail(Error::Kind::malformed, "not a JSON object");
    Reader reader(object);
    std::string name;
    Act act;
    reader("act", name);
    reader("recorded", act.recorded);
    reader("by", act.by);
    VIGIL_TRY(body, read_any(name, reader, static_cast<const Act::Body*>(nullptr)));
    act.body = std::move(body);
    return act;
}

PatientId subject(const Act& act) {
    if (const auto* added = std::get_if<PatientAdded>(&act.body)) return added->patient.id;
    if (const auto* changed = std::get_if<PatientChanged>(&act.body)) return changed->patient.id;
    if (const auto* on = std::get_if<DeviceAssociated>(&act.body)) return on->patient;
    if (const auto* given = std::get_if<RelationGiven>(&act.body)) return given->relation.patient;
    if (const auto* given = std::get_if<GrantGiven>(&act.body)) return given->grant.patient;
    if (const auto* hold = std::get_if<HoldSet>(&act.body)) return hold->patient;
    if (const auto* limits = std::get_if<RestrictionSet>(&act.body)) return limits->patient;
    return {};
}

}  // namespace vigil::identity
