#include "identity/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace vigil::identity {
namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

tl::unexpected<Error> failed(std::string_view what, const std::string& path) {
    const int reason = errno;
    return fail(Error::Kind::internal,
                fmt::format("cannot {}: {}", what, std::generic_category().message(reason)), path);
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return false;
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

class File {
public:
    File(const std::string& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, owner_only)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    File(File&&) = delete;
    File& operator=(File&&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    explicit operator bool() const { return descriptor_ >= 0; }
    int get() const { return descriptor_; }

    bool write(std::string_view bytes) const { return write_all(descriptor_, bytes); }

private:
    int descriptor_;
};

}  // namespace

Result<void> make_private_folder(const std::string& path) {
    if (::mkdir(path.c_str(), S_IRWXU) == 0) return sync_folder_of(path);
    if (errno != EEXIST) return failed("make the folder for keys", path);
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failed("look at the folder for keys", path);
    if (!S_ISDIR(status.st_mode))
        return fail(Error::Kind::conflict, "this should be the folder for keys", path);
    if ((status.st_mode & others) != 0)
        return fail(Error::Kind::forbidden, "others can look into the folder for keys: chmod 700",
                    path);
    return {};
}

Result<std::optional<std::string>> read_key_file(const std::string& path, KeyReaders readers) {
    const File file(path, O_RDONLY);
    if (!file && errno == ENOENT) return std::optional<std::string>();
    if (!file) return failed("open the key file", path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return failed("look at the key file", path);
    const mode_t denied = readers == KeyReaders::owner ? others : (S_IRWXO | S_IWGRP);
    if ((status.st_mode & denied) != 0)
        return fail(Error::Kind::forbidden, "others can read this key file: chmod 600", path);
    if (static_cast<std::size_t>(status.st_size) > key_file_bytes_max)
        return fail(Error::Kind::too_large, "longer than a key file can be", path);
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read the key file", path);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return std::optional(std::move(bytes));
}

Result<void> sync_folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const File file(folder, O_RDONLY | O_DIRECTORY);
    if (!file || ::fsync(file.get()) != 0) return failed("sync the folder", folder);
    return {};
}

Result<void> write_key_file_beside(const std::string& path, std::string_view bytes) {
    const std::string beside = path + ".new";
    const File file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file || !file.write(bytes) || ::fsync(file.get()) != 0)
        return failed("write the key file", beside);
    return {};
}

Result<void> write_key_file(const std::string& path, std::string_view bytes) {
    VIGIL_CHECK(write_key_file_beside(path, bytes));
    if (::rename((path + ".new").c_str(), path.c_str()) != 0)
        return failed("put the key file in place", path);
    return sync_folder_of(path);
}

ReplacedKeyFile::ReplacedKeyFile(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

ReplacedKeyFile::ReplacedKeyFile(ReplacedKeyFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

ReplacedKeyFile::~ReplacedKeyFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> ReplacedKeyFile::overwrite() const {
    if (descriptor_ < 0) return {};
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return failed("look at the key file", path_);
    const std::string zeros(static_cast<std::size_t>(status.st_size), '\0');
    if (::lseek(descriptor_, 0, SEEK_SET) != 0 || !write_all(descriptor_, zeros) ||
        ::fsync(descriptor_) != 0)
        return failed("overwrite the key file that was replaced", path_);
    return {};
}

Result<ReplacedKeyFile> put_in_place(const std::string& from, const std::string& path) {
    const int before = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (before < 0 && errno != ENOENT) return failed("open the key file", path);
    ReplacedKeyFile replaced(before, path);
    if (::rename(from.c_str(), path.c_str()) != 0) return failed("put the key file in place", path);
    return std::move(replaced);
}

Result<void> replace_key_file(const std::string& path, std::string_view bytes) {
    VIGIL_CHECK(write_key_file_beside(path, bytes));
    VIGIL_TRY(before, put_in_place(path + ".new", path));
    VIGIL_CHECK(sync_folder_of(path));
    return before.overwrite();
}

Result<void> destroy_key_file(const std::string& path) {
    {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (descriptor < 0 && errno == ENOENT) return {};
        if (descriptor < 0) return failed("open the key file", path);
        VIGIL_CHECK(ReplacedKeyFile(descriptor, path).overwrite());
    }
    return remove_key_file(path);
}

Result<void> append_key_file(const std::string& path, std::string_view bytes) {
    const File file(path, O_WRONLY | O_CREAT | O_APPEND);
    if (!file) return failed("open the key file", path);
    const auto before = ::lseek(file.get(), 0, SEEK_END);
    if (before < 0) return failed("look at the key file", path);
    if (!file.write(bytes) || ::fdatasync(file.get()) != 0) {
        const auto error = failed("write the key file", path);
        // If this fails too, the torn record is cut off at the next start.
        [[maybe_unused]] const int cut = ::ftruncate(file.get(), before);
        return error;
    }
    return before == 0 ? sync_folder_of(path) : Result<void>();
}

Result<void> remove_key_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
    return sync_folder_of(path);
}

Result<void> shorten_key_file(const std::string& path, std::size_t bytes) {
    const File file(path, O_WRONLY);
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
        ::fsync(file.get()) != 0)
        return failed("shorten the key file", path);
    return {};
}

}  // namespace vigil::identity
