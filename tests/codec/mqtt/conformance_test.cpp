// Holds conformance.tsv to its word: every normative statement of both versions is there once, and
// every test it names exists.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace vigil::mqtt {
namespace {

struct Statement {
    std::string version, id;
    std::vector<std::string> tests;
    std::string reason;
};

std::vector<Statement> statements() {
    std::vector<Statement> out;
    std::ifstream file(VIGIL_TESTS_DIR "/codec/mqtt/conformance.tsv");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) continue;
        std::stringstream fields(line);
        Statement one;
        std::string tests;
        std::getline(fields, one.version, '\t');
        std::getline(fields, one.id, '\t');
        std::getline(fields, tests, '\t');
        std::getline(fields, one.reason, '\t');
        std::stringstream names(tests);
        for (std::string name; names >> name;)
            if (name != "-") one.tests.push_back(name);
        out.push_back(std::move(one));
    }
    return out;
}

// The tests of both rooms, as their sources declare them: they are in two programs.
std::set<std::string> declared_tests() {
    const std::regex declaration(R"(TEST(?:_P|_F)?\(\s*(\w+),\s*(\w+)\s*\))");
    std::set<std::string> out;
    for (const auto* folder : {"/codec/mqtt", "/broker"})
        for (const auto& entry :
             std::filesystem::directory_iterator(std::string(VIGIL_TESTS_DIR) + folder)) {
            if (!entry.path().string().ends_with("_test.cpp")) continue;
            std::ifstream file(entry.path());
            const std::string text((std::istreambuf_iterator<char>(file)), {});
            for (std::sregex_iterator at(text.begin(), text.end(), declaration), end; at != end;
                 ++at)
                out.insert((*at)[1].str() + "." + (*at)[2].str());
        }
    return out;
}

// How many numbered statements each section has (Appendix B of both standards). The numbers of a
// section begin with 1, but for 2.2.1 of 5.0, which begins with 2.
const std::map<std::string, std::string> sections = {
    {"5.0",
     "1.5.4:3 1.5.5:1 1.5.7:1 2.1.3:1 2.2.1:5 2.2.2:1 3.1.0:2 3.1.2:30 3.1.3:12 3.1.4:6 3.2.0:2 "
     "3.2.2:22 3.3.1:13 3.3.2:20 3.3.4:10 3.4.2:3 3.5.2:3 3.6.1:1 3.6.2:3 3.7.2:3 3.8.1:1 3.8.3:5 "
     "3.8.4:8 3.9.2:2 3.9.3:2 3.10.1:1 3.10.3:2 3.10.4:6 3.11.2:2 3.11.3:2 3.12.4:1 3.14.0:1 "
     "3.14.1:1 3.14.2:4 3.14.4:3 3.15.1:1 3.15.2:3 4.1.0:2 4.2:1 4.3.1:1 4.3.2:5 4.3.3:13 4.4.0:2 "
     "4.5.0:2 4.6.0:6 4.7.0:1 4.7.1:2 4.7.2:1 4.7.3:4 4.8.2:6 4.9.0:3 4.12.0:7 4.12.1:2 4.13.1:1 "
     "4.13.2:1 6.0.0:4"},
    {"3.1.1",
     "1.5.3:3 2.2.2:2 2.3.1:7 3.1.0:2 3.1.2:24 3.1.3:11 3.1.4:5 3.2.0:1 3.2.2:6 3.3.1:12 3.3.2:3 "
     "3.3.4:1 3.3.5:2 3.6.1:1 3.8.1:1 3.8.3:4 3.8.4:6 3.9.3:2 3.10.1:1 3.10.3:2 3.10.4:6 3.12.4:1 "
     "3.14.1:1 3.14.4:3 4.1.0:2 4.3.1:1 4.3.2:2 4.3.3:2 4.4.0:1 4.5.0:2 4.6.0:6 4.7.1:3 4.7.2:1 "
     "4.7.3:4 4.8.0:2 6.0.0:4 7.0.0:2 7.1.1:2 7.1.2:2"}};

TEST(MqttConformance, every_normative_statement_is_listed_once) {
    std::set<std::string> listed;
    for (const auto& one : statements())
        EXPECT_TRUE(listed.insert(one.version + " " + one.id).second) << one.id;
    std::size_t expected = 0;
    for (const auto& [version, text] : sections) {
        std::stringstream words(text);
        for (std::string word; words >> word;) {
            const auto section = word.substr(0, word.find(':'));
            const int count = std::stoi(word.substr(word.find(':') + 1));
            const int first = version == "5.0" && section == "2.2.1" ? 2 : 1;
            expected += static_cast<std::size_t>(count);
            for (int n = first; n < first + count; ++n) {
                const auto id = version + " MQTT-" + section + "-" + std::to_string(n);
                EXPECT_TRUE(listed.contains(id)) << id << " is missing";
            }
        }
    }
    EXPECT_EQ(listed.size(), expected);
}

TEST(MqttConformance, every_statement_has_a_test_that_exists_or_a_reason) {
    const auto known = declared_tests();
    for (const auto& one : statements()) {
        EXPECT_TRUE(!one.tests.empty() || !one.reason.empty()) << one.version << " " << one.id;
        for (const auto& test : one.tests)
            EXPECT_TRUE(known.contains(test)) << one.id << " names " << test;
        // A reason may name tests too: "over the bound: Suite.test".
        const std::regex name(R"(\b([A-Z]\w+\.\w+)\b)");
        for (std::sregex_iterator at(one.reason.begin(), one.reason.end(), name), end; at != end;
             ++at)
            EXPECT_TRUE(known.contains((*at)[1].str())) << one.id << " names " << (*at)[1];
    }
}

}  // namespace
}  // namespace vigil::mqtt
