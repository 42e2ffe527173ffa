#include "app/config.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigil::app {
namespace {

// A file that is gone when the test ends.
class File {
public:
    explicit File(std::string_view text) : path_(testing::TempDir() + "vigil_config_test.toml") {
        std::ofstream(path_) << text;
    }
    ~File() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

TEST(Config, the_environment_wins_over_the_file_and_the_file_over_the_defaults) {
    const File file(
        "data = \"/srv/vigil\"\n[mqtt]\npacket_bytes_max = 4096\n[clock]\ntolerance = \"90s\"\n");
    Config config;
    ASSERT_TRUE(read_config_file(config, file.path()));
    EXPECT_EQ(config.data, "/srv/vigil");
    EXPECT_EQ(config.mqtt_packet_bytes_max, 4096);
    EXPECT_EQ(config.clock_tolerance, std::chrono::seconds(90));
    ASSERT_TRUE(
        read_environment(config, {{"VIGIL_MQTT_PACKET_BYTES_MAX", "8192"}, {"HOME", "/root"}}));
    EXPECT_EQ(config.mqtt_packet_bytes_max, 8192);
    EXPECT_EQ(config.https, Config().https);
}

TEST(Config, a_typo_and_a_wrong_value_are_refused_with_file_and_line) {
    for (const auto* text :
         {"dta = \"x\"", "[mqtt]\npacket_byts = 3", "[clock]\ntolerance = \"soon\"",
          "[limits]\nconnections_max = 0", "data = ", "[audit]\nwhen_unwritable = \"maybe\"",
          "[enrolment]\ncode_lifetime = \"31d\"", "[enrolment]\ncertificate_lifetime = \"0s\"",
          "[[topic]]\naccount = \"a\"", "[[metric]]\nkey = \"a\"\nmdc_code = -1",
          "[[metric]]\nkey = \"a\"\nmdc_code = 4294967296"}) {
        const File file(text);
        Config config;
        const auto read = read_config_file(config, file.path());
        ASSERT_FALSE(read) << text;
        EXPECT_NE(read.error().place.find(".toml:"), std::string::npos) << text;
    }
    Config config;
    EXPECT_EQ(read_config(config, "[[[", "site.toml").error().place, "site.toml");
    const auto read = read_environment(config, {{"VIGIL_SESSION_IDLE", "long"}});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().place, "VIGIL_SESSION_IDLE");
}

TEST(Config, topic_rules_and_site_metrics_are_tables) {
    const File file(R"([[topic]]
account = "*"
filter = "site/#"
allow = ["publish", "subscribe"]
[[metric]]
key = "ward_noise"
unit = "dB"
expected_interval = "10s"
)");
    Config config;
    const auto read = read_config_file(config, file.path());
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(config.topics.size(), 1U);
    EXPECT_TRUE(config.topics[0].publish && config.topics[0].subscribe);
    ASSERT_EQ(config.metrics.size(), 1U);
    EXPECT_EQ(config.metrics[0].expected_interval, std::chrono::seconds(10));
}

TEST(Config, the_reference_page_is_what_the_program_says) {
    std::ifstream page(VIGIL_TESTS_DIR "/../docs/reference/configuration.md");
    const std::string text((std::istreambuf_iterator<char>(page)), {});
    EXPECT_EQ(text, configuration_reference())
        << "run: build/release/vigil config > docs/reference/configuration.md";
}

}  // namespace
}  // namespace vigil::app
