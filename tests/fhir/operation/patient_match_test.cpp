#include "fhir/operation/patient_match.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

Person person(std::string members) {
    const auto resource = Resource::parse(R"({"resourceType":"Patient",)" + members + "}");
    EXPECT_TRUE(resource) << members;
    return person_of(resource->json());
}

constexpr const char* anna =
    R"("identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Müller","given":["Anna","Maria"]}],
       "gender":"female","birthDate":"1957-02-03","telecom":[{"system":"phone","value":"+49 30 123-4567"}],
       "address":[{"line":["Am Markt 1"],"city":"Köln","postalCode":"50667"}])";

struct Case {
    const char* what;
    const char* asked;
    Grade grade;
};

class PatientMatch : public testing::TestWithParam<Case> {};

TEST_P(PatientMatch, is_graded) {
    const auto like = likeness(person(GetParam().asked), person(anna));
    EXPECT_EQ(to_string(like.grade), to_string(GetParam().grade))
        << GetParam().what << ": score " << like.score;
}

constexpr const char* full =
    R"("name":[{"family":"MULLER","given":["anna"]}],"gender":"female","birthDate":"1957-02-03","telecom":[{"system":"phone","value":"0049301234567"},{"system":"phone","value":"49301234567"}])";

INSTANTIATE_TEST_SUITE_P(
    Cases, PatientMatch,
    testing::Values(
        Case{"an identifier alone", R"("identifier":[{"system":"urn:mrn","value":"1"}])",
             Grade::certain},
        Case{
            "the identifier of somebody of another name",
            R"("identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Schmidt","given":["Anna"]}])",
            Grade::possible},
        Case{"the identifier of somebody born on another day",
             R"("identifier":[{"system":"urn:mrn","value":"1"}],"birthDate":"1988-11-30")",
             Grade::possible},
        Case{"the same value in another system",
             R"("identifier":[{"system":"urn:visa","value":"1"}])", Grade::certainly_not},
        Case{"a full set of demographics", full, Grade::certain},
        Case{
            "by street and postal code",
            R"("name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1957-02-03","address":[{"line":["am markt 1"],"postalCode":"50667"}])",
            Grade::certain},
        Case{
            "name and birth date are no full set",
            R"("name":[{"family":"Müller","given":["Anna"]}],"gender":"female","birthDate":"1957-02-03")",
            Grade::probable},
        Case{
            "a full set with another identifier of the same system",
            R"("identifier":[{"system":"urn:mrn","value":"2"}],"name":[{"family":"Müller","given":["Anna"]}],"gender":"female",
               "birthDate":"1957-02-03","telecom":[{"system":"phone","value":"49301234567"}],"address":[{"line":["Am Markt 1"],"city":"Köln","postalCode":"50667"}])",
            Grade::possible},
        Case{"names swapped",
             R"("name":[{"family":"Anna","given":["Müller"]}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"a slip in the family name",
             R"("name":[{"family":"Mueller","given":["Anna"]}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"neighbouring letters swapped",
             R"("name":[{"family":"Mülelr","given":["Anna"]}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"day and month swapped",
             R"("name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1957-03-02")",
             Grade::probable},
        Case{"one digit of the birth date wrong",
             R"("name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1956-02-03")",
             Grade::probable},
        Case{"an initial",
             R"("name":[{"family":"Müller","given":["A."]}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"the second given name",
             R"("name":[{"family":"Müller","given":["Maria"]}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"a text alone", R"("name":[{"text":"Anna Müller"}],"birthDate":"1957-02-03")",
             Grade::probable},
        Case{"a text, family name first",
             R"("name":[{"text":"Müller, Anna"}],"birthDate":"1957-02-03")", Grade::probable},
        Case{"the name alone", R"("name":[{"family":"Müller","given":["Anna"]}])", Grade::possible},
        Case{
            "a twin",
            R"("name":[{"family":"Müller","given":["Berta"]}],"gender":"female","birthDate":"1957-02-03",
               "telecom":[{"system":"phone","value":"49301234567"}],"address":[{"line":["Am Markt 1"],"city":"Köln","postalCode":"50667"}])",
            Grade::possible},
        Case{"the family name alone", R"("name":[{"family":"Müller"}])", Grade::certainly_not},
        Case{"the same name, another birth date",
             R"("name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1984-09-21")",
             Grade::certainly_not},
        Case{
            "born on the same day, that is all",
            R"("name":[{"family":"Nowak","given":["Piotr"]}],"gender":"male","birthDate":"1957-02-03")",
            Grade::certainly_not}));

TEST(PatientMatchScore, is_between_nothing_and_one_and_grows_with_what_agrees) {
    const auto score = [](const char* asked) {
        return likeness(person(asked), person(anna)).score;
    };
    EXPECT_EQ(score(anna), 1);
    EXPECT_EQ(score(R"("name":[{"family":"Nowak","given":["Piotr"]}])"), 0);
    const auto name = score(R"("name":[{"family":"Müller","given":["Anna"]}])");
    const auto more =
        score(R"("name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1957-02-03")");
    EXPECT_DOUBLE_EQ(name, 18.0 / 40);
    EXPECT_DOUBLE_EQ(more, 30.0 / 40);
}

TEST(PatientMatchDates, swap_only_into_a_date) {
    EXPECT_EQ(day_and_month_swapped("1957-02-03"), "1957-03-02");
    EXPECT_EQ(day_and_month_swapped("1957-02-13"), "");
    EXPECT_EQ(day_and_month_swapped("1957-02-02"), "");
    EXPECT_EQ(day_and_month_swapped("1957-02"), "");
}

TEST(PatientMatchNames, of_any_length_and_script_are_compared) {
    const std::string long_name(10'000, 'x');
    const auto one = person(R"("name":[{"family":")" + long_name + R"("}])");
    EXPECT_EQ(likeness(one, one).grade, Grade::certainly_not);
    const auto russian = person(R"("name":[{"family":"Иванова","given":["Анна"]}])");
    const auto slip = person(R"("name":[{"family":"ИВАНОВА","given":["Анша"]}])");
    EXPECT_DOUBLE_EQ(likeness(russian, slip).score, 15.0 / 40);
}

}  // namespace
}  // namespace vigil::fhir
