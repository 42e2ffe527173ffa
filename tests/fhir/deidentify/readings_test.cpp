#include "fhir/deidentify/readings.hpp"

#include "fhir/deidentify/given.hpp"

namespace vigil::fhir::deidentify {
namespace {

using testing::IsEmpty;

Person somebody() {
    Person person;
    person.first = event_time("2026-03-01T08:00:00Z");
    person.shift_days = 10;
    return person;
}

TEST(ReadingTimes, keep_their_intervals) {
    const auto person = somebody();
    const ReadingTimes harbor(Method::safe_harbor, person), shift(Method::date_shift, person);
    const auto one = at("2026-03-01T08:00:00.004Z"), other = one + Nanoseconds(1);
    EXPECT_EQ(harbor.since_first(one), std::chrono::milliseconds(4));
    EXPECT_EQ(*harbor.since_first(other) - *harbor.since_first(one), Nanoseconds(1));
    EXPECT_EQ(harbor.told(one), std::nullopt);
    EXPECT_EQ(shift.told(one), at("2026-02-19T08:00:00.004Z"));
    EXPECT_EQ(*shift.told(other) - *shift.told(one), Nanoseconds(1));
    EXPECT_EQ(shift.since_first(one), std::nullopt);
    EXPECT_EQ(harbor.since_first(at("2126-03-01T08:00:00Z")), std::nullopt)
        << "shows an age over 89";
}

TEST(Readings, of_words_nothing_is_left) {
    const RuleTable table(Method::safe_harbor);
    const auto of = [&](auto value) {
        return deidentified(Reading{.device_time = at("2026-03-01"), .value = std::move(value)},
                            table, definitions());
    };
    EXPECT_FALSE(of(TextValue{"seen by Dr Rivera"}));
    EXPECT_FALSE(of(EventValue{"call", "Ann"}));
    EXPECT_FALSE(of(CodedValue{"http://clinic.example", "rivera", "Rivera"}));
    const auto coded = of(CodedValue{"http://loinc.org", "LA9633-4", "Present, says Ann"});
    ASSERT_TRUE(coded);
    EXPECT_THAT(std::get<CodedValue>(coded->value).display, IsEmpty());
    const auto number = of(NumericValue{.value = {720, -1}, .unit = {}});
    ASSERT_TRUE(number);
    EXPECT_FALSE(number->device_time);
    EXPECT_TRUE(std::get<NumericValue>(number->value).value.same_as({720, -1}));
}

TEST(Devices, keep_their_model_only) {
    const auto told = deidentified(
        DeviceLabel{"Acme", "A1", "SN-9", "00:11:22:33:44:55", "(01)0847", "Ann's pump", "ICU 1"});
    EXPECT_EQ(told.manufacturer, "Acme");
    EXPECT_EQ(told.model, "A1");
    for (const auto* gone : {&told.serial, &told.mac, &told.udi, &told.display, &told.location})
        EXPECT_THAT(*gone, IsEmpty());
}

TEST(Waveforms, headers_are_cleaned) {
    const RuleTable table(Method::safe_harbor);
    const auto header = wfdb::decode_header(
        "rivera_ann/2 2 360 650000 08:00:00 01/03/2026\n"
        "seg1 325000\nseg2 325000\n"
        "# 69 M 1085 1629 x1\n# Aldomet, Inderal\n# Rivera, Ann, 208-555-0100\n");
    ASSERT_TRUE(header) << header.error().message;
    const Renamed renamed = [](std::string_view name) {
        return name == "rivera_ann" ? "r1" : name == "seg1" ? "s1" : "s2";
    };
    const auto told = deidentified(*header, Method::safe_harbor, somebody(), table, renamed);
    EXPECT_EQ(wfdb::encode(told).find("rivera"), std::string::npos);
    EXPECT_THAT(told.info, IsEmpty());
    EXPECT_EQ(told.base_date + told.base_time, "");
    EXPECT_EQ(told.segments.at(1).name, "s2");
    const auto shifted = deidentified(*header, Method::date_shift, somebody(), table, renamed);
    EXPECT_EQ(shifted.base_date, "19/02/2026");
    EXPECT_EQ(shifted.base_time, "08:00:00");
}

TEST(Waveforms, signals_keep_names_that_are_leads) {
    const RuleTable table(Method::safe_harbor);
    const auto header = wfdb::decode_header(
        "ann 2 360 650000\n"
        "ann.dat 212 200/mV 11 1024 995 -22131 0 MLII\n"
        "ann.rivera 212 200/Rivera 11 1024 1011 20052 0 lead of Ann Rivera\n");
    ASSERT_TRUE(header) << header.error().message;
    const auto text = wfdb::encode(deidentified(*header, Method::limited, somebody(), table,
                                                [](std::string_view) { return "r1"; }));
    EXPECT_NE(text.find("MLII"), std::string::npos);
    EXPECT_NE(text.find("signal 2"), std::string::npos);
    for (const auto gone : {"ann", "Ann", "Rivera", "rivera"})
        EXPECT_EQ(text.find(gone), std::string::npos) << text;
}

}  // namespace
}  // namespace vigil::fhir::deidentify
