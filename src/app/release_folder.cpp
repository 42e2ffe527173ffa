#include "app/release_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "app/import_source.hpp"
#include "fhir/resource/resource.hpp"
#include "net/descriptor.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_buffer_bytes = std::size_t{256} << 10;
constexpr std::size_t shelf_buffer_bytes = std::size_t{16} << 10;
constexpr std::uint64_t shelf_bytes = std::uint64_t{8} << 20;
constexpr std::size_t shelves_max = 256;  // files that are open at once
constexpr std::uint64_t gzip_ratio = 16;  // of NDJSON, at most about
constexpr std::uint64_t unreadable_named_max = 20;

tl::unexpected<Error> failed(std::string_view what, const std::string& place) {
    const int reason = errno;
    return fail(Error::Kind::internal,
                fmt::format("cannot {}: {}", what, std::generic_category().message(reason)), place);
}

std::string shelf_name(std::size_t shelf) {
    return fmt::format(".shelf-{}", shelf);
}

// Of a code by its first two letters, in the order of the codes as text ('2' to '7' before 'a').
constexpr std::size_t letters = 32, places = letters * letters;
std::size_t place_of(std::string_view code) {
    const auto letter = [code](std::size_t i) {
        const char c = i < code.size() ? code[i] : 'z';
        constexpr std::size_t digits = 6;
        return c >= 'a' && c <= 'z' ? static_cast<std::size_t>(c - 'a') + digits
                                    : static_cast<std::size_t>(c - '2') % digits;
    };
    return letter(0) * letters + letter(1);
}

bool is_patients(const std::string& path) {
    return fs::path(path).filename().string().starts_with("Patient");
}

}  // namespace

Result<ExportFolder> ExportFolder::open(const std::string& path) {
    std::error_code failure;
    if (!fs::is_directory(path, failure))
        return fail(Error::Kind::not_found, "there is no such folder", path);
    ExportFolder folder;
    for (const auto& entry : fs::directory_iterator(path, failure)) {
        const auto name = entry.path().filename().string();
        if (!entry.is_regular_file() ||
            !(name.ends_with(".ndjson") || name.ends_with(".ndjson.gz")))
            continue;
        folder.files_.push_back(entry.path().string());
        folder.bytes_ += entry.file_size();
        folder.text_bytes_ += entry.file_size() * (name.ends_with(".gz") ? gzip_ratio : 1);
    }
    if (failure) return fail(Error::Kind::not_found, "the folder cannot be read", path);
    if (folder.files_.empty())
        return fail(Error::Kind::not_found, "there are no .ndjson files in the folder", path);
    std::ranges::sort(folder.files_, {},
                      [](const std::string& file) { return std::pair(!is_patients(file), file); });
    return folder;
}

Result<void> ExportFolder::each(std::string_view pass, const Take& take) {
    done_ = shown_ = 0;
    for (const auto& file : files_) VIGIL_CHECK(each_of(file, pass, take));
    was_read_ = true;
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{}: done {:20}\n", pass, "");
    return {};
}

Result<void> ExportFolder::each_of(const std::string& file, std::string_view pass,
                                   const Take& take) {
    VIGIL_TRY(source, open_import_file(file, 0));
    fhir::ImportText text(std::move(source), {});
    fhir::ImportText::Line line;
    JsonDocument document;
    std::error_code failure;
    const auto size = fs::file_size(file, failure);
    for (;;) {
        VIGIL_TRY(state, text.next(line));
        if (state == fhir::ImportText::State::end) break;
        const auto resource = line.is_too_long
                                  ? Result<JsonValue>(fail(Error::Kind::too_large, "too long"))
                                  : document.parse(line.text, fhir::resource_limits);
        show(pass, done_ + std::min<std::uint64_t>(text.place().offset, size));
        if (resource && resource->is(JsonKind::object)) {
            VIGIL_CHECK(take(*resource));
            continue;
        }
        // Its text is never shown: it may be of a person.
        if (!was_read_ && ++unreadable_ <= unreadable_named_max)
            fmt::print(stderr, "vigil: {}:{}: not a JSON object: left out\n", file,
                       text.place().line);
    }
    done_ += size;
    return {};
}

void ExportFolder::show(std::string_view pass, std::uint64_t bytes) {
    constexpr std::uint64_t step = std::uint64_t{8} << 20;
    constexpr double mega = 1e6;
    if (bytes < shown_ + step || ::isatty(STDERR_FILENO) == 0) return;
    shown_ = bytes;
    fmt::print(stderr, "\r{}: {:.0f} of {:.0f} MB ", pass, static_cast<double>(bytes) / mega,
               static_cast<double>(bytes_) / mega);
}

