#pragma once
// A flat hash from short names to small numbers: keys, REFIDs and codes are looked up for every
// reading that comes in.

#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace vigil {

class NameIndex {
public:
    static constexpr std::uint16_t none = 0xFFFF;

    explicit NameIndex(std::size_t names_expected) {
        std::size_t slots = 16;
        while (slots < names_expected * 4) slots *= 2;
        slots_.resize(slots);
    }

    // False if the name is there already; its number then stays.
    bool add(std::string_view name, std::uint16_t number) {
        assert(number != none);
        if (find(name) != none) return false;
        if ((names_.size() + 1) * 2 > slots_.size()) grow();
        names_.emplace_back(name);
        place(static_cast<std::uint16_t>(names_.size() - 1), number, hash(name));
        return true;
    }

    std::uint16_t find(std::string_view name) const {
        const auto wanted = hash(name);
        for (auto at = wanted;; ++at) {
            const auto& slot = slots_[at & (slots_.size() - 1)];
            if (slot.number == none) return none;
            if (slot.tag == wanted && names_[slot.name] == name) return slot.number;
        }
    }

private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint16_t name = 0;
        std::uint16_t number = none;
    };

    // Reads at most 24 of the bytes; names here differ in their first or last twelve. A collision
    // costs a comparison, never a wrong answer.
    static std::uint32_t hash(std::string_view name) {
        const auto load = [&](std::size_t at, std::size_t count) {
            std::uint64_t word = 0;
            std::memcpy(&word, name.data() + at, count);
            return word;
        };
        const auto size = name.size();
        std::uint64_t h = size * 0x9E3779B97F4A7C15U;
        const auto mix = [&](std::uint64_t word) {
            const auto product = static_cast<unsigned __int128>(h ^ word) * 0xD6E8FEB86659FD93U;
            h = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
        };
        if (size < 8) {
            if (size >= 4)
                mix(load(0, 4) | load(size - 4, 4) << 32);
            else if (size > 0)
                mix(load(0, 1) | load(size / 2, 1) << 8 | load(size - 1, 1) << 16);
        } else {
            mix(load(0, 8));
            mix(load(size - 8, 8));
            if (size > 16) mix(load(size / 2 - 4, 8));
        }
        return static_cast<std::uint32_t>(h ^ (h >> 32));
    }

    void place(std::uint16_t name, std::uint16_t number, std::uint32_t tag) {
        auto at = tag;
        while (slots_[at & (slots_.size() - 1)].number != none) ++at;
        slots_[at & (slots_.size() - 1)] = {tag, name, number};
    }

    void grow() {
        auto before = std::move(slots_);
        slots_.assign(before.size() * 2, Slot{});
        for (const auto& slot : before)
            if (slot.number != none) place(slot.name, slot.number, slot.tag);
    }

    std::vector<std::string> names_;
    std::vector<Slot> slots_;
};

}  // namespace vigil
