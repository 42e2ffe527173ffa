#include "fhir/validation/package.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace vigil::fhir {
namespace {

namespace fs = std::filesystem;

// A gzip stream as bytes that are asked for one after another.
class Gunzip {
public:
    Gunzip(std::string_view bytes, std::size_t bytes_max) : left_(bytes_max) {
        stream_.next_in = reinterpret_cast<Bytef*>(  // NOLINT(*-reinterpret-cast): zlib's type
            const_cast<char*>(bytes.data()));        // NOLINT(*-const-cast): zlib only reads it
        stream_.avail_in = static_cast<uInt>(bytes.size());
        constexpr int gzip_only = 16;
        is_open_ = inflateInit2(&stream_, gzip_only + MAX_WBITS) == Z_OK;
    }
    ~Gunzip() {
        if (is_open_) inflateEnd(&stream_);
    }
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    // Exactly so many bytes.
    Result<std::string> take(std::size_t count) {
        if (count > left_) return fail(Error::Kind::too_large, "the package is too large");
        left_ -= count;
        std::string bytes(count, '\0');
        stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());  // NOLINT(*-reinterpret-cast)
        stream_.avail_out = static_cast<uInt>(count);
        while (is_open_ && stream_.avail_out > 0) {
            const auto state = inflate(&stream_, Z_NO_FLUSH);
            if (state != Z_OK && stream_.avail_out > 0)
                return fail(Error::Kind::malformed, "the package is no whole gzip file");
        }
        if (!is_open_) return fail(Error::Kind::internal, "no memory to unpack the package");
        return bytes;
    }

private:
    z_stream stream_{};
    bool is_open_ = false;
    std::size_t left_;
};

// POSIX.1-1988 ustar, and the paths of POSIX.1-2001 pax headers.
constexpr std::size_t block_bytes = 512;

std::string_view field(std::string_view header, std::size_t at, std::size_t length) {
    const auto text = header.substr(at, length);
    return text.substr(0, text.find('\0'));
}

std::optional<std::size_t> octal(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::size_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (result.ec != std::errc() || text.empty()) return std::nullopt;
    return value;
}

// "27 path=package/name.json\n"
std::string path_of_pax(std::string_view records) {
    while (!records.empty()) {
        const auto space = records.find(' '), end = records.find('\n');
        if (space == std::string_view::npos || end == std::string_view::npos || space > end) break;
        const auto record = records.substr(space + 1, end - space - 1);
        if (record.starts_with("path=")) return std::string(record.substr(5));
        records.remove_prefix(end + 1);
    }
    return {};
}

// "package/x.json" → "x.json"; empty: none of the files looked for.
std::string_view name_in_package(std::string_view path) {
    constexpr std::string_view folder = "package/";
    if (path.starts_with("./")) path.remove_prefix(2);
    if (!path.starts_with(folder) || !path.ends_with(".json")) return {};
    path.remove_prefix(folder.size());
    return path.find('/') == std::string_view::npos ? path : std::string_view();
}

// Those that describe the package, not a resource.
bool is_resource_file(std::string_view name) {
    return !name.empty() && name != "package.json" && !name.starts_with('.');
}

Result<void> read_tar(Gunzip& bytes, const PackageReader& reader, const PackageLimits& limits) {
    std::string long_path;
    for (std::size_t files = 0; files < limits.files_max; ++files) {
        VIGIL_TRY(header, bytes.take(block_bytes));
        if (header[0] == '\0') return {};
        const auto size = octal(field(header, 124, 12));
        if (!size) return fail(Error::Kind::malformed, "the package is no tar file");
        const auto kind = header[156];
        if (*size > limits.file_bytes_max)
            return fail(Error::Kind::too_large, "a file of the package is too large");
        VIGIL_TRY(text, bytes.take((*size + block_bytes - 1) / block_bytes * block_bytes));
        text.resize(*size);
        if (kind == 'x') {
            long_path = path_of_pax(text);
            continue;
        }
        const auto prefix = field(header, 345, 155), short_name = field(header, 0, 100);
        const auto path = !long_path.empty() ? long_path
                          : prefix.empty()   ? std::string(short_name)
                                             : fmt::format("{}/{}", prefix, short_name);
        long_path.clear();
        const auto name = name_in_package(path);
        const bool is_file = kind == '0' || kind == '\0';
        if (is_file && is_resource_file(name)) VIGIL_CHECK(reader(name, std::move(text)));
    }
    return fail(Error::Kind::too_large, "the package has too many files");
}

Result<std::string> text_of(const fs::path& file, std::size_t bytes_max) {
    std::error_code error;
    if (fs::file_size(file, error) > bytes_max || error)
        return fail(Error::Kind::too_large, "the file is too large or not there", file.string());
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(text).str();
}

Result<void> read_folder(const fs::path& folder, const PackageReader& reader,
                         const PackageLimits& limits) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto& path = entry.path();
        if (path.extension() != ".json" || !is_resource_file(path.filename().string())) continue;
        if (files.size() >= limits.files_max)
            return fail(Error::Kind::too_large, "the package has too many files");
        files.push_back(path);
    }
    if (error) return fail(Error::Kind::not_found, "the folder cannot be read", folder.string());
    std::ranges::sort(files);
    std::size_t left = limits.bytes_max;
    for (const auto& file : files) {
        VIGIL_TRY(text, text_of(file, std::min(left, limits.file_bytes_max)));
        left -= text.size();
        VIGIL_CHECK(reader(file.filename().string(), std::move(text)));
    }
    return {};
}

}  // namespace

Result<void> read_package(std::string_view tgz, const PackageReader& reader,
                          const PackageLimits& limits) {
    Gunzip bytes(tgz, limits.bytes_max);
    return read_tar(bytes, reader, limits);
}

Result<void> read_package(const fs::path& path, const PackageReader& reader,
                          const PackageLimits& limits) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        const auto inner = path / "package";
        return read_folder(fs::is_directory(inner, error) ? inner : path, reader, limits);
    }
    VIGIL_TRY(tgz, text_of(path, limits.bytes_max));
    return read_package(std::string_view(tgz), reader, limits);
}

}  // namespace vigil::fhir
