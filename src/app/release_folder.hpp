#pragma once
// The folders of a de-identified release: the export that is read, several times over, and the one
// that is written, whole or not at all.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace vigil::app {

// A folder of NDJSON as `$export` gives it, .gz too.
class ExportFolder {
public:
    // `not_found` where it has no such files.
    static Result<ExportFolder> open(const std::string& path);

    using Take = std::function<Result<void>(JsonValue resource)>;
    // Each resource, a line at a time, in the order of the names, those of Patients first. `pass`:
    // what is being done, for who watches. A line that cannot be read is passed over and counted;
    // the first time it is named.
    Result<void> each(std::string_view pass, const Take& take);

    std::uint64_t unreadable() const { return unreadable_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    Result<void> each_of(const std::string& file, std::string_view pass, const Take& take);
    void show(std::string_view pass, std::uint64_t bytes);

    std::vector<std::string> files_;
    std::uint64_t bytes_ = 0, done_ = 0, shown_ = 0;
    std::uint64_t unreadable_ = 0;
    bool was_read_ = false;  // once: what is unreadable was told
};

// Made beside its place under another name, for its owner only, and renamed once all of it is on
// the disk. What is not finished is removed.
class ReleaseFolder {
public:
    // `conflict`: it is there already, or lies in the folder that is read.
    static Result<ReleaseFolder> make(const std::string& path, const std::string& input);
    ReleaseFolder(ReleaseFolder&&) = default;
    ReleaseFolder& operator=(ReleaseFolder&&) = delete;
    ~ReleaseFolder();

    // A resource of the type, to its own file.
    Result<void> append(std::string_view type, std::string_view line);
    Result<void> write(const std::string& name, std::string_view text);
    Result<void> finish();

private:
    struct Close {
        void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
    };
    using File = std::unique_ptr<std::FILE, Close>;

    ReleaseFolder(std::string path, std::string partial)
        : path_(std::move(path)), partial_(std::move(partial)) {}
    Result<File> open(const std::string& name) const;
    Result<void> sync(File file, const std::string& name) const;

    std::string path_, partial_;  // partial_ empty: finished, or moved from
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace vigil::app
