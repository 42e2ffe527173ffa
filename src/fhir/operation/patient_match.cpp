#include "fhir/operation/patient_match.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "fhir/resource/date.hpp"
#include "fhir/search/folding.hpp"

namespace vigil::fhir {
namespace {

constexpr double full_points = 40;
constexpr std::size_t name_length_max = 64, date_length = 10;  // "1957-02-03"

enum class Agreement : std::uint8_t { unknown, agrees, nearly, differs };

// A text's characters, cut at what a name may have.
std::u32string characters(std::string_view text) {
    std::u32string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continues = (byte & 0xC0U) == 0x80U && !out.empty();
        if (continues)
            out.back() = (out.back() << 6U) | (byte & 0x3FU);
        else if (out.size() == name_length_max)
            return out;
        else
            out.push_back(byte);
    }
    return out;
}

// Letters to insert, delete, change or swap with their neighbour (optimal string alignment).
std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

Agreement names_agree(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return Agreement::unknown;
    if (a == b) return Agreement::agrees;
    const auto left = characters(a), right = characters(b);
    const auto shorter = std::min(left.size(), right.size());
    if (shorter < 4) return Agreement::differs;
    const std::size_t allowed = shorter >= 8 ? 2 : 1;
    return edit_distance(left, right) <= allowed ? Agreement::nearly : Agreement::differs;
}

bool is_initial(std::string_view text) {
    return text.size() == 1 || (text.size() == 2 && text[1] == '.');
}

Agreement given_agree(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    auto best = a.empty() || b.empty() ? Agreement::unknown : Agreement::differs;
    for (const auto& left : a)
        for (const auto& right : b) {
            auto one = names_agree(left, right);
            const bool initials = is_initial(left) || is_initial(right);
            if (initials && one == Agreement::differs && left.front() == right.front())
                one = Agreement::nearly;
            if (one != Agreement::unknown) best = std::min(best, one);
        }
    return best;
}

double points(Agreement agreement, double agrees, double nearly, double differs) {
    switch (agreement) {
        case Agreement::agrees:
            return agrees;
        case Agreement::nearly:
            return nearly;
        case Agreement::differs:
            return differs;
        case Agreement::unknown:
            return 0;
    }
    return 0;
}

struct NameLikeness {
    Agreement family = Agreement::unknown, given = Agreement::unknown;
    bool is_swapped = false;
    double points = 0;
    bool differs() const { return family == Agreement::differs || given == Agreement::differs; }
};

NameLikeness name_likeness(const PersonName& a, const PersonName& b) {
    const auto in_order = [](Agreement family, Agreement given) {
        return NameLikeness{family, given, false,
                            points(family, 10, 6, -6) + points(given, 8, 5, -4)};
    };
    auto plain = in_order(names_agree(a.family, b.family), given_agree(a.given, b.given));
    if (a.family.empty() || b.family.empty() || a.given.empty() || b.given.empty()) return plain;
    auto swapped = in_order(given_agree({a.family}, b.given), given_agree(a.given, {b.family}));
    swapped.is_swapped = true;
    swapped.points -= 4;
    return !swapped.differs() && swapped.points > plain.points ? swapped : plain;
}

NameLikeness best_name(const Person& a, const Person& b) {
    NameLikeness best;
    bool is_first = true;
    for (const auto& left : a.names)
        for (const auto& right : b.names) {
            const auto one = name_likeness(left, right);
            if (is_first || one.points > best.points) best = one;
            is_first = false;
        }
    return best;
}

struct DateLikeness {
    Agreement agreement = Agreement::unknown;
    double points = 0;
};

DateLikeness dates_agree(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return {};
    const auto shorter = std::min(a.size(), b.size());
    if (shorter < date_length)
        return a.substr(0, shorter) == b.substr(0, shorter) ? DateLikeness{Agreement::nearly, 6}
                                                            : DateLikeness{Agreement::differs, -10};
    if (a == b) return {Agreement::agrees, 12};
    if (day_and_month_swapped(a) == b) return {Agreement::nearly, 8};
    const auto wrong = std::inner_product(a.begin(), a.begin() + date_length, b.begin(), 0,
                                          std::plus<>(), std::not_equal_to<>());
    return wrong == 1 ? DateLikeness{Agreement::nearly, 6} : DateLikeness{Agreement::differs, -10};
}

// Agrees where any does; differs where a system that both know has no value in common.
Agreement identifiers_agree(const Person& a, const Person& b) {
    auto best = Agreement::unknown;
    for (const auto& left : a.identifiers)
        for (const auto& right : b.identifiers) {
            if (left.system != right.system) continue;
            if (left.value == right.value) return Agreement::agrees;
            if (!left.system.empty()) best = Agreement::differs;
        }
    return best;
}

Agreement genders_agree(std::string_view a, std::string_view b) {
    const auto says = [](std::string_view gender) {
        return gender == "male" || gender == "female";
    };
    if (!says(a) || !says(b)) return Agreement::unknown;
    return a == b ? Agreement::agrees : Agreement::differs;
}

bool share_contact(const Person& a, const Person& b) {
    return std::ranges::any_of(a.contacts, [&](const std::string& one) {
        return std::ranges::find(b.contacts, one) != b.contacts.end();
    });
}

struct AddressLikeness {
    bool postal_code = false, street = false, city = false;
    double points() const { return (postal_code ? 3 : 0) + (street ? 3 : 0) + (city ? 1 : 0); }
};

AddressLikeness best_address(const Person& a, const Person& b) {
    const auto same = [](const std::string& x, const std::string& y) {
        return !x.empty() && x == y;
    };
    AddressLikeness best;
    for (const auto& left : a.addresses)
        for (const auto& right : b.addresses) {
            const AddressLikeness one{same(left.postal_code, right.postal_code),
                                      same(left.street, right.street), same(left.city, right.city)};
            if (one.points() > best.points()) best = one;
        }
    return best;
}

PersonName name_of(JsonValue name) {
    PersonName out{folded(name["family"].string()), {}};
    for (const auto given : name["given"]) out.given.push_back(folded(given.string()));
    std::erase_if(out.given, [](const std::string& one) { return one.empty(); });
    if (!out.family.empty() || !out.given.empty()) return out;
    const auto text = folded(name["text"].string());
    // "Müller, Anna", or the family name last.
    const auto comma = text.find(',');
    if (comma != std::string::npos) {
        out.family = text.substr(0, comma);
        const auto rest = text.find_first_not_of(' ', comma + 1);
        if (rest != std::string::npos) out.given.push_back(text.substr(rest));
        return out;
    }
    const auto space = text.rfind(' ');
    out.family = space == std::string::npos ? text : text.substr(space + 1);
    for (std::size_t start = 0; space != std::string::npos && start < space;) {
        const auto end = std::min(text.find(' ', start), space);
        out.given.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return out;
}

std::string contact_of(JsonValue telecom) {
    const auto value = telecom["value"].string();
    if (telecom["system"].string() == "email") return folded(value);
    std::string digits;
    std::ranges::copy_if(value, std::back_inserter(digits),
                         [](char c) { return c >= '0' && c <= '9'; });
    constexpr std::size_t digits_min = 6;  // fewer are no number of anybody's own
    return digits.size() >= digits_min ? digits : std::string();
}

Person::Address address_of(JsonValue address) {
    Person::Address out{
        folded(address["postalCode"].string()), folded(address["city"].string()), {}};
    for (const auto line : address["line"]) out.street += folded(line.string()) + " ";
    return out;
}

// Both lists are the client's and the record's: each is bounded.
template <class Read>
void each(JsonValue list, Read read) {
    std::size_t count = 0;
    for (const auto one : list) {
        if (count++ == Person::of_each_max) return;
        read(one);
    }
}

}  // namespace

Person person_of(JsonValue patient) {
    Person out;
    each(patient["identifier"], [&](JsonValue one) {
        if (!one["value"].string().empty())
            out.identifiers.push_back(
                {std::string(one["system"].string()), std::string(one["value"].string())});
    });
    each(patient["name"], [&](JsonValue one) {
        auto name = name_of(one);
        if (!name.family.empty() || !name.given.empty()) out.names.push_back(std::move(name));
    });
    each(patient["telecom"], [&](JsonValue one) {
        auto contact = contact_of(one);
        if (!contact.empty()) out.contacts.push_back(std::move(contact));
    });
    each(patient["address"], [&](JsonValue one) { out.addresses.push_back(address_of(one)); });
    const auto birth_date = patient["birthDate"].string();
    if (read_date(birth_date)) out.birth_date = birth_date.substr(0, date_length);
    out.gender = patient["gender"].string();
    return out;
}

std::string_view to_string(Grade grade) {
    constexpr std::array words = {"certain", "probable", "possible", "certainly-not"};
    return words.at(static_cast<std::size_t>(grade));
}

std::string day_and_month_swapped(std::string_view date) {
    if (date.size() != date_length) return {};
    auto swapped = std::string(date);
    swapped.replace(5, 2, date.substr(8, 2)).replace(8, 2, date.substr(5, 2));
    return swapped != date && read_date(swapped) ? swapped : std::string();
}

Likeness likeness(const Person& asked, const Person& candidate) {
    const auto identifier = identifiers_agree(asked, candidate);
    const auto name = best_name(asked, candidate);
    const auto birth = dates_agree(asked.birth_date, candidate.birth_date);
    const auto gender = genders_agree(asked.gender, candidate.gender);
    const bool contact = share_contact(asked, candidate);
    const auto address = best_address(asked, candidate);
    const auto sum = points(identifier, 40, 0, -20) + name.points + birth.points +
                     points(gender, 2, 0, -6) + (contact ? 6 : 0) + address.points();
    Likeness out{std::clamp(sum / full_points, 0.0, 1.0), Grade::certainly_not};

    const bool contradicts = name.differs() || birth.agreement == Agreement::differs;
    const bool by_identifier = identifier == Agreement::agrees && !contradicts;
    const bool by_demographics =
        name.family == Agreement::agrees && name.given == Agreement::agrees && !name.is_swapped &&
        birth.agreement == Agreement::agrees && gender != Agreement::differs &&
        (contact || (address.street && address.postal_code)) && identifier != Agreement::differs;
    if (by_identifier || by_demographics)
        out.grade = Grade::certain;
    else if (out.score >= 0.6 && !contradicts && identifier != Agreement::differs)
        out.grade = Grade::probable;
    else if (out.score >= 0.4)
        out.grade = Grade::possible;
    return out;
}

}  // namespace vigil::fhir
