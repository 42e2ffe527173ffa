#include "net/static_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/hash.hpp"
#include "net/gzip.hpp"

namespace vigil::net {
namespace {

using Encoding = std::pair<std::string_view, std::string_view>;
constexpr std::array encodings{Encoding{"br", ".br"}, Encoding{"gzip", ".gz"}};  // best first

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// "index-BxT3u9Qa.js": a build writes the digest of the content into the name, so that what was
// fetched once never changes.
bool has_hashed_name(std::string_view path) {
    const auto name = file_name(path);
    const auto dash = name.rfind('-');
    const auto dot = name.find('.', dash == std::string_view::npos ? 0 : dash);
    constexpr std::size_t digest_characters_min = 8;
    return dash != std::string_view::npos && dot != std::string_view::npos &&
           dot - dash - 1 >= digest_characters_min;
}

bool matches(std::string_view if_none_match, std::string_view etag) {
    return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

// Best compression: it is made once, at start.
constexpr int gzip_level = 9;

// Encodings that the build did not make, where they are smaller.
void add_encodings(std::map<std::string, std::string, std::less<>>& files) {
    std::map<std::string, std::string> made;
    for (const auto& [path, content] : files) {
        auto name = path + ".gz";
        if (!is_compressible(content_type(path)) || files.contains(name)) continue;
        auto encoded = gzip(content, gzip_level);
        if (encoded.size() < content.size()) made.emplace(std::move(name), std::move(encoded));
    }
    files.insert(std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
}

}  // namespace

std::string_view content_type(std::string_view path) {
    static constexpr auto types = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{".html", "text/html; charset=utf-8"},
         {".js", "text/javascript; charset=utf-8"},
         {".mjs", "text/javascript; charset=utf-8"},
         {".css", "text/css; charset=utf-8"},
         {".json", "application/json"},
         {".map", "application/json"},
         {".webmanifest", "application/manifest+json"},
         {".svg", "image/svg+xml"},
         {".png", "image/png"},
         {".ico", "image/x-icon"},
         {".webp", "image/webp"},
         {".woff2", "font/woff2"},
         {".wasm", "application/wasm"},
         {".mp3", "audio/mpeg"},
         {".ogg", "audio/ogg"},
         {".wav", "audio/wav"},
         {".txt", "text/plain; charset=utf-8"}});
    for (const auto& [ending, type] : types)
        if (path.ends_with(ending)) return type;
    return "application/octet-stream";
}

Result<StaticFiles> StaticFiles::load(const std::filesystem::path& folder,
                                      StaticFilesOptions options) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::map<std::string, std::string, std::less<>> files;
    std::size_t bytes = 0;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (!entry->is_regular_file()) continue;
        std::ifstream stream(entry->path(), std::ios::binary);
        std::string content((std::istreambuf_iterator<char>(stream)), {});
        bytes += content.size();
        if (!stream || bytes > options.bytes_max)
            return fail(stream ? Error::Kind::too_large : Error::Kind::internal,
                        stream ? "the web folder is too large" : "cannot read a file of it",
                        entry->path().string());
        files.emplace("/" + fs::relative(entry->path(), folder).generic_string(),
                      std::move(content));
    }
    if (error || !files.contains("/index.html"))
        return fail(Error::Kind::not_found, "there is no web application in this folder",
                    folder.string());
    return StaticFiles(std::move(files), std::move(options));
}

StaticFiles::StaticFiles(std::map<std::string, std::string, std::less<>> files,
                         StaticFilesOptions options)
    : options_(std::move(options)) {
    add_encodings(files);
    for (auto& [path, content] : files) {
        const auto digest = fingerprint(content);
        std::string_view plain = path;
        for (const auto& [name, ending] : encodings)
            if (plain.ends_with(ending)) plain.remove_suffix(ending.size());
        const auto type = content_type(plain);
        files_[path] = {.content = std::move(content),
                        .etag = fmt::format("\"{:016x}{:016x}\"", digest.high, digest.low),
                        .type = type,
                        .immutable = has_hashed_name(path),
                        .page = type.starts_with("text/html")};
    }
}

session::HttpResponse StaticFiles::serve(const session::HttpRequest& request) const {
    if (request.method != "GET" && request.method != "HEAD")
        return {.status = 405, .headers = {{"allow", "GET, HEAD"}}};
    std::string_view encoding;
    const auto* file = find(request, encoding);
    session::HttpResponse response;
    response.headers = {{"x-content-type-options", "nosniff"},
                        {"referrer-policy", "no-referrer"},
                        {"vary", "accept-encoding"}};
    if (file == nullptr) {
        response.status = 404;
        response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
        response.headers.emplace_back("cache-control", "no-store");
        response.body = "there is no such page\n";
        return response;
    }
    response.headers.emplace_back("etag", file->etag);
    response.headers.emplace_back(
        "cache-control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (file->page)
        response.headers.emplace_back("content-security-policy", options_.content_security_policy);
    if (matches(request.header("if-none-match").value_or(""), file->etag)) {
        response.status = 304;
        return response;
    }
    response.headers.emplace_back("content-type", file->type);
    if (!encoding.empty()) response.headers.emplace_back("content-encoding", encoding);
    response.body = file->content;
    return response;
}

const StaticFiles::File* StaticFiles::find(const session::HttpRequest& request,
                                           std::string_view& encoding) const {
    const auto accepted = request.header("accept-encoding").value_or("");
    if (files_.contains(request.path)) return encoded(request.path, accepted, encoding);
    const bool address = file_name(request.path).find('.') == std::string_view::npos;
    return address ? encoded("/index.html", accepted, encoding) : nullptr;
}

const StaticFiles::File* StaticFiles::encoded(std::string_view path, std::string_view accepted,
                                              std::string_view& encoding) const {
    const auto plain = files_.find(path);
    if (plain == files_.end()) return nullptr;
    for (const auto& [name, ending] : encodings) {
        const auto found = files_.find(fmt::format("{}{}", path, ending));
        if (found == files_.end() || !accepts_encoding(accepted, name)) continue;
        encoding = name;
        return &found->second;
    }
    return &plain->second;
}

}  // namespace vigil::net
