#include "broker/session_entry.hpp"

#include "base/bytes.hpp"

namespace vigil::broker {
namespace {

constexpr std::uint8_t format = 1;

// One list of fields for both directions. What is written:
//   integers and flags   LEB128
//   texts                LEB128 length, bytes
//   times                8 bytes, little endian, nanoseconds
//   optional             0, or 1 and the value
//   lists                LEB128 count, items
class Encoder {
public:
    explicit Encoder(std::string& out) : writer_(out) {}

    template <class... T>
    void operator()(const T&... values) {
        (put(values), ...);
    }

private:
    template <std::unsigned_integral T>
    void put(T value) {
        writer_.varint(value);
    }
    void put(const std::string& text) { writer_.sized(text); }
    void put(Timestamp time) { writer_.little_endian(unix_ns(time)); }
    void put(Principal::Kind kind) { writer_.varint(static_cast<std::uint64_t>(kind)); }
    void put(DeviceId id) { writer_.varint(id.value); }
    void put(AccountId id) { writer_.varint(id.value); }
    void put(const std::pair<std::uint16_t, std::uint64_t>& pair) {
        put(pair.first);
        put(pair.second);
    }
    template <class T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class T>
    void put(const std::vector<T>& values) {
        writer_.varint(values.size());
        for (const auto& value : values) put(value);
    }
    void put(const Principal& p) { (*this)(p.kind, p.id, p.device, p.account); }
    void put(const StoredWill& w) {
        (*this)(w.topic, w.properties, w.payload, w.qos, w.retain, w.delay_s, w.message_expiry_s);
    }
    void put(const StoredSubscription& s) {
        (*this)(s.filter, s.qos, s.no_local, s.retain_as_published, s.identifier);
    }

    ByteWriter writer_;
};

class Decoder {
public:
    explicit Decoder(std::string_view bytes) : reader_(bytes) {}
    bool good() const { return good_ && reader_.empty(); }
    std::size_t position() const { return reader_.position(); }

    template <class... T>
    void operator()(T&... values) {
        (get(values), ...);
    }

private:
    template <std::unsigned_integral T>
    void get(T& value) {
        const auto read = reader_.varint();
        if (!read || *read > std::numeric_limits<T>::max())
            good_ = false;
        else
            value = static_cast<T>(*read);
    }
    void get(std::string& text) {
        if (const auto read = reader_.sized())
            text = *read;
        else
            good_ = false;
    }
    void get(Timestamp& time) {
        if (const auto ns = reader_.little_endian<std::int64_t>())
            time = from_unix_ns(*ns);
        else
            good_ = false;
    }
    void get(Principal::Kind& kind) {
        std::uint8_t read = 0;
        get(read);
        good_ = good_ && read <= static_cast<std::uint8_t>(Principal::Kind::account);
        kind = static_cast<Principal::Kind>(read);
    }
    void get(DeviceId& id) { get(id.value); }
    void get(AccountId& id) { get(id.value); }
    void get(std::pair<std::uint16_t, std::uint64_t>& pair) { (*this)(pair.first, pair.second); }
    template <class T>
    void get(std::optional<T>& value) {
        bool present = false;
        get(present);
        if (good_ && present) get(value.emplace());
    }
    template <class T>
    void get(std::vector<T>& values) {
        std::uint64_t count = 0;
        get(count);
        // Every item takes a byte at least, so that a damaged count costs no memory.
        if (count > reader_.remaining()) good_ = false;
        for (std::uint64_t i = 0; good_ && i < count; ++i) get(values.emplace_back());
    }
    void get(Principal& p) { (*this)(p.kind, p.id, p.device, p.account); }
    void get(StoredWill& w) {
        (*this)(w.topic, w.properties, w.payload, w.qos, w.retain, w.delay_s, w.message_expiry_s);
    }
    void get(StoredSubscription& s) {
        (*this)(s.filter, s.qos, s.no_local, s.retain_as_published, s.identifier);
    }

    ByteReader reader_;
    bool good_ = true;
};

template <class Archive, class T>
void archive(Archive&& a, T& entry) {
    using Entry = std::remove_const_t<T>;
    a(entry.session);
    if constexpr (std::is_same_v<Entry, Opened>)
        a(entry.exchange_base, entry.principal, entry.client_identifier, entry.expiry_s,
          entry.will);
    else if constexpr (std::is_same_v<Entry, Subscribed>)
        a(entry.subscription, entry.send_retained);
    else if constexpr (std::is_same_v<Entry, Unsubscribed>)
        a(entry.filter);
    else if constexpr (std::is_same_v<Entry, Disconnected>)
        a(entry.at, entry.expiry_s, entry.will_owed);
    else if constexpr (std::is_same_v<Entry, Ended>)
        a(entry.reason, entry.lost_messages, entry.first_lost, entry.last_lost);
    else if constexpr (std::is_base_of_v<Queued, Entry>) {
        a(entry.offset, entry.size, entry.qos, entry.retain, entry.expires,
          entry.subscription_identifiers);
        if constexpr (std::is_same_v<Entry, QueuedShared>) a(entry.share);
    } else if constexpr (std::is_same_v<Entry, Received> || std::is_same_v<Entry, Completed>)
        a(entry.packet);
    else if constexpr (std::is_same_v<Entry, Overtaken>)
        a(entry.before);
    else if constexpr (std::is_same_v<Entry, Exchanged>)
        a(entry.exchanges);
    else
        a(entry.packets);
}

template <std::size_t index = 0>
bool emplace(SessionEntry& out, std::size_t wanted) {
    if constexpr (index < std::variant_size_v<SessionEntry>) {
        if (index != wanted) return emplace<index + 1>(out, wanted);
        out.emplace<index>();
        return true;
    }
    return false;
}

}  // namespace

void encode_session_entry(const SessionEntry& entry, std::string& out) {
    out.push_back(static_cast<char>(format));
    out.push_back(static_cast<char>(entry.index()));
    Encoder encoder(out);
    std::visit([&](const auto& one) { archive(encoder, one); }, entry);
}

Result<SessionEntry> decode_session_entry(std::string_view body) {
    SessionEntry entry;
    if (body.size() < 2 || body[0] != format || !emplace(entry, static_cast<std::uint8_t>(body[1])))
        return fail(Error::Kind::malformed, "session entry of an unknown form", "byte 0");
    Decoder decoder(body.substr(2));
    std::visit([&](auto& one) { archive(decoder, one); }, entry);
    if (!decoder.good())
        return fail(Error::Kind::malformed, "session entry is damaged",
                    "byte " + std::to_string(2 + decoder.position()));
    return entry;
}

}  // namespace vigil::broker
