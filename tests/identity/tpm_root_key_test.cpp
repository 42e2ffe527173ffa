#include "identity/tpm_root_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr Key256 master{1, 2, 3};

// A TPM in a process of its own, which ends with it.
class SoftTpm {
public:
    explicit SoftTpm(fs::path folder) : folder_(std::move(folder)) {
        fs::create_directory(folder_);
        start();
    }
    SoftTpm(const SoftTpm&) = delete;
    SoftTpm& operator=(const SoftTpm&) = delete;
    ~SoftTpm() { stop(); }

    // Returns once it listens: swtpm goes to the background after that.
    void start() const {
        const auto at = folder_.string();
        const auto command =
            "swtpm socket --tpm2 --tpmstate dir=" + at + " --server type=unixio,path=" + at +
            "/tpm --ctrl type=unixio,path=" + at +
            "/tpm.ctrl --flags not-need-init,startup-clear --daemon --pid file=" + at +
            "/pid >/dev/null 2>&1";
        EXPECT_EQ(std::system(command.c_str()), 0);
    }
    void stop() const {
        pid_t process = 0;
        if (std::ifstream(folder_ / "pid") >> process && process > 0) ::kill(process, SIGTERM);
        while (process > 0 && ::kill(process, 0) == 0) ::usleep(1'000);
        fs::remove(folder_ / "pid");
    }
    std::string tcti() const { return "swtpm:path=" + (folder_ / "tpm").string(); }

private:
    fs::path folder_;
};

class TpmRootKeyTest : public testing::Test {
protected:
    void SetUp() override {
        if (std::system("command -v swtpm >/dev/null") != 0)
            GTEST_SKIP() << "swtpm is not installed (./dev installs it)";
        ::setenv("TSS2_LOG", "all+none", 0);
        std::string pattern = "/tmp/vigil-tpm-XXXXXX";  // a socket's path is short
        folder = ::mkdtemp(pattern.data());
    }
    ~TpmRootKeyTest() override {
        if (!folder.empty()) fs::remove_all(folder);
    }
    fs::path folder;
};

TEST_F(TpmRootKeyTest, what_a_tpm_sealed_it_opens_also_after_a_restart) {
    const SoftTpm tpm(folder / "a");
    TpmRootKey root(tpm.tcti());
    const auto wrap = root.wrap(master, system_random());
    ASSERT_TRUE(wrap) << wrap.error().message;
    // More often than a TPM has slots: nothing is left in it.
    for (int i = 0; i < 10; ++i) ASSERT_EQ(*root.unwrap(*wrap), master);
    tpm.stop();
    EXPECT_EQ(root.unwrap(*wrap).error().kind, Error::Kind::not_found);
    tpm.start();
    EXPECT_EQ(*root.unwrap(*wrap), master);
    auto changed = std::get<TpmWrap>(*wrap);
    changed.private_part[20] ^= 1;
    EXPECT_FALSE(root.unwrap(changed));
    EXPECT_FALSE(root.unwrap(TpmWrap{.public_part = "x", .private_part = "y"}));
}

TEST_F(TpmRootKeyTest, another_tpm_does_not_open_it) {
    const SoftTpm one(folder / "a"), two(folder / "b");
    const auto wrap = TpmRootKey(one.tcti()).wrap(master, system_random());
    ASSERT_TRUE(wrap);
    const auto read = TpmRootKey(two.tcti()).unwrap(*wrap);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, Error::Kind::conflict);
    EXPECT_THAT(read.error().message, HasSubstr("sealed to another TPM"));
}

TEST_F(TpmRootKeyTest, where_there_is_none_it_says_so) {
    const auto wrap = TpmRootKey("device:/nowhere/tpmrm0").wrap(master, system_random());
    ASSERT_FALSE(wrap);
    EXPECT_THAT(wrap.error().message, HasSubstr("keys.tpm"));
}

}  // namespace
}  // namespace vigil::identity
