#include "identity/scopes.hpp"

#include <gtest/gtest.h>

namespace vigil::identity {
namespace {

using store::Interaction;

// SMART App Launch 2.2.0, "Scopes for requesting FHIR resources".
TEST(Scopes, are_read_as_smart_app_launch_writes_them) {
    const auto read = read_scope("patient/Observation.rs?category=vital-signs");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (Scope{.context = Scope::Context::patient,
                            .type = "Observation",
                            .interactions = store::looking,
                            .query = "category=vital-signs"}));
    EXPECT_EQ(read_scope("system/*.cruds")->interactions, store::every_interaction);
    EXPECT_EQ(read_scope("system/*.cruds")->type, "");
    EXPECT_EQ(read_scope("user/Patient.d")->interactions, bit(Interaction::remove));
    EXPECT_EQ(read_scope("user/Patient.d")->context, Scope::Context::user);
}

TEST(Scopes, of_version_1_mean_the_letters_that_version_2_gives_them) {
    EXPECT_EQ(to_string(*read_scope("patient/Observation.read")), "patient/Observation.rs");
    EXPECT_EQ(to_string(*read_scope("user/*.write")), "user/*.cud");
    EXPECT_EQ(to_string(*read_scope("system/*.*")), "system/*.cruds");
}

TEST(Scopes, are_written_as_they_were_read) {
    for (const auto* text : {"patient/Observation.rs?category=vital-signs", "system/*.cruds",
                             "user/MedicationRequest.cu", "system/Patient.d"})
        EXPECT_EQ(to_string(*read_scope(text)), text);
}

TEST(Scopes, that_are_none_are_refused) {
    for (const auto* text :
         {"", "/", "patient", "patient/", "patient/.", "patient/*", "patient/*.", "patient/*.x",
          "patient/*.sr", "patient/*.rr", "doctor/*.rs", "patient/observation.rs",
          "patient/Obs-1.rs", "patient/*.rs?category=x", "patient/Observation.rs?", "openid",
          "launch/patient", "patient/Observation.see"}) {
        const auto read = read_scope(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, Error::Kind::unsupported);
        EXPECT_FALSE(read.error().message.empty());
    }
}

}  // namespace
}  // namespace vigil::identity
