#include "app/import_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "fhir/bulk/import_request.hpp"
#include "net/descriptor.hpp"
#include "net/http_stream.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t part_bytes = std::size_t{256} << 10;
constexpr auto answer_time_max = std::chrono::seconds(30);
constexpr auto silence_max = std::chrono::seconds(60);
constexpr auto wait_max = std::chrono::milliseconds(200);  // then whoever reads looks around

class FileSource final : public fhir::ImportSource {
public:
    FileSource(net::Descriptor file, std::uint64_t from) : file_(std::move(file)), from_(from) {}
    Result<bool> next(std::string& out) override {
        const auto before = out.size();
        out.resize(before + part_bytes);
        const auto count = ::read(file_.get(), out.data() + before, part_bytes);
        out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count < 0) return fail(Error::Kind::internal, "the file cannot be read");
        return count > 0;
    }
    std::uint64_t begins_at() const override { return from_; }

private:
    net::Descriptor file_;
    std::uint64_t from_;
};

tl::unexpected<Error> gone(std::string_view name) {
    return fail(Error::Kind::not_found, "there is no such file that can be read",
                std::string(name.substr(0, 256)));
}

// A link may lead elsewhere in the folder, not out of it.
Result<std::unique_ptr<fhir::ImportSource>> open_below(const std::string& folder,
                                                       std::string_view name, std::uint64_t from) {
    namespace fs = std::filesystem;
    std::error_code failure;
    const auto root = fs::canonical(folder, failure);
    if (failure) return gone(name);
    const auto path = fs::canonical(root / name, failure);
    if (failure || !path.string().starts_with(root.string() + "/")) return gone(name);
    return open_import_file(path.string(), from);
}

class HttpSource final : public fhir::ImportSource {
public:
    HttpSource(std::unique_ptr<net::HttpStream> stream, std::uint64_t from)
        : stream_(std::move(stream)), from_(from) {}
    Result<bool> next(std::string& out) override {
        const auto before = out.size();
        VIGIL_TRY(more, stream_->next(out, wait_max));
        const auto now = std::chrono::steady_clock::now();
        if (out.size() > before) heard_ = now;
        if (more && now - heard_ > silence_max)
            return fail(Error::Kind::busy, "the server has fallen silent");
        return more;
    }
    std::uint64_t begins_at() const override { return from_; }

private:
    std::unique_ptr<net::HttpStream> stream_;
    std::uint64_t from_;
    std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
};

// "bytes 500-999/1000" begins where it was asked to (RFC 9110 14.4).
bool begins_at(const session::HttpHeaders& headers, std::uint64_t from) {
    const auto wanted = fmt::format("bytes {}-", from);
    for (const auto& [name, value] : headers)
        if (name == "content-range") return value.starts_with(wanted);
    return false;
}

Result<std::unique_ptr<fhir::ImportSource>> open_url(const ImportSources& sources,
                                                     const std::string& url, std::uint64_t from) {
    net::FetchRequest request{.url = url, .tls = {.ca_pem = sources.ca_pem}};
    request.reach = sources.reach;
    request.time_max = answer_time_max;
    request.headers = {{"accept", "application/fhir+ndjson, application/ndjson, */*"}};
    if (from > 0) request.headers.emplace_back("range", fmt::format("bytes={}-", from));
    VIGIL_TRY(stream, net::HttpStream::open(request));
    const auto status = stream->status();
    if (status == 200) return std::make_unique<HttpSource>(std::move(stream), 0);
    if (status == 206 && begins_at(stream->headers(), from))
        return std::make_unique<HttpSource>(std::move(stream), from);
    const bool may_pass = status == 429 || status >= 500;
    return fail(may_pass ? Error::Kind::busy : Error::Kind::not_found,
                fmt::format("the server that has the file answered {}", status));
}

}  // namespace

Result<std::unique_ptr<fhir::ImportSource>> open_import_source(const ImportSources& sources,
                                                               const std::string& url,
                                                               std::uint64_t from) {
    if (const auto name = fhir::file_of(url); !name.empty())
        return open_below(sources.folder, name, from);
    return open_url(sources, url, from);
}

Result<std::unique_ptr<fhir::ImportSource>> open_import_file(const std::string& path,
                                                             std::uint64_t from) {
    // A pipe would never answer.
    net::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat about{};
    if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return gone(path);
    if (from > static_cast<std::uint64_t>(about.st_size) ||
        ::lseek(file.get(), static_cast<off_t>(from), SEEK_SET) < 0)
        return fail(Error::Kind::conflict, "the file has become shorter while it was read");
    return std::make_unique<FileSource>(std::move(file), from);
}

}  // namespace vigil::app
