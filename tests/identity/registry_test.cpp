#include "identity/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Registry, registers_patients_and_devices_under_numbers_of_its_own) {
    Ward ward;
    const auto ada = ward.patient("Ada Example", "MRN-1");
    const auto monitor = ward.device("monitor-07");
    EXPECT_EQ(ward.registry.patient(ada)->display_name, "Ada Example");
    EXPECT_EQ(ward.registry.find_patient("MRN-1")->id, ada);
    EXPECT_EQ(ward.registry.find_device("monitor-07")->id, monitor);
    EXPECT_EQ(ward.registry.find_device("monitor-08"), nullptr);
    EXPECT_EQ(ward.registry.find_patient(""), nullptr);
}

TEST(Registry, finds_who_was_numbered_for_a_patient_of_that_id) {
    Ward ward;
    ward.patient("Bo");
    ward.must(
        ward.registry.plan_add_patient({.display_name = "Ada", .record_id = "a-1"}, ward.now()));
    ASSERT_NE(ward.registry.find_recorded("a-1"), nullptr);
    const auto ada = ward.registry.find_recorded("a-1")->id;
    ward.must(ward.registry.plan_change_patient({.id = ada, .display_name = "Eve"}, ward.now()));
    EXPECT_EQ(ward.registry.patient(ada)->record_id, "a-1");
    EXPECT_EQ(ward.registry.find_recorded(""), nullptr);
    const auto restored = Registry::restore(ward.registry.snapshot());
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->find_recorded("a-1")->display_name, "Eve");
}

TEST(Registry, commands_that_cannot_be_say_why_and_make_no_act) {
    Ward ward;
    ward.must(ward.registry.plan_add_patient(
        {.display_name = "Ada", .identifier = "MRN-1", .unit = "ICU 1", .bed = "01"}, ward.now()));
    ward.device("monitor-07");
    const auto patient = [&](Patient wanted) {
        return ward.registry.plan_add_patient(std::move(wanted), ward.now()).error();
    };
    const auto device = [&](Device wanted) {
        return ward.registry.plan_add_device(std::move(wanted), ward.now()).error();
    };
    EXPECT_EQ(patient({.display_name = "Bo", .identifier = "MRN-1"}).kind, Error::Kind::conflict);
    EXPECT_EQ(patient({.display_name = "Bo", .unit = "ICU 1", .bed = "01"}).place, "bed");
    EXPECT_EQ(patient({.display_name = ""}).place, "display_name");
    EXPECT_EQ(patient({.display_name = "Bo\nBcc: x"}).place, "display_name");
    EXPECT_EQ(patient({.display_name = "Bo", .birth_date = "1957-02-30"}).place, "birth_date");
    EXPECT_EQ(patient({.display_name = "Bo", .birth_date = "3.2.1957"}).place, "birth_date");
    EXPECT_EQ(patient({.display_name = "Bo", .sex = "f"}).place, "sex");
    EXPECT_EQ(device({.external_id = "monitor-07"}).kind, Error::Kind::conflict);
    EXPECT_EQ(device({.external_id = "monitor/07"}).place, "id");
    EXPECT_EQ(device({.external_id = "+"}).place, "id");
    EXPECT_EQ(device({.external_id = std::string(65, 'a')}).place, "id");
    EXPECT_EQ(device({.external_id = ""}).place, "id");
    EXPECT_EQ(device({.external_id = "x", .gateway = DeviceId{99}}).kind, Error::Kind::not_found);
    EXPECT_EQ(device({.external_id = "x", .utc_offset_minutes = 900}).place, "utc_offset_minutes");
}

TEST(Registry, two_commands_in_flight_for_one_name_the_first_committed_wins) {
    Ward ward;
    const auto first = ward.registry.plan_add_device({.external_id = "pump"}, ward.now());
    const auto second = ward.registry.plan_add_device({.external_id = "pump"}, ward.now());
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(ward.apply(*first));
    EXPECT_EQ(ward.apply(*second).error().kind, Error::Kind::conflict);
    EXPECT_THAT(ward.registry.devices(), SizeIs(1));
}

TEST(Registry, passes_over_what_it_has_applied) {
    Ward ward;
    const auto act = *ward.registry.plan_add_device({.external_id = "pump"}, ward.now());
    ASSERT_TRUE(ward.registry.apply(act, {0, 7}));
    const auto before = ward.registry.generation();
    EXPECT_TRUE(ward.registry.apply(act, {0, 7}));
    EXPECT_EQ(ward.registry.generation(), before);
    EXPECT_EQ(ward.registry.applied(), (Position{0, 7}));
}

TEST(Registry, a_device_on_another_patient_is_not_taken_silently) {
    Ward ward;
    const auto ada = ward.patient("Ada"), bo = ward.patient("Bo");
    const auto monitor = ward.device("monitor");
    ward.attach(monitor, ada, at(8));
    EXPECT_EQ(ward.registry.plan_attach({monitor, bo, at(9)}, ward.now()).error().kind,
              Error::Kind::conflict);
    const auto applied = ward.must(ward.registry.plan_attach(
        {.device = monitor, .patient = bo, .from = at(9), .correction = true}, ward.now()));
    ASSERT_THAT(applied.refiles, SizeIs(1));
    EXPECT_EQ(applied.refiles[0].from, ada);
    EXPECT_EQ(applied.refiles[0].to, bo);
    EXPECT_EQ(ward.registry.patient_at(monitor, at(8)), ada);
    EXPECT_EQ(ward.registry.patient_at(monitor, at(9)), bo);
}

