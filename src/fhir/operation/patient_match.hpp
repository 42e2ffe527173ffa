#pragma once
// How much two Patients look like the same person: the scoring of Patient/$match. Plain and the
// same at every ask: points for what agrees, fewer for what nearly does, and some taken away for
// what contradicts. What only one of the two says counts for nothing.
//
//                   agrees  nearly  differs  nearly means
//     identifier       40              -20   (differs: another value in the same system)
//     family name      10       6       -6   a slip of one letter (of two from 8 letters on)
//     given name        8       5       -4   the same, or an initial
//     birth date       12       8      -10   day and month swapped; 6: one digit wrong, or only a
//                                            year or month is known, and it agrees
//     gender            2               -6   (unknown and other say nothing)
//     phone, email      6                    the same digits or address; a household shares them
//     postal code       3                    likewise
//     street            3                    likewise
//     city              1
//
// Family and given names that are swapped agree, less 4. Names are compared folded
// (search/folding), each of the one with each of the other: the best counts. The weights follow how
// many people share such a thing by chance: in 100,000 some four share a birth date, a thousand a
// common family name.
//
// The score is points / 40, from 0 to 1; 40 are an identifier, or name, birth date, gender and a
// contact or address. The grade (http://hl7.org/fhir/R4/valueset-match-grade.html):
// - certain: an identifier agrees and neither a name nor the birth date differs; or family name,
//   given name and birth date agree, in their order, the gender does not differ, phone or email or
//   street and postal code agree, and no identifier differs.
// - probable: a score of 0.6 or more, and no name, birth date or identifier differs: twins share
//   much, but not the given name.
// - possible: a score of 0.4 or more; the name alone.
// - certainly-not, else.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace vigil::fhir {

struct PersonName {
    std::string family;              // folded, like the rest
    std::vector<std::string> given;  // a name that has a text alone is taken apart
};

// What of a Patient is compared; of each list so many at most.
struct Person {
    static constexpr std::size_t of_each_max = 20;
    struct Identifier {
        std::string system, value;
    };
    struct Address {
        std::string postal_code, city, street;
    };
    std::vector<Identifier> identifiers;
    std::vector<PersonName> names;
    std::string birth_date;  // as written
    std::string gender;
    std::vector<std::string> contacts;  // digits of a phone number; an email address folded
    std::vector<Address> addresses;
};
Person person_of(JsonValue patient);

enum class Grade : std::uint8_t { certain, probable, possible, certainly_not };
std::string_view to_string(Grade grade);

struct Likeness {
    double score = 0;
    Grade grade = Grade::certainly_not;
};
Likeness likeness(const Person& asked, const Person& candidate);

// "1957-03-02" of "1957-02-03"; empty where that is no other date.
std::string day_and_month_swapped(std::string_view date);

}  // namespace vigil::fhir
