#pragma once
// How likely somebody is found again in a table of persons, and what is then learned of them.
//
//     k-anonymity (Sweeney 2002): each combination of quasi-identifiers is had by at least k.
//     l-diversity (Machanavajjhala 2007): each such class has at least l values of what is
//         sensitive; by entropy: exp of it is at least l.
//     t-closeness (Li 2007): a class's distribution is within t of that of all, by the earth
//         mover's distance with equal distances between values.
//     Prosecutor, journalist and marketer risk (El Emam 2013): 1 / smallest class; the same
//         against the population that the table is a sample of; the mean of 1 / class.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vigil::fhir::deidentify {

// Persons as numbers: equal numbers are equal values.
struct RiskTable {
    using Values = std::vector<std::uint32_t>;  // one a person
    struct Column {
        std::string name;
        std::vector<Values> levels;  // from exact to nothing told
    };
    // A person may have several values, or none: "none" is a value then.
    struct Sensitive {
        std::string name;
        std::vector<Values> of;  // of each person, sorted
    };
    std::size_t persons = 0;
    std::vector<Column> columns;
    std::vector<Sensitive> sensitive;
};

// The class of each person, numbered from 0.
struct Classes {
    std::vector<std::uint32_t> of;
    std::vector<std::uint32_t> sizes;
};
// `levels`: one of each column.
Classes classes_of(const RiskTable& table, std::span<const std::uint8_t> levels);

struct Diversity {
    std::string name;
    // The fewest values of any class. 1 also where all of a class have one value in common,
    // whatever else they have: then it is known of each.
    std::uint32_t distinct = 0;
    double entropy = 0;    // the least exp(entropy) of any class
    double closeness = 0;  // the largest distance of any class
};

struct Measures {
    std::size_t persons = 0, classes = 0;
    std::uint32_t k = 0;    // the smallest class
    double prosecutor = 0;  // 1 / k
    double journalist = 0;  // by the share of the population that is in the table
    double marketer = 0;    // the mean over persons of 1 / class
    std::vector<Diversity> diversity;
};
// Of those persons whose class has at least `class_min`; the others are not released.
// `sampling_fraction`: how much of the population the table has, 0 < fraction <= 1.
Measures measure(const RiskTable& table, const Classes& classes, std::uint32_t class_min,
                 double sampling_fraction);

}  // namespace vigil::fhir::deidentify
