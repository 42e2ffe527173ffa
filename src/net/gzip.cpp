#include "net/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "net/http_fields.hpp"

namespace vigil::net {
namespace {

// Below this the header and the checksum eat what is saved.
constexpr std::size_t bytes_min = 1024;

}  // namespace

struct Gzip::Stream {
    z_stream z{};
};

void Gzip::StreamCloser::operator()(Stream* stream) const {
    deflateEnd(&stream->z);
    delete stream;
}

Gzip::Gzip(int level) : stream_(new Stream) {
    constexpr int gzip_window_bits = 15 + 16;
    constexpr int memory_level = 8;
    if (deflateInit2(&stream_->z, level, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
}

void Gzip::run(std::string_view clear, int flush, std::string& out) {
    auto& z = stream_->z;
    std::array<char, 16 * 1024> room{};
    // zlib takes a mutable pointer and does not write through it.
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(clear.data()));
    z.avail_in = static_cast<uInt>(clear.size());
    do {
        z.next_out = reinterpret_cast<Bytef*>(room.data());
        z.avail_out = room.size();
        deflate(&z, flush);
        out.append(room.data(), room.size() - z.avail_out);
    } while (z.avail_out == 0);
}

void Gzip::add(std::string_view clear, std::string& out) {
    constexpr std::size_t piece = std::size_t{1} << 30;  // zlib counts in 32 bits
    for (; clear.size() > piece; clear.remove_prefix(piece))
        run(clear.substr(0, piece), Z_NO_FLUSH, out);
    run(clear, Z_SYNC_FLUSH, out);
}

void Gzip::finish(std::string& out) {
    run({}, Z_FINISH, out);
}

std::string gzip(std::string_view clear, int level) {
    Gzip stream(level);
    std::string out;
    out.reserve(clear.size() / 4);
    stream.add(clear, out);
    stream.finish(out);
    return out;
}

bool accepts_encoding(std::string_view accept_encoding, std::string_view coding) {
    for (std::size_t at = 0; at < accept_encoding.size();) {
        const auto end = std::min(accept_encoding.find(',', at), accept_encoding.size());
        auto item = accept_encoding.substr(at, end - at);
        at = end + 1;
        const auto semicolon = std::min(item.find(';'), item.size());
        auto name = item.substr(0, semicolon);
        name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
        name = name.substr(0, name.find_last_not_of(" \t") + 1);
        if (!equal_ignoring_case(name, coding)) continue;
        const auto quality = item.find("q=", semicolon);
        return quality == std::string_view::npos ||
               item.find_first_of("123456789", quality + 2) != std::string_view::npos;
    }
    return false;
}

bool is_compressible(std::string_view content_type) {
    const auto type = content_type.substr(0, content_type.find(';'));
    constexpr std::array<std::string_view, 5> types{"application/json", "application/x-ndjson",
                                                    "application/manifest+json", "application/wasm",
                                                    "image/svg+xml"};
    return type.starts_with("text/") || std::ranges::find(types, type) != types.end();
}

bool worth_gzip(const session::HttpResponse& response) {
    const auto header = [&](std::string_view name) -> std::string_view {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return {};
    };
    return (response.next_part || response.body.size() >= bytes_min) && response.status == 200 &&
           header("content-encoding").empty() && is_compressible(header("content-type"));
}

session::HttpResponse gzipped(session::HttpResponse response, int level) {
    response.headers.emplace_back("content-encoding", "gzip");
    for (auto& [name, value] : response.headers)
        if (name == "etag" && value.ends_with('"') && !value.starts_with("W/"))
            value.insert(value.size() - 1, "-gzip");
    if (!response.next_part) {
        response.body = gzip(response.body, level);
        return response;
    }
    response.next_part = [next = std::move(response.next_part),
                          stream = std::make_shared<Gzip>(level),
                          clear = std::string()](std::string& out) mutable {
        clear.clear();
        const auto part = next(clear);
        if (!clear.empty()) stream->add(clear, out);
        if (part == session::NextPart::end) stream->finish(out);
        return part;
    };
    return response;
}

}  // namespace vigil::net
