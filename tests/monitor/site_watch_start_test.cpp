// How a watch begins: from those who are here now, or from what was sealed of each person.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "identity/ward.hpp"
#include "metric/unit.hpp"
#include "monitor/bed.hpp"
#include "monitor/site_watch.hpp"

namespace vigil::monitor {
namespace {

// Marks whose it is; of an erased patient it opens nothing.
class NamingSealer final : public store::Sealer {
public:
    void seal(PatientId subject, std::string_view clear, std::string& sealed_out) override {
        sealed_out += "sealed for " + std::to_string(subject.value) + ":";
        for (const char c : clear) sealed_out += static_cast<char>(c ^ 0x55);
    }
    Result<void> open(PatientId subject, std::string_view sealed, std::string& clear_out) override {
        if (erased.contains(subject)) return fail(Error::Kind::not_found, "erased");
        const auto head = "sealed for " + std::to_string(subject.value) + ":";
        if (!sealed.starts_with(head)) return fail(Error::Kind::malformed, "another's");
        for (const char c : sealed.substr(head.size())) clear_out += static_cast<char>(c ^ 0x55);
        return {};
    }
    std::set<PatientId> erased;
};

class Start : public testing::Test {
protected:
    static constexpr Subject ada{{1}, {}}, ben{{2}, {}};

    Start() {
        ward.must(ward.registry.plan_add_patient({.display_name = "Ada Example",
                                                  .identifier = "MRN-1",
                                                  .birth_date = "1957-02-03",
                                                  .unit = "ICU",
                                                  .bed = "01"},
                                                 ward.now()));
        ward.patient("Ben Example", "MRN-2");
        ward.attach(ward.device("m"), ben.patient, identity::at(1));
        watch.begin(ward.registry, {{0, 100}, identity::at(8)});
    }

    Catalogue catalogue;
    MonitorTables tables{catalogue};
    identity::Ward ward;
    SiteWatch watch{tables};
};

TEST_F(Start, whoever_is_in_a_bed_or_has_a_device_is_watched_from_now_on) {
    ASSERT_NE(watch.find(ada), nullptr);
    ASSERT_NE(watch.find(ben), nullptr) << "in no bed, with a device";
    EXPECT_TRUE(bed_of(*watch.find(ada), tables, {}).is_age_confirmed);
    EXPECT_FALSE(bed_of(*watch.find(ben), tables, {}).is_age_confirmed);
    EXPECT_EQ(bed_of(*watch.find(ada), tables, {}).unmonitored_since, identity::at(8));
}

TEST_F(Start, what_is_a_persons_stands_sealed_under_their_key_alone) {
    NamingSealer sealer;
    (void)watch.take_events();
    const auto bytes = watch.snapshot(&sealer);
    EXPECT_EQ(bytes.find("1957"), std::string::npos);
    const auto whole = SiteWatch::restore(tables, bytes, &sealer);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->snapshot(), watch.snapshot());
    sealer.erased.insert(ada.patient);
    const auto rest = SiteWatch::restore(tables, bytes, &sealer);
    ASSERT_TRUE(rest) << rest.error().message;
    EXPECT_EQ(rest->find(ada), nullptr);
    EXPECT_NE(rest->find(ben), nullptr);
}

TEST_F(Start, while_nothing_can_be_stored_every_bed_says_so) {
    const auto id = tables.conditions.id_of("not_stored");
    const Cause cause{{0, 101}, identity::at(8) + std::chrono::seconds(1)};
    watch.find_everywhere({.condition = id, .at = cause.time, .detail = "the disk is full"}, cause);
    for (const auto& subject : {ada, ben}) {
        const auto bed = bed_of(*watch.find(subject), tables, cause.time);
        ASSERT_FALSE(bed.alarms.empty());
        EXPECT_EQ(bed.alarms.front().key, "not_stored");
        EXPECT_EQ(bed.seen(), AlarmPriority::high);
        EXPECT_TRUE(bed.alarms.front().signals.audible);
    }
}

}  // namespace
}  // namespace vigil::monitor
