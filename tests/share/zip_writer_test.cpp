// That other programs open what it writes is shown by tests/server/portability_test.py.
#include "share/zip_writer.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <string>
#include <vector>

namespace vigil::share {
namespace {

const Timestamp written = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) +
                          std::chrono::hours(22) + std::chrono::seconds(31);

std::string archive(const std::vector<std::pair<std::string, std::vector<std::string>>>& files) {
    std::string out;
    ZipWriter zip(written);
    for (const auto& [name, parts] : files) {
        zip.begin(name, out);
        for (const auto& part : parts) zip.add(part, out);
        zip.end(out);
    }
    zip.finish(out);
    return out;
}

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

// Reads by the directory, as APPNOTE says readers do (4.3.1).
std::map<std::string, std::string> read(std::string_view zip) {
    std::map<std::string, std::string> files;
    const auto locator = zip.size() - 22 - 20;
    EXPECT_EQ(number(zip, zip.size() - 22, 4), 0x06054b50U);
    EXPECT_EQ(number(zip, locator, 4), 0x07064b50U);
    const auto end = number(zip, locator + 8, 8);
    EXPECT_EQ(number(zip, end, 4), 0x06064b50U);
    auto at = number(zip, end + 48, 8);
    for (auto count = number(zip, end + 32, 8); count > 0; --count) {
        EXPECT_EQ(number(zip, at, 4), 0x02014b50U);
        const auto name_size = number(zip, at + 28, 2), extra_size = number(zip, at + 30, 2);
        const std::string name(zip.substr(at + 46, name_size));
        const auto extra = at + 46 + name_size + 4;
        const auto size = number(zip, extra, 8), packed = number(zip, extra + 8, 8),
                   offset = number(zip, extra + 16, 8);
        const auto data = offset + 30 + number(zip, offset + 26, 2) + number(zip, offset + 28, 2);
        std::string clear(size, '\0');
        z_stream z{};
        inflateInit2(&z, -15);
        z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zip.data() + data));
        z.avail_in = static_cast<uInt>(packed);
        z.next_out = reinterpret_cast<Bytef*>(clear.data());
        z.avail_out = static_cast<uInt>(clear.size());
        EXPECT_EQ(inflate(&z, Z_FINISH), Z_STREAM_END) << name;
        inflateEnd(&z);
        EXPECT_EQ(number(zip, at + 16, 4), ::crc32(0, reinterpret_cast<const Bytef*>(clear.data()),
                                                   static_cast<uInt>(clear.size())));
        files.emplace(name, clear);
        at += 46 + name_size + extra_size;
    }
    return files;
}

TEST(ZipWriter, entries_read_back_whatever_the_parts_they_came_in) {
    const std::string large(1'000'000, 'x');
    const std::map<std::string, std::string> expected{
        {"README.txt", "hello"}, {"empty", ""}, {"a/b.csv", large + "end"}, {"\u00e4.txt", "u"}};
    EXPECT_EQ(read(archive({{"README.txt", {"he", "", "llo"}},
                            {"empty", {}},
                            {"a/b.csv", {large, "end"}},
                            {"\u00e4.txt", {"u"}}})),
              expected);
    EXPECT_LT(archive({{"a", {large}}}).size(), 10'000U);
}

TEST(ZipWriter, an_archive_of_nothing_is_one) {
    EXPECT_TRUE(read(archive({})).empty());
}

TEST(ZipWriter, entries_say_when_they_were_written) {
    const auto zip = archive({{"a", {"x"}}});
    EXPECT_EQ(number(zip, 12, 2), (2026U - 1980) << 9 | 11U << 5 | 26U);
    EXPECT_EQ(number(zip, 10, 2), 22U << 11 | 0U << 5 | 15U);
}

}  // namespace
}  // namespace vigil::share
