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
    // Of text, about: what a packed file holds is not known before it is read.
    std::uint64_t bytes() const { return text_bytes_; }

private:
    Result<void> each_of(const std::string& file, std::string_view pass, const Take& take);
    void show(std::string_view pass, std::uint64_t bytes);

    std::vector<std::string> files_;
    std::uint64_t bytes_ = 0, text_bytes_ = 0, done_ = 0, shown_ = 0;
    std::uint64_t unreadable_ = 0;
    bool was_read_ = false;  // once: what is unreadable was told
};

// Made beside its place under another name, for its owner only, and renamed once all of it is on
// the disk. What is not finished is removed. Resources stand in the order of their codes: that of
// the export would tell who came before whom.
class ReleaseFolder {
public:
    // `conflict`: it is there already, or lies in the folder that is read. `bytes`: about how many
    // will come.
    static Result<ReleaseFolder> make(const std::string& path, const std::string& input,
                                      std::uint64_t bytes);
    ReleaseFolder(ReleaseFolder&&) = default;
    ReleaseFolder& operator=(ReleaseFolder&&) = delete;
    ~ReleaseFolder();

    // A resource of the type under its code (pseudonym.hpp), to the file of its type.
    Result<void> append(std::string_view type, std::string_view code, std::string_view line);
    Result<void> write(const std::string& name, std::string_view text);
    Result<void> finish();

private:
    struct Close {
        void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
    };
    using File = std::unique_ptr<std::FILE, Close>;

    ReleaseFolder(std::string path, std::string partial, std::size_t shelves)
        : path_(std::move(path)), partial_(std::move(partial)), shelves_(shelves) {}
    Result<File> open(const std::string& name, std::size_t buffer_bytes) const;
    Result<void> sync(File file, const std::string& name) const;
    Result<void> put_in_order(std::size_t shelf);
    Result<std::string> take_back(std::size_t shelf);

    std::string path_, partial_;  // partial_ empty: finished, or moved from
    // Each has the resources of one span of codes while they come, some megabytes of them.
    std::vector<File> shelves_;
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace vigil::app
