#pragma once
// Bytes first in, first out, in one buffer that is used again.

#include <string>
#include <string_view>

namespace vigil {

class ByteQueue {
public:
    void push(std::string_view bytes) { bytes_.append(bytes); }
    // The `count` oldest bytes, until the next push or pop.
    std::string_view front(std::size_t count) const {
        return std::string_view(bytes_).substr(taken_, count);
    }
    void pop(std::size_t count) {
        taken_ += count;
        if (taken_ == bytes_.size()) {
            bytes_.clear();
            taken_ = 0;
            if (bytes_.capacity() > kept_bytes_max) bytes_.shrink_to_fit();
        } else if (taken_ > kept_bytes_max && taken_ > bytes_.size() / 2) {
            bytes_.erase(0, taken_);
            taken_ = 0;
        }
    }
    std::size_t size() const { return bytes_.size() - taken_; }

private:
    static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;
    std::string bytes_;
    std::size_t taken_ = 0;
};

}  // namespace vigil
