#pragma once
// FHIR dates (R4 2.24.0.1) as a release may tell them: the year alone, moved by whole days, or as
// time since another.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace vigil::fhir::deidentify {

// A date to the day at least.
struct EventTime {
    Timestamp instant;      // of a date without a time: the start of the day, in UTC
    bool has_time = false;  // else a day
};

// Of a date, dateTime or instant; nothing: it is none, or says the year or month only.
std::optional<EventTime> event_time(std::string_view text);

// "2024" of whatever date; empty: it is none.
std::string_view year_of(std::string_view text);
int year_of(Timestamp time);

// The same text so many days later, its time of day, fraction and zone as they were: intervals
// between two that moved together stay exact. Of a month or year that one which the day in its
// middle falls into. Empty: no date, or beyond the years 1678 to 2261.
std::string moved(std::string_view text, int days);

// Time from `first` to `time`: whole days where either is a day, else seconds, as text of a number.
struct Offset {
    std::string value;
    bool is_days = false;
    bool is_before = false;  // then `value` is how much before
};
// Nothing where it is over what shows an age over 89 to whoever knows the first
// (164.514(b)(2)(i)(C)).
std::optional<Offset> offset(const EventTime& first, const EventTime& time);

// Whole years from a birth (date of any precision) to `time`; where the birth says a year or month
// only, as many as they may be. Nothing: it is no date, or lies after.
std::optional<int> age_at(std::string_view birth, Timestamp time);

constexpr int age_told_max = 89;

}  // namespace vigil::fhir::deidentify
