#include "metric/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "metric/table.hpp"
#include "metric/unit.hpp"

namespace vigil {
namespace {

TEST(Catalogue, every_key_and_id_names_one_row) {
    const Catalogue catalogue;
    EXPECT_GE(catalogue.all().size(), 249U);
    std::set<std::string> keys;
    std::set<std::uint16_t> ids;
    for (const auto& metric : catalogue.all()) {
        EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
        EXPECT_TRUE(ids.insert(metric.id.value).second) << metric.key;
        EXPECT_EQ(catalogue.find(metric.key), &metric);
        EXPECT_EQ(catalogue.find(metric.id), &metric);
        EXPECT_EQ(&catalogue.at(metric.id), &metric);
        EXPECT_NE(metric.id.value, 0);
        EXPECT_LT(metric.id.value, Catalogue::site_ids_from);
        EXPECT_FALSE(metric.display.empty()) << metric.key;
    }
}

TEST(Catalogue, every_code_finds_a_row_that_has_it_and_shared_codes_their_default) {
    const Catalogue catalogue;
    for (const auto& metric : catalogue.all()) {
        if (metric.mdc_code != 0) {
            ASSERT_NE(catalogue.find_mdc(metric.mdc_code), nullptr) << metric.key;
            EXPECT_EQ(catalogue.find_mdc(metric.mdc_code)->mdc_code, metric.mdc_code);
        }
        if (!metric.loinc.empty()) {
            ASSERT_NE(catalogue.find_loinc(metric.loinc), nullptr) << metric.key;
            EXPECT_EQ(catalogue.find_loinc(metric.loinc)->loinc, metric.loinc);
        }
        if (!metric.mdc_refid.empty()) {
            ASSERT_NE(catalogue.find_refid(metric.mdc_refid), nullptr) << metric.key;
            EXPECT_EQ(catalogue.find_refid(metric.mdc_refid)->mdc_refid, metric.mdc_refid);
        }
    }
    EXPECT_EQ(catalogue.find_loinc("8867-4")->key, "heart_rate");
    EXPECT_EQ(catalogue.find_refid("MDC_HF_DISTANCE")->key, "steps");
    EXPECT_EQ(catalogue.find_mdc(8454247)->key, "steps");
    EXPECT_EQ(catalogue.find_mdc(8454247, *units::find("m"))->key, "distance");
    EXPECT_EQ(catalogue.find_mdc(150301)->key, "nibp_sys")
        << "MDC_PRESS_CUFF_SYS, as monitors send";
}

// ../shared/reference/metrics.tsv: checked facts, where they lie beside this tree.
TEST(Catalogue, says_of_every_metric_what_the_checked_reference_says) {
    std::ifstream file(VIGIL_SHARED_DIR "/reference/metrics.tsv");
    if (!file) GTEST_SKIP() << "no reference beside this tree";
    const std::string text(std::istreambuf_iterator<char>(file), {});
    enum : std::size_t { key, display, kind, refid, part_code, code, loinc, loinc_display, ucum };
    enum : std::size_t { plausible_min = 11, plausible_max = 12 };
    const Catalogue catalogue;
    const auto limit = [](const std::optional<Decimal>& value) {
        return value ? to_string(*value) : std::string();
    };
    std::size_t rows = 0;
    for (const auto& row : table_rows(text)) {
        ASSERT_GT(row.size(), plausible_max);
        const auto* metric = catalogue.find(row[key]);
        ASSERT_NE(metric, nullptr) << row[key];
        ++rows;
        EXPECT_EQ(metric->display, row[display]);
        EXPECT_EQ(metric->mdc_refid, row[refid]) << row[key];
        EXPECT_EQ(metric->mdc_code == 0 ? "" : std::to_string(metric->mdc_code), row[code])
            << row[key];
        EXPECT_EQ(metric->loinc, row[loinc]) << row[key];
        EXPECT_EQ(units::at(metric->unit).ucum, row[ucum]) << row[key];
        EXPECT_EQ(limit(metric->plausible_min), row[plausible_min]) << row[key];
        EXPECT_EQ(limit(metric->plausible_max), row[plausible_max]) << row[key];
    }
    EXPECT_GE(rows, 249U);
}

TEST(Catalogue, codes_lie_in_the_partitions_of_IEEE_11073) {
    const Catalogue catalogue;
    const std::set<std::uint32_t> partitions{1, 2, 128, 129, 130, 258};
    for (const auto& metric : catalogue.all())
        if (metric.mdc_code != 0)
            EXPECT_TRUE(partitions.contains(metric.mdc_code >> 16)) << metric.key;
    EXPECT_EQ(catalogue.find("heart_rate")->mdc_code, 2U * 65536 + 16770);
}

TEST(Catalogue, LOINC_codes_carry_their_check_digit) {
    const Catalogue catalogue;
    for (const auto& metric : catalogue.all()) {
        if (metric.loinc.empty()) continue;
        const auto dash = metric.loinc.find('-');
        ASSERT_EQ(dash, metric.loinc.size() - 2) << metric.key;
        int sum = 0;  // mod 10, as LOINC's users' guide appendix C.2 describes it
        for (std::size_t i = 0; i < dash; ++i) {
            const int digit = metric.loinc[dash - 1 - i] - '0';
            const int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled / 10 + doubled % 10;
        }
        EXPECT_EQ(metric.loinc.back() - '0', (10 - sum % 10) % 10) << metric.key;
    }
}

TEST(Catalogue, ranges_hold_something_and_numerics_have_a_unit) {
    const Catalogue catalogue;
    for (const auto& metric : catalogue.all()) {
        if (metric.plausible_min && metric.plausible_max)
            EXPECT_LT(*metric.plausible_min, *metric.plausible_max) << metric.key;
        if (metric.kind == MetricKind::numeric || metric.kind == MetricKind::waveform)
            EXPECT_TRUE(metric.unit) << metric.key;
    }
}

TEST(Catalogue, live_sources_have_an_expected_interval_and_episodic_ones_none) {
    const Catalogue catalogue;
    for (const auto* key : {"heart_rate", "spo2", "resp_rate", "abp_mean", "ecg_ii", "pleth"})
        EXPECT_EQ(catalogue.find(key)->expected_interval, std::chrono::seconds(2)) << key;
    for (const auto* key : {"nibp_sys", "weight", "glucose_capillary", "steps", "temp_oral"})
        EXPECT_EQ(catalogue.find(key)->expected_interval, Nanoseconds::zero()) << key;
}

TEST(Catalogue, knows_nothing_of_other_names) {
    const Catalogue catalogue;
    for (const auto* name : {"", "h", "heart_rat", "heart_rates", "HEART_RATE", "8867-5"}) {
        EXPECT_EQ(catalogue.find(name), nullptr);
        EXPECT_EQ(catalogue.find_loinc(name), nullptr);
        EXPECT_EQ(catalogue.find_refid(name), nullptr);
    }
    EXPECT_EQ(catalogue.find_mdc(0), nullptr);
    EXPECT_EQ(catalogue.find(MetricId{0}), nullptr);
    EXPECT_EQ(catalogue.find(MetricId{0xFFFF}), nullptr);
}

TEST(Catalogue, takes_a_sites_own_metrics_and_keeps_their_ids) {
    Catalogue catalogue;
    const auto first = catalogue.add_site_metric({.key = "grip_strength", .display = "Grip"});
    const auto kept = catalogue.add_site_metric(
        {.id = MetricId{0x8010}, .key = "tremor", .display = "Tremor", .mdc_refid = {}});
    ASSERT_TRUE(first && kept);
    EXPECT_EQ(first->value, Catalogue::site_ids_from);
    EXPECT_EQ(kept->value, 0x8010);
    EXPECT_EQ(catalogue.find("tremor")->id, *kept);
    EXPECT_EQ(catalogue.at(*first).key, "grip_strength");
    EXPECT_EQ(Catalogue().find("tremor"), nullptr);
}

TEST(Catalogue, refuses_a_site_metric_whose_name_or_number_is_taken) {
    Catalogue catalogue;
    const auto conflict = [&](Metric metric) {
        const auto result = catalogue.add_site_metric(std::move(metric));
        return !result && result.error().kind == Error::Kind::conflict;
    };
    EXPECT_TRUE(conflict({.key = "heart_rate"}));
    EXPECT_TRUE(conflict({.key = "mine", .mdc_refid = "MDC_ECG_HEART_RATE"}));
    EXPECT_TRUE(conflict({.key = "mine", .mdc_code = 147842}));
    EXPECT_TRUE(conflict({.key = "mine", .loinc = "8867-4"}));
    EXPECT_FALSE(catalogue.add_site_metric({.id = MetricId{5}, .key = "mine"}));
    EXPECT_FALSE(catalogue.add_site_metric({.key = ""}));
    EXPECT_EQ(catalogue.find("mine"), nullptr);
}

}  // namespace
}  // namespace vigil
