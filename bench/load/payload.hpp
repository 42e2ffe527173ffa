#pragma once
// A payload with fields of fixed width that are filled in place: {ts} 19 digits of nanoseconds
// since 1970, {ms} 13 of milliseconds, {seq} 10 counting from 1000000000, {id} 6 of the client's
// number, {val} 2 from 60 to 99.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigil::load {

inline void put_digits(char* at, std::uint64_t number, std::size_t width) {
    for (std::size_t i = width; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

class Payload {
public:
    explicit Payload(std::string_view pattern) {
        const auto field = [&](std::string_view name, std::vector<std::size_t>& places,
                               std::size_t width) {
            if (!pattern.starts_with(name)) return false;
            places.push_back(text.size());
            text.append(width, '0');
            pattern.remove_prefix(name.size());
            return true;
        };
        while (!pattern.empty()) {
            if (field("{ts}", ns_, 19) || field("{ms}", ms_, 13) || field("{seq}", sequence_, 10) ||
                field("{id}", id_, 6) || field("{val}", value_, 2))
                continue;
            text += pattern.front();
            pattern.remove_prefix(1);
        }
    }
    void set_id(std::uint64_t id) {
        for (const auto at : id_) put_digits(text.data() + at, id, 6);
    }
    void fill(char* out, std::uint64_t time_ns, std::uint64_t sequence) const {
        for (const auto at : ns_) put_digits(out + at, time_ns, 19);
        for (const auto at : ms_) put_digits(out + at, time_ns / 1'000'000, 13);
        for (const auto at : sequence_) put_digits(out + at, 1'000'000'000 + sequence, 10);
        for (const auto at : value_)
            put_digits(out + at, 60 + (sequence * 7 + time_ns / 1'000) % 40, 2);
    }
    // Where the time of a payload of this shape stands; npos if it has none.
    std::size_t time_place() const { return ns_.empty() ? std::string::npos : ns_.front(); }

    std::string text;

private:
    std::vector<std::size_t> ns_, ms_, sequence_, id_, value_;
};

}  // namespace vigil::load
