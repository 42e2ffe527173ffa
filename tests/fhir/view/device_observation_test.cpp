#include "fhir/view/device_observation.hpp"

#include <gmock/gmock.h>

#include "fhir/resource/resource.hpp"
#include "identity/access_desk.hpp"
#include "store/fakes.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::fhir {
namespace {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);
constexpr std::string_view code =
    R"("code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]})";
constexpr std::string_view patient = R"("subject":{"reference":"Patient/p"})";
constexpr std::string_view time = R"("effectiveDateTime":"2026-01-01T13:00:00.250+01:00")";
constexpr std::string_view device = R"("device":{"reference":"Device/d17"})";
constexpr std::string_view value =
    R"("valueQuantity":{"value":72.0,"system":"http://unitsofmeasure.org","code":"/min"})";

// Reads of a record in which no Device stands but "kept".
class DeviceObservationTest : public testing::Test {
protected:
    DeviceObservationTest() {
        file = std::move(
            *store::sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer}));
        records = store::sqlite::open_records(*file, [] { return noon; });
        const auto kept = Resource::parse(
            R"({"resourceType":"Device","identifier":[{"system":"urn:other","value":"x"},)"
            R"({"system":"urn:vigil:device","value":"monitor-1"}]})");
        const auto done = store::await<void>([&](store::Done d) {
            records->write(
                system,
                [&](store::RecordTransaction& transaction) -> Result<void> {
                    VIGIL_CHECK(transaction.put({.type = "Device",
                                                 .id = "kept",
                                                 .subject = {},
                                                 .method = "PUT",
                                                 .body = stored_body(kept->json(), "kept"),
                                                 .rows = {},
                                                 .narrative = {},
                                                 .content = {}}));
                    return {};
                },
                std::move(d));
        });
        EXPECT_TRUE(done);
    }
    ~DeviceObservationTest() override { file->finish(); }

    static store::Record record(std::string_view members, std::string_view status = "final") {
        const auto resource =
            Resource::parse(R"({"resourceType":"Observation","status":")" + std::string(status) +
                            R"(",)" + std::string(members) + "}");
        EXPECT_TRUE(resource) << members;
        return {.type = "Observation",
                .id = "o",
                .version = 1,
                .updated = noon,
                .method = "POST",
                .subject = {},
                .body = stored_body(resource->json(), "o")};
    }
    std::optional<DeviceObservation> read(const store::Record& of) {
        std::optional<DeviceObservation> found;
        EXPECT_TRUE(records->read(system, [&](store::RecordReader& reader) -> Result<void> {
            VIGIL_TRY(read, read_device_observation(of, reader,
                                                    {catalogue, definitions, "http://here/fhir"}));
            found = std::move(read);
            return {};
        }));
        return found;
    }
    std::optional<DeviceObservation> read(std::initializer_list<std::string_view> members) {
        std::string text;
        for (const auto member : members) {
            if (!text.empty()) text += ',';
            text += member;
        }
        return read(record(text));
    }

    store::test::TemporaryFolder folder;
    store::test::FlippingSealer sealer;
    store::Access system = identity::AccessDesk::for_system("test");
    Definitions definitions;
    Catalogue catalogue;
    std::unique_ptr<store::sqlite::StoreFile> file;
    std::unique_ptr<store::RecordStore> records;
};

TEST_F(DeviceObservationTest, says_what_was_measured_when_on_whom_by_what) {
    const auto found = read({code, patient, time, device, value});
    ASSERT_TRUE(found);
    EXPECT_EQ(std::get<DeviceId>(found->device), DeviceId{17});
    EXPECT_EQ(found->patient, "p");
    EXPECT_EQ(found->time, noon + std::chrono::milliseconds(250));
    EXPECT_EQ(found->offset_minutes, 60);
    ASSERT_EQ(found->readings.size(), 1U);
    EXPECT_EQ(catalogue.at(found->readings[0].metric).key, "heart_rate");
    EXPECT_TRUE(std::get<NumericValue>(found->readings[0].value).value.same_as({720, -1}));
}

