#include "app/site_metrics.hpp"

#include <gtest/gtest.h>

#include "store/memory_documents.hpp"

namespace vigil::app {
namespace {

SiteMetric metric(std::string key, std::string unit = "hPa") {
    return {.key = std::move(key),
            .display = "",
            .kind = "numeric",
            .mdc_refid = "",
            .loinc = "",
            .unit = std::move(unit),
            .mdc_code = 0,
            .expected_interval = {}};
}

struct SiteMetrics : testing::Test {
    store::test::MemoryDocuments documents;
    Catalogue start(const std::vector<SiteMetric>& configured) {
        Catalogue catalogue;
        const auto loaded = load_site_metrics(configured, documents, catalogue);
        EXPECT_TRUE(loaded) << loaded.error().message;
        return catalogue;
    }
};

TEST_F(SiteMetrics, keep_their_numbers_when_the_configuration_is_reordered_and_grows) {
    const auto first = start({metric("noise"), metric("grip")});
    const auto noise = first.find("noise")->id, grip = first.find("grip")->id;
    EXPECT_NE(noise, grip);
    const auto later = start({metric("draught"), metric("grip"), metric("noise")});
    EXPECT_EQ(later.find("noise")->id, noise);
    EXPECT_EQ(later.find("grip")->id, grip);
    EXPECT_NE(later.find("draught")->id, noise);
    EXPECT_NE(later.find("draught")->id, grip);
}

TEST_F(SiteMetrics, one_that_was_taken_out_stays_readable_and_its_number_is_never_given_again) {
    const auto noise = start({metric("noise")}).find("noise")->id;
    const auto without = start({});
    ASSERT_NE(without.find(noise), nullptr);
    EXPECT_EQ(without.at(noise).key, "noise");
    const auto other = start({metric("draught")});
    EXPECT_NE(other.find("draught")->id, noise);
    EXPECT_EQ(start({metric("noise")}).find("noise")->id, noise) << "it comes back";
}

TEST_F(SiteMetrics, a_code_of_one_that_was_taken_out_is_free_for_another) {
    auto coded = metric("noise");
    coded.loinc = "99999-1";
    (void)start({coded});
    auto heir = metric("sound");
    heir.loinc = "99999-1";
    EXPECT_EQ(start({heir}).find_loinc("99999-1")->key, "sound");
}

TEST_F(SiteMetrics, one_cannot_become_another_quantity) {
    (void)start({metric("noise", "hPa")});
    Catalogue catalogue;
    const std::vector changed{metric("noise", "Pa")};
    const auto loaded = load_site_metrics(changed, documents, catalogue);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, Error::Kind::conflict);
    EXPECT_EQ(loaded.error().place, "metric noise");
}

}  // namespace
}  // namespace vigil::app
