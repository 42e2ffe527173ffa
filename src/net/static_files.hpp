#pragma once
// Serves the web application's files from memory: read once at start, so no request touches the
// disk and no path can lead out of the folder.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "session/http.hpp"

namespace vigil::net {

struct StaticFilesOptions {
    std::string content_security_policy =
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "object-src 'none'";
    std::size_t bytes_max = 128 * 1024 * 1024;  // of all files together
};

class StaticFiles {
public:
    // Every regular file under `folder`. "x.js.gz" and "x.js.br" are served as encodings of "x.js";
    // where there is no "x.js.gz" and it is worth it, it is made.
    static Result<StaticFiles> load(const std::filesystem::path& folder,
                                    StaticFilesOptions options = {});
    // Files compiled into the program: path ("/index.html") and content.
    explicit StaticFiles(std::map<std::string, std::string, std::less<>> files,
                         StaticFilesOptions options = {});

    // The answer to GET or HEAD. A path that is no file and looks like one of the application's own
    // addresses ("/patients/7") is answered with /index.html; any other with 404.
    session::HttpResponse serve(const session::HttpRequest& request) const;
    bool has(std::string_view path) const { return files_.find(path) != files_.end(); }

private:
    struct File {
        std::string content, etag;
        std::string_view type;
        bool immutable = false;
        bool page = false;
    };
    const File* find(const session::HttpRequest& request, std::string_view& encoding) const;
    const File* encoded(std::string_view path, std::string_view accepted,
                        std::string_view& encoding) const;

    StaticFilesOptions options_;
    std::map<std::string, File, std::less<>> files_;
};

std::string_view content_type(std::string_view path);

}  // namespace vigil::net