TEST_F(DeviceObservationTest, finds_the_device_by_whatever_names_it) {
    const auto by = [&](std::string_view name, std::string_view more = R"("note":[])") {
        const auto found = read({code, patient, time, value, name, more});
        return found ? std::optional(found->device) : std::nullopt;
    };
    using Named = std::variant<DeviceId, std::string>;
    const Named number = DeviceId{17}, name = std::string("monitor-1");
    EXPECT_EQ(by(R"("device":{"reference":"http://here/fhir/Device/d17"})"), number);
    EXPECT_EQ(by(R"("device":{"reference":"DeviceMetric/m17.4"})"), number);
    EXPECT_EQ(by(R"("device":{"reference":"Device/kept"})"), name);
    EXPECT_EQ(by(R"("device":{"identifier":{"system":"urn:vigil:device","value":"monitor-1"}})"),
              name);
    EXPECT_EQ(by(R"("device":{"reference":"#c"})",
                 R"("contained":[{"resourceType":"Device","id":"c","identifier":)"
                 R"([{"system":"urn:vigil:device","value":"monitor-1"}]}])"),
              name);
    for (const auto* nobody :
         {R"("device":{"reference":"http://elsewhere/fhir/Device/d17"})",
          R"("device":{"reference":"Device/unknown"})", R"("device":{"reference":"#missing"})",
          R"("device":{"identifier":{"system":"urn:other","value":"monitor-1"}})",
          R"("device":{"identifier":{"value":"monitor-1"}})", R"("device":{"display":"d17"})"})
        EXPECT_EQ(by(nobody), std::nullopt) << nobody;
}

TEST_F(DeviceObservationTest, is_none_unless_all_of_it_is_known) {
    ASSERT_TRUE(read({code, patient, time, device, value}));
    EXPECT_FALSE(read({code, patient, device, value})) << "when?";
    EXPECT_FALSE(read({code, patient, R"("effectiveDateTime":"2026-01-01")", device, value}));
    EXPECT_FALSE(read(
        {code, patient, device, value, R"("effectivePeriod":{"start":"2026-01-01T12:00:00Z"})"}))
        << "a number of a period";
    EXPECT_FALSE(read({code, R"("subject":{"reference":"Group/g"})", time, device, value}));
    EXPECT_FALSE(read({code, patient, time, value})) << "by what?";
    EXPECT_FALSE(read({code, patient, time, device})) << "what?";
    EXPECT_FALSE(read({code, patient, time, device,
                       R"("valueQuantity":{"value":72,"system":"http://unitsofmeasure.org",)"
                       R"("code":"kg"})"}));
    EXPECT_FALSE(read({R"("code":{"coding":[{"system":"http://loinc.org","code":"no-such"}]})",
                       patient, time, device, value}));
    EXPECT_FALSE(read({code, patient, time, device, value,
                       R"("component":[{"code":{"text":"rhythm"},"valueString":"regular"}])"}))
        << "a part that no reading has a place for";
}

TEST_F(DeviceObservationTest, stands_or_does_not_by_its_status) {
    const std::string whole = std::string(code) + "," + std::string(patient) + "," +
                              std::string(time) + "," + std::string(device) + "," +
                              std::string(value);
    for (const auto* status : {"final", "amended", "corrected"}) {
        EXPECT_EQ(standing_of(record(whole, status)), Standing::stands) << status;
        EXPECT_TRUE(read(record(whole, status))) << status;
    }
    for (const auto* status : {"entered-in-error", "cancelled"}) {
        EXPECT_EQ(standing_of(record(whole, status)), Standing::withdrawn) << status;
        EXPECT_FALSE(read(record(whole, status))) << status;
    }
    for (const auto* status : {"registered", "preliminary", "unknown"}) {
        EXPECT_EQ(standing_of(record(whole, status)), Standing::open) << status;
        EXPECT_FALSE(read(record(whole, status))) << status;
    }
    store::Record deleted{.type = "Observation",
                          .id = "o",
                          .version = 2,
                          .updated = noon,
                          .deleted = true,
                          .method = "DELETE",
                          .subject = {},
                          .body = {}};
    EXPECT_EQ(standing_of(deleted), Standing::withdrawn);
    EXPECT_FALSE(names_device(deleted));
}

}  // namespace
}  // namespace vigil::fhir
