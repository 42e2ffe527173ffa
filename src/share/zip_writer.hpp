#pragma once
// Writes a ZIP archive as a stream (PKWARE APPNOTE 6.3.10): entries deflated one after the other,
// none of them or of the whole known beforehand, in the memory of one window (256 kB) and 100 bytes
// an entry. Sizes are told after each entry (4.3.9) and in the directory, all in 64 bits (4.5.3).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace vigil::share {

class ZipWriter {
public:
    // Of all entries: UTC, as far as MS-DOS can say it (4.4.6: even seconds from 1980 on).
    explicit ZipWriter(Timestamp written);

    // All append to `out` what can be sent. Names are UTF-8 with slashes, at most 65,535 bytes.
    void begin(std::string_view name, std::string& out);
    void add(std::string_view bytes, std::string& out);
    void end(std::string& out);
    // The directory; nothing may follow.
    void finish(std::string& out);

private:
    struct Entry {
        std::string name;
        std::uint64_t size = 0, packed_size = 0, offset = 0;
        std::uint32_t crc = 0;
    };
    struct Stream;
    struct StreamCloser {
        void operator()(Stream* stream) const;
    };
    void deflate(std::string_view bytes, int flush, std::string& out);
    void put(const std::string& bytes, std::string& out);

    std::uint16_t time_ = 0, date_ = 0;
    std::vector<Entry> entries_;
    std::uint64_t written_ = 0;  // bytes of the archive
    std::unique_ptr<Stream, StreamCloser> stream_;
};

}  // namespace vigil::share
