#pragma once
// Keeps a second process out of a data file. The lock goes with the process, however it ends.

#include <string>
#include <utility>

#include "base/result.hpp"

namespace vigil::store::sqlite {

class FileLock {
public:
    // `conflict` where another holds it, with the number of that process.
    static Result<FileLock> take(const std::string& path);
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace vigil::store::sqlite
