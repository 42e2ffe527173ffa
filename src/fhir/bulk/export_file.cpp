#include "fhir/bulk/export_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vigil::fhir {
namespace {

constexpr std::size_t block_bytes = 64 << 10;
// A longer one was not written by us.
constexpr std::uint32_t sealed_bytes_max = std::uint32_t{80} << 20;

using Length = std::array<std::uint8_t, 4>;

Length length_of(std::size_t size) {
    return {static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
            static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 24)};
}

tl::unexpected<Error> failed(std::string_view what) {
    return fail(Error::Kind::internal, fmt::format("cannot {} a file of the export: {}", what,
                                                   std::generic_category().message(errno)));
}

}  // namespace

Result<ExportWriter> ExportWriter::create(const std::string& path, store::Sealer& sealer) {
    const int number =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (number < 0) return failed("make");
    FilePtr file(::fdopen(number, "wb"));
    if (!file) {
        ::close(number);
        return failed("make");
    }
    return ExportWriter(std::move(file), sealer);
}

Result<void> ExportWriter::append(std::string_view text) {
    block_ += text;
    return block_.size() < block_bytes ? Result<void>() : write_block();
}

Result<void> ExportWriter::write_block() {
    sealed_.clear();
    sealer_->seal(PatientId{}, block_, sealed_);
    block_.clear();
    const auto length = length_of(sealed_.size());
    const bool written =
        std::fwrite(length.data(), 1, length.size(), file_.get()) == length.size() &&
        std::fwrite(sealed_.data(), 1, sealed_.size(), file_.get()) == sealed_.size();
    if (!written) return failed("write");
    bytes_ += length.size() + sealed_.size();
    return {};
}

Result<void> ExportWriter::finish() {
    if (!block_.empty()) VIGIL_CHECK(write_block());
    // It may be promised over a loss of power.
    if (std::fflush(file_.get()) != 0 || ::fdatasync(::fileno(file_.get())) != 0)
        return failed("write");
    if (std::fclose(file_.release()) != 0) return failed("write");
    return {};
}

Result<ExportReading> ExportReading::open(const std::string& path, store::Sealer& sealer) {
    FilePtr file(std::fopen(path.c_str(), "rbe"));
    if (!file) return failed("open");
    return ExportReading(std::move(file), sealer);
}

Result<bool> ExportReading::next(std::string& out) {
    Length length{};
    const auto got = std::fread(length.data(), 1, length.size(), file_.get());
    if (got == 0 && std::feof(file_.get()) != 0) return false;
    const auto size = std::uint32_t{length[0]} | std::uint32_t{length[1]} << 8 |
                      std::uint32_t{length[2]} << 16 | std::uint32_t{length[3]} << 24;
    if (got != length.size() || size > sealed_bytes_max) return failed("read");
    sealed_.resize(size);
    if (std::fread(sealed_.data(), 1, size, file_.get()) != size) return failed("read");
    VIGIL_CHECK(sealer_->open(PatientId{}, sealed_, out));
    return true;
}

}  // namespace vigil::fhir