Result<ReleaseFolder> ReleaseFolder::make(const std::string& path, const std::string& input,
                                          std::uint64_t bytes) {
    std::error_code failure;
    auto plain = fs::absolute(path, failure).lexically_normal();
    if (!plain.has_filename()) plain = plain.parent_path();
    if (fs::exists(fs::symlink_status(plain, failure)))
        return fail(Error::Kind::conflict, "it is there already: a release is written anew", path);
    const auto parent = fs::canonical(plain.parent_path(), failure);
    if (failure) return fail(Error::Kind::not_found, "there is no folder to make it in", path);
    const auto from = fs::canonical(input, failure);
    const auto [end, nothing] =
        std::mismatch(from.begin(), from.end(), parent.begin(), parent.end());
    if (failure || end == from.end())
        return fail(Error::Kind::conflict, "it would lie in the folder that is read", path);
    auto partial = (parent / plain.filename()).string() + ".partial-XXXXXX";
    if (::mkdtemp(partial.data()) == nullptr) return failed("make the folder", path);
    const auto shelves = std::min<std::uint64_t>(bytes / shelf_bytes + 1, shelves_max);
    return ReleaseFolder((parent / plain.filename()).string(), std::move(partial), shelves);
}

ReleaseFolder::~ReleaseFolder() {
    std::error_code failure;
    if (!partial_.empty()) fs::remove_all(partial_, failure);
}

Result<ReleaseFolder::File> ReleaseFolder::open(const std::string& name,
                                                std::size_t buffer_bytes) const {
    const auto path = partial_ + "/" + name;
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return failed("make the file", path);
    File file(::fdopen(descriptor, "w+b"));
    std::setvbuf(file.get(), nullptr, _IOFBF, buffer_bytes);
    return file;
}

Result<void> ReleaseFolder::append(std::string_view type, std::string_view code,
                                   std::string_view line) {
    const auto shelf = place_of(code) * shelves_.size() / places;
    auto& file = shelves_[shelf];
    if (!file) {
        VIGIL_TRY(made, open(shelf_name(shelf), shelf_buffer_bytes));
        file = std::move(made);
    }
    // Neither has a tab or an end of line in it, nor has JSON as it is written here.
    const auto written = std::fprintf(file.get(), "%.*s\t%.*s\t", static_cast<int>(type.size()),
                                      type.data(), static_cast<int>(code.size()), code.data());
    if (written < 0 || std::fwrite(line.data(), 1, line.size(), file.get()) != line.size() ||
        std::fputc('\n', file.get()) == EOF)
        return failed("write", path_);
    return {};
}

Result<std::string> ReleaseFolder::take_back(std::size_t shelf) {
    const auto file = std::move(shelves_[shelf]);
    std::string text;
    if (!file) return text;
    const auto size = std::fseek(file.get(), 0, SEEK_END) == 0 ? std::ftell(file.get()) : -1;
    if (size < 0) return failed("read", path_);
    std::rewind(file.get());
    text.resize(static_cast<std::size_t>(size));
    if (std::fread(text.data(), 1, text.size(), file.get()) != text.size())
        return failed("read", path_);
    ::unlink((partial_ + "/" + shelf_name(shelf)).c_str());
    return text;
}

Result<void> ReleaseFolder::put_in_order(std::size_t shelf) {
    VIGIL_TRY(text, take_back(shelf));
    std::vector<std::string_view> lines;
    for (std::string_view rest = text; !rest.empty();) {
        lines.push_back(rest.substr(0, rest.find('\n') + 1));
        rest.remove_prefix(lines.back().size());
    }
    std::ranges::sort(lines);  // by type, then code
    for (auto line : lines) {
        const auto type = line.substr(0, line.find('\t'));
        line.remove_prefix(line.find('\t', type.size() + 1) + 1);
        auto found = files_.find(type);
        if (found == files_.end()) {
            VIGIL_TRY(file, open(std::string(type) + ".ndjson", file_buffer_bytes));
            found = files_.emplace(type, std::move(file)).first;
        }
        if (std::fwrite(line.data(), 1, line.size(), found->second.get()) != line.size())
            return failed("write", found->first);
    }
    return {};
}

Result<void> ReleaseFolder::write(const std::string& name, std::string_view text) {
    VIGIL_TRY(file, open(name, file_buffer_bytes));
    if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size())
        return failed("write", name);
    return sync(std::move(file), name);
}

Result<void> ReleaseFolder::sync(File file, const std::string& name) const {
    if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0)
        return failed("write", name);
    return {};
}

Result<void> ReleaseFolder::finish() {
    for (std::size_t shelf = 0; shelf < shelves_.size(); ++shelf) VIGIL_CHECK(put_in_order(shelf));
    for (auto& [type, file] : files_) VIGIL_CHECK(sync(std::move(file), type));
    files_.clear();
    const net::Descriptor folder(::open(partial_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return failed("write the folder", path_);
    // Fails where something has come to its place meanwhile: a folder with files, or a file.
    if (::rename(partial_.c_str(), path_.c_str()) != 0) return failed("put in place", path_);
    partial_.clear();
    const auto parent = fs::path(path_).parent_path().string();
    const net::Descriptor above(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above || ::fsync(above.get()) != 0) return failed("write the folder", parent);
    return {};
}

}  // namespace vigil::app