TEST(Registry, detaching_ends_whatever_the_device_was_on) {
    Ward ward;
    const auto ada = ward.patient("Ada");
    const auto monitor = ward.device("monitor");
    EXPECT_EQ(ward.registry.plan_detach(monitor, at(9), ward.now()).error().kind,
              Error::Kind::conflict);
    ward.attach(monitor, ada, at(8));
    ward.must(ward.registry.plan_detach(monitor, at(9), ward.now()));
    EXPECT_EQ(ward.registry.patient_at(monitor, at(8)), ada);
    EXPECT_FALSE(ward.registry.patient_at(monitor, at(9)));
    EXPECT_FALSE(ward.registry.patient_at(DeviceId{4000}, at(9)));
}

TEST(Registry, taking_a_device_off_in_hindsight_leaves_the_next_patient_alone) {
    Ward ward;
    const auto ada = ward.patient("Ada"), bo = ward.patient("Bo");
    const auto monitor = ward.device("monitor");
    ward.attach(monitor, ada, at(8), at(10), AssociationRank::bed);
    ward.attach(monitor, ada, at(10), at(12));
    ward.attach(monitor, bo, at(12));
    ward.must(ward.registry.plan_detach(monitor, at(9), ward.now()));
    EXPECT_EQ(ward.registry.patient_at(monitor, at(8)), ada);
    EXPECT_FALSE(ward.registry.patient_at(monitor, at(9)));
    EXPECT_FALSE(ward.registry.patient_at(monitor, at(11))) << "the same stay";
    EXPECT_EQ(ward.registry.patient_at(monitor, at(13)), bo);
}

TEST(Registry, a_scan_takes_a_device_over_and_a_bed_does_not) {
    Ward ward;
    const auto ada = ward.patient("Ada"), bo = ward.patient("Bo");
    const auto monitor = ward.device("monitor");
    ward.attach(monitor, ada, at(8));
    ward.attach(monitor, bo, at(9), end_of_time, AssociationRank::bed);
    EXPECT_EQ(ward.registry.patient_at(monitor, at(10)), ada);
    ward.attach(monitor, bo, at(9), end_of_time, AssociationRank::scan);
    EXPECT_EQ(ward.registry.patient_at(monitor, at(10)), bo);
}

TEST(Registry, a_device_token_opens_its_device_and_no_other) {
    Ward ward;
    ward.device("monitor-07");
    ward.device("monitor-08");
    const auto token = ward.device_token("monitor-07");
    EXPECT_EQ(ward.registry.check_device_token("monitor-07", token)->name, "monitor-07");
    for (const auto& [id, secret] : {std::pair<std::string, std::string>{"monitor-08", token},
                                     {"monitor-07", "wrong"},
                                     {"monitor-07", ""},
                                     {"nobody", token}})
        EXPECT_EQ(ward.registry.check_device_token(id, secret).error().kind,
                  Error::Kind::forbidden);
    EXPECT_NE(ward.device_token("monitor-07"), token);
    EXPECT_FALSE(ward.registry.check_device_token("monitor-07", token)) << "replaced";
}

TEST(Registry, the_log_holds_no_secret_that_opens_anything) {
    Ward ward;
    const auto device = ward.device("monitor-07");
    const auto issued = ward.registry.plan_device_token(device, system_random(), ward.now());
    EXPECT_THAT(encode(issued->act), testing::Not(HasSubstr(issued->secret)));
}

TEST(Registry, a_snapshot_makes_the_same_registry) {
    Ward ward;
    const auto ada = ward.patient("Ada", "MRN-1"), bo = ward.patient("Bo");
    const auto gateway = ward.device("zz-gateway");
    ward.must(
        ward.registry.plan_add_device({.external_id = "sensor", .gateway = gateway}, ward.now()));
    const auto monitor = ward.device("monitor");
    ward.attach(monitor, ada, at(8), at(10));
    ward.attach(monitor, bo, at(11));
    const auto token = ward.device_token("monitor");
    const auto restored = Registry::restore(ward.registry.snapshot());
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->applied(), ward.registry.applied());
    EXPECT_EQ(restored->patients(), ward.registry.patients());
    EXPECT_EQ(restored->devices(), ward.registry.devices());
    EXPECT_EQ(restored->spans(monitor), ward.registry.spans(monitor));
    EXPECT_TRUE(restored->check_device_token("monitor", token));
    EXPECT_EQ(restored->snapshot(), ward.registry.snapshot());
}

TEST(Registry, a_damaged_snapshot_is_refused_wherever_it_is_cut) {
    Ward ward;
    ward.patient("Ada", "MRN-1");
    const auto whole = ward.registry.snapshot();
    // Cut between two acts it is a shorter snapshot: store/ keeps its checksum.
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        if (const auto restored = Registry::restore(whole.substr(0, cut)))
            EXPECT_THAT(restored->patients(), IsEmpty());
}

}  // namespace
}  // namespace vigil::identity
