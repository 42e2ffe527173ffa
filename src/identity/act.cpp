#include "identity/act.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <type_traits>
#include <utility>

#include "base/json_writer.hpp"

namespace vigil::identity {
namespace {

template <class Body>
constexpr std::string_view name_of = "";
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
    void operator()(const char* name, std::optional<Nanoseconds> duration) {
        if (duration) json.member(name, duration->count());
    }
    void operator()(const char* name, bool yes) { json.member(name, yes); }
    void operator()(const char* name, AssociationRank rank) { json.member(name, to_string(rank)); }
    void operator()(const char* name, Role role) { json.member(name, to_string(role)); }
    void operator()(const char* name, const Digest& digest) {
        if (digest) json.member(name, to_hex(digest));
    }
    void operator()(const char* name, const std::vector<std::string>& texts) {
        json.key(name).begin_array();
        for (const auto& text : texts) json.text(text);
        json.end_array();
    }
};

// A member that is missing keeps the default; the first one that is wrong ends in `error`.
class Reader {
public:
    static constexpr bool writes = false;
    explicit Reader(simdjson::dom::object object) : object_(object) {}

    std::optional<Error> error;

    void operator()(const char* name, std::string& text) {
        if (const auto found = value<std::string_view>(name)) text = *found;
    }
    template <class Tag, class Number>
    void operator()(const char* name, Id<Tag, Number>& id) {
        integer(name, id.value);
    }
    void operator()(const char* name, std::int16_t& number) { integer(name, number); }
    void operator()(const char* name, Timestamp& time) {
        if (const auto text = value<std::string_view>(name)) {
            const auto parsed = parse_rfc3339(*text);
            if (parsed)
                time = parsed->instant;
            else
                refuse(name, parsed.error().message);
        }
    }
    void operator()(const char* name, std::optional<Nanoseconds>& duration) {
        if (const auto count = value<std::int64_t>(name)) duration = Nanoseconds(*count);
    }
    void operator()(const char* name, bool& yes) {
        if (const auto found = value<bool>(name)) yes = *found;
    }
    void operator()(const char* name, AssociationRank& rank) {
        named(name, rank, association_rank);
    }
    void operator()(const char* name, Role& role) { named(name, role, identity::role); }
    void operator()(const char* name, Digest& digest) {
        if (const auto text = value<std::string_view>(name)) {
            const auto parsed = digest_from_hex(*text);
            if (parsed)
                digest = *parsed;
            else
                refuse(name, parsed.error().message);
        }
    }
    void operator()(const char* name, std::vector<std::string>& texts) {
        const auto array = value<simdjson::dom::array>(name);
        if (!array) return;
        for (const auto element : *array) {
            std::string_view text;
            if (element.get(text) != simdjson::SUCCESS) return refuse(name, "not a list of text");
            texts.emplace_back(text);
        }
    }

private:
    template <class T>
    std::optional<T> value(const char* name) {
        simdjson::dom::element element;
        if (object_.at_key(name).get(element) != simdjson::SUCCESS) return std::nullopt;
        T found;
        if (element.get(found) == simdjson::SUCCESS) return found;
        refuse(name, "not of the type that this member has");
        return std::nullopt;
    }
    template <class T>
    void integer(const char* name, T& number) {
        const auto found = value<std::int64_t>(name);
        if (!found) return;
        if (std::in_range<T>(*found))
            number = static_cast<T>(*found);
        else
            refuse(name, "the number is out of range");
    }
    template <class T>
    void named(const char* name, T& out, std::optional<T> (*parse)(std::string_view)) {
        const auto text = value<std::string_view>(name);
        if (!text) return;
        if (const auto parsed = parse(*text))
            out = *parsed;
        else
            refuse(name, "not a known word");
    }
    void refuse(const char* name, std::string message) {
        if (!error) error = Error{Error::Kind::malformed, std::move(message), name};
    }

    simdjson::dom::object object_;
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
    return check(act.certificate);
}
Result<void> check_body(const TokenIssued& act) {
    return check(act.token);
}
Result<void> check_body(const DeviceAssociated& act) {
    if (act.from >= act.to)
        return fail(Error::Kind::malformed, "a span begins before it ends", "to");
    if (!act.patient && !act.correction)
        return fail(Error::Kind::malformed, "only a correction may name nobody", "patient");
    return {};
}
template <class Body>  // the rest only names what must be there already
Result<void> check_body(const Body& /*act*/) {
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
    if (json.size() > act_bytes_max)
        return fail(Error::Kind::malformed, "longer than an act can be");
    constexpr std::size_t depth_max = 8;
    simdjson::dom::parser parser(act_bytes_max);
    simdjson::dom::object object;
    if (parser.allocate(json.size() + 1, depth_max) != simdjson::SUCCESS ||
        parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
        return fail(Error::Kind::malformed, "not a JSON object");
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
    return {};
}

}  // namespace vigil::identity
