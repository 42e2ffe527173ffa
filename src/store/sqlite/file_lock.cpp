#include "store/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace vigil::store::sqlite {

Result<FileLock> FileLock::take(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0)
        return fail(
            Error::Kind::internal,
            fmt::format("cannot open the lock file: {}", std::generic_category().message(errno)),
            path);
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> holder{};
        const auto size = ::pread(descriptor, holder.data(), holder.size() - 1, 0);
        return fail(Error::Kind::conflict,
                    fmt::format("the data folder is already in use by process {}",
                                size > 0 ? holder.data() : "(unknown)"),
                    path);
    }
    const auto self = std::to_string(::getpid());
    // Only for the message above: that it cannot be written is no reason to refuse.
    if (::ftruncate(descriptor, 0) == 0)
        static_cast<void>(::pwrite(descriptor, self.data(), self.size(), 0) == 0);
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace vigil::store::sqlite
