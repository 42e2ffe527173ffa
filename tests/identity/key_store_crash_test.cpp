// Killed between any two steps on the disk, a rotation or an erasure leaves keys that open
// everything, and nothing of whoever is erased.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "identity/key_store.hpp"
#include "identity/key_store_fixture.hpp"

namespace {

// How many more steps this process takes on the disk; below 0: as many as it likes.
int steps_left = -1;

void step() {
    constexpr int killed = 77;
    if (steps_left >= 0 && steps_left-- == 0) ::_exit(killed);
}

}  // namespace

// In the place of the C library's, for all that this program calls: each is a step. Who is killed
// loses nothing that they wrote, so nothing need reach the disk.
extern "C" {
ssize_t write(int descriptor, const void* bytes, size_t count) {
    step();
    return ::syscall(SYS_write, descriptor, bytes, count);
}
int fsync(int) {
    step();
    return 0;
}
int fdatasync(int) {
    step();
    return 0;
}
int ftruncate(int descriptor, off_t length) noexcept {
    step();
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, length));
}
int rename(const char* from, const char* to) noexcept {
    step();
    return static_cast<int>(::syscall(SYS_rename, from, to));
}
int unlink(const char* path) noexcept {
    step();
    return static_cast<int>(::syscall(SYS_unlink, path));
}
}

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;
using testing::Not;

constexpr int steps_max = 200;

class KeyStoreCrash : public KeyStoreTest {
protected:
    // Whether `work` came to its end before step `steps`, in a process of its own.
    static bool finishes(int steps, const std::function<void()>& work) {
        const auto child = ::fork();
        if (child == 0) {
            steps_left = steps;
            work();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status)) << "it crashed by itself";
        return WEXITSTATUS(status) == 0;
    }
    void keep() const {
        fs::remove_all(folder / "kept");
        fs::copy(keys, folder / "kept");
    }
    void bring_back(const char* name = "kept") const {
        fs::remove_all(keys);
        fs::copy(folder / name, keys);
    }

    // From the keys that are kept: killed after each number of steps, then started, killed in that
    // start too, and started again.
    void rotate_with_crashes(const RootKeys& at_start, const RootKeys& to, bool own_at_end) {
        int rotations = 0;
        bool whole = false;
        for (int steps = 0; !whole; ++steps) {
            ASSERT_LT(steps, steps_max);
            bring_back();
            whole = finishes(steps, [&] {
                const auto store = open(at_start);
                if (store) (void)(*store)->rotate(to);
            });
            fs::remove_all(folder / "crashed");
            fs::copy(keys, folder / "crashed");
            for (int again = 0;; ++again) {
                bring_back("crashed");
                const bool started = finishes(again, [&] { (void)open(at_start); });
                check(at_start, to, own_at_end, steps);
                if (started || testing::Test::HasFatalFailure()) break;
            }
            ASSERT_FALSE(testing::Test::HasFatalFailure());
            ++rotations;
        }
        EXPECT_GT(rotations, 6) << "it was killed in earnest";
    }

    void check(const RootKeys& at_start, const RootKeys& to, bool own_at_end, int steps) const {
        for (const bool rotated : {false, true}) {
            const auto store = open(at_start);
            ASSERT_TRUE(store) << steps << ": " << store.error().message;
            ASSERT_EQ(opened(**store, bo, his).value_or("lost"), "80") << steps;
            ASSERT_EQ(opened(**store, ada, hers).error().kind, Error::Kind::not_found) << steps;
            ASSERT_TRUE((*store)->ring().key(PatientId{5'000})) << steps;
            ASSERT_FALSE(is_there("master.next")) << steps;
            for (const auto* left : {"subject.keys.new", "master.next.new", "master.key.new"})
                ASSERT_FALSE(is_there(left)) << steps;
            if (rotated) break;
            const auto done = (*store)->rotate(to);
            ASSERT_TRUE(done) << steps << ": " << done.error().message;
            ASSERT_EQ(is_there("master.key"), own_at_end) << steps;
        }
    }

    // One patient with data, one who was erased.
    void fill(const RootKeys& roots) {
        const auto store = open(roots);
        ASSERT_TRUE(store) << store.error().message;
        hers = sealed(**store, ada, "72");
        his = sealed(**store, bo, "80");
        ASSERT_TRUE((*store)->erase(ada, R"({"act":"x","patient":1})"));
        keep();
    }

    std::string hers, his;
};

TEST_F(KeyStoreCrash, a_rotation_of_the_folders_own_key) {
    fill({});
    rotate_with_crashes({}, {}, true);
}

TEST_F(KeyStoreCrash, the_first_rotation_of_a_folder_from_before) {
    make_old_folder({});
    fill({});
    rotate_with_crashes({}, {}, true);
}

TEST_F(KeyStoreCrash, from_the_folder_into_a_token) {
    fill({});
    const RootKeys token{.wanted = std::make_shared<FakeToken>("ward", 1)};
    rotate_with_crashes(token, token, false);
}

TEST_F(KeyStoreCrash, from_a_token_into_the_folder) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    fill({.wanted = token});
    rotate_with_crashes({.others = {token}}, {}, true);
}

TEST_F(KeyStoreCrash, from_one_file_to_another_with_a_recovery_key) {
    const auto one = elsewhere("one", 'a'), two = elsewhere("two", 'b'), r = elsewhere("r", 'r');
    fill(of_file(one));
    const RootKeys roots{.wanted = BareRootKey::of_file(two),
                         .others = {BareRootKey::of_file(one)},
                         .recovery = BareRootKey::of_file(r)};
    rotate_with_crashes(roots, roots, false);
}

TEST_F(KeyStoreCrash, an_erasure_happened_or_did_not) {
    fill({});
    bool whole = false;
    int erased = 0;
    for (int steps = 0; !whole; ++steps) {
        ASSERT_LT(steps, steps_max);
        bring_back();
        whole = finishes(steps, [&] {
            const auto store = open();
            if (store) (void)(*store)->erase(bo, R"({"act":"x","patient":2})");
        });
        const auto store = open();
        ASSERT_TRUE(store) << steps << ": " << store.error().message;
        const bool is_listed = (*store)->erased()->size() == 2;
        EXPECT_EQ(opened(**store, bo, his).has_value(), !is_listed) << steps;
        const auto stands = testing::Contains(testing::Field(&WrappedKey::subject, bo));
        if (is_listed)
            EXPECT_THAT(stored().keys, Not(stands)) << steps;
        else
            EXPECT_THAT(stored().keys, stands) << steps;
        erased += is_listed ? 1 : 0;
    }
    EXPECT_GT(erased, 3);
}

}  // namespace
}  // namespace vigil::identity
