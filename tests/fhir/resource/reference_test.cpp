#include "fhir/resource/reference.hpp"

#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

constexpr std::string_view base = "https://vigil.example/fhir";

ReferenceText read(std::string_view text) {
    static const Definitions definitions;
    return read_reference(text, base, definitions);
}

TEST(Reference, leads_to_a_resource_of_this_server) {
    for (const auto* text :
         {"Patient/12", "https://vigil.example/fhir/Patient/12", "Patient/12/_history/3"}) {
        EXPECT_EQ(read(text).type, "Patient") << text;
        EXPECT_EQ(read(text).id, "12") << text;
    }
    EXPECT_EQ(read("Patient/12/_history/3").version, "3");
}

TEST(Reference, leads_elsewhere) {
    for (const auto* text :
         {"https://other.example/fhir/Patient/12", "https://vigil.example/fhirx/Patient/12",
          "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "Patient", "Patient/", "Nothing/12",
          "Patient/12/name", "Patient/a_b", "Patient/12/_history/", "Patient/12/_history/3/4"}) {
        EXPECT_EQ(read(text).elsewhere, text);
        EXPECT_TRUE(read(text).id.empty()) << text;
    }
}

TEST(Reference, leads_into_the_resource_itself) {
    EXPECT_TRUE(read("#p1").is_contained);
    EXPECT_EQ(read("#p1").contained, "p1");
    EXPECT_TRUE(read("#").is_contained);
}

}  // namespace
}  // namespace vigil::fhir
