#include "share/zip_writer.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <new>

#include "base/bytes.hpp"

namespace vigil::share {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, descriptor_signature = 0x08074b50,
                        central_signature = 0x02014b50, end64_signature = 0x06064b50,
                        locator64_signature = 0x07064b50, end_signature = 0x06054b50;
constexpr std::uint16_t version_needed = 45;                // ZIP64 (4.4.3)
constexpr std::uint16_t made_by = 3 << 8 | version_needed;  // UNIX: permissions follow
constexpr std::uint16_t flags = 1 << 3 | 1 << 11;  // sizes follow the data; names are UTF-8 (4.4.4)
constexpr std::uint16_t deflated = 8;
constexpr std::uint32_t owner_reads_and_writes = 0100600U << 16;
constexpr std::uint16_t zip64_extra = 1;
constexpr int level = 4;

}  // namespace

struct ZipWriter::Stream {
    Stream() {
        constexpr int raw_window_bits = -15, memory_level = 8;
        if (deflateInit2(&z, level, Z_DEFLATED, raw_window_bits, memory_level,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    z_stream z{};
};

void ZipWriter::StreamCloser::operator()(Stream* stream) const {
    deflateEnd(&stream->z);
    delete stream;
}

ZipWriter::ZipWriter(Timestamp written) : stream_(new Stream) {
    namespace chrono = std::chrono;
    const auto day = chrono::floor<chrono::days>(written);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss time(chrono::floor<chrono::seconds>(written - day));
    const auto since_1980 = std::clamp(static_cast<int>(date.year()) - 1980, 0, 127);
    date_ = static_cast<std::uint16_t>(since_1980 << 9 | static_cast<unsigned>(date.month()) << 5 |
                                       static_cast<unsigned>(date.day()));
    time_ = static_cast<std::uint16_t>(time.hours().count() << 11 | time.minutes().count() << 5 |
                                       time.seconds().count() / 2);
}

void ZipWriter::put(const std::string& bytes, std::string& out) {
    written_ += bytes.size();
    out += bytes;
}

void ZipWriter::begin(std::string_view name, std::string& out) {
    assert(name.size() <= UINT16_MAX);
    entries_.push_back({.name = std::string(name), .offset = written_});
    std::string header;
    ByteWriter writer(header);
    writer.little_endian(local_signature);
    for (const auto number : {version_needed, flags, deflated, time_, date_})
        writer.little_endian(number);
    writer.little_endian(std::uint32_t{0});  // checksum and sizes: in the descriptor
    writer.little_endian(UINT32_MAX);
    writer.little_endian(UINT32_MAX);
    writer.little_endian(static_cast<std::uint16_t>(name.size()));
    writer.little_endian(std::uint16_t{20});
    writer.bytes(name);
    writer.little_endian(zip64_extra);
    writer.little_endian(std::uint16_t{16});
    writer.little_endian(std::uint64_t{0});
    writer.little_endian(std::uint64_t{0});
    put(header, out);
    deflateReset(&stream_->z);
}

void ZipWriter::deflate(std::string_view bytes, int flush, std::string& out) {
    auto& z = stream_->z;
    std::array<char, std::size_t{16} << 10> room{};
    // zlib takes a mutable pointer and does not write through it.
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(bytes.size());
    do {
        z.next_out = reinterpret_cast<Bytef*>(room.data());
        z.avail_out = room.size();
        ::deflate(&z, flush);
        const auto made = room.size() - z.avail_out;
        out.append(room.data(), made);
        entries_.back().packed_size += made;
        written_ += made;
    } while (z.avail_out == 0);
}

void ZipWriter::add(std::string_view bytes, std::string& out) {
    constexpr std::size_t piece = std::size_t{1} << 30;  // zlib counts in 32 bits
    auto& entry = entries_.back();
    entry.size += bytes.size();
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, piece);
        entry.crc = static_cast<std::uint32_t>(::crc32(entry.crc,
                                                       reinterpret_cast<const Bytef*>(part.data()),
                                                       static_cast<uInt>(part.size())));
        deflate(part, Z_NO_FLUSH, out);
        bytes.remove_prefix(part.size());
    }
}

void ZipWriter::end(std::string& out) {
    deflate({}, Z_FINISH, out);
    const auto& entry = entries_.back();
    std::string descriptor;
    ByteWriter writer(descriptor);
    writer.little_endian(descriptor_signature);
    writer.little_endian(entry.crc);
    writer.little_endian(entry.packed_size);
    writer.little_endian(entry.size);
    put(descriptor, out);
}

void ZipWriter::finish(std::string& out) {
    const auto directory_at = written_;
    for (const auto& entry : entries_) {
        std::string header;
        ByteWriter writer(header);
        writer.little_endian(central_signature);
        for (const auto number : {made_by, version_needed, flags, deflated, time_, date_})
            writer.little_endian(number);
        writer.little_endian(entry.crc);
        writer.little_endian(UINT32_MAX);  // sizes and offset: in the extra field
        writer.little_endian(UINT32_MAX);
        writer.little_endian(static_cast<std::uint16_t>(entry.name.size()));
        writer.little_endian(std::uint16_t{28});
        for (int i = 0; i < 3; ++i) writer.little_endian(std::uint16_t{0});  // comment, disk, kind
        writer.little_endian(owner_reads_and_writes);
        writer.little_endian(UINT32_MAX);
        writer.bytes(entry.name);
        writer.little_endian(zip64_extra);
        writer.little_endian(std::uint16_t{24});
        writer.little_endian(entry.size);
        writer.little_endian(entry.packed_size);
        writer.little_endian(entry.offset);
        put(header, out);
    }
    const auto end_at = written_;
    const auto count = static_cast<std::uint64_t>(entries_.size());
    std::string end;
    ByteWriter writer(end);
    writer.little_endian(end64_signature);  // 4.3.14
    writer.little_endian(std::uint64_t{44});
    writer.little_endian(made_by);
    writer.little_endian(version_needed);
    writer.little_endian(std::uint32_t{0});
    writer.little_endian(std::uint32_t{0});
    writer.little_endian(count);
    writer.little_endian(count);
    writer.little_endian(end_at - directory_at);
    writer.little_endian(directory_at);
    writer.little_endian(locator64_signature);  // 4.3.15
    writer.little_endian(std::uint32_t{0});
    writer.little_endian(end_at);
    writer.little_endian(std::uint32_t{1});
    writer.little_endian(end_signature);  // 4.3.16: all of it above
    writer.little_endian(std::uint16_t{0});
    writer.little_endian(std::uint16_t{0});
    writer.little_endian(std::uint16_t{UINT16_MAX});
    writer.little_endian(std::uint16_t{UINT16_MAX});
    writer.little_endian(UINT32_MAX);
    writer.little_endian(UINT32_MAX);
    writer.little_endian(std::uint16_t{0});
    put(end, out);
}

}  // namespace vigil::share
