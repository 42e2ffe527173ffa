#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Patients : public ApiTest {
protected:
    static std::vector<std::string> names(JsonValue patients) {
        std::vector<std::string> found;
        for (const auto patient : patients) found.emplace_back(patient["display_name"].string());
        return found;
    }
};

TEST_F(Patients, are_listed_found_and_paged) {
    take(registry.plan_add_patient({.display_name = "Cleo Example", .identifier = "X-3"},
                                   ward.now()));
    EXPECT_THAT(names(ask("GET", "/api/patients", reader()).json()["patients"]),
                ElementsAre("Ada Example", "Ben Example", "Cleo Example"));
    EXPECT_THAT(names(ask("GET", "/api/patients?q=x-3", reader()).json()["patients"]),
                ElementsAre("Cleo Example"));
    std::string cursor;
    std::vector<std::string> all;
    for (int page = 0; page < 3; ++page) {
        const auto answer = ask(
            "GET", "/api/patients?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor), reader());
        const auto root = answer.json();
        for (auto& name : names(root["patients"])) all.push_back(name);
        EXPECT_EQ(root["next"].is(JsonKind::null), page == 2);
        cursor = root["next"].string();
    }
    EXPECT_THAT(all, ElementsAre("Ada Example", "Ben Example", "Cleo Example"));
    for (const auto* limit : {"0x", "-1", "10001", ""}) {
        const auto answer = ask("GET", std::string("/api/patients?limit=") + limit, reader());
        EXPECT_EQ(answer.status, 400) << limit;
        EXPECT_EQ(answer.json()["error"]["place"].string(), "limit");
    }
}

TEST_F(Patients, are_listed_with_the_id_of_their_record) {
    const auto answer = ask("GET", "/api/patients", reader());
    const auto patients = answer.json()["patients"];
    EXPECT_EQ(patients[std::size_t{0}]["fhir_id"].string(), "ada");
    EXPECT_TRUE(patients[std::size_t{1}]["fhir_id"].is(JsonKind::null)) << "not written yet";
}

TEST_F(Patients, one_is_shown_with_its_devices) {
    const auto answer = ask("GET", "/api/patients/1", reader());
    EXPECT_EQ(answer.json()["patient"]["identifier"].string(), "MRN-1");
    EXPECT_EQ(answer.json()["patient"]["fhir_id"].string(), "ada");
    ASSERT_EQ(answer.json()["devices"].size(), 1U);
    EXPECT_EQ(answer.json()["devices"][std::size_t{0}]["id"].string(), "m");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    for (const auto* id : {"17", "0", "x", "1x", "99999999999999999999"})
        EXPECT_EQ(ask("GET", std::string("/api/patients/") + id, reader()).status, 404) << id;
    EXPECT_EQ(ledger.lines.back().subjects.patients, std::vector<PatientId>{{1}})
        << "the record says whose data was read";
}

TEST_F(Patients, are_added_with_what_is_known_of_them) {
    const auto added =
        ask("POST", "/api/patients", writer(),
            R"({"display_name":"Cleo Example","identifier":"X-3","birth_date":"1957-02",
                               "sex":"female","unit":"ICU","bed":"02"})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json()["initials"].string(), "CE");
    const auto* patient = registry.find_patient("X-3");
    ASSERT_NE(patient, nullptr);
    EXPECT_EQ(patient->birth_date, "1957-02");
}

TEST_F(Patients, who_cannot_be_added_is_told_why) {
    struct Case {
        const char* body;
        int status;
        const char* place;
    };
    for (const auto& [body, status, place] : {
             Case{"", 400, ""},
             Case{"{", 400, ""},
             Case{"[]", 400, "body"},
             Case{"{}", 400, "display_name"},
             Case{R"({"display_name":"C","identifier":"MRN-1"})", 409, "identifier"},
             Case{R"({"display_name":"C","unit":"ICU","bed":"01"})", 409, "bed"},
             Case{R"({"display_name":"C","birth_date":"yesterday"})", 400, "birth_date"},
             Case{R"({"display_name":"C","sex":"f"})", 400, "sex"},
         }) {
        const auto answer = ask("POST", "/api/patients", writer(), body);
        EXPECT_EQ(answer.status, status) << body << answer.body;
        EXPECT_THAT(std::string(answer.json()["error"]["place"].string()), HasSubstr(place))
            << body;
        EXPECT_EQ(answer.appended, 0U) << body;
    }
}

TEST_F(Patients, one_that_the_log_cannot_keep_is_not_added) {
    const auto credential = writer();
    log_works = false;
    const auto answer = ask("POST", "/api/patients", credential, R"({"display_name":"Cleo"})");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(registry.patients().size(), 2U);
}

TEST_F(Patients, the_ward_shows_who_is_in_a_bed_in_order_of_unit_and_bed) {
    for (const auto& [unit, bed] : {std::pair{"ICU", "10"}, {"CCU", "3"}, {"ICU", "2"}})
        take(registry.plan_add_patient(
            {.display_name = std::string(unit) + bed, .unit = unit, .bed = bed}, ward.now()));
    std::vector<std::string> beds;
    const auto answer = ask("GET", "/api/ward", reader());
    for (const auto bed : answer.json()["beds"])
        beds.push_back(std::string(bed["unit"].string()) + std::string(bed["bed"].string()));
    EXPECT_THAT(beds, ElementsAre("CCU3", "ICU01", "ICU2", "ICU10"));
    EXPECT_THAT(answer.body, HasSubstr("\"cursor\":\"0:"));
}

}  // namespace
}  // namespace vigil::share
