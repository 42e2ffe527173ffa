#include "monitor/alarms/act.hpp"

#include <type_traits>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace vigil::monitor {
namespace {

// What is none, empty or zero is left out: each reads as it began.
class ActWriter {
public:
    explicit ActWriter(JsonWriter& json) : json_(json) {}

    void operator()(const char* name, const std::string& text) {
        if (!text.empty()) json_.member(name, text);
    }
    void operator()(const char* name, const EventId& id) {
        if (id) json_.member(name, to_string(id));
    }
    void operator()(const char* name, bool yes) { json_.member(name, yes); }
    void operator()(const char* name, std::uint32_t number) { json_.member(name, number); }
    void operator()(const char* name, Nanoseconds duration) {
        json_.member(name, duration.count());
    }
    void operator()(const char* name, const Decimal& number) { json_.member(name, number); }
    template <class Tag, class Number>
    void operator()(const char* name, Id<Tag, Number> id) {
        if (id) json_.member(name, id.value);
    }
    template <class T>
    void operator()(const char* name, const std::optional<T>& field) {
        if (field) (*this)(name, *field);
    }
    template <class T>
        requires std::is_enum_v<T>
    void operator()(const char* name, T word) {
        json_.member(name, to_string(word));
    }
    template <class T>
        requires requires(ActWriter& v, const T& t) { T::members(v, t); }
    void operator()(const char* name, const T& part) {
        json_.key(name).begin_object();
        T::members(*this, part);
        json_.end_object();
    }

private:
    JsonWriter& json_;
};

class ActReader {
public:
    explicit ActReader(JsonValue object) : object_(object) {}

    std::optional<Error> error;

    void operator()(const char* name, std::string& text) {
        const auto found = object_[name];
        if (!found) return;
        if (!found.is(JsonKind::string) || found.string().size() > text_bytes_max)
            return refuse(name, "not a text of at most 1,000 bytes");
        text = found.string();
    }
    void operator()(const char* name, EventId& id) {
        parsed(name, [&](std::string_view text) -> Result<void> {
            VIGIL_TRY(read, parse_event_id(text));
            id = read;
            return {};
        });
    }
    void operator()(const char* name, Timestamp& time) {
        parsed(name, [&](std::string_view text) -> Result<void> {
            VIGIL_TRY(read, parse_rfc3339(text));
            time = read.instant;
            return {};
        });
    }
    void operator()(const char* name, bool& yes) {
        const auto found = object_[name];
        if (found && !found.is(JsonKind::boolean)) refuse(name, "neither true nor false");
        if (found) yes = found.is_true();
    }
    void operator()(const char* name, std::uint32_t& number) { integer(name, number); }
    void operator()(const char* name, Nanoseconds& duration) {
        auto count = duration.count();
        integer(name, count);
        duration = Nanoseconds(count);
    }
    void operator()(const char* name, Decimal& number) {
        const auto found = object_[name];
        if (!found) return;
        const auto read = found.decimal();
        if (!read) return refuse(name, read.error().message);
        number = *read;
    }
    template <class Tag, class Number>
    void operator()(const char* name, Id<Tag, Number>& id) {
        integer(name, id.value);
    }
    template <class T>
    void operator()(const char* name, std::optional<T>& field) {
        if (object_[name]) (*this)(name, field.emplace());
    }
    template <class T>
        requires std::is_enum_v<T>
    void operator()(const char* name, T& out) {
        const auto found = object_[name];
        if (!found) return;
        const auto word = from_word<T>(found.string());
        if (!word) return refuse(name, "not a known word");
        out = *word;
    }
    template <class T>
        requires requires(ActReader& v, T& t) { T::members(v, t); }
    void operator()(const char* name, T& part) {
        const auto found = object_[name];
        if (found && !found.is(JsonKind::object)) return refuse(name, "not an object");
        const auto outer = std::exchange(object_, found);
        if (found) T::members(*this, part);
        object_ = outer;
    }

private:
    template <class Number>
    void integer(const char* name, Number& out) {
        const auto found = object_[name];
        if (!found) return;
        const auto number = found.integer();
        if (!number || !std::in_range<Number>(*number))
            return refuse(name, "not a whole number in its range");
        out = static_cast<Number>(*number);
    }
    template <class Parse>
    void parsed(const char* name, Parse parse) {
        const auto found = object_[name];
        if (!found) return;
        if (!found.is(JsonKind::string)) return refuse(name, "not a text");
        if (auto read = parse(found.string()); !read) refuse(name, std::move(read.error().message));
    }
    void refuse(const char* name, std::string message) {
        if (!error) error = Error{Error::Kind::malformed, std::move(message), name};
    }

    JsonValue object_;
};

template <class... Bodies>
Result<AlarmAct::Body> read_any(std::string_view name, ActReader& reader,
                                const std::variant<Bodies...>* /*one of these*/) {
    Result<AlarmAct::Body> out = fail(Error::Kind::unsupported, "not an act of monitor/", "act");
    const auto read_if = [&]<class Body>(const Body* /*the type to try*/) {
        if (name != Body::act_name) return;
        Body body;
        Body::members(reader, body);
        if (reader.error)
            out = tl::unexpected(*reader.error);
        else
            out = AlarmAct::Body(std::move(body));
    };
    (read_if(static_cast<const Bodies*>(nullptr)), ...);
    return out;
}

}  // namespace

std::string encode(const AlarmAct& act) {
    std::string out;
    JsonWriter json(out);
    ActWriter writer(json);
    json.begin_object();
    std::visit(
        [&](const auto& body) {
            using Body = std::decay_t<decltype(body)>;
            json.member("act", Body::act_name).member("recorded", act.recorded);
            writer("by", act.by);
            writer("reason", act.reason);
            Body::members(writer, body);
        },
        act.body);
    json.end_object();
    return out;
}

Result<AlarmAct> decode_alarm_act(std::string_view text) {
    JsonDocument document;
    VIGIL_TRY(object,
              document.parse(
                  text, {.bytes_max = alarm_act_bytes_max, .values_max = 100, .depth_max = 4}));
    if (!object.is(JsonKind::object)) return fail(Error::Kind::malformed, "not a JSON object");
    ActReader reader(object);
    std::string name;
    AlarmAct act;
    reader("act", name);
    reader("recorded", act.recorded);
    reader("by", act.by);
    reader("reason", act.reason);
    if (reader.error) return tl::unexpected(*reader.error);
    VIGIL_TRY(body, read_any(name, reader, static_cast<const AlarmAct::Body*>(nullptr)));
    act.body = std::move(body);
    return act;
}

Subject subject(const AlarmAct& act) {
    return std::visit(
        [](const auto& body) -> Subject {
            if constexpr (requires { body.subject; })
                return body.subject;
            else if constexpr (requires { body.alarm.subject; })
                return body.alarm.subject;
            else if constexpr (requires { body.inactivation.subject; })
                return body.inactivation.subject;
            else if constexpr (requires { body.display; })
                return place_of(body.display);
            else
                return {};
        },
        act.body);
}

}  // namespace vigil::monitor
